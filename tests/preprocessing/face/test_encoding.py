import numpy as np
import pytest

from emogap.preprocessing.face import ALIGNED, Detection, FaceCrop, align, crop_face
from emogap.preprocessing.face.detectors import DETECTORS, settle_detector

ROW, COLUMN = np.mgrid[:40, :70]
FRAME = np.stack([3 * COLUMN, 6 * ROW, np.full_like(ROW, 7)], axis=-1).astype(np.uint8)


def box(x0: float, y0: float, x1: float, y1: float) -> Detection:
    return Detection((x0, y0, x1, y1), None, 1.0)


def test_a_box_becomes_the_square_of_its_longer_side_about_its_centre() -> None:
    """Box from 30 to 40 and from 10 to 30: the square of 20 runs from 25 to 45 in x."""
    crop = crop_face(FRAME, box(30, 10, 40, 30), FaceCrop("box", 20))
    np.testing.assert_array_equal(crop, FRAME[10:30, 25:45])


def test_beyond_the_frame_the_nearest_pixels_are_repeated() -> None:
    crop = crop_face(FRAME, box(-10, 0, 10, 20), FaceCrop("box", 20))
    np.testing.assert_array_equal(crop[:, 10:], FRAME[:20, :10])
    assert (crop[:, :10] == FRAME[:20, :1]).all()


@pytest.mark.parametrize("size_px", [7, 64])
def test_the_crop_has_the_size_that_is_asked_for(size_px: int) -> None:
    crop = crop_face(FRAME, box(12.4, 3.1, 31.9, 30.2), FaceCrop("box", size_px))
    assert (crop.shape, crop.dtype) == ((size_px, size_px, 3), np.uint8)


def test_a_face_outside_the_frame_is_no_crash() -> None:
    assert crop_face(FRAME, box(500, 500, 520, 530), FaceCrop("box", 9)).shape == (9, 9, 3)


def test_the_aligned_crop_is_that_of_align() -> None:
    face = box(10, 5, 35, 35)
    np.testing.assert_array_equal(crop_face(FRAME, face), align(FRAME, face))
    np.testing.assert_array_equal(crop_face(FRAME, face, FaceCrop("aligned", 30)), align(FRAME, face, size=30))
    assert FaceCrop("aligned", 112) == ALIGNED


def test_auto_is_haar_without_weights_and_every_other_name_is_itself() -> None:
    assert settle_detector("auto") == "haar"
    assert [settle_detector(name) for name in DETECTORS] == list(DETECTORS)
