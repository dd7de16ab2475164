"""Pictures written as a video, whole or not at all."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.interfaces.video_writing import writing_video
from emogap.recording.video import frame_times, read_frames

GREY = np.full((61, 101, 3), 99, np.uint8)


def test_every_frame_keeps_its_time_and_odd_sides_become_even(tmp_path: Path) -> None:
    with writing_video(tmp_path / "a.mp4") as write:
        for time_s in (0.0, 0.04, 0.2):
            write(time_s, GREY)
    assert frame_times(tmp_path / "a.mp4") == pytest.approx([0.0, 0.04, 0.2], abs=1e-4)
    assert [picture.shape for _, picture in read_frames(tmp_path / "a.mp4")] == [(62, 102, 3)] * 3


def test_a_video_without_a_frame_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one frame"), writing_video(tmp_path / "a.mp4"):
        pass
    assert not list(tmp_path.iterdir())


def test_what_goes_wrong_half_way_leaves_the_earlier_video(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"earlier")
    with pytest.raises(KeyError), writing_video(tmp_path / "a.mp4") as write:
        write(0.0, GREY)
        raise KeyError
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.mp4", b"earlier")]
