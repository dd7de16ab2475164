"""A stimulus video with gaze on it, from file to file."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError, UsageError
from emogap.interfaces.gaze_video import write_gaze_video
from emogap.preprocessing import clean
from emogap.recording.video import frame_times, read_frames_at
from emogap.simulation.face_video import write_face_video
from emogap.types import Recording
from tests.preprocessing.planted_gaze import eyes, recording


@pytest.fixture
def stimulus(tmp_path: Path) -> Path:
    """One second of grey, 25 frames per second."""
    video = tmp_path / "stimulus.mp4"
    write_face_video(video, (np.full((120, 200, 3), 128, np.uint8) for _ in range(25)))
    return video


def looking(x_deg: float) -> Recording:
    """A fixation of one second, x degrees to the right; the screen of the tests is 45.2 degrees wide."""
    return clean(recording(eyes([[x_deg] * 100] * 2)), "standard")


def coloured_columns(picture: np.ndarray) -> np.ndarray:
    return np.argwhere(np.ptp(picture.astype(int), axis=2) > 60)[:, 1]


def test_every_frame_keeps_its_time_and_shows_the_gaze_of_that_time(stimulus: Path, tmp_path: Path) -> None:
    out = write_gaze_video(looking(15.0), stimulus, tmp_path / "out.mp4")
    assert frame_times(out) == pytest.approx(frame_times(stimulus), abs=1e-4)
    ((_, picture),) = read_frames_at(out, np.array([0.6]))
    assert picture.shape == (120, 200, 3)
    # 15 degrees on a flat screen of 500 mm at 600 mm: 160.8 mm right of the centre.
    assert coloured_columns(picture).mean() == pytest.approx(100 + 160.8 / 500 * 200, abs=3)


def test_without_heat_the_trail_is_there_alone(stimulus: Path, tmp_path: Path) -> None:
    hot, bare = (
        write_gaze_video(looking(0.0), stimulus, tmp_path / f"{heat_s}.mp4", heat_s=heat_s) for heat_s in (1.0, None)
    )
    touched = [
        int((np.abs(picture.astype(int) - 128) > 12).any(axis=2).sum())
        for out in (hot, bare)
        for _, picture in read_frames_at(out, np.array([0.6]))
    ]
    assert 0 < touched[1] < touched[0] / 2


def test_odd_sides_are_made_even(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [(0.1 * number, np.full((61, 101, 3), 99, np.uint8)) for number in range(4)]
    monkeypatch.setattr("emogap.interfaces.gaze_video.read_frames", lambda path: iter(frames))
    out = write_gaze_video(looking(0.0), tmp_path / "any.mp4", tmp_path / "out.mp4")
    ((_, picture),) = read_frames_at(out, np.array([0.1]))
    assert picture.shape == (62, 102, 3)


def test_gaze_that_was_not_cleaned_is_refused(stimulus: Path, tmp_path: Path) -> None:
    raw = recording(eyes([[500.0] * 100], frame="screen_px"))
    with pytest.raises(UsageError, match="gaze is drawn in degrees"):
        write_gaze_video(raw, stimulus, tmp_path / "out.mp4")
    with pytest.raises(UsageError, match="how large the video was is unknown"):
        write_gaze_video(dataclasses.replace(looking(0.0), screen=None), stimulus, tmp_path / "out.mp4")


def test_a_damaged_video_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "stimulus.mp4").write_bytes(b"no video")
    with pytest.raises(DataError):
        write_gaze_video(looking(0.0), tmp_path / "stimulus.mp4", tmp_path / "out.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stimulus.mp4"]
