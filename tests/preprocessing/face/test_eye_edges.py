"""Drawn faces: what the lids do in each frame is known to the drawer."""

from collections.abc import Iterator

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.preprocessing.face.detection import Detection
from emogap.preprocessing.face.detectors import DETECTORS
from emogap.preprocessing.face.eye_edges import face_signals
from emogap.simulation.face import FaceExpression, HeadPose, add_camera_noise, draw_face, sample_identity

LIDS = np.concatenate([np.ones(9), [0.7, 0.3, 0.0, 0.2, 0.8], np.ones(9)])


def frames(lids: np.ndarray, *, seed: int = 5) -> Iterator[tuple[float, np.ndarray]]:
    """A face whose lids are open to `lids`, which glances about and sways a little, at 25 frames/s."""
    rng = np.random.default_rng(seed)
    person = sample_identity(rng)
    for number, opening in enumerate(lids):
        look = (0.9 * np.sin(number / 3), 0.6 * np.cos(number / 2))
        expression = FaceExpression((0.0,) * 7, eyelid_opening=float(opening), gaze_xy=look)
        pose = HeadPose((3 * np.sin(number / 6), 1.0), 1.0)
        yield number / 25, add_camera_noise(draw_face(person, expression, pose=pose), rng)


def test_upright_edges_vanish_while_the_eyes_are_shut_wherever_they_look() -> None:
    signals = face_signals(frames(LIDS), DETECTORS.open("haar").open_detector(), video="drawn")
    assert signals.time_s == pytest.approx(np.arange(23) / 25)
    assert signals.eye_edges[LIDS < 0.4].max() < 0.6 * signals.eye_edges[LIDS == 1].min()
    assert 0.2 < signals.luminance.min() <= signals.luminance.max() < 0.9


def test_a_frame_without_a_face_has_no_edges_and_a_luminance() -> None:
    def grey_from_half_a_second() -> Iterator[tuple[float, np.ndarray]]:
        for time_s, frame in frames(np.ones(23)):
            yield time_s, frame if time_s < 0.5 else np.full_like(frame, 51)

    signals = face_signals(grey_from_half_a_second(), DETECTORS.open("haar").open_detector(), video="drawn")
    assert np.isfinite(signals.eye_edges[signals.time_s < 0.5]).all()
    assert np.isnan(signals.eye_edges[signals.time_s >= 0.6]).all()
    assert signals.luminance[-1] == pytest.approx(0.2)


def test_a_video_without_faces_is_refused() -> None:
    def nobody(frame: np.ndarray) -> tuple[Detection, ...]:
        return ()

    with pytest.raises(DataError, match="in 0 of 7 frames"):
        face_signals(frames(np.ones(7)), nobody, video="face.mp4")
