"""Events of two clocks: what they must hold, which of them are the same, and the line through those."""

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.event_matching import (
    ClockLine,
    LineSearch,
    SynchroniseConfig,
    TwoClockEvents,
    line_covariance,
    match_and_fit,
)

REFERENCE_S = np.array([3.0, 10.0, 12.0, 31.0, 40.0, 55.0, 71.0])


def test_kinds_must_fit_the_events() -> None:
    times_s = np.arange(4.0)
    with pytest.raises(UsageError, match="needs a kind"):
        TwoClockEvents.of(times_s, times_s, ["clap"] * 4, None)
    with pytest.raises(UsageError, match="needs a kind"):
        TwoClockEvents.of(times_s, times_s, ["clap"] * 4, ["clap"] * 3)


def test_times_must_be_finite() -> None:
    with pytest.raises(UsageError, match="finite"):
        TwoClockEvents.of(np.arange(4.0), np.array([0.0, np.nan, 2.0]), None, None)


def test_events_are_sorted_together_with_their_kinds() -> None:
    events = TwoClockEvents.of(np.array([5.0, 1.0, 3.0]), np.array([2.0, 0.5]), ["b", "a", "c"], ["c", "a"])
    assert events.reference_s.tolist() == [1.0, 3.0, 5.0]
    assert events.reference_kind.tolist() == [0, 2, 1]
    assert events.other_kind.tolist() == [0, 2]


def test_the_best_line_brings_most_events_together() -> None:
    events = TwoClockEvents.of(REFERENCE_S, REFERENCE_S[[0, 1, 3, 4, 6]] - 2.5, None, None)
    best = LineSearch(events, SynchroniseConfig()).best()
    assert (best.middle_s, best.drift) == pytest.approx((2.5, 0.0))


def test_matches_name_the_events_that_are_the_same() -> None:
    """The third and the sixth event of the reference were missed; the other clock has one of its own at 20 s."""
    other_s = np.sort(np.append(REFERENCE_S[[0, 1, 3, 4, 6]] - 2.5, 20.0))
    events = TwoClockEvents.of(REFERENCE_S, other_s, None, None)
    line, rows, columns = match_and_fit(events, ClockLine(2.52, 0.0, events.centre_s), SynchroniseConfig())
    assert rows.tolist() == [0, 1, 3, 4, 6]
    assert columns.tolist() == [0, 1, 3, 4, 5]
    assert line.at(other_s[columns]) == pytest.approx(REFERENCE_S[rows])


def test_without_outliers_the_covariance_is_that_of_least_squares() -> None:
    """Residuals of equal size, all within Huber's limit: ``s^2 (X'X)^-1`` with s^2 over N - 2 (any textbook)."""
    residual = np.array([0.01, -0.01, 0.01, -0.01, 0.01, -0.01, 0.01])
    from_centre_s = REFERENCE_S - 37.0
    design = np.stack([np.ones(7), from_centre_s], axis=1)
    expected = (residual**2).sum() / 5 * np.linalg.inv(design.T @ design)
    assert line_covariance(residual, from_centre_s) == pytest.approx(expected)
