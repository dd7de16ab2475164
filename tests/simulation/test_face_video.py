from pathlib import Path

import av
import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.recording.video import frame_times, read_frames_at
from emogap.simulation.face import FaceExpression, FaceIdentity, draw_face
from emogap.simulation.face_video import write_face_video


def blinking(num_frames: int) -> list[np.ndarray]:
    openings = np.abs(np.cos(np.linspace(0, np.pi, num_frames)))
    return [draw_face(FaceIdentity(), FaceExpression(eyelid_opening=float(o)), size_px=128) for o in openings]


def test_the_frames_come_back_at_their_times(tmp_path: Path) -> None:
    frames = blinking(31)
    write_face_video(tmp_path / "face.mp4", frames, rate_hz=20)
    times_s = frame_times(tmp_path / "face.mp4")
    assert np.allclose(times_s, np.arange(31) / 20, atol=1e-6)
    for drawn, (_, read) in zip(frames, read_frames_at(tmp_path / "face.mp4", times_s), strict=True):
        assert np.abs(drawn.astype(float) - read).mean() < 4


def test_the_same_frames_give_the_same_file(tmp_path: Path) -> None:
    for name in ("first.mp4", "second.mp4"):
        write_face_video(tmp_path / name, blinking(30))
    assert (tmp_path / "first.mp4").read_bytes() == (tmp_path / "second.mp4").read_bytes()


def test_a_keyframe_stands_every_25_frames(tmp_path: Path) -> None:
    write_face_video(tmp_path / "face.mp4", blinking(60))
    with av.open(str(tmp_path / "face.mp4")) as container:
        keyframes = [packet.pts for packet in container.demux(video=0) if packet.size and packet.is_keyframe]
        assert [round(float(pts * container.streams.video[0].time_base) * 25) for pts in keyframes] == [0, 25, 50]


def test_a_change_of_size_is_refused_and_the_old_video_stands(tmp_path: Path) -> None:
    path = tmp_path / "face.mp4"
    write_face_video(path, blinking(3))
    before = path.read_bytes()
    with pytest.raises(UsageError, match="frame 1 is 64 x 32, the first was 128 x 128"):
        write_face_video(path, [blinking(1)[0], np.zeros((32, 64, 3), np.uint8)])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_no_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one frame"):
        write_face_video(tmp_path / "face.mp4", [])
    assert not list(tmp_path.iterdir())


def test_odd_sides_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="even sides, got 64 x 33"):
        write_face_video(tmp_path / "face.mp4", [np.zeros((33, 64, 3), np.uint8)])
