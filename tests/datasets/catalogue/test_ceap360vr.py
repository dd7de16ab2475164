"""CEAP-360VR as a data set: two streams of directions, felt valence and arousal, and quadrants."""

from pathlib import Path

import numpy as np
import pytest

from emogap.datasets import BuildConfig, build, label_array, open_dataset
from emogap.errors import DataError, UsageError
from emogap.types import LabelView

CONFIG = BuildConfig(catalogue="ceap360vr")


def test_one_clip_per_person_and_film(ceap_folder: Path, tmp_path: Path) -> None:
    build(ceap_folder, tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert [(key.recording_id, key.stimulus_group, key.stop_s) for key in dataset.keys][:3] == [
        ("P1-V1", "V1", 60.0),
        ("P1-V2", "V2", 60.0),
        ("P2-V1", "V1", 60.0),
    ]
    assert {name: stream.shape for name, stream in dataset.streams.items()} == {
        "fixation": (6, 32, 3),
        "head": (6, 32, 3),
    }


def test_fixations_follow_the_frame_rate_of_their_film(ceap_folder: Path, tmp_path: Path) -> None:
    """Frames 0 to 749 last 30 s of film V1 (25 per second) and 25 s of film V2 (30 per second)."""
    build(ceap_folder, tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert dataset.masks["fixation"].sum(axis=1).tolist() == [16, 13] * 3
    np.testing.assert_allclose(dataset.streams["fixation"][2, 0], [1, 0, 20], atol=1e-6)
    np.testing.assert_allclose(dataset.streams["head"][2, 0], [0, -1, -10], atol=1e-6)


def test_ratings_are_mapped_and_the_midline_has_no_quadrant(ceap_folder: Path, tmp_path: Path) -> None:
    """Valence is rated 3, 5, 7 by the three people, arousal 9 and 1 for the two films."""
    report = build(ceap_folder, tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert label_array(dataset, LabelView.FELT, "valence").tolist() == [-0.5, -0.5, 0, 0, 0.5, 0.5]
    assert label_array(dataset, LabelView.FELT, "arousal").tolist() == [1, -1] * 3
    quadrant = label_array(dataset, LabelView.FELT, "class", "quadrant")
    assert np.isnan(quadrant[2:4]).all()
    assert quadrant[[0, 1, 4, 5]].argmax(axis=1).tolist() == [2, 3, 0, 1]
    assert report.excluded == {"label felt_quadrant": 2}


def test_a_film_without_a_report_fails_its_person(ceap_folder: Path, tmp_path: Path) -> None:
    path = ceap_folder / "2_QuestionnaireData" / "P3_Questionnaire_Data.json"
    path.write_text(path.read_text().replace("V2", "V3"))
    report = build(ceap_folder, tmp_path / "D", CONFIG, jobs=1)
    assert [(item, "no self-report of V2" in problem) for item, problem in report.failures] == [("P3", True)]


def test_there_is_no_screen_to_lay_a_map_on(ceap_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no screen"):
        build(ceap_folder, tmp_path / "D", CONFIG.model_copy(update={"fixation": "map8"}))


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="EM_Fixation"):
        build(tmp_path, tmp_path / "D", CONFIG)


def test_an_absent_questionnaire_is_named(ceap_folder: Path, tmp_path: Path) -> None:
    for path in (ceap_folder / "2_QuestionnaireData").iterdir():
        path.unlink()
    with pytest.raises(DataError, match="questionnaire is absent"):
        build(ceap_folder, tmp_path / "D", CONFIG, jobs=1)


def test_the_real_set_has_the_classes_of_its_description(shared_data: Path, tmp_path: Path) -> None:
    """192 trials; 42 with a rating of 5 are in no quadrant, 150 remain: 48 / 35 / 37 / 30 in vocabulary order."""
    report = build(shared_data / "ceap360vr", tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert (len(dataset.keys), report.excluded, report.failures) == (192, {"label felt_quadrant": 42}, ())
    quadrant = label_array(dataset, LabelView.FELT, "class", "quadrant")
    assert np.nansum(quadrant, axis=0).tolist() == [48, 35, 37, 30]
    assert not np.isnan(label_array(dataset, LabelView.FELT, "valence")).any()
