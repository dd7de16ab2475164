"""Releases of small simulated studies: what gets out, what comes back, what is refused."""

import gzip
import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest

from emogap.datasets import BuildConfig, build
from emogap.datasets.emer_facts import read_facts
from emogap.datasets.store import open_dataset
from emogap.errors import DataError, MismatchError, UsageError
from emogap.interfaces.forgetting import erase
from emogap.interfaces.forgetting_plan import plan_erasure
from emogap.interfaces.releasing import ReleaseOptions, ReleaseReport, job, release_study
from emogap.interfaces.releasing.person import PersonReport, PersonWork
from emogap.preprocessing.trim import trim
from emogap.recording import open_recording
from emogap.recording.study import open_session, open_study
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study
from emogap.types import StimulusInterval

CONFIG = SimulationConfig(participants=7, stimuli=3, clip_s=2.0, pause_s=0.5, rate_hz=60, video=False, seed=4)
FILMED = SimulationConfig(participants=6, stimuli=1, clip_s=2.0, pause_s=0.5, rate_hz=60, seed=2)
TODAY = date(2026, 6, 15)
PUBLIC = ReleaseOptions(level="public", face_frames=2)


@pytest.fixture(scope="module")
def study_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_study(tmp_path_factory.mktemp("release") / "study", CONFIG, jobs=1)


@pytest.fixture
def study(study_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(study_once, tmp_path / "study")
    return tmp_path / "study"


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with videos: p002 does not allow the face, p006 nothing."""
    folder = simulate_study(tmp_path_factory.mktemp("filmed") / "study", FILMED, jobs=1)
    return allow(folder, p002="face:lab gaze:public labels:public", p006="lab")


def allow(study: Path, *, until: str = "", **consent: str) -> Path:
    """The study in which these people consent so, and may withdraw until that day."""
    path = study / "participants.tsv"
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    for cells in lines[1:]:
        if cells[0] in consent:
            cells[4:] = [consent[cells[0]], until]
    path.write_text("\n".join("\t".join(cells) for cells in lines) + "\n")
    return study


def release(study: Path, out: Path, options: ReleaseOptions = PUBLIC, **more: Path) -> ReleaseReport:
    return release_study(study, out, options, on=TODAY, rng=np.random.default_rng(5), jobs=1, **more)


def contents_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file with its path, and what is inside those that are compressed."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file():
            yield name, b""
        elif path.suffix in (".xlsx", ".npz"):
            with zipfile.ZipFile(path) as archive:
                yield name, b"\n".join(archive.read(part) for part in archive.namelist())
        else:
            yield name, gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def held_of(folder: Path, excerpts: Iterable[bytes]) -> set[bytes]:
    """Those excerpts that stand in a name or in the content of a file."""
    found = list(contents_of(folder))
    return {one for one in excerpts if any(one in content or one in name.encode() for name, content in found)}


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def plant_pupil(study: Path, participant_id: str, pupil_mm: str) -> bytes:
    """Write a pupil that nobody else has into the tracker's file, while a stimulus is on."""
    path = study / "sessions" / participant_id / "gaze.tsv"
    table = pl.read_csv(path, separator="\t", infer_schema=False)
    column = "Pupil diameter left [mm]"
    seen = table["Presented Stimulus name"].is_not_null() & table[column].is_not_null()
    cells = table[column].to_list()
    cells[int(seen.arg_true()[9])] = pupil_mm
    table.with_columns(pl.Series(column, cells)).write_csv(path, separator="\t", include_bom=True)
    return pupil_mm.encode()


@pytest.mark.parametrize("layout", ["emer", "bids"])
def test_of_a_person_without_consent_no_byte_gets_out(study: Path, tmp_path: Path, layout: str) -> None:
    allow(study, p003="lab")
    theirs, others = plant_pupil(study, "p003", "3.1313131"), plant_pupil(study, "p005", "3.2727272")
    release(study, tmp_path / "R", PUBLIC.model_copy(update={"layout": layout}))
    assert held_of(tmp_path / "R", [b"p003", theirs, b"p005", others]) == {b"p005", others}
    assert not (tmp_path / "R.partial").exists()


def test_a_face_gets_out_only_where_the_consent_says_face(filmed: Path, tmp_path: Path) -> None:
    report = release(filmed, tmp_path / "R", PUBLIC.model_copy(update={"face_frames": 1}))
    assert {one.participant_id for one in report.held_back} == {"p006"}
    pictures = sorted((tmp_path / "R" / "face").rglob("*.jpg"))
    assert sorted(path.parent.name[:4] for path in pictures) == ["p001", "p003", "p004", "p005"]
    assert cv2.imread(str(pictures[0])).shape == (112, 112, 3)
    assert list((tmp_path / "R" / "eye").glob("p002*.xlsx"))
    middle = (filmed / "sessions" / "p002" / "face.mp4").read_bytes()[3000:3040]
    assert held_of(tmp_path / "R", [middle, b"p006"]) == set()


@pytest.mark.parametrize("layout", ["emer", "bids"])
def test_released_faces_are_blurred_when_asked_for(filmed: Path, tmp_path: Path, layout: str) -> None:
    """There was no way to release frames in which nobody can be recognised."""
    asked = PUBLIC.model_copy(update={"layout": layout, "face_frames": 1})
    steps = {}
    for is_blurred in (False, True):
        out = tmp_path / f"R{is_blurred}"
        release(filmed, out, asked.model_copy(update={"blur_faces": is_blurred}))
        pictures = [cv2.imread(str(path)).astype(int) for path in sorted(out.rglob("*.jpg"))]
        steps[is_blurred] = [np.abs(np.diff(picture, axis=1)).max() for picture in pictures]
        assert ("faces in the face frames are blurred" in (out / "README.md").read_text()) == is_blurred
    assert len(steps[True]) == len(steps[False]) == 4
    # Six mean colours across a box of more than 112 px: no edge is left in the face.
    assert max(steps[True]) < 25 < min(steps[False])


def test_gaze_and_labels_stay_back_where_the_consent_does_not_name_them(study: Path, tmp_path: Path) -> None:
    allow(study, p001="labels:public", p002="gaze:public", p004="face:public")
    theirs = plant_pupil(study, "p001", "3.1313131")
    report = release(study, tmp_path / "R")
    root = tmp_path / "R"
    assert {path.name[:4] for path in (root / "eye").iterdir()} == {"p002", "p003", "p005", "p006", "p007"}
    assert {path.name[:4] for path in (root / "fixation").iterdir()} == {"p002", "p003", "p005", "p006", "p007"}
    answers = pl.read_excel(root / "er_label.xlsx")["ID"].str.head(4).unique()
    assert set(answers) == {"p001", "p003", "p005", "p006", "p007"}
    rated = pl.read_csv(root / "annotations" / "ratings.csv")
    assert set(rated["item"].str.head(4)) == {"p001", "p003", "p005", "p006", "p007"}
    assert "machine-simulated" in set(rated["annotator"])
    assert (report.contents.clips, report.contents.clips_with_gaze) == (21, 15)
    assert held_of(root, [theirs]) == set()


def test_the_layout_of_emer_gives_the_same_data_set_when_it_is_built(study: Path, tmp_path: Path) -> None:
    """Felt, target and all means are exact; of the shown class the release holds the first of those with most votes.

    Streams: the spreadsheet holds times as whole microseconds and all else with every digit of the tracker, and
    ``times.tsv`` tells where in it the stimulus came on. So the same samples are taken, and their values are those of
    the tracker. Durations of events are differences of two times, and the size of the screen is fitted to the gaze of
    one clip, not of a session, to 0.1 mm, which moves its centre by 0.0045 deg at 65 cm: hence 0.005 for all.
    """
    allow(study, p006="lab")
    release(study, tmp_path / "R")
    build(study, tmp_path / "D", BuildConfig(), jobs=1)
    facts = read_facts(tmp_path / "R" / "release.toml").canonical()
    build(tmp_path / "R", tmp_path / "D2", BuildConfig(catalogue="emer", release=facts), jobs=1)
    first, second = open_dataset(tmp_path / "D"), open_dataset(tmp_path / "D2")
    row_of = {(key.participant_id, key.stimulus_id): row for row, key in enumerate(first.keys)}
    rows = [row_of[key.participant_id, key.stimulus_id] for key in second.keys]
    assert len(rows) == 18
    ours, theirs = first.samples[rows], second.samples
    for column in ("felt_emotion7", "felt_emotion3", "target_emotion7"):
        assert ours[column].to_list() == theirs[column].to_list()
    for column in ("felt_valence", "felt_arousal", "shown_valence", "shown_arousal", "shown_intensity"):
        np.testing.assert_allclose(ours[column].to_numpy(), theirs[column].to_numpy(), rtol=0, atol=1e-12)
    for column in ("shown_emotion7", "shown_emotion3"):
        assert [int(np.argmax(votes)) for votes in ours[column]] == [int(np.argmax(vote)) for vote in theirs[column]]
    for name in ("eye", "fixation"):
        assert first.channels[name] == second.channels[name]
        np.testing.assert_array_equal(second.masks[name], first.masks[name][rows])
        np.testing.assert_allclose(second.streams[name], first.streams[name][rows], rtol=0, atol=0.005, equal_nan=True)


def test_every_native_sample_comes_back(study: Path, tmp_path: Path) -> None:
    """Times to a microsecond (whole ones are written, the onset to half of one), all else as the tracker wrote it."""
    release(study, tmp_path / "R")
    opened = open_study(study, with_sessions=False)
    first_s = dict(pl.read_csv(tmp_path / "R" / "times.tsv", separator="\t")["ID", "first_sample_s"].iter_rows())
    for name in ("p002", "p007"):
        session = open_session(study, name, opened.stimuli, sam_points=9)
        whole = open_recording(session.gaze_path)
        for trial in session.trials:
            expected = trim(whole, trial.interval).gaze
            [path] = (tmp_path / "R" / "eye").glob(f"{name}_*_{trial.stimulus_id}.xlsx")
            read = open_recording(path, reader="tobii_pro_lab")
            onset_s = -first_s[path.stem]
            found = trim(read, StimulusInterval("s", onset_s, onset_s + trial.duration_s)).gaze
            assert expected is not None
            assert found is not None
            assert (found.frame, found.eyes) == (expected.frame, expected.eyes)
            np.testing.assert_allclose(found.time_s, expected.time_s, rtol=0, atol=1.1e-6)
            for field in ("position", "valid", "pupil", "origin_mm"):
                np.testing.assert_array_equal(getattr(found, field), getattr(expected, field))


def test_the_layout_bids_gives_the_same_recording_to_the_last_bit(study: Path, tmp_path: Path) -> None:
    release(study, tmp_path / "R", PUBLIC.model_copy(update={"layout": "bids"}))
    [path] = (tmp_path / "R" / "sub-p004").rglob("*eye1_physio.tsv.gz")
    found, expected = open_recording(path).gaze, open_recording(study / "sessions" / "p004" / "gaze.tsv").gaze
    assert found is not None
    assert expected is not None
    for field in ("time_s", "position", "valid", "pupil", "origin_mm", "direction"):
        np.testing.assert_array_equal(getattr(found, field), getattr(expected, field))
    events = pl.read_csv(next((tmp_path / "R").rglob("sub-p004*events.tsv")), separator="\t", null_values="n/a")
    answers = pl.read_csv(study / "sessions" / "p004" / "selfreport.tsv", separator="\t")
    told = events.filter(pl.col("trial_type") == "trial")["felt_emotion7"].to_list()
    assert told == answers["emotion7"].to_list()


@pytest.mark.parametrize("layout", ["emer", "bids"])
def test_new_ids_stand_in_the_key_and_old_ones_nowhere(study: Path, tmp_path: Path, layout: str) -> None:
    options = PUBLIC.model_copy(update={"layout": layout, "recode": True})
    release(study, tmp_path / "R", options, key=tmp_path / "key.tsv")
    key = dict(pl.read_csv(tmp_path / "key.tsv", separator="\t").iter_rows())
    assert sorted(key) == [f"p00{number}" for number in range(1, 8)]
    codes = {code.encode() for code in key.values()}
    assert held_of(tmp_path / "R", [b"Recording1", *(name.encode() for name in key), *codes]) == codes
    traits = {row["participant_id"]: row for row in pl.read_csv(study / "participants.tsv", separator="\t").to_dicts()}
    released = pl.read_csv(tmp_path / "R" / "participants.tsv", separator="\t", null_values="n/a").to_dicts()
    ages = {row["participant_id"].removeprefix("sub-"): row["age"] for row in released}
    assert {name: ages[code] for name, code in key.items()} == {name: row["age"] for name, row in traits.items()}


def test_the_flow_adds_up_from_the_study_to_the_release(study: Path, tmp_path: Path) -> None:
    allow(study, p001="", p002="lab", p007="face:public")
    allow(study, p003="public", until="2026-06-15")
    (study / "sessions" / "p004" / "gaze.tsv").write_text("broken\n")
    report = release(study, tmp_path / "R", PUBLIC.model_copy(update={"keep_withdrawable": True}))
    flow = {row["name"]: row for row in pl.read_csv(tmp_path / "R" / "flow.tsv", separator="\t").to_dicts()}
    people = {name: (row["people"], row["people_left_out"], row["clips_left_out"]) for name, row in flow.items()}
    assert people == {
        "consent_stated": (7, 1, 3),
        "consent_allows": (6, 1, 3),
        "withdrawal_passed": (5, 0, 0),
        "gaze_allowed": (5, 1, 3),
        "session_recorded": (4, 0, 0),
        "session_readable": (4, 1, 3),
        "clip_has_gaze": (3, 0, 0),
    }
    assert [item for item, _ in report.failures] == ["p004"]
    assert str(tmp_path) not in report.failures[0][1]
    assert "1 of 5 people may still withdraw, the last until 2026-06-15" in " ".join(report.doubts)
    assert report.contents.clips_with_gaze == 9


def test_a_session_with_damaged_tables_is_listed_and_the_others_are_released(study: Path, tmp_path: Path) -> None:
    (study / "sessions" / "p001" / "trials.tsv").write_text("order\tstimulus\n1\ts001\n")
    answers = study / "sessions" / "p002" / "selfreport.tsv"
    answers.write_text(answers.read_text().replace("\ts", "\tZ").replace("s001\t", "s999\t"))
    report = release(study, tmp_path / "R")
    assert [item for item, _ in report.failures] == ["p001", "p002"]
    assert "there is no column" in report.failures[0][1]
    assert report.contents.people == 5
    assert all(any(folder.iterdir()) for folder in (tmp_path / "R" / "face").iterdir())
    assert len(list((tmp_path / "R" / "face").iterdir())) == 5


def test_only_what_a_data_set_keeps_is_released(study: Path, tmp_path: Path) -> None:
    trials = study / "sessions" / "p002" / "trials.tsv"
    lines = trials.read_text().splitlines()
    gone = lines[-1].split("\t")[1]
    trials.write_text("\n".join([*lines[:-1], "\t".join([*lines[-1].split("\t")[:2], "900", "2"])]) + "\n")
    build(study, tmp_path / "D", BuildConfig(), jobs=1)
    report = release(study, tmp_path / "R", dataset=tmp_path / "D")
    assert report.contents.clips == 20
    assert not any("p002_" in path.name and gone in path.name for path in (tmp_path / "R").rglob("*"))
    assert "dataset_failed" in (tmp_path / "R" / "flow.tsv").read_text()
    simulate_study(tmp_path / "other", CONFIG.model_copy(update={"seed": 9, "participants": 5}), jobs=1)
    with pytest.raises(MismatchError, match="the data set was built from"):
        release(tmp_path / "other", tmp_path / "R2", dataset=tmp_path / "D")


def test_documents_name_notice_licences_and_a_sum_of_every_file(study: Path, tmp_path: Path) -> None:
    release(study, tmp_path / "R")
    root = tmp_path / "R"
    readme = (root / "README.md").read_text()
    assert "it does\nnot read feelings" in readme
    assert "simulated" in readme
    assert "7 of 7 people" in readme
    assert (root / "data_card.md").read_text().startswith("# Data card")
    assert "## Packages" in (root / "licences.md").read_text()
    assert "AUTHORS TO BE NAMED" in (root / "CITATION.cff").read_text()
    listed = dict(line.split("  ")[::-1] for line in (root / "checksums.sha256").read_text().splitlines())
    assert listed == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files_of(root).items()
        if name != "checksums.sha256"
    }
    assert str(tmp_path).encode() not in b"".join(content for _, content in contents_of(root))


def test_maps_sum_to_one_over_the_frames_with_a_fixation(study: Path, tmp_path: Path) -> None:
    release(study, tmp_path / "R", PUBLIC.model_copy(update={"map_rate_hz": 10.0}))
    stored = np.load(next((tmp_path / "R" / "fixation").glob("p001*.npz")), allow_pickle=False)
    assert stored["maps"].shape == (20, 18, 32)
    seen = [
        bool(((stored["fixation_onset_s"] < start + 0.1) & (stored["fixation_offset_s"] > start)).any())
        for start in stored["frame_time_s"]
    ]
    assert stored["maps"].sum(axis=(1, 2)) == pytest.approx(np.array(seen, float), abs=1e-4)
    assert any(seen)


def test_a_release_that_was_stopped_goes_on_and_equals_another(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(study, tmp_path / "whole", PUBLIC)
    calls: list[str] = []
    write_person = job.write_person

    def stopped(work: PersonWork, folder: Path, options: ReleaseOptions) -> PersonReport:
        calls.append(work.participant_id)
        if calls == ["p001", "p002"]:
            raise KeyboardInterrupt
        return write_person(work, folder, options)

    monkeypatch.setattr(job, "write_person", stopped)
    with pytest.raises(KeyboardInterrupt):
        release(study, tmp_path / "R")
    assert not (tmp_path / "R").exists()
    release(study, tmp_path / "R")
    assert calls == ["p001", "p002", "p002", *(f"p00{number}" for number in range(3, 8))]
    assert files_of(tmp_path / "R") == files_of(tmp_path / "whole")
    assert release(study, tmp_path / "R").was_there


def test_another_release_or_another_folder_is_refused(study: Path, tmp_path: Path) -> None:
    release(study, tmp_path / "R")
    with pytest.raises(UsageError, match="another release is here"):
        release(study, tmp_path / "R", PUBLIC.model_copy(update={"level": "lab"}))
    allow(study, p001="lab")
    with pytest.raises(MismatchError, match="what people allow, changed"):
        release(study, tmp_path / "R")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "text").write_text("precious")
    with pytest.raises(UsageError, match="no release, and it is not empty"):
        release(study, tmp_path / "thesis")
    assert (tmp_path / "thesis" / "text").read_text() == "precious"


def test_what_cannot_be_released_is_refused_before_anything_is_written(study: Path, tmp_path: Path) -> None:
    recoded = PUBLIC.model_copy(update={"recode": True})
    with pytest.raises(UsageError, match="lie in the study"):
        release(study, study / "R")
    with pytest.raises(UsageError, match="key would lie in the release"):
        release(study, tmp_path / "R", recoded, key=tmp_path / "R" / "key.tsv")
    with pytest.raises(UsageError, match="no new ids"):
        release(study, tmp_path / "R", key=tmp_path / "key.tsv")
    allow(study, p001="lab", p002="lab", p003="lab")
    with pytest.raises(UsageError, match=r"4 people with a clip .* has 5 sets"):
        release(study, tmp_path / "R")
    allow(study, p004="publik")
    with pytest.raises(DataError, match="did you mean 'public'"):
        release(study, tmp_path / "R")
    assert {path.name for path in tmp_path.iterdir()} == {"study"}


def test_a_release_is_forgotten_as_a_whole_with_its_key(study: Path, tmp_path: Path) -> None:
    options = PUBLIC.model_copy(update={"recode": True})
    release(study, tmp_path / "R", options, key=tmp_path / "key.tsv")
    assert "release" in {json.loads(line)["by"] for line in (study / "derived.jsonl").read_text().splitlines()}
    erase(plan_erasure(study, "p005"))
    assert not (tmp_path / "R").exists()
    assert not (tmp_path / "key.tsv").exists()
