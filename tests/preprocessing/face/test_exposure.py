import numpy as np
import pytest

from emogap.preprocessing.face.exposure import measure_exposure


def test_grey_is_the_weighted_sum_of_the_colours() -> None:
    """Rec. 601: 0.299 red, 0.587 green, 0.114 blue."""
    for colour, weight in zip(np.eye(3), (0.299, 0.587, 0.114), strict=True):
        picture = np.broadcast_to((colour * 255).astype(np.uint8), (6, 9, 3)).copy()
        assert measure_exposure(picture).luminance == pytest.approx(weight, abs=1 / 255)


def test_burnt_out_and_black_pixels_are_counted() -> None:
    grey = np.array([[0, 5, 6, 120, 249, 250, 255, 255]], np.uint8)
    exposure = measure_exposure(np.repeat(grey[..., None], 3, axis=2))
    assert exposure.overexposed_share == pytest.approx(3 / 8)
    assert exposure.underexposed_share == pytest.approx(2 / 8)


def test_only_the_box_is_measured_and_what_lies_outside_the_picture_does_not_count() -> None:
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[10:, 20:] = 255
    assert measure_exposure(picture, (20, 10, 90, 90)).luminance == pytest.approx(1)
    assert measure_exposure(picture, (-9, -9, 10, 10)).luminance == 0
    assert np.isnan(measure_exposure(picture, (40, 5, 60, 9)).luminance)
