"""Disturbances of one clip, against hand arithmetic and geometry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.learning.evaluation.robustness.perturbations import (
    add_noise,
    constant_shift,
    drifting_shift,
    held_steps,
    lost_intervals,
    lost_steps,
    shift_gaze,
)


def test_noise_has_the_variance_asked_for_in_units_of_the_training_clips() -> None:
    sd = np.array([2.0, 0.5, 7.0])
    noise = add_noise(np.zeros((40_000, 3)), variance=0.05, sd=sd, rng=np.random.default_rng(1))
    np.testing.assert_allclose((noise / sd).var(axis=0), 0.05, rtol=0.03)
    np.testing.assert_allclose((noise / sd).mean(axis=0), 0, atol=0.005)


def test_what_was_not_measured_gets_no_noise() -> None:
    values = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, 4.0]])
    noisy = add_noise(values, variance=1.0, sd=np.array([1.0, np.nan]), rng=np.random.default_rng(1))
    np.testing.assert_array_equal(np.isnan(noisy), np.isnan(values))
    np.testing.assert_array_equal(noisy[:, 1], values[:, 1])


@given(st.floats(0.01, 1.0), st.floats(0.02, 0.3), st.integers(0, 1000))
def test_bursts_last_the_share_asked_for_and_never_overlap(share: float, burst: float, seed: int) -> None:
    intervals = lost_intervals(share=share, burst=burst, rng=np.random.default_rng(seed))
    begin, end = intervals.T
    assert (end - begin).sum() == pytest.approx(share)
    assert (begin[1:] >= end[:-1] - 1e-12).all()
    assert begin[0] >= 0
    assert end[-1] <= 1 + 1e-12


def test_the_share_of_lost_steps_is_that_of_the_time() -> None:
    shares = [
        lost_steps(lost_intervals(share=0.25, burst=0.05, rng=np.random.default_rng(seed)), 31).mean()
        for seed in range(400)
    ]
    assert np.mean(shares) == pytest.approx(0.25, abs=0.01)


def test_a_drift_ends_at_its_whole_amount_and_is_half_of_it_in_the_middle() -> None:
    shift = drifting_shift(1001, amount_deg=4.0, angle_rad=np.pi / 2)
    np.testing.assert_allclose(shift[500], [0, 2.0], atol=1e-12)
    np.testing.assert_allclose(shift[-1], [0, 4.0], atol=0.01)


def test_an_offset_moves_gaze_and_fixation_by_its_length() -> None:
    shift = constant_shift(3, amount_deg=2.0, angle_rad=0.7)
    values = np.arange(12.0).reshape(3, 4)
    moved = shift_gaze(values, ["pupil_l_mm", "gaze_x_deg", "fixation_y_deg", "gaze_y_deg"], shift)
    np.testing.assert_allclose(np.hypot(moved[:, 1] - values[:, 1], moved[:, 3] - values[:, 3]), 2.0)
    np.testing.assert_allclose(moved[:, 2] - values[:, 2], 2.0 * np.sin(0.7))
    np.testing.assert_array_equal(moved[:, 0], values[:, 0])


@pytest.mark.parametrize("ahead", [-1.0, 1.0])
def test_a_direction_straight_ahead_is_turned_by_the_angle(ahead: float) -> None:
    names = ["direction_r_x", "direction_r_y", "direction_r_z"]
    straight = np.tile([0.0, 0.0, ahead], (5, 1))
    turned = shift_gaze(straight, names, constant_shift(5, amount_deg=3.0, angle_rad=0.0))
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1.0)
    np.testing.assert_allclose(np.rad2deg(np.arccos((turned * straight).sum(axis=1))), 3.0)
    assert (turned[:, 0] > 0).all()


def test_a_shift_leaves_its_argument_as_it_is() -> None:
    values = np.zeros((2, 1))
    shift_gaze(values, ["gaze_x_deg"], np.ones((2, 2)))
    assert not values.any()


def test_a_slower_tracker_shows_each_sample_longer() -> None:
    assert held_steps(10, every=4).tolist() == [0, 0, 0, 0, 4, 4, 4, 4, 8, 8]
