import json
from pathlib import Path
from shutil import copytree, ignore_patterns

import polars as pl
import pytest
from typer.testing import CliRunner

from emogap.datasets import BuildConfig, build
from emogap.errors import DataError, EmogapError, UsageError
from emogap.interfaces.cli import build_app

QUICK = ("--draws", "100")


def gap(*arguments: object) -> str:
    result = CliRunner().invoke(build_app(), ["gap", *map(str, arguments), *QUICK], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_the_gap_of_classes_is_printed_and_written(road: Path, tmp_path: Path) -> None:
    ratings = ("--ratings", road / "study", "--truth", road / "study" / "truth.parquet")
    printed = gap(road / "D", *ratings, "--least", 3, "--out", tmp_path / "g")
    assert "9 clips, 3 simulated people, 3 stimuli" in printed
    assert "drawn in these clips" in printed
    assert "neither is a measurement of what somebody felt" in printed
    assert "expert-1" in printed
    assert "machine" not in printed
    written = {path.relative_to(tmp_path / "g").as_posix() for path in (tmp_path / "g").rglob("*") if path.is_file()}
    names = ("labels", "felt_shown", "felt_shown_by_stimulus", "gap_by_stimulus", "people")
    tables = {"gap.json", "gap.tsv", "clips.tsv", "groups.tsv", "felt_shown.tsv", "confusions.tsv"}
    assert written == tables | {f"figures/{name}.svg" for name in names}
    notes = json.loads((tmp_path / "g" / "gap.json").read_text())["notes"]
    assert any("one answer per clip cannot show how reliable it is" in note for note in notes)


def test_no_figure_names_a_participant_unless_asked(road: Path, tmp_path: Path) -> None:
    gap(road / "D", "--ratings", road / "study", "--least", 3, "--out", tmp_path / "g")
    for figure in (tmp_path / "g" / "figures").glob("*.svg"):
        assert "p001" not in figure.read_text()
    gap(road / "D", "--ratings", road / "study", "--least", 3, "--group", "participant", "--out", tmp_path / "g")
    named = {figure.stem for figure in (tmp_path / "g" / "figures").glob("*.svg") if "p001" in figure.read_text()}
    assert named == {"gap_by_participant", "felt_shown_by_participant"}


def test_vote_shares_alone_are_read_as_counts(road: Path, tmp_path: Path) -> None:
    found = json.loads(gap(road / "D", "--out", tmp_path / "g", "--json"))
    assert list(found["raters"]) == ["all raters"]
    single = json.loads(gap(road / "D", "--ratings", road / "study", "--out", tmp_path / "g", "--json"))
    assert found["rows"][0]["estimate"] == pytest.approx(single["rows"][0]["estimate"])


def test_the_distance_in_the_plane_is_printed_and_written(road: Path, tmp_path: Path) -> None:
    ratings = ("--ratings", road / "study", "--truth", road / "study")
    found = json.loads(gap(road / "D", "--space", "va", *ratings, "--out", tmp_path / "g", "--json"))
    rows = {row["quantity"]: row for row in found["rows"]}
    raw, corrected = rows["raw distance, root mean square"], rows["corrected distance, over people"]
    assert 0 < corrected["estimate"] < raw["estimate"]
    assert (tmp_path / "g" / "figures" / "plane.svg").is_file()
    assert pl.read_csv(tmp_path / "g" / "clips.tsv", separator="\t").height == 9


def test_a_gap_in_a_study_is_named_in_its_list(road: Path, tmp_path: Path) -> None:
    gap(road / "D", "--ratings", road / "study", "--out", tmp_path / "listed")
    assert str(tmp_path / "listed") in (road / "study" / "derived.jsonl").read_text()


def test_a_truth_that_is_none_is_refused_before_anything_is_drawn(
    road: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("drawn")

    monkeypatch.setattr("emogap.interfaces.gap_report.class_gap", never)
    monkeypatch.setattr("emogap.interfaces.gap_report.plane_gap", never)
    for space in ("emotion3", "va"):
        with pytest.raises(DataError, match=r"there is no truth\.parquet"):
            gap(road / "D", "--space", space, "--truth", tmp_path / "absent", "--out", tmp_path / "g")
    for arguments in (("--group", "sax", "--participants", road / "study"), ("--group", "sex")):
        with pytest.raises(UsageError):
            gap(road / "D", *arguments, "--out", tmp_path / "g")


def test_single_ratings_give_the_plane_of_a_data_set_without_any(road: Path, tmp_path: Path) -> None:
    copytree(road / "study", tmp_path / "study", ignore=ignore_patterns("ratings", "derived*"))
    build(tmp_path / "study", tmp_path / "D", BuildConfig(), jobs=1)
    options = ("--space", "va", "--ratings", road / "study", "--json")
    without = json.loads(gap(tmp_path / "D", *options, "--out", tmp_path / "g"))
    both = json.loads(gap(road / "D", *options, "--out", tmp_path / "h"))
    assert without["rows"] == both["rows"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--space", "emotion8"), "did you mean"),
        (("--space", "va", "--votes", "4"), "the plane has no votes"),
        (("--votes", "3"), "not those of 3"),
        (("--reliability", "0.1"), "no better than guessing"),
        (("--shown-reliability", "1.3"), "above 1"),
    ],
)
def test_requests_that_cannot_be_met_say_why(
    road: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        gap(road / "D", "--out", tmp_path / "g", *arguments)
    assert not (tmp_path / "g").exists()


def test_ratings_of_other_clips_are_refused(road: Path, tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_text("item,annotator,question,rating,round,answered_at\nq/z,ann,emotion7,fear,1,2026-01-01\n")
    with pytest.raises(DataError, match="no rated item is a clip"):
        gap(road / "D", "--ratings", file, "--out", tmp_path / "g")


def test_a_folder_with_something_else_is_kept(road: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(EmogapError, match="no result of 'emogap gap'"):
        gap(road / "D", "--out", tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_data_set_without_judged_faces_has_no_gap(road: Path, tmp_path: Path) -> None:
    copytree(road / "study", tmp_path / "study", ignore=ignore_patterns("ratings", "derived*"))
    build(tmp_path / "study", tmp_path / "D", BuildConfig(), jobs=1)
    with pytest.raises(DataError, match="no clip has emotion7 in both views, felt and shown"):
        gap(tmp_path / "D")
    with pytest.raises(DataError, match="no clip has valence and arousal in both views"):
        gap(tmp_path / "D", "--space", "va")


def test_one_vote_per_clip_is_taken_as_right_and_said_so(road: Path, tmp_path: Path) -> None:
    lines = (road / "study" / "ratings" / "expert-1.csv").read_text().splitlines(keepends=True)
    (tmp_path / "one.csv").write_text("".join(lines))
    found = json.loads(gap(road / "D", "--ratings", tmp_path / "one.csv", "--out", tmp_path / "g", "--json"))
    rows = {row["quantity"]: row for row in found["rows"]}
    assert rows["corrected, over people"]["assumed"].startswith("every vote taken as right")
    raw = rows["raw, most frequent vote"]["estimate"]
    assert rows["corrected, over people"]["estimate"] == pytest.approx(raw, abs=1e-6)
    assert any("one vote per clip" in note for note in found["notes"])
