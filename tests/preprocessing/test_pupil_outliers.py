"""Samples that are too fast, and those beside a loss."""

import dataclasses

import numpy as np
import pytest

from emogap.preprocessing.pupil_outliers import OutlierConfig, dilation_speed, remove_pupil_outliers
from emogap.types import Recording
from tests.preprocessing.planted_gaze import NAN, eyes, one_eye, recording

RATE_HZ = 100.0


def quiet_pupil(num_samples: int, *, seed: int = 1) -> np.ndarray:
    return 3 + 0.01 * np.random.default_rng(seed).normal(size=num_samples)


def cleaned(pupil: np.ndarray, **limits: float) -> tuple[Recording, np.ndarray]:
    gaze = one_eye([0.0] * len(pupil), pupil=pupil.tolist(), rate_hz=RATE_HZ)
    result = remove_pupil_outliers(recording(gaze), OutlierConfig(**limits))
    assert result.gaze is not None
    assert result.gaze.pupil is not None
    return result, result.gaze.pupil[:, 0]


def test_the_speed_is_the_greater_of_both_sides_as_in_the_paper() -> None:
    """Equation 1 of Kret and Sjak-Shie (2019), worked by hand for 3.0, 3.1, 3.4, 3.4 mm at 10 Hz."""
    assert dilation_speed(np.array([3.0, 3.1, 3.4, 3.4]), np.arange(4) / 10, 10.0) == pytest.approx([1, 3, 3, 0])


def test_a_single_jump_is_removed_and_marked_and_nothing_else() -> None:
    pupil = quiet_pupil(400)
    pupil[200] += 1.0
    result, found = cleaned(pupil)
    gone = np.flatnonzero(np.isnan(found))
    assert 200 in gone
    assert set(gone) <= {199, 200, 201}
    assert result.gaze is not None
    assert result.gaze.pupil_altered is not None
    assert np.flatnonzero(result.gaze.pupil_altered[:, 0]).tolist() == gone.tolist()
    assert result.gaze.valid.all()


def test_fifty_milliseconds_beside_a_blink_are_removed() -> None:
    pupil = quiet_pupil(300)
    pupil[100:112] = NAN
    _, found = cleaned(pupil)
    assert np.flatnonzero(np.isnan(found)).tolist() == list(range(95, 117))


def test_a_loss_shorter_than_a_blink_has_no_margin() -> None:
    pupil = quiet_pupil(300)
    pupil[100:106] = NAN
    _, found = cleaned(pupil)
    assert np.flatnonzero(np.isnan(found)).tolist() == list(range(100, 106))


def test_the_shares_of_each_eye_are_reported() -> None:
    left, right = quiet_pupil(500), quiet_pupil(500, seed=2)
    left[100:110] = NAN
    gaze = eyes([[0.0] * 500] * 2, pupil=[left.tolist(), right.tolist()])
    step = remove_pupil_outliers(recording(gaze)).steps[-1]
    assert step.name == "remove_pupil_outliers"
    assert step.parameters["beside_loss_share"] == (10 / 490, 0.0)
    assert step.parameters["too_fast_share"] == (0.0, 0.0)


def test_a_coarse_pupil_that_mostly_rests_loses_nothing() -> None:
    """More than half the speeds are 0, so that their median absolute deviation is 0 as well."""
    pupil = np.full(300, 3.0)
    pupil[::40] += 0.01
    _, found = cleaned(pupil)
    assert np.isfinite(found).all()


def test_a_recording_without_a_pupil_is_returned_as_it_is() -> None:
    without = recording(one_eye([0.0] * 5))
    assert remove_pupil_outliers(without) is without
    nothing = dataclasses.replace(without, gaze=None)
    assert remove_pupil_outliers(nothing) is nothing
