"""A participant withdraws: no byte of theirs is left, and nobody else loses one."""

import ast
import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.annotation.store import open_store
from emogap.datasets import BuildConfig, build
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.annotating import open_desk
from emogap.interfaces.forgetting import erase
from emogap.interfaces.forgetting_plan import AGAIN, plan_erasure
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from emogap.recording.derived import record_derived
from emogap.recording.study import open_study
from emogap.simulation import SimulationConfig, simulate_study
from tests.interfaces.small_study import write_ratings, write_study

WHO = "p002"
SOURCE = Path(__file__).parents[2] / "src" / "emogap"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated study with videos, its data set, a run with checkpoints, a store, comments and a page."""
    place = tmp_path_factory.mktemp("forget")
    study = place / "study"
    simulate_study(
        study, SimulationConfig(participants=5, stimuli=3, clip_s=2.0, pause_s=0.5, rate_hz=60, seed=3), jobs=1
    )
    build(study, place / "dataset", BuildConfig(), jobs=1)
    bench = BenchConfig(protocol="er3", models=("linear",), splits=("person",), folds=2, preset="quick")
    run_benchmark(place / "dataset", bench, place / "run", scoring=Scoring(draws=50))
    with open_store(study / "ratings.db", create=True) as store:
        desk = open_desk(study, store=store)
        for name in ("p001", WHO):
            desk.add("e9", f"{name}/s001", {"emotion7": "fear"}, answered_at=datetime(2026, 1, 1, tzinfo=UTC))
    record_derived(study, study / "ratings.db", by="annotate")
    for name in ("p001", WHO):
        beside = study / "ratings" / "beside" / "e9" / f"{name}-s001-1.json"
        beside.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text('{"comment": "x"}')
    return place


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "place"
    shutil.copytree(made, copy)
    # The list names places by what they were when it was written; the copy's are told anew.
    for folder in (copy / "study", copy / "dataset"):
        notes = folder / "derived.jsonl"
        if notes.is_file():
            notes.write_text(notes.read_text().replace(str(made), str(copy)))
    return copy


def excerpts(place: Path) -> list[bytes]:
    """Pieces of what is known of the person, as bytes: name, gaze, face, features, answers."""
    study = place / "study"
    gaze = (study / "sessions" / WHO / "gaze.tsv").read_bytes()
    face = (study / "sessions" / WHO / "face.mp4").read_bytes()
    samples = pl.read_parquet(place / "dataset" / "samples.parquet")
    row = int(samples["participant_id"].to_list().index(WHO))
    eye = np.load(place / "dataset" / "streams" / "eye.npy")[row, 5, :2].tobytes()
    return [WHO.encode(), gaze[len(gaze) // 2 : len(gaze) // 2 + 80], face[len(face) // 2 : len(face) // 2 + 80], eye]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_no_byte_of_the_person_remains(place: Path) -> None:
    wanted = excerpts(place)
    before = b"".join(everything(place).values())
    assert all(piece in before for piece in wanted)
    erase(plan_erasure(place / "study", WHO))
    after = everything(place)
    for piece in wanted:
        assert [name for name, content in after.items() if piece in content] == []
    assert [name for name in after if WHO in name] == []


def test_what_the_others_gave_stays_byte_by_byte(place: Path) -> None:
    def raw() -> dict[str, str]:
        folder = place / "study"
        kept = {**everything(folder / "sessions"), **everything(folder / "stimuli")}
        return {name: hashlib.sha256(content).hexdigest() for name, content in kept.items() if WHO not in name}

    before = raw()
    rows = {path.name: path.read_text().splitlines() for path in (place / "study" / "ratings").glob("*.csv")}
    erase(plan_erasure(place / "study", WHO))
    assert raw() == before
    for name, lines in rows.items():
        left = (place / "study" / "ratings" / name).read_text().splitlines()
        assert left == [line for line in lines if not line.startswith(f"{WHO}/")]
    with open_store(place / "study" / "ratings.db") as store:
        assert [answer.item for answer in store.answers()] == ["p001/s001"]
    assert (place / "study" / "ratings" / "beside" / "e9" / "p001-s001-1.json").is_file()


def test_the_study_is_whole_afterwards_and_is_built_without_the_person(place: Path) -> None:
    erase(plan_erasure(place / "study", WHO))
    assert WHO not in open_study(place / "study").session_ids
    build(place / "study", place / "again", BuildConfig(), jobs=1)
    people = pl.read_parquet(place / "again" / "samples.parquet")["participant_id"].unique().sort().to_list()
    assert people == ["p001", "p003", "p004", "p005"]


def test_models_that_saw_the_person_are_gone_and_the_receipt_says_how_to_train_them_again(place: Path) -> None:
    assert (place / "run" / "checkpoints" / "linear").is_dir()
    receipt = json.loads(erase(plan_erasure(place / "study", WHO), now=datetime(2026, 2, 3, tzinfo=UTC)).read_text())
    assert not (place / "run").exists()
    again = {Path(each["path"]).name: each["again"] for each in receipt["derived"]}
    assert "retrain" in again["run"]
    assert again["dataset"] == "emogap build STUDY OUT"
    assert receipt["forgotten_at"] == "2026-02-03T00:00:00+00:00"
    assert WHO not in json.dumps(receipt)


def test_listing_touches_nothing(place: Path) -> None:
    before = everything(place)
    plan = plan_erasure(place / "study", WHO)
    assert everything(place) == before
    assert {path.name for path in plan.files} >= {WHO}
    rows = {table.path.name: table.rows for table in plan.tables}
    assert rows["participants.tsv"] == 1
    assert rows["truth.parquet"] == 3
    assert rows["expert-1.csv"] == sum(
        line.startswith(f"{WHO}/") for line in (place / "study" / "ratings" / "expert-1.csv").read_text().splitlines()
    )
    assert {each.path.name for each in plan.derived} >= {"dataset", "run"}


def test_an_erasure_that_was_interrupted_goes_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from emogap.interfaces import forgetting

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(forgetting, "_shorten_list", stop)
        with pytest.raises(KeyboardInterrupt):
            erase(plan_erasure(place / "study", WHO))
    erase(plan_erasure(place / "study", WHO))
    assert [name for name in everything(place) if WHO in name] == []


def test_a_name_that_begins_alike_is_another_person(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    shutil.copytree(study / "sessions" / "p01", study / "sessions" / "p01-s1")
    with (study / "participants.tsv").open("a") as file:
        file.write("p01-s1\t\t\t\t\t\n")
    write_ratings(study, "e1", "emotion7", {"p01/s1": "fear", "p01-s1/s1": "anger"})
    for name in ("p01-s1-1.json", "p01-s1-s1-1.json"):
        (study / "ratings" / "beside" / "e1").mkdir(parents=True, exist_ok=True)
        (study / "ratings" / "beside" / "e1" / name).touch()
    erase(plan_erasure(study, "p01"))
    assert (study / "sessions" / "p01-s1").is_dir()
    assert (study / "ratings" / "e1.csv").read_text().count("p01-s1/s1") == 1
    assert [path.name for path in (study / "ratings" / "beside" / "e1").iterdir()] == ["p01-s1-s1-1.json"]


def test_a_comment_over_several_lines_goes_with_its_row(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    table = study / "participants.tsv"
    table.write_text(table.read_text().replace("p01\t\t", 'p01\t"a\nb"\t'))
    erase(plan_erasure(study, "p01"))
    assert table.read_text().splitlines()[1:] == ["p02\t\t\t\t\t"]


def test_somebody_who_was_never_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="p1") as error:
        plan_erasure(write_study(tmp_path / "study"), "p1")
    assert "p01" in str(error.value)


@pytest.mark.parametrize("name", ["..", ".", "", "*", "../sessions/p01", "p01/", "p01\n"])
def test_a_name_that_is_a_path_removes_nothing(tmp_path: Path, name: str) -> None:
    """'emogap forget STUDY ..' once listed the whole study as the participant's folder, '' all sessions."""
    study = write_study(tmp_path / "study")
    before = everything(tmp_path)
    with pytest.raises(UsageError, match="no id of a participant"):
        erase(plan_erasure(study, name))
    with pytest.raises(UsageError, match="no id of a participant"):
        erase(plan_erasure(study, str(tmp_path)))
    assert everything(tmp_path) == before


def test_a_link_that_leads_out_of_the_study_stops_it_before_anything_is_touched(tmp_path: Path) -> None:
    """The link would go and the gaze that it leads to would stay."""
    study = write_study(tmp_path / "study")
    raw = tmp_path / "raw.tsv"
    raw.write_text("gaze of p01")
    gaze = study / "sessions" / "p01" / "gaze.tsv"
    gaze.unlink()
    gaze.symlink_to(raw)
    before = everything(tmp_path)
    plan = plan_erasure(study, "p01")
    with pytest.raises(UsageError, match=r"raw\.tsv would stay"):
        erase(plan)
    assert everything(tmp_path) == before
    raw.unlink()
    erase(plan)
    assert not (study / "sessions" / "p01").exists()


def test_a_list_that_names_the_study_itself_does_not_remove_it(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    record_derived(study, tmp_path, by="build")
    with pytest.raises(DataError, match="holds the study itself"):
        plan_erasure(study, "p01")


def test_what_a_killed_command_left_half_written_goes_too(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    record_derived(study, tmp_path / "dataset", by="build")
    (tmp_path / "dataset.partial").mkdir()
    (tmp_path / "dataset.partial" / "samples.parquet").write_text("p01")
    (study / "participants.tsv.partial").write_text("p01")
    (study / "ratings").mkdir()
    (study / "ratings" / "e1.csv.partial").write_text("p01/s1")
    (study / ".session-p01").mkdir()
    (study / ".session-p01" / "trials.tsv").write_text("p01")
    erase(plan_erasure(study, "p01"))
    assert [name for name, content in everything(tmp_path).items() if b"p01" in content] == []


def test_what_was_moved_is_told_and_stands_in_the_receipt(tmp_path: Path) -> None:
    """A data set that is no longer where it was noted was passed over in silence, with the person in it."""
    study = write_study(tmp_path / "study")
    record_derived(study, tmp_path / "dataset", by="build")
    plan = plan_erasure(study, "p01")
    assert [(place.path.name, place.by) for place in plan.missing] == [("dataset", "build")]
    receipt = json.loads(erase(plan).read_text())
    assert [Path(place["path"]).name for place in receipt["missing"]] == ["dataset"]


def test_a_table_of_ratings_elsewhere_goes_whatever_its_folder_is_called(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    out = tmp_path / "sent" / "ratings" / "all.csv"
    out.parent.mkdir(parents=True)
    record_derived(study, out, by="annotate export")
    out.write_text("p01/s1,fear")
    erase(plan_erasure(study, "p01"))
    assert not out.exists()


@pytest.mark.parametrize("name", ["answers", "answers.sqlite3"])
def test_answers_in_a_store_are_found_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    """Answers kept with --store were found only if somebody had noted the file by hand, and by its ending."""
    study = write_study(tmp_path / "study")
    with open_store(f"sqlite:///{tmp_path / name}", create=True) as store:
        desk = open_desk(study, store=store)
        for item in ("p01/s1", "p02/s1"):
            desk.add("e9", item, {"emotion7": "fear"}, answered_at=datetime(2026, 1, 1, tzinfo=UTC))
    erase(plan_erasure(study, "p01"))
    assert b"p01/" not in (tmp_path / name).read_bytes()
    with open_store(tmp_path / name) as store:
        assert [answer.item for answer in store.answers()] == ["p02/s1"]


def test_an_earlier_receipt_does_not_name_who_withdraws_later(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    record_derived(study, study / "p02-faces", by="faces")
    (study / "p02-faces").mkdir()
    first = erase(plan_erasure(study, "p01"), now=datetime(2026, 2, 3, tzinfo=UTC))
    assert "p02-faces" in first.read_text()
    erase(plan_erasure(study, "p02"), now=datetime(2026, 2, 4, tzinfo=UTC))
    assert "p02" not in first.read_text()


def test_a_comment_on_a_stimulus_that_the_study_no_longer_has_goes_too(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    beside = study / "ratings" / "beside" / "e1"
    beside.mkdir(parents=True)
    for name in ("p01-gone-1.json", "p02-gone-1.json"):
        (beside / name).touch()
    erase(plan_erasure(study, "p01"))
    assert [path.name for path in beside.iterdir()] == ["p02-gone-1.json"]


NOTED_BY = {"record_derived", "note_derived", "note_items", "derived_folder"}
"""Functions that put something into the list of what was made from a study."""


def commands_that_note() -> tuple[dict[str, str], list[str]]:
    """Which file notes something for which command; and notes of which the command is not plain to see."""
    found, hidden = {}, []
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inner = {
            call
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and function.name in NOTED_BY
            for call in ast.walk(function)
        }
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in NOTED_BY):
                continue
            given = next((each.value for each in call.keywords if each.arg == "by"), None)
            if isinstance(given, ast.Constant):
                found[str(given.value)] = path.name
            elif call not in inner:
                hidden.append(f"{path.name}, line {call.lineno}")
    return found, hidden


def test_the_receipt_knows_how_to_make_again_what_any_command_notes() -> None:
    """Figures of 'emogap plot' and what 'emogap open' keeps were told as 'emogap plot ...' without what to give it."""
    found, hidden = commands_that_note()
    assert hidden == []
    assert {"plot", "open", "build", "release"} <= set(found)
    assert {by: name for by, name in found.items() if by not in AGAIN} == {}
    assert sorted(set(AGAIN) - set(found)) == []


def test_what_is_made_again_is_made_by_a_command_that_there_is() -> None:
    commands = {path.stem.replace("_", "-") for path in (SOURCE / "interfaces" / "cli").glob("[a-z]*.py")}
    for by, again in AGAIN.items():
        assert again.startswith(f"emogap {by} ")
        assert by.split()[0] in commands
