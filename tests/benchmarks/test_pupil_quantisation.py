"""Shares of noise that are known by construction."""

import numpy as np
import pytest

from benchmarks.pupil_quantisation import measure


def test_white_noise_is_all_noise_and_a_slow_wave_is_none() -> None:
    rng = np.random.default_rng(2)
    noise = 3.0 + rng.normal(scale=0.05, size=100_000)
    wave = 3.0 + np.sin(np.arange(100_000) / 1000)
    assert measure([noise], 1)["noise_share_of_variance"] == pytest.approx(1.0, abs=0.02)
    assert measure([wave], 1)["noise_share_of_variance"] == pytest.approx(0.0, abs=0.001)


def test_rounding_a_noisy_signal_adds_a_sixth_of_a_squared_step() -> None:
    exact = 3.0 + np.random.default_rng(4).normal(scale=0.03, size=200_000)
    rounded = np.round(exact, 2)
    added = np.diff(rounded).var() - np.diff(exact).var()
    row = measure([rounded], 1)
    assert row["quantisation_sd_mm"] ** 2 == pytest.approx(added, rel=0.05)
    assert row["quantisation_share_of_variance"] == pytest.approx(added / np.diff(rounded).var(), rel=0.05)


def test_differences_are_taken_within_an_eye_and_over_no_loss() -> None:
    row = measure([np.array([3.0, 3.01, np.nan, 3.02, 3.02]), np.array([4.0, 4.0, 4.05, 4.02])], 1)
    assert row["differences"] == 5
    assert row["share_zero"] == 0.4
    assert row["share_one_step"] == 0.2
