"""EMER's release as a data set, on a miniature with a known truth, and every way in which it may be at fault."""

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets import BuildConfig, BuildReport, build, label_array, open_dataset
from emogap.datasets.leakage import audit_split
from emogap.datasets.splits import load_or_make_split
from emogap.datasets.store import Dataset
from emogap.errors import DataError, UsageError
from emogap.preprocessing.pipeline import clean
from emogap.recording import open_recording
from emogap.recording.spreadsheet import read_sheet, write_sheet
from emogap.types import LabelView, vocabulary
from tests.datasets.emer_copy import config_of, rewritten, writable_copy

HAPPY_1 = "1_film_happy Happy"
"""In set1, with units."""


@pytest.fixture(scope="module")
def built(emer_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    out = tmp_path_factory.mktemp("emer") / "D"
    build(emer_release, out, config_of(emer_release / "release.toml"), jobs=1)
    return open_dataset(out)


@pytest.fixture
def release(emer_release: Path, tmp_path: Path) -> Path:
    return writable_copy(emer_release, tmp_path)


def built_from(release: Path, facts: Path | None = None) -> BuildReport:
    return build(release, release.parent / "D", config_of(facts or release / "release.toml"), jobs=1)


def test_what_a_release_says_of_people_and_stimuli_is_carried(release: Path) -> None:
    (release / "participants.tsv").write_text(
        "participant_id\tsex\tage\tconsent\np003\tfemale\t27\tpublic\np999\tmale\t31\tno\n"
    )
    (release / "stimuli").mkdir()
    (release / "stimuli" / "film-happy-Happy.luminance.tsv").write_text("time_s\tluminance\n0\t0.2\n2\t0.4\n")
    built_from(release)
    people = pl.read_parquet(release.parent / "D" / "participants.parquet")
    assert people.columns == ["participant_id", "sex", "age"]
    assert people.filter(participant_id="p003").row(0) == ("p003", "female", 27.0)
    assert "p999" not in people["participant_id"]
    facts = pl.read_parquet(release.parent / "D" / "nuisances.parquet").with_columns(pl.col("luminance").fill_nan(None))
    known = facts.drop_nulls("luminance")
    assert set(known["stimulus_id"]) == {"film-happy-Happy"}
    assert known["luminance"][0] == pytest.approx(0.3)


def row_of(dataset: Dataset, recording: str) -> int:
    return next(row for row, key in enumerate(dataset.keys) if key.recording_id == recording)


def test_one_clip_per_id_under_its_set_and_its_person(built: Dataset) -> None:
    assert len(built.keys) == 18
    assert built.streams["eye"].shape[:2] == built.streams["fixation"].shape[:2] == (18, 32)
    assert built.streams["face"].shape == (18, 8, 324)
    key = built.keys[row_of(built, "3-film-happy-Happy")]
    assert (key.participant_id, key.stimulus_id, key.start_s) == ("p003", "film-happy-Happy", 0.0)
    assert key.stop_s == pytest.approx(2.0, abs=1.1 / 60)
    assert built.samples["official_fold"][row_of(built, "3-film-happy-Happy")] == "set3"
    assert built.simulated


def test_gaze_goes_the_road_of_every_recording(built: Dataset, emer_release: Path) -> None:
    """The steps of each clip are those of the pipeline on the same file."""
    steps = pl.read_parquet(built.path / "quality.parquet")["steps"].to_list()
    recording = open_recording(emer_release / "eye" / f"{HAPPY_1}.xlsx")
    expected = [step.name for step in clean(recording, "emer").steps]
    assert len(expected) > 3
    assert {tuple(step["name"] for step in json.loads(told))[-len(expected) :] for told in steps} == {tuple(expected)}


def test_both_spellings_give_the_same_gaze(emer_release: Path, release: Path) -> None:
    """A file whose heading loses its units holds the same numbers, so that the stream must be the same."""
    table = read_sheet(release / "eye" / f"{HAPPY_1}.xlsx")
    bare = {name: name.replace(" [DACS px]", "").replace(" [\u03bcs]", "") for name in table.columns}
    write_sheet(release / "eye" / f"{HAPPY_1}.xlsx", table.rename(bare))
    streams = []
    for source, out in ((emer_release, release.parent / "D1"), (release, release.parent / "D2")):
        build(source, out, config_of(source / "release.toml"), jobs=1)
        dataset = open_dataset(out)
        streams.append(dataset.streams["eye"][row_of(dataset, "1-film-happy-Happy")])
    np.testing.assert_array_equal(streams[0], streams[1])


def test_words_that_became_numbers_are_told_and_cost_no_clip(built: Dataset) -> None:
    (doubt,) = (doubt for doubt in built.doubts if "in the place of words" in doubt)
    assert "Sensor, Eye movement type" in doubt
    assert doubt.endswith("(the like in 9 of 18 clips)")


def test_rate_duration_and_frames_of_each_clip_are_told(built: Dataset, emer_release: Path) -> None:
    """60 Hz for 2 s; the tracker's jitter may put a sample more or less into a clip."""
    quality = pl.read_parquet(built.path / "quality.parquet").sort("recording_id")
    sheets = [read_sheet(path).height for path in by_name(emer_release / "eye")]
    assert quality["num_samples"].to_list() == sheets
    assert quality["num_face_frames"].to_list() == [11] * 18
    np.testing.assert_allclose(quality["rate_hz"], 60, rtol=0.01)
    np.testing.assert_allclose(quality["duration_s"], np.array(sheets) / 60, rtol=0.01)


def by_name(folder: Path) -> list[Path]:
    """Gaze files in the order of the ids of their recordings."""
    return sorted(folder.glob("*.xlsx"), key=lambda path: path.stem.replace("_", "-").replace(" ", "-"))


def test_codes_are_read_in_the_stated_order_and_each_view_keeps_its_own(built: Dataset, emer_release: Path) -> None:
    """Order of section III.D.1: disgust is 3 and surprise 4."""
    order = ["happiness", "sadness", "fear", "disgust", "surprise", "anger", "neutral"]
    shown = {row["ID"].replace("_", "-").replace(" ", "-"): row for row in rows_of(emer_release / "new_label.xlsx")}
    felt = {row["ID"].replace("_", "-").replace(" ", "-"): row for row in rows_of(emer_release / "er_label.xlsx")}
    seven = {view: label_array(built, view, "class", "emotion7").argmax(axis=1) for view in LabelView}
    intensity = label_array(built, LabelView.SHOWN, "intensity")
    for row, key in enumerate(built.keys):
        clip = key.recording_id
        assert vocabulary("emotion7")[seven[LabelView.SHOWN][row]] == order[int(shown[clip]["Emotion"])]
        assert vocabulary("emotion7")[seven[LabelView.FELT][row]] == felt[clip]["Emotion"]
        assert intensity[row] == pytest.approx(float(shown[clip]["Intensity"]))
    target = vocabulary("emotion7")[seven[LabelView.TARGET][row_of(built, "3-film-happy-Happy")]]
    assert target == "happiness"


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(read_sheet(path).iter_rows(named=True))


def test_the_audit_of_the_official_folds_finds_the_planted_person(built: Dataset) -> None:
    audit = audit_split(built, load_or_make_split(built, "official", seed=0))
    people = [finding for finding in audit.findings if finding.kind == "people" and finding.severity == "leak"]
    assert [finding.what.split(" is in ")[0] for finding in people] == ["1 person"]
    assert "p001" in people[0].what
    assert any(finding.kind == "stimuli" and finding.what.startswith("3 ") for finding in audit.findings)


def test_without_anybody_saying_whose_clips_they_are_only_official_folds_run(release: Path) -> None:
    stated = (release / "release.toml").read_text().replace('table = "people.tsv"', "")
    (release / "release.toml").write_text(stated)
    report = built_from(release)
    assert any("nobody knows whose clips 18 of 18 are" in doubt for doubt in report.header.doubts)
    dataset = open_dataset(report.path)
    with pytest.raises(UsageError, match="holds out people"):
        load_or_make_split(dataset, "person", seed=0)
    split = load_or_make_split(dataset, "official", seed=0)
    assert len(split.cells) == 5
    assert any("nobody knows who the people are" in note for note in split.notes)
    people = [finding for finding in audit_split(dataset, split).findings if finding.kind == "people"]
    assert [finding.severity for finding in people] == ["warning"]


def test_a_pattern_of_the_users_tells_people_without_a_table(release: Path) -> None:
    stated = (release / "release.toml").read_text()
    pattern = r"pattern = '(?P<participant>\d+)_(?P<stimulus>.*)'"
    (release / "release.toml").write_text(stated.replace('table = "people.tsv"', pattern))
    dataset = open_dataset(built_from(release).path)
    assert {key.participant_id for key in dataset.keys} == {str(number) for number in range(1, 7)}


def test_a_release_without_a_statement_is_refused_with_the_least_that_must_be_stated(emer_release: Path) -> None:
    with pytest.raises(UsageError, match=r"which label view[\s\S]*\[shown\]"):
        build(emer_release, emer_release.parent / "never", BuildConfig(catalogue="emer"))


def test_codes_without_an_order_are_refused_with_both_orders_of_the_paper(release: Path) -> None:
    stated = (release / "release.toml").read_text()
    (release / "release.toml").write_text(stated[: stated.index("[classes]")] + stated[stated.index("[ids]") :])
    with pytest.raises(DataError, match=r"paper-introduction: .*paper-section-3d: "):
        built_from(release)


@pytest.mark.parametrize(("cell", "said"), [(7, "codes run from 0 to 6"), ("joy", "class of the seven")])
def test_a_class_that_is_none_is_named_with_its_line(release: Path, cell: object, said: str) -> None:
    rewritten(release / "new_label.xlsx", {"Emotion": {HAPPY_1: cell}})
    with pytest.raises(DataError) as caught:
        built_from(release)
    assert said in caught.value.what
    assert caught.value.where == "release/new_label.xlsx, line 2"


def test_valence_beyond_its_limits_is_refused(release: Path) -> None:
    rewritten(release / "er_label.xlsx", {"Valence": {HAPPY_1: 1.25}})
    with pytest.raises(DataError, match=r"Valence is 1\.25, outside -1 to 1"):
        built_from(release)


def test_a_clip_without_its_gaze_file_fails_alone(release: Path) -> None:
    (release / "eye" / f"{HAPPY_1}.xlsx").unlink()
    report = built_from(release)
    assert [(item, "no gaze file" in problem) for item, problem in report.failures] == [
        ("set1-1-film-happy-Happy", True)
    ]
    assert report.header.num_samples == 17


def test_x_and_y_in_two_spellings_fail_the_clip_with_both_names(release: Path) -> None:
    path = release / "eye" / f"{HAPPY_1}.xlsx"
    table = read_sheet(path)
    one_eyed = [name for name in table.columns if "Gaze point left" in name or "Gaze point right" in name]
    write_sheet(path, table.drop(one_eyed).rename({"Gaze point X [DACS px]": "Gaze point X"}))
    ((_, problem),) = built_from(release).failures
    assert "'Gaze point X' and 'Gaze point Y [DACS px]' are of two spellings" in problem


def test_a_missing_set_is_refused(release: Path) -> None:
    shutil.rmtree(release / "face" / "set4")
    with pytest.raises(DataError, match="no clip in set4"):
        built_from(release)


def test_a_clip_in_two_sets_is_refused_with_both(release: Path) -> None:
    shutil.copytree(release / "face" / "set1" / HAPPY_1, release / "face" / "set5" / HAPPY_1)
    with pytest.raises(DataError, match=f"'{HAPPY_1}' is in set1 and in set5"):
        built_from(release)


def test_a_person_table_that_lacks_a_clip_is_refused(release: Path) -> None:
    lines = (release / "people.tsv").read_text().splitlines()
    (release / "people.tsv").write_text("\n".join(lines[:-1]) + "\n")
    with pytest.raises(DataError, match="1 of 18 clips are not in the table"):
        built_from(release)


def test_gaze_without_a_face_folder_and_labels_without_a_clip_are_counted(release: Path) -> None:
    shutil.rmtree(release / "face" / "set1" / HAPPY_1)
    doubts = " ".join(built_from(release).header.doubts)
    assert f"1 gaze file has no face folder in any set, first '{HAPPY_1}.xlsx'" in doubts
    assert f"1 row of er_label.xlsx without a face folder in any set, first '{HAPPY_1}'" in doubts


def test_without_a_screen_nothing_is_given_in_degrees(release: Path) -> None:
    stated = (release / "release.toml").read_text()
    (release / "release.toml").write_text(stated[: stated.index("[screen]")])
    for path in (release / "eye").glob("*.xlsx"):
        table = read_sheet(path)
        write_sheet(path, table.drop([name for name in table.columns if "Recording resolution" in name]))
    with pytest.raises(DataError, match="does not tell the screen's size"):
        built_from(release)


def test_an_unknown_entry_of_the_statement_is_named_with_its_line(release: Path) -> None:
    (release / "release.toml").write_text('schema = 1\n[shown]\nfile = "new_label.xlsx"\nemotions = "Emotion"\n')
    with pytest.raises(DataError) as caught:
        built_from(release)
    assert caught.value.what == "shown, emotions: is not known here"
    assert caught.value.where is not None
    assert caught.value.where.endswith("line 4")
    assert caught.value.fix == "did you mean 'emotion'?"
