"""Velocity over a window, by hand."""

import numpy as np
import pytest

from emogap.preprocessing.velocity import window_velocity

NAN = float("nan")


def velocity(values: list[float], *, window_s: float = 0.04, time_s: np.ndarray | None = None) -> list[float]:
    times = np.arange(len(values)) / 100 if time_s is None else time_s
    return window_velocity(np.array(values)[:, None], times, window_s=window_s, rate_hz=100.0)[:, 0].tolist()


def test_the_window_is_centred_and_cut_at_the_ends() -> None:
    assert velocity([0, 0, 0, 1, 1, 1, 1]) == pytest.approx([0, 100 / 3, 25, 25, 25, 0, 0])


def test_the_window_does_not_reach_over_a_lost_sample() -> None:
    assert velocity([0, 1, 2, NAN, 9, 9, 9]) == pytest.approx([100, 100, 100, NAN, 0, 0, 0], nan_ok=True)


def test_the_window_does_not_reach_over_a_missing_row() -> None:
    time_s = np.array([0.0, 0.01, 0.02, 0.12, 0.13, 0.14])
    assert velocity([0, 0, 0, 9, 9, 9], time_s=time_s) == pytest.approx([0] * 6)


def test_a_sample_that_stands_alone_has_no_velocity() -> None:
    assert velocity([NAN, 4, NAN, 1, 2]) == pytest.approx([NAN, NAN, NAN, 100, 100], nan_ok=True)


def test_uneven_time_stamps_are_divided_by_what_they_are() -> None:
    time_s = np.array([0.0, 0.009, 0.02])
    assert velocity([0, 1, 2], window_s=0.02, time_s=time_s) == pytest.approx([1 / 0.009, 100, 1 / 0.011])
