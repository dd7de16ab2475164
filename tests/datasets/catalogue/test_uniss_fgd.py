"""Uniss-FGD as a data set: any people, any images; the label is the expression of the viewed face."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets import BuildConfig, build, label_array, open_dataset
from emogap.errors import DataError, UsageError
from emogap.types import LabelView

CONFIG = BuildConfig(catalogue="uniss_fgd")


def test_people_and_images_nobody_has_seen_build_unchanged(fgd_folder: Path, tmp_path: Path) -> None:
    report = build(fgd_folder, tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert not report.failures
    assert [(key.recording_id, key.participant_id, key.stimulus_id, key.stimulus_group) for key in dataset.keys] == [
        ("009-02", "02", "009", "AM03"),
        ("009-77", "77", "009", "AM03"),
        ("137-02", "02", "137", "AF21"),
        ("137-31", "31", "137", "AF21"),
        ("137-77", "77", "137", "AF21"),
    ]
    assert dataset.streams["eye"].shape == (5, 32, 20)
    assert dataset.streams["fixation"].shape == (5, 32, 2)


def test_a_clip_without_any_gaze_is_excluded_and_told(fgd_folder: Path, tmp_path: Path) -> None:
    report = build(fgd_folder, tmp_path / "D", CONFIG, jobs=1)
    assert report.excluded == {"gaze": 1}
    (row,) = pl.read_parquet(tmp_path / "D" / "excluded.parquet").to_dicts()
    assert (row["recording_id"], row["stage"]) == ("009-31", "gaze")
    assert "none of its 300 samples" in row["reason"]


def test_the_label_is_what_the_viewed_face_shows(fgd_folder: Path, tmp_path: Path) -> None:
    build(fgd_folder, tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    emotion7 = label_array(dataset, LabelView.TARGET, "class", "emotion7")
    assert emotion7.argmax(axis=1).tolist() == [3, 3, 0, 0, 0]
    emotion3 = label_array(dataset, LabelView.TARGET, "class", "emotion3")
    assert np.isnan(emotion3[:2]).all()
    assert emotion3[2:].argmax(axis=1).tolist() == [0, 0, 0]
    assert np.isnan(label_array(dataset, LabelView.FELT, "class", "emotion7")).all()


def test_gaze_arrives_in_degrees_at_the_chunk_centres(fgd_folder: Path, tmp_path: Path) -> None:
    """The screen's centre is 0 deg; 200 and 100 px are 162.5 and 56.64 mm, seen from 1350 mm."""
    build(fgd_folder, tmp_path / "D", CONFIG.model_copy(update={"cleaning": "none"}), jobs=1)
    dataset = open_dataset(tmp_path / "D")
    gaze = dataset.streams["eye"][0, :, :2]
    assert dataset.masks["eye"].all()
    np.testing.assert_allclose(gaze[:15], 0, atol=0.05)
    np.testing.assert_allclose(gaze[17:], [[6.864, 2.402]] * 15, atol=0.05)
    np.testing.assert_allclose(dataset.streams["fixation"][0, [2, 30]], [[0, 0], [6.864, 2.402]], atol=0.05)


@pytest.mark.parametrize("cleaning", ["emer", "standard", "none"])
def test_every_recording_has_steps(fgd_folder: Path, tmp_path: Path, cleaning: str) -> None:
    build(fgd_folder, tmp_path / "D", BuildConfig(catalogue="uniss_fgd", cleaning=cleaning), jobs=1)
    steps = [json.loads(text) for text in pl.read_parquet(tmp_path / "D" / "quality.parquet")["steps"]]
    assert len(steps) == 5
    assert all({"trim", "to_degrees"} <= {step["name"] for step in each} for each in steps)


def test_a_map_covers_the_screen_and_sums_to_one(fgd_folder: Path, tmp_path: Path) -> None:
    build(fgd_folder, tmp_path / "D", CONFIG.model_copy(update={"fixation": "map8"}), jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert dataset.streams["fixation"].shape == (5, 32, 64)
    assert len(dataset.channels["fixation"]) == 64
    maps = dataset.streams["fixation"][dataset.masks["fixation"]]
    np.testing.assert_allclose(maps.sum(axis=1), 1, atol=1e-3)
    first = dataset.streams["fixation"][0, 2].reshape(8, 8)
    assert first[3:5, 3:5].sum() > 0.5


def test_an_image_that_is_not_listed_fails_alone(fgd_folder: Path, tmp_path: Path) -> None:
    (fgd_folder / "StimuliMap.csv").write_text("ID, FileName\n137,BF21HAS.JPG\n")
    report = build(fgd_folder, tmp_path / "D", CONFIG, jobs=1)
    assert [(item, "image 9 is not listed" in problem) for item, problem in report.failures] == [("009", True)]
    assert report.header.num_samples == 3


def test_a_name_that_is_no_kdef_name_is_told_with_its_line(fgd_folder: Path, tmp_path: Path) -> None:
    (fgd_folder / "StimuliMap.csv").write_text("ID, FileName\n137,BF21HAS.JPG\n9,face.jpg\n")
    ((item, problem),) = build(fgd_folder, tmp_path / "D", CONFIG, jobs=1).failures
    assert item == "009"
    assert "StimuliMap.csv, line 3: 'face.jpg' is no KDEF file name" in problem


def test_a_gaze_file_cut_off_fails_alone(fgd_folder: Path, tmp_path: Path) -> None:
    path = fgd_folder / "fgd" / "009.csv"
    path.write_bytes(path.read_bytes()[:50_000])
    report = build(fgd_folder, tmp_path / "D", CONFIG, jobs=1)
    assert [item for item, _ in report.failures] == ["009"]
    assert report.header.num_samples == 3


def test_an_image_has_one_gaze_file(fgd_folder: Path, tmp_path: Path) -> None:
    (fgd_folder / "fgd" / "137.csv.gz").touch()
    with pytest.raises(DataError, match="image 137 has two gaze files"):
        build(fgd_folder, tmp_path / "D", CONFIG)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no gaze file"):
        build(tmp_path, tmp_path / "D", CONFIG)


def test_real_images_build_with_the_one_blank_trial_left_out(shared_data: Path, tmp_path: Path) -> None:
    """Images 058 and 060 of the public subset; participant 01 has no gaze at all on image 058."""
    source = tmp_path / "source"
    (source / "fgd").mkdir(parents=True)
    (source / "StimuliMap.csv").symlink_to(shared_data / "uniss_fgd" / "StimuliMap.csv")
    for stem in ("058", "060"):
        (source / "fgd" / f"{stem}.csv.gz").symlink_to(shared_data / "uniss_fgd" / "fgd" / f"{stem}.csv.gz")
    report = build(source, tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert (len(dataset.keys), report.excluded, report.failures) == (31, {"gaze": 1}, ())
    assert "058-01" not in {key.recording_id for key in dataset.keys}
    assert np.isfinite(dataset.streams["eye"][dataset.masks["eye"]]).any(axis=1).all()
