"""Which event of one clock is which of the other: the line under which most of them coincide, and its fit.

Read in this order: :class:`SynchroniseConfig`, :class:`TwoClockEvents`, :class:`LineSearch` (all lines that bring two
events together), :func:`match_and_fit` (the events that are the same under a line, and the line through them),
:func:`line_covariance`. What is believed of the outcome is decided in ``synchronise``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import poisson

from emogap.errors import UsageError

__all__ = ["ClockLine", "LineSearch", "SynchroniseConfig", "TwoClockEvents", "line_covariance", "match_and_fit"]

HUBER_K = 1.345
"""Residuals beyond so many standard deviations pull with constant force: 95 % efficient under normal noise (Huber and
Ronchetti 2009, Robust Statistics, doi:10.1002/9780470434697, section 4.5 and exhibit 4.4)."""

MAD_TO_SD = 1.4826
LEAST_SD_S = 1e-6
"""Events whose residuals are smaller count as fitting exactly."""

CLOSENESS = (1.0, 0.25, 0.0625)
"""Shares of the tolerance at which matches are weighed against chance; the number of looks is paid for."""

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


@dataclass(frozen=True, slots=True)
class ClockLine:
    """reference = middle_s + other + drift * (other - centre_s)."""

    middle_s: float
    drift: float
    centre_s: float

    def at(self, other_s: Float[ndarray, " K"]) -> Float[ndarray, " K"]:
        """Times of the other clock as times of the reference clock, in s."""
        return self.middle_s + other_s + self.drift * (other_s - self.centre_s)


@dataclass(frozen=True, slots=True, eq=False)
class TwoClockEvents:
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
    ) -> "TwoClockEvents":
        """Events as they come, sorted.

        Parameters
        ----------
        reference_s, other_s : float64 arrays, shapes (A,) and (B,)
            Times on either clock, in s, in any order; finite.
        reference_kinds, other_kinds : sequences of A and of B words, or None
            What each event was. Both or neither.

        Raises
        ------
        UsageError
            If times are not finite, or kinds do not fit them.
        """
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


class LineSearch:
    """All lines that bring two events together, and how well each fits all of them."""

    def __init__(self, events: TwoClockEvents, config: SynchroniseConfig) -> None:
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

    def best(self) -> ClockLine:
        """The line with the highest score; of equal ones that with the least drift."""
        return self._highest(lambda offsets: np.ones(len(offsets), bool))

    def runner_up(self, best: ClockLine) -> ClockLine:
        """The best line among those that bring other events together."""
        return self._highest(lambda offsets: np.abs(offsets - best.middle_s) > 2 * self.config.tolerance_s)

    def _highest(self, allowed: Callable[[Float[ndarray, " D"]], Bool[ndarray, " D"]]) -> ClockLine:
        found, winner = -np.inf, ClockLine(0.0, 0.0, self.events.centre_s)
        for drift, (offsets, scores) in zip(self.drifts, self.peaks, strict=True):
            chosen = np.where(allowed(offsets), scores, -np.inf)
            if len(chosen) and chosen.max() > found + 1e-9:
                place = int(chosen.argmax())
                found, winner = (
                    float(chosen[place]),
                    ClockLine(float(offsets[place]), float(drift), self.events.centre_s),
                )
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


def match_and_fit(
    events: TwoClockEvents, line: ClockLine, config: SynchroniseConfig
) -> tuple[ClockLine, Int[ndarray, " N"], Int[ndarray, " N"]]:
    """Match and fit in turn until the matches stay.

    Returns
    -------
    ClockLine
        Through the matched events; `line` itself where fewer than ``config.min_events`` match.
    rows, columns : int arrays, shape (N,)
        The n-th match is of event ``rows[n]`` of the reference clock and event ``columns[n]`` of the other.
    """
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


def _matches(
    events: TwoClockEvents, line: ClockLine, tolerance_s: float
) -> tuple[Int[ndarray, " N"], Int[ndarray, " N"]]:
    """Events of one kind that are each other's nearest and within the tolerance."""
    apart = np.abs(events.reference_s[:, None] - line.at(events.other_s)[None, :])
    apart[events.reference_kind[:, None] != events.other_kind[None, :]] = np.inf
    nearest_other, nearest_reference = apart.argmin(axis=1), apart.argmin(axis=0)
    rows = np.arange(len(apart))
    is_match = (nearest_reference[nearest_other] == rows) & (apart[rows, nearest_other] <= tolerance_s)
    return rows[is_match], nearest_other[is_match]


def _fit(reference_s: Float[ndarray, " N"], other_s: Float[ndarray, " N"], centre_s: float) -> ClockLine:
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
    return ClockLine(float(solution[0]), float(solution[1]), centre_s)


def _scale_s(residual: Float[ndarray, " N"]) -> float:
    """Standard deviation of the residuals from their median absolute size, corrected for the two parameters."""
    correction = len(residual) / (len(residual) - 2)
    return max(MAD_TO_SD * float(np.median(np.abs(residual))) * correction, LEAST_SD_S)


def _weights(residual: Float[ndarray, " N"], scale_s: float) -> Float[ndarray, " N"]:
    weight: Float[ndarray, " N"] = np.minimum(1.0, HUBER_K * scale_s / np.maximum(np.abs(residual), 1e-15))
    return weight


def line_covariance(residual: Float[ndarray, " N"], from_centre_s: Float[ndarray, " N"]) -> Float[ndarray, "2 2"]:
    """Covariance of a line's middle (s) and drift (s per s), from the residuals of its N events, in s.

    Huber's third form, ``K^2 sum(psi^2) / (N - 2) / mean(psi')^2 (X'X)^-1``; `from_centre_s` are the times of the other
    clock, counted from the line's centre.
    """
    scale_s = _scale_s(residual)
    psi = residual * _weights(residual, scale_s)
    inner = np.abs(residual) <= HUBER_K * scale_s
    share = float(inner.mean())
    correction = 1 + 2 / len(residual) * (1 - share) / share
    spread = correction**2 * float((psi**2).sum()) / (len(residual) - 2) / share**2
    design = np.stack([np.ones(len(residual)), from_centre_s], axis=1)
    covariance: Float[ndarray, "2 2"] = spread * np.linalg.inv(design.T @ design)
    return covariance
