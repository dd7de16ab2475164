"""How two clocks relate, from events that both have seen: offset, drift, and how well they fit.

Read :class:`ClockEstimate` first, then :func:`estimate_clock`. Which event of one clock is which of the other is not
known beforehand, either side misses some and has some of its own; where the events come from is not known here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import poisson, t

from emogap.errors import DataError, MismatchError, UsageError

__all__ = ["ClockEstimate", "SynchroniseConfig", "estimate_clock"]

HUBER_K = 1.345
"""Residuals beyond so many standard deviations pull with constant force: 95 % efficient under normal noise (Huber and
Ronchetti 2009, Robust Statistics, doi:10.1002/9780470434697, section 4.5 and exhibit 4.4)."""

MAD_TO_SD = 1.4826
LEAST_SD_S = 1e-6
"""Events whose residuals are smaller count as fitting exactly."""

CLOSENESS = (1.0, 0.25, 0.0625)
"""Shares of the tolerance at which matches are weighed against chance; the number of looks is paid for."""

LEVEL = 0.95
MOST_ROUNDS = 30


class SynchroniseConfig(BaseModel):
    """What may be searched, and what is believed. The numbers are ours, except where a source is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tolerance_s: float = Field(
        default=0.1, gt=0, description="Two events further apart than this are not the same, in s; about half a blink."
    )
    search_s: float = Field(
        default=60.0, gt=0, description="Largest offset that is looked for, half way through the recording, in s."
    )
    max_drift_ppm: float = Field(
        default=1000.0,
        ge=0,
        description="Largest drift that is looked for, in parts per million; quartz clocks differ by some tens.",
    )
    min_events: int = Field(
        default=3, ge=3, description="Fewer shared events are refused: two always lie on a line, and show no residual."
    )
    max_chance: float = Field(
        default=1e-3,
        gt=0,
        lt=1,
        description="Refused if unrelated events would match as often in the range with a larger probability.",
    )
    max_runner_up: float = Field(
        default=0.75,
        gt=0,
        le=1,
        description="Refused if another offset matches more than this share of the events matched by the best.",
    )


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
    events = _Events.of(reference_s, other_s, reference_kinds, other_kinds)
    _require_enough(events, config)
    lines = _Search(events, config)
    best = lines.best()
    line, rows, columns = _settle(events, best, config)
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


@dataclass(frozen=True, slots=True)
class _Line:
    """reference = middle_s + other + drift * (other - centre_s)."""

    middle_s: float
    drift: float
    centre_s: float

    def at(self, other_s: Float[ndarray, " K"]) -> Float[ndarray, " K"]:
        return self.middle_s + other_s + self.drift * (other_s - self.centre_s)


@dataclass(frozen=True, slots=True, eq=False)
class _Events:
    """Events in order of time; kinds as numbers."""

    reference_s: Float[ndarray, " A"]
    other_s: Float[ndarray, " B"]
    reference_kind: Int[ndarray, " A"]
    other_kind: Int[ndarray, " B"]

    @classmethod
    def of(
        cls,
        reference_s: Float[ndarray, " A"],
        other_s: Float[ndarray, " B"],
        reference_kinds: Sequence[str] | None,
        other_kinds: Sequence[str] | None,
    ) -> "_Events":
        first, second = np.asarray(reference_s, np.float64), np.asarray(other_s, np.float64)
        words = list(reference_kinds or [""] * len(first)), list(other_kinds or [""] * len(second))
        if [len(kinds) for kinds in words] != [len(first), len(second)] or (reference_kinds is None) != (
            other_kinds is None
        ):
            raise UsageError("every event of both clocks needs a kind, or none", fix="give both lists of kinds")
        if not (np.isfinite(first).all() and np.isfinite(second).all()):
            raise UsageError("times of events must be finite", fix="leave out the events without a time")
        numbers = {kind: number for number, kind in enumerate(sorted({*words[0], *words[1]}))}
        order = np.argsort(first, kind="stable"), np.argsort(second, kind="stable")
        kinds = [
            np.array([numbers[kind] for kind in side], np.int64)[rows] for side, rows in zip(words, order, strict=True)
        ]
        return cls(first[order[0]], second[order[1]], kinds[0], kinds[1])

    @property
    def centre_s(self) -> float:
        """Half way from the first to the last event of the other clock."""
        return float(self.other_s[0] + self.other_s[-1]) / 2

    def length_s(self) -> float:
        """From the first to the last event, on the clock on which that is longer."""
        return float(max(np.ptp(self.reference_s), np.ptp(self.other_s)))


def _require_enough(events: _Events, config: SynchroniseConfig) -> None:
    fewest = min(len(events.reference_s), len(events.other_s))
    if fewest < config.min_events:
        raise DataError(
            f"there are {len(events.reference_s)} events on one clock and {len(events.other_s)} on the other; an offset"
            f" and a drift with a residual need {config.min_events} on each",
            fix="use events of another kind, or record more: three claps or flashes spread over the session suffice",
        )


class _Search:
    """All lines that bring two events together, and how well each fits all of them."""

    def __init__(self, events: _Events, config: SynchroniseConfig) -> None:
        self.events, self.config = events, config
        half_s = np.ptp(events.other_s) / 2
        steps = int(np.ceil(2 * config.max_drift_ppm * 1e-6 * half_s / config.tolerance_s))
        grid = np.arange(-steps, steps + 1) / max(steps, 1)
        self.drifts = grid[np.argsort(np.abs(grid), kind="stable")] * config.max_drift_ppm * 1e-6
        self.is_pair = events.reference_kind[:, None] == events.other_kind[None, :]
        self.peaks = [self._scores(float(drift)) for drift in self.drifts]

    def _scores(self, drift: float) -> tuple[Float[ndarray, " D"], Float[ndarray, " D"]]:
        """Offsets (at the centre) at which two events coincide, and the score of each."""
        events, tolerance_s = self.events, self.config.tolerance_s
        moved_s = events.other_s + drift * (events.other_s - events.centre_s)
        every = (events.reference_s[:, None] - moved_s[None, :])[self.is_pair]
        offsets = np.sort(every[np.abs(every) <= self.config.search_s + tolerance_s])
        total = np.concatenate([[0.0], np.cumsum(offsets)])
        here = np.arange(len(offsets))
        left = np.searchsorted(offsets, offsets - tolerance_s)
        right = np.searchsorted(offsets, offsets + tolerance_s, side="right")
        below = (here - left) * offsets - (total[here] - total[left])
        above = (total[right] - total[here]) - (right - here) * offsets
        scores = (right - left) - (below + above) / tolerance_s
        inside = np.abs(offsets) <= self.config.search_s
        return offsets[inside], scores[inside]

    def best(self) -> _Line:
        """The line with the highest score; of equal ones that with the least drift."""
        return self._highest(lambda offsets: np.ones(len(offsets), bool))

    def runner_up(self, best: _Line) -> _Line:
        """The best line among those that bring other events together."""
        return self._highest(lambda offsets: np.abs(offsets - best.middle_s) > 2 * self.config.tolerance_s)

    def _highest(self, allowed: Callable[[Float[ndarray, " D"]], Bool[ndarray, " D"]]) -> _Line:
        found, winner = -np.inf, _Line(0.0, 0.0, self.events.centre_s)
        for drift, (offsets, scores) in zip(self.drifts, self.peaks, strict=True):
            chosen = np.where(allowed(offsets), scores, -np.inf)
            if len(chosen) and chosen.max() > found + 1e-9:
                place = int(chosen.argmax())
                found, winner = float(chosen[place]), _Line(float(offsets[place]), float(drift), self.events.centre_s)
        return winner

    def chance(self, apart_s: Float[ndarray, " N"]) -> float:
        """Upper bound of the probability that unrelated events match as often and as closely on any line."""
        config, length_s = self.config, max(self.events.length_s(), self.config.tolerance_s)
        num_pairs = float(self.is_pair.sum())
        bounds = []
        for share in CLOSENESS:
            within_s = share * config.tolerance_s
            offsets = min(config.search_s, length_s) / within_s + 1
            drifts = 2 * config.max_drift_ppm * 1e-6 * length_s / within_s + 1
            num_within = int((np.abs(apart_s) <= within_s).sum())
            bounds.append(offsets * drifts * float(poisson.sf(num_within - 1, num_pairs * 2 * within_s / length_s)))
        return min(1.0, len(CLOSENESS) * min(bounds))


def _settle(
    events: _Events, line: _Line, config: SynchroniseConfig
) -> tuple[_Line, Int[ndarray, " N"], Int[ndarray, " N"]]:
    """Match and fit in turn until the matches stay."""
    rows, columns = _matches(events, line, config.tolerance_s)
    for _ in range(MOST_ROUNDS):
        if len(rows) < config.min_events:
            break
        line = _fit(events.reference_s[rows], events.other_s[columns], events.centre_s)
        again = _matches(events, line, config.tolerance_s)
        if np.array_equal(again[0], rows) and np.array_equal(again[1], columns):
            break
        rows, columns = again
    return line, rows, columns


def _matches(events: _Events, line: _Line, tolerance_s: float) -> tuple[Int[ndarray, " N"], Int[ndarray, " N"]]:
    """Events of one kind that are each other's nearest and within the tolerance."""
    apart = np.abs(events.reference_s[:, None] - line.at(events.other_s)[None, :])
    apart[events.reference_kind[:, None] != events.other_kind[None, :]] = np.inf
    nearest_other, nearest_reference = apart.argmin(axis=1), apart.argmin(axis=0)
    rows = np.arange(len(apart))
    is_match = (nearest_reference[nearest_other] == rows) & (apart[rows, nearest_other] <= tolerance_s)
    return rows[is_match], nearest_other[is_match]


def _fit(reference_s: Float[ndarray, " N"], other_s: Float[ndarray, " N"], centre_s: float) -> _Line:
    """Huber's line through matched events."""
    design = np.stack([np.ones(len(other_s)), other_s - centre_s], axis=1)
    target = reference_s - other_s
    weight = np.ones(len(target))
    solution = np.zeros(2)
    for _ in range(MOST_ROUNDS):
        root = np.sqrt(weight)[:, None]
        before, solution = solution, np.linalg.lstsq(design * root, target * root[:, 0], rcond=None)[0]
        residual = target - design @ solution
        weight = _weights(residual, _scale_s(residual))
        if np.abs(solution - before).max() < 1e-12:
            break
    return _Line(float(solution[0]), float(solution[1]), centre_s)


def _scale_s(residual: Float[ndarray, " N"]) -> float:
    """Standard deviation of the residuals from their median absolute size, corrected for the two parameters."""
    correction = len(residual) / (len(residual) - 2)
    return max(MAD_TO_SD * float(np.median(np.abs(residual))) * correction, LEAST_SD_S)


def _weights(residual: Float[ndarray, " N"], scale_s: float) -> Float[ndarray, " N"]:
    weight: Float[ndarray, " N"] = np.minimum(1.0, HUBER_K * scale_s / np.maximum(np.abs(residual), 1e-15))
    return weight


def _require_alone(events: _Events, best: _Line, other: _Line, num_matched: int, config: SynchroniseConfig) -> None:
    line, rows, _ = _settle(events, other, config)
    if len(rows) > config.max_runner_up * num_matched and abs(line.middle_s - best.middle_s) > config.tolerance_s:
        raise MismatchError(
            f"two offsets fit: {num_matched} events match with the clocks {best.middle_s:.3f} s apart, {len(rows)} with"
            f" {line.middle_s:.3f} s",
            fix="search a smaller range (--search-s), or use events that are not evenly spaced",
        )


def _estimate(
    events: _Events,
    line: _Line,
    rows: Int[ndarray, " N"],
    columns: Int[ndarray, " N"],
    span_s: tuple[float, float] | None,
    chance: float,
) -> ClockEstimate:
    reference_s, other_s = events.reference_s[rows], events.other_s[columns]
    residual = reference_s - line.at(other_s)
    covariance = _covariance(residual, other_s - line.centre_s)
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


def _covariance(residual: Float[ndarray, " N"], from_centre_s: Float[ndarray, " N"]) -> Float[ndarray, "2 2"]:
    """Of middle and drift: Huber's ``K^2 sum(psi^2) / (N - 2) / mean(psi')^2 (X'X)^-1``."""
    scale_s = _scale_s(residual)
    psi = residual * _weights(residual, scale_s)
    inner = np.abs(residual) <= HUBER_K * scale_s
    share = float(inner.mean())
    correction = 1 + 2 / len(residual) * (1 - share) / share
    spread = correction**2 * float((psi**2).sum()) / (len(residual) - 2) / share**2
    design = np.stack([np.ones(len(residual)), from_centre_s], axis=1)
    covariance: Float[ndarray, "2 2"] = spread * np.linalg.inv(design.T @ design)
    return covariance


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
