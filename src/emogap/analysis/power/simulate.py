"""How often a study of a given size finds a difference, and the smallest that it finds in most cases."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.special import ndtri
from scipy.stats import binomtest

from emogap.analysis.power.cohorts import Cohorts, Design, draw_cohorts
from emogap.analysis.power.outcome import Outcome
from emogap.analysis.power.significance import exchange_p, lead_of, two_way_p
from emogap.scoring import holm

__all__ = ["DRAWS", "Power", "SimulationSize", "smallest_detectable", "study_power"]

DRAWS = 1_999
"""Exchanges of each simulated test; more where Holm asks for smaller p."""

LARGEST_BLOCK = 2_000_000
"""Latent errors drawn at once, which bounds memory."""

STEPS = 8
"""Trials of the search for a difference, at most."""


@dataclass(frozen=True, slots=True)
class SimulationSize:
    """How much is simulated, and what counts as found.

    Attributes
    ----------
    repetitions : int
        Studies.
    num_models : int
        All pairs are tested, and p is adjusted by Holm.
    alpha : float
    draws : int
        Exchanges of a test.
    seed : int
    """

    repetitions: int = 1_000
    num_models: int = 2
    alpha: float = 0.05
    draws: int = DRAWS
    seed: int = 0

    @property
    def num_pairs(self) -> int:
        """Tests of a study."""
        return self.num_models * (self.num_models - 1) // 2

    @property
    def num_exchanges(self) -> int:
        """Exchanges, enough that the smallest p passes Holm's first step by a factor of ten."""
        return max(self.draws, math.ceil(10 * self.num_pairs / self.alpha))


@dataclass(frozen=True, slots=True)
class Power:
    """Share of simulated studies that found the lead of the first model.

    Attributes
    ----------
    power : float
        Over a given one of the other models.
    low, high : float
        95 % Monte Carlo interval (Wilson).
    over_all : float
        Share that found its lead over every other model; as `power` if there is one other.
    num_clips : int
        Tested clips of a study, on average.
    repetitions : int
    """

    power: float
    low: float
    high: float
    over_all: float
    num_clips: int
    repetitions: int


def study_power(outcome: Outcome, design: Design, difference: float, size: SimulationSize | None = None) -> Power:
    """Power of the paired test under the split of `design`, by simulation.

    Parameters
    ----------
    outcome : Outcome
    design : Design
    difference : float
        By which the first model leads each of the others, in the unit of the metric; 0 gives the share of false
        alarms.
    size : SimulationSize, optional

    Notes
    -----
    ``person``: the paired permutation test over people that tables of a benchmark print. ``person+stimulus``: whether
    the interval of the difference over people and stimuli holds 0. A lead is found if its p, adjusted by Holm over
    all pairs of models, is below alpha and its sign is right (any sign where `difference` is 0).

    Examples
    --------
    >>> from emogap.analysis.power import Design, VarianceShares, outcome_with
    >>> outcome = outcome_with("war", score=0.5, shares=VarianceShares(), discordant=0.2)
    >>> small = SimulationSize(repetitions=200, draws=399)
    >>> found = study_power(outcome, Design(people=40, stimuli=14, clips=14), 0.1, small)
    >>> found.power > 0.95, found.num_clips
    (True, 560)
    """
    size = size or SimulationSize()
    over_one = over_all = 0
    num_clips = 0.0
    for cohorts, rng in _blocks(outcome, design, difference, size):
        found = _found(cohorts, outcome.metric, design, size, rng, is_null=difference == 0)
        over_one += int(found[:, 0].sum())
        over_all += int(found.all(axis=1).sum())
        num_clips += float(cohorts.is_tested.sum())
    interval = binomtest(over_one, size.repetitions).proportion_ci(0.95, method="wilson")
    return Power(
        power=over_one / size.repetitions,
        low=float(interval.low),
        high=float(interval.high),
        over_all=over_all / size.repetitions,
        num_clips=round(num_clips / size.repetitions),
        repetitions=size.repetitions,
    )


def smallest_detectable(
    outcome: Outcome, design: Design, size: SimulationSize | None = None, *, power: float = 0.8, start: float = 0.05
) -> float:
    """The difference that a study of this design finds with probability `power`; NaN if none is large enough.

    Parameters
    ----------
    outcome : Outcome
    design : Design
    size : SimulationSize, optional
    power : float
        In (0.5, 1).
    start : float
        Difference that is tried first.

    Notes
    -----
    The probit of the power is nearly a straight line in the difference, so it is found by secants on that scale, each
    trial on the same random numbers, until the power is within half its Monte Carlo error.
    """
    size = size or SimulationSize()
    tolerance = 0.5 * math.sqrt(power * (1 - power) / size.repetitions)
    target = float(ndtri(power))
    least, most = 0.0, outcome.largest_difference * 0.999
    tried = min(start, most)
    slope_from = (0.0, float(ndtri(size.alpha / 2)))
    for _ in range(STEPS):
        found = study_power(outcome, design, tried, size).power
        if abs(found - power) <= tolerance:
            break
        if tried >= most and found < power:
            return math.nan
        least, most = (tried, most) if found < power else (least, tried)
        # Powers of 0 and 1 have no probit; half a study is added to either side.
        height = float(ndtri((found * size.repetitions + 0.5) / (size.repetitions + 1)))
        rise = (height - slope_from[1]) / (tried - slope_from[0])
        ahead = tried + (target - height) / rise if rise > 0 else most
        slope_from = (tried, height) if 0.05 < found < 0.99 else slope_from
        # A secant that leaves the bracket is replaced by its middle.
        tried = ahead if least < ahead < most else (most if ahead >= most and least == tried else (least + most) / 2)
    return tried


def _blocks(
    outcome: Outcome, design: Design, difference: float, size: SimulationSize
) -> Iterator[tuple[Cohorts, np.random.Generator]]:
    of_one = (size.num_models + 2) * design.people * design.stimuli
    block = max(1, min(size.repetitions, LARGEST_BLOCK // of_one))
    for start in range(0, size.repetitions, block):
        rng = np.random.default_rng([size.seed, start])
        number = min(block, size.repetitions - start)
        cohorts = draw_cohorts(
            outcome, design, difference=difference, num_models=size.num_models, repetitions=number, rng=rng
        )
        yield cohorts, rng


def _found(
    cohorts: Cohorts, metric: str, design: Design, size: SimulationSize, rng: np.random.Generator, *, is_null: bool
) -> Float[ndarray, "studies others"]:
    """Whether the lead of the first model over each of the others was found."""
    pairs = list(combinations(range(size.num_models), 2))
    if design.split == "person":
        p = [exchange_p(cohorts, metric, one, two, draws=size.num_exchanges, rng=rng) for one, two in pairs]
    else:
        p = [two_way_p(cohorts, metric, one, two) for one, two in pairs]
    adjusted = np.stack([holm(each) for each in np.stack(p, axis=1)])
    # Pairs with the first model come first.
    found = adjusted[:, : size.num_models - 1] < size.alpha
    if is_null:
        return np.asarray(found)
    leads = [lead_of(cohorts, metric, 0, other) > 0 for other in range(1, size.num_models)]
    return np.asarray(found & np.stack(leads, axis=1))
