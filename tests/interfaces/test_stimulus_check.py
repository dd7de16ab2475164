"""Properties of real films."""

from pathlib import Path

import pytest

from emogap.interfaces.stimulus_check import check_stimuli


def test_faces_of_real_films_are_counted_where_they_are(shared_data: Path, tmp_path: Path) -> None:
    for name in ("single_face.mp4", "no_face.mp4", "face_noface.mov"):
        (tmp_path / name).symlink_to(shared_data / "video" / name)
    check = check_stimuli(tmp_path, detector="haar", draws=39)
    share = {stimulus.stimulus_id: stimulus.value["face_share"] for stimulus in check.stimuli}
    assert share["single_face"] == 1
    assert share["no_face"] == 0
    assert 0.1 < share["face_noface"] < 0.9
    assert all(stimulus.value["duration_s"] == pytest.approx(4, abs=3) for stimulus in check.stimuli)
    assert not check.predictions
