"""The screen from px and mm, with hypothesis: any pitch, either direction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.errors import DataError
from emogap.recording.readers._geometry import fit_screen, gaze_directions

POINTS_PX = np.stack(np.meshgrid(np.arange(0, 1900, 173.0), np.arange(0, 1000, 97.0)), axis=-1)
SIZE_PX = (1920, 1080)


@given(pitch_x=st.floats(0.1, 2), pitch_y=st.floats(0.1, 2), y_up=st.booleans())
def test_size_and_direction_come_back_from_any_pitch(pitch_x: float, pitch_y: float, y_up: bool) -> None:
    mm = POINTS_PX * (pitch_x, pitch_y)
    if y_up:
        mm[..., 1] = SIZE_PX[1] * pitch_y - mm[..., 1]
    fit = fit_screen(POINTS_PX, mm, SIZE_PX, where="a.tsv")
    assert fit is not None
    assert fit.size_mm == pytest.approx((1920 * pitch_x, 1080 * pitch_y), abs=0.201)
    assert fit.y_up == y_up
    upright = fit.from_bottom_left(mm)
    np.testing.assert_allclose(upright[..., 1], (1080 - POINTS_PX[..., 1]) * pitch_y, atol=0.201)
    np.testing.assert_allclose(fit.px_to_mm(POINTS_PX[0], SIZE_PX), upright[0], atol=0.41)


def test_whole_pixels_are_enough_for_the_size_the_screen_was_set_up_with() -> None:
    true_px = np.random.default_rng(5).uniform(200, 900, (6000, 2, 2))
    fit = fit_screen(np.floor(true_px), true_px * (0.8125, 0.5664), (1280, 1024), where="a.csv")
    assert fit is not None
    assert fit.size_mm == (1040.0, 580.0)


def test_too_few_points_and_points_in_one_place_leave_the_size_open() -> None:
    assert fit_screen(POINTS_PX[:1, :4], POINTS_PX[:1, :4], SIZE_PX, where="a.tsv") is None
    assert fit_screen(POINTS_PX * 0 + 3, POINTS_PX, SIZE_PX, where="a.tsv") is None


def test_an_origin_somewhere_else_is_refused() -> None:
    with pytest.raises(DataError, match=r"a\.tsv: .*origins 40\.0 px apart"):
        fit_screen(POINTS_PX, POINTS_PX * 0.5 + 20, SIZE_PX, where="a.tsv")


def test_mm_that_do_not_follow_px_are_refused() -> None:
    with pytest.raises(DataError, match="contradict each other"):
        fit_screen(POINTS_PX, np.sqrt(POINTS_PX), SIZE_PX, where="a.tsv")


def test_directions_are_unit_vectors_and_missing_where_either_end_is() -> None:
    position = np.array([[[3.0, 0.0], [np.nan, np.nan]], [[0.0, 0.0], [1.0, 1.0]]])
    origin = np.array([[[0.0, 0.0, 4.0], [0.0, 0.0, 4.0]], [[0.0, 0.0, 7.0], [np.nan] * 3]])
    direction = gaze_directions(position, origin)
    np.testing.assert_allclose(direction[0, 0], [0.6, 0.0, -0.8])
    assert np.isnan(direction[0, 1]).all()
    assert np.isnan(direction[1, 1]).all()
