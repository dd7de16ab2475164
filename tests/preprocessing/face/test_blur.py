"""What leaves the lab shows no face: blurred where one was found, black where none was."""

import cv2
import numpy as np

from emogap.preprocessing.face import Detection
from emogap.preprocessing.face.blur import CELLS, blur_faces
from emogap.preprocessing.face.tracking import FrameFaces, TrackedFace, follow_faces
from emogap.simulation.face import FaceIdentity, draw_face, pure_expression

H, W = 90, 140


def seen(frame: np.ndarray, *boxes: tuple[float, float, float, float]) -> FrameFaces:
    faces = tuple(TrackedFace(n, Detection(box, None, 0.9), True) for n, box in enumerate(boxes, 1))
    return FrameFaces(0.0, frame, faces, 0.5 if not faces else float("nan"))


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (H, W, 3), dtype=np.uint8)


def test_outside_the_enlarged_box_nothing_changes_and_inside_no_detail_is_left() -> None:
    """A box of 40 x 20 at (40, 30), with 0.35 of each side: from (26, 23) to (94, 57)."""
    frame = noise()
    before = frame.copy()
    blurred = blur_faces(seen(frame, (40.0, 30.0, 80.0, 50.0)))
    np.testing.assert_array_equal(frame, before)
    inside = np.zeros((H, W), bool)
    inside[23:57, 26:94] = True
    np.testing.assert_array_equal(blurred[~inside], frame[~inside])
    steps = np.abs(np.diff(blurred[23:57, 26:94].astype(int), axis=1))
    assert np.abs(np.diff(frame[23:57, 26:94].astype(int), axis=1)).mean() > 50
    assert steps.mean() < 5


def test_two_faces_with_the_same_mean_colours_cannot_be_told_apart() -> None:
    """Whatever stands in a cell of 12 x 10 pixels, only its mean is left."""
    # A box of 40 x 34 with margins of 14 and 11.9 is 68 x 58; its cells are equal only where it is clipped to 72 x 60.
    frame = np.zeros((60, 72, 3), np.uint8)
    other = frame.copy()
    for row in range(CELLS):
        for column in range(CELLS):
            cell = np.repeat(np.r_[np.full(60, 40), np.full(60, 200)][:, None], 3, axis=1).astype(np.uint8)
            place = np.s_[row * 10 : row * 10 + 10, column * 12 : column * 12 + 12]
            frame[place] = cell.reshape(10, 12, 3)
            other[place] = cell[::-1].reshape(10, 12, 3)
    box = (5.0, 5.0, 67.0, 55.0)
    assert (frame != other).all()
    np.testing.assert_array_equal(blur_faces(seen(frame, box)), blur_faces(seen(other, box)))


def test_a_frame_without_a_found_face_is_black() -> None:
    black = blur_faces(seen(noise()))
    assert black.shape == (H, W, 3)
    assert black.dtype == np.uint8
    assert not black.any()


def test_every_face_is_blurred_also_one_that_the_frame_cuts() -> None:
    frame = noise()
    blurred = blur_faces(seen(frame, (-10.0, -8.0, 20.0, 20.0), (100.0, 60.0, 139.0, 95.0), (300.0, 0.0, 320.0, 9.0)))
    for corner in (np.s_[:20, :20], np.s_[62:, 102:]):
        assert np.abs(np.diff(blurred[corner].astype(int), axis=1)).mean() < 10
    np.testing.assert_array_equal(blurred[35:45, 60:80], frame[35:45, 60:80])


def test_the_detector_finds_no_face_any_more() -> None:
    frame = np.full((256, 384, 3), 140, np.uint8)
    face = draw_face(FaceIdentity(), pure_expression("happiness"))
    frame[40:216, 100:276] = cv2.resize(face, (176, 176), interpolation=cv2.INTER_AREA)
    (found,) = follow_faces([(0.0, frame)], detector="haar")
    assert len(found.faces) == 1
    (again,) = follow_faces([(0.0, blur_faces(found))], detector="haar")
    assert again.faces == ()
