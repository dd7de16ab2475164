"""A local polynomial gives polynomials back, and never looks over a loss."""

import numpy as np
import pytest
from pydantic import ValidationError

from emogap.preprocessing.smoothing import SmoothingConfig, smooth
from tests.preprocessing.planted_gaze import NAN, eyes, one_eye, without_rows

FIVE_SAMPLES = SmoothingConfig(window_s=0.05)


def test_a_parabola_is_its_own_smooth() -> None:
    x = [0.5 * t**2 - 3 * t for t in range(12)]
    assert smooth(one_eye(x), FIVE_SAMPLES).position[:, 0, 0] == pytest.approx(x)


def test_the_middle_weight_is_that_of_savitzky_and_golay() -> None:
    """Five points, degree 2: weights -3 12 17 12 -3 over 35 (their Table I)."""
    impulse = [0.0] * 5 + [35.0] + [0.0] * 5
    smoothed = smooth(one_eye(impulse), FIVE_SAMPLES).position[3:8, 0, 0]
    assert smoothed == pytest.approx([-3, 12, 17, 12, -3])


def test_a_loss_separates_what_is_smoothed() -> None:
    x = [0.0] * 6 + [NAN] + [50.0] * 6
    smoothed = smooth(one_eye(x), FIVE_SAMPLES)
    assert smoothed.position[:, 0, 0] == pytest.approx(x, nan_ok=True)
    assert smoothed.altered[:, 0].tolist() == [True] * 6 + [False] + [True] * 6


def test_a_missing_row_separates_what_is_smoothed() -> None:
    gaze = without_rows(one_eye([0.0] * 6 + [9.0] + [50.0] * 6), slice(6, 7))
    assert smooth(gaze, FIVE_SAMPLES).position[:, 0, 0] == pytest.approx([0.0] * 6 + [50.0] * 6)


def test_a_stretch_shorter_than_the_window_stays_as_it_was() -> None:
    smoothed = smooth(one_eye([1.0, 5.0, 2.0, NAN]), FIVE_SAMPLES)
    assert smoothed.position[:3, 0, 0].tolist() == [1.0, 5.0, 2.0]
    assert not smoothed.altered.any()


def test_the_pupil_is_smoothed_only_when_asked() -> None:
    gaze = eyes([[0.0] * 11] * 2, pupil=[[3.0] * 5 + [38.0] + [3.0] * 5, [3.0] * 11])
    assert np.array_equal(smooth(gaze, FIVE_SAMPLES).pupil, gaze.pupil)  # type: ignore[arg-type]
    smoothed = smooth(gaze, FIVE_SAMPLES.model_copy(update={"pupil": True}))
    assert smoothed.pupil is not None
    assert smoothed.pupil_altered is not None
    assert smoothed.pupil[5, 0] == pytest.approx(20.0)
    assert smoothed.pupil_altered.all()


def test_a_high_degree_is_refused() -> None:
    with pytest.raises(ValidationError, match="degree"):
        SmoothingConfig(degree=6)
