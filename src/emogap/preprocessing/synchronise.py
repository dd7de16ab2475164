"""How two clocks relate, from events that both have seen: offset, drift, and how well they fit.

Read :class:`ClockEstimate` first, then :func:`estimate_clock`. Which event of one clock is which of the other is not
known beforehand, either side misses some and has some of its own (``event_matching``); where the events come from is
not known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from scipy.stats import t

from emogap.counted_nouns import counted
from emogap.errors import DataError, MismatchError
from emogap.preprocessing.event_matching import (
    ClockLine,
    LineSearch,
    SynchroniseConfig,
    TwoClockEvents,
    line_covariance,
    match_and_fit,
)

__all__ = ["ClockEstimate", "SynchroniseConfig", "estimate_clock"]

LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class ClockEstimate:
    """reference_s = offset_s + other_s * (1 + drift_ppm * 1e-6), and what is known of its error.

    Attributes
    ----------
    offset_s : float
        Time of the reference clock at time 0 of the other.
    drift_ppm : float
        How much slower the other clock runs, in parts per million.
    offset_interval_s, drift_interval_ppm : (float, float)
        95 % intervals. They hold the scatter of the events, not an error that all of them share.
    rms_ms : float
        Root of the sum of squared residuals over N - 2, in ms: N events, two parameters.
    p95_ms : float
        95th percentile of the absolute residuals, in ms.
    span_s : (float, float)
        Part of the other clock that the line is wanted for, in s.
    reference_s, other_s : float64 array, shape (N,)
        The N matched events, in order of time.
    reference_alone_s, other_alone_s : float64 array
        Events without a partner on the other clock, in order of time.
    chance : float
        Upper bound of the probability that unrelated events match as well anywhere in the range searched.
    centre_s : float
    covariance : float64 array, shape (2, 2)
        Of the line's value at `centre_s` of the other clock (s) and of the drift (s per s).
    """

    offset_s: float
    drift_ppm: float
    offset_interval_s: tuple[float, float]
    drift_interval_ppm: tuple[float, float]
    rms_ms: float
    p95_ms: float
    span_s: tuple[float, float]
    reference_s: Float[ndarray, " N"]
    other_s: Float[ndarray, " N"]
    reference_alone_s: Float[ndarray, " A"]
    other_alone_s: Float[ndarray, " B"]
    chance: float
    centre_s: float
    covariance: Float[ndarray, "2 2"]

    @property
    def num_events(self) -> int:
        """How many events were matched."""
        return len(self.other_s)

    @property
    def band_ms(self) -> float:
        """Half the width of the 95 % interval of the line where it is widest within `span_s`, in ms."""
        return float(self.half_width_ms(np.array(self.span_s)).max())

    def half_width_ms(self, other_s: Float[ndarray, " K"]) -> Float[ndarray, " K"]:
        """Half the width of the 95 % interval of the line at times of the other clock, in ms."""
        directions = np.stack([np.ones(len(other_s)), other_s - self.centre_s], axis=1)
        spread_s = np.sqrt(np.einsum("kp,pq,kq->k", directions, self.covariance, directions))
        width: Float[ndarray, " K"] = 1000 * float(t.ppf(0.5 + LEVEL / 2, self.num_events - 2)) * spread_s
        return width

    @property
    def residual_ms(self) -> Float[ndarray, " N"]:
        """Reference minus line at each matched event, in ms."""
        residual: Float[ndarray, " N"] = 1000 * (self.reference_s - self.to_reference_s(self.other_s))
        return residual

    def to_reference_s(self, other_s: Float[ndarray, " K"]) -> Float[ndarray, " K"]:
        """Times of the other clock as times of the reference clock, in s."""
        reference_s: Float[ndarray, " K"] = self.offset_s + other_s * (1 + self.drift_ppm * 1e-6)
        return reference_s


def estimate_clock(
    reference_s: Float[ndarray, " A"],
    other_s: Float[ndarray, " B"],
    *,
    reference_kinds: Sequence[str] | None = None,
    other_kinds: Sequence[str] | None = None,
    span_s: tuple[float, float] | None = None,
    limit_ms: float | None = None,
    config: SynchroniseConfig | None = None,
) -> ClockEstimate:
    """The line from the other clock to the reference clock through the events that both have seen.

    Parameters
    ----------
    reference_s : float64 array, shape (A,)
        Times of events on the clock to go to, in s, in any order; finite.
    other_s : float64 array, shape (B,)
        Times of events on the clock to come from, in s, in any order; finite.
    reference_kinds, other_kinds : sequences of A and of B words, optional
        What each event was: only events of one kind are the same. Both or neither.
    span_s : (float, float), optional
        Part of the other clock that the line is wanted for; by default from its first matched event to its last.
    limit_ms : float, optional
        Largest residual (RMS), and largest half width of the line's interval within `span_s`, in ms. None: no limit.
    config : SynchroniseConfig, optional

    Raises
    ------
    DataError
        If either side has too few events.
    MismatchError
        If the events match no better than chance, or as well elsewhere, or not within `limit_ms`.
    UsageError
        If times are not finite, or kinds do not fit them.

    Notes
    -----
    1. *Search.* For every drift of a grid and every offset that brings two events of one kind together, the events
       are given ``sum(max(0, 1 - |d| / tolerance))``, d being the differences of all pairs. The best line wins; no
       order of events is assumed, so that any of them may be missing on either side.
    2. *Match.* Events that are each other's nearest, within the tolerance, are the same.
    3. *Fit.* Straight line by Huber's M-estimator with the scale ``1.4826 MAD``, iteratively reweighted; match and fit
       are repeated until the matches stay.
    4. *Interval.* From Huber's covariance (his third form) and the t distribution with N - 2 degrees of freedom.

    The chance is ``3 trials P(X >= N)`` at the best of three closenesses (the tolerance, a quarter and a sixteenth of
    it): N events match so closely, X is Poisson with the mean number of pairs of unrelated events that one line brings
    so close, trials the number of lines so far apart in the range. Evenly spaced events are no Poisson process, and are
    caught by the runner-up.

    References
    ----------
    Fit of clock offsets by a robust line, as in the Lab Streaming Layer: Kothe et al. (2024),
    doi:10.1101/2024.02.13.580071. M-estimator and its covariance: Huber (1973), doi:10.1214/aos/1176342503; search by
    the agreement of lines through few data: Fischler and Bolles (1981), doi:10.1145/358669.358692.

    Examples
    --------
    >>> on_the_tracker_s = np.array([3.0, 10.0, 12.0, 31.0, 40.0])
    >>> found = estimate_clock(on_the_tracker_s, on_the_tracker_s[[0, 1, 3, 4]] - 2.5)
    >>> found.num_events, round(found.offset_s, 6), abs(round(found.drift_ppm, 3))
    (4, 2.5, 0.0)
    """
    config = config or SynchroniseConfig()
    events = TwoClockEvents.of(reference_s, other_s, reference_kinds, other_kinds)
    _require_enough(events, config)
    lines = LineSearch(events, config)
    best = lines.best()
    line, rows, columns = match_and_fit(events, best, config)
    chance = lines.chance(events.reference_s[rows] - line.at(events.other_s[columns]))
    if len(rows) < config.min_events or chance > config.max_chance:
        raise MismatchError(
            f"the events of the two clocks do not fit: {len(rows)} of {len(events.reference_s)} and"
            f" {len(events.other_s)} can be matched, and unrelated ones would do as well (probability {chance:.2g},"
            f" limit {config.max_chance:g})",
            fix="record more events that both clocks see, or search a smaller range",
        )
    _require_alone(events, best, lines.runner_up(best), len(rows), config)
    estimate = _estimate(events, line, rows, columns, span_s, chance)
    if limit_ms is not None:
        _require_within(estimate, limit_ms)
    return estimate


def _require_enough(events: TwoClockEvents, config: SynchroniseConfig) -> None:
    fewest = min(len(events.reference_s), len(events.other_s))
    if fewest < config.min_events:
        raise DataError(
            f"there are {counted(len(events.reference_s), 'event')} on one clock and {len(events.other_s)} on"
            " the other; an offset"
            f" and a drift with a residual need {config.min_events} on each",
            fix="use events of another kind, or record more: three claps or flashes spread over the session suffice",
        )


def _require_alone(
    events: TwoClockEvents, best: ClockLine, other: ClockLine, num_matched: int, config: SynchroniseConfig
) -> None:
    line, rows, _ = match_and_fit(events, other, config)
    if len(rows) > config.max_runner_up * num_matched and abs(line.middle_s - best.middle_s) > config.tolerance_s:
        raise MismatchError(
            f"two offsets fit: {counted(num_matched, 'event')} match with the clocks {best.middle_s:.3f} s"
            f" apart, {len(rows)} with"
            f" {line.middle_s:.3f} s",
            fix="search a smaller range (--search-s), or use events that are not evenly spaced",
        )


def _estimate(
    events: TwoClockEvents,
    line: ClockLine,
    rows: Int[ndarray, " N"],
    columns: Int[ndarray, " N"],
    span_s: tuple[float, float] | None,
    chance: float,
) -> ClockEstimate:
    reference_s, other_s = events.reference_s[rows], events.other_s[columns]
    residual = reference_s - line.at(other_s)
    covariance = line_covariance(residual, other_s - line.centre_s)
    quantile = float(t.ppf(0.5 + LEVEL / 2, len(rows) - 2))
    offset_s, drift_ppm = float(line.at(np.zeros(1))[0]), line.drift * 1e6
    at_zero = np.array([1.0, -line.centre_s])
    half_offset_s = quantile * float(np.sqrt(at_zero @ covariance @ at_zero))
    half_drift_ppm = quantile * float(np.sqrt(covariance[1, 1])) * 1e6
    return ClockEstimate(
        offset_s=offset_s,
        drift_ppm=drift_ppm,
        offset_interval_s=(offset_s - half_offset_s, offset_s + half_offset_s),
        drift_interval_ppm=(drift_ppm - half_drift_ppm, drift_ppm + half_drift_ppm),
        rms_ms=1000 * float(np.sqrt((residual**2).sum() / (len(rows) - 2))),
        p95_ms=1000 * float(np.quantile(np.abs(residual), 0.95)),
        span_s=span_s or (float(other_s[0]), float(other_s[-1])),
        reference_s=reference_s,
        other_s=other_s,
        reference_alone_s=np.delete(events.reference_s, rows),
        other_alone_s=np.delete(events.other_s, columns),
        chance=chance,
        centre_s=line.centre_s,
        covariance=covariance,
    )


def _require_within(estimate: ClockEstimate, limit_ms: float) -> None:
    if estimate.rms_ms > limit_ms:
        raise MismatchError(
            f"the {estimate.num_events} shared events scatter by {estimate.rms_ms:.1f} ms (RMS) around the line, the"
            f" limit is {limit_ms:g} ms",
            fix="use sharper events (flashes, claps), or allow more with --limit-ms",
        )
    if estimate.band_ms > limit_ms:
        raise MismatchError(
            f"the {estimate.num_events} shared events leave the clock uncertain by {estimate.band_ms:.1f} ms (95 %)"
            f" somewhere from {estimate.span_s[0]:.1f} to {estimate.span_s[1]:.1f} s, the limit is {limit_ms:g} ms",
            fix="use events from the whole length of the session, or allow more with --limit-ms",
        )
