"""Correlations of one mode and coefficient together: false discoveries kept down, limits that hold all, differences.

Read :func:`scored` first (one correlation from the weightings), then :func:`adjusted` and :func:`differences`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.scoring.discovery import benjamini_hochberg
from emogap.scoring.jackknife import fisher_z, jackknife_variance, two_sided_p
from emogap.scoring.resampling import MOST_UNDEFINED, Interval, interval_of

__all__ = [
    "COEFFICIENTS",
    "LEVEL",
    "MODES",
    "Coefficient",
    "Correlation",
    "Difference",
    "Mode",
    "Scored",
    "adjusted",
    "differences",
    "scored",
]

Coefficient = Literal["pearson", "spearman", "kendall"]
COEFFICIENTS: tuple[Coefficient, ...] = get_args(Coefficient)

Mode = Literal["level", "within"]
"""``level``: over all clips as they are. ``within``: after each person's mean is taken out of measure and label."""
MODES: tuple[Mode, ...] = get_args(Mode)

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Correlation:
    """One measure with one label.

    Attributes
    ----------
    measure, label : str
    mode : Mode
    coefficient : Coefficient
    interval : Interval or None
        Over people, percentile, widened for few; None if it cannot be given, which `note` explains.
    simultaneous : (float, float)
        Limits that hold for all correlations of this mode and coefficient at once; NaN if there are none.
    undefined_draws : int
        Draws in which a coefficient of this mode and coefficient does not exist. `simultaneous` leaves them out, and
        there is none where they are more than :data:`emogap.scoring.resampling.MOST_UNDEFINED` of all.
    p, q : float
        Of no correlation, for other people and these stimuli; q is adjusted over all of this mode and coefficient.
    two_way : Interval or None
        Over people and stimuli; Pearson's r only.
    p_two_way, q_two_way : float
        Of no correlation, for other people and other stimuli.
    num_clips, num_people : int
        With both measure and label.
    note : str
    """

    measure: str
    label: str
    mode: Mode
    coefficient: Coefficient
    interval: Interval | None
    simultaneous: tuple[float, float] = (np.nan, np.nan)
    undefined_draws: int = 0
    p: float = np.nan
    q: float = np.nan
    two_way: Interval | None = None
    p_two_way: float = np.nan
    q_two_way: float = np.nan
    num_clips: int = 0
    num_people: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """The coefficient of a measure with one label minus that with another, over people.

    Attributes
    ----------
    measure, first, second : str
        A measure and two labels.
    mode : Mode
    coefficient : Coefficient
    interval : Interval
    p, q : float
        Of equal coefficients; q over all differences of this mode and coefficient.
    """

    measure: str
    first: str
    second: str
    mode: Mode
    coefficient: Coefficient
    interval: Interval
    p: float
    q: float


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A correlation with its draws: `z` and `drawn_z` are Fisher's transformations, `without_z` leaves `people` out."""

    correlation: Correlation
    z: float = np.nan
    se: float = np.nan
    drawn_z: Float[ndarray, " D"] | None = None
    without_z: Float[ndarray, " P"] | None = None
    people: Int[ndarray, " P"] | None = None


def scored(
    empty: Correlation,
    scores: Float[ndarray, " W"],
    people: Int[ndarray, " P"],
    two_way: Interval | None,
    p_two_way: float,
) -> Scored:
    """A correlation with interval and p from its coefficient in every weighting.

    Parameters
    ----------
    empty : Correlation
        Says what it is of; the numbers are filled in.
    scores : float64 array, shape (1 + P + D,)
        Of all clips, without each person, and of every draw of people.
    people : int array, shape (P,)
        Those left out, in that order.
    two_way, p_two_way
        As :func:`emogap.analysis.two_way_correlation.two_way_pearson` gives them.
    """
    num_people = len(people)
    estimate, without, drawn = float(scores[0]), scores[1 : 1 + num_people], scores[1 + num_people :]
    if not np.isfinite(estimate):
        return Scored(replace(empty, note=f"does not vary {'within people' if empty.mode == 'within' else 'at all'}"))
    interval = interval_of(
        estimate,
        drawn,
        left_out=(without,),
        method="percentile",
        level=LEVEL,
        clusters=counted(num_people, "person"),
    )
    z, without_z = float(fisher_z(scores[:1])[0]), fisher_z(without)
    variance = jackknife_variance(without_z)
    found = replace(
        empty,
        interval=interval,
        p=two_sided_p(z, variance, num_people - 1),
        two_way=two_way,
        p_two_way=p_two_way,
    )
    return Scored(found, z, float(np.sqrt(variance)), fisher_z(drawn), without_z, people)


def adjusted(family: Sequence[Scored]) -> list[Correlation]:
    """The correlations with q and simultaneous limits over the whole family."""
    q = benjamini_hochberg([one.correlation.p for one in family])
    q_two_way = benjamini_hochberg([one.correlation.p_two_way for one in family])
    factor, undefined = _simultaneous_factor(family)
    found = []
    for one, own_q, own_q_two_way in zip(family, q.tolist(), q_two_way.tolist(), strict=True):
        reach = factor * one.se * np.sqrt(_inflation(one.correlation.num_people))
        limits = (float(np.tanh(one.z - reach)), float(np.tanh(one.z + reach)))
        found.append(
            replace(one.correlation, q=own_q, q_two_way=own_q_two_way, simultaneous=limits, undefined_draws=undefined)
        )
    return found


def _inflation(num_people: int) -> float:
    return num_people / (num_people - 1) if num_people > 1 else np.nan


def _simultaneous_factor(family: Sequence[Scored]) -> tuple[float, int]:
    """Quantile over draws of the largest distance from the estimate, in standard errors; draws that lack a distance.

    Which distance is the largest is only known of draws that have them all.
    """
    distances = [np.abs(one.drawn_z - one.z) / one.se for one in family if one.drawn_z is not None and one.se > 0]
    if not distances:
        return np.nan, 0
    largest = np.max(distances, axis=0)
    undefined = int(np.isnan(largest).sum())
    if undefined > MOST_UNDEFINED * len(largest):
        return np.nan, undefined
    return float(np.quantile(largest[np.isfinite(largest)], LEVEL)), undefined


def differences(family: Sequence[Scored], pairs: Sequence[tuple[str, str]]) -> list[Difference]:
    """Each measure with the first label of a pair minus that with the second, where both are known of the same people.

    q is adjusted over all of them.
    """
    by_name = {(one.correlation.measure, one.correlation.label): one for one in family}
    found: list[Difference] = []
    for measure in dict.fromkeys(one.correlation.measure for one in family):
        for first, second in pairs:
            one, other = by_name[measure, first], by_name[measure, second]
            difference = _difference(one, other, first, second)
            if difference is not None:
                found.append(difference)
    q = benjamini_hochberg([one.p for one in found])
    return [replace(one, q=own) for one, own in zip(found, q.tolist(), strict=True)]


def _difference(one: Scored, other: Scored, first: str, second: str) -> Difference | None:
    """None unless both are known of the same people, so that every draw holds the same for both."""
    if one.drawn_z is None or other.drawn_z is None or one.without_z is None or other.without_z is None:
        return None
    if one.people is None or other.people is None or not np.array_equal(one.people, other.people):
        return None
    without = np.tanh(one.without_z) - np.tanh(other.without_z)
    estimate = float(np.tanh(one.z) - np.tanh(other.z))
    interval = interval_of(
        estimate,
        np.tanh(one.drawn_z) - np.tanh(other.drawn_z),
        left_out=(without,),
        method="percentile",
        level=LEVEL,
        clusters=counted(len(without), "person"),
    )
    p = two_sided_p(estimate, jackknife_variance(without), len(without) - 1)
    found = one.correlation
    return Difference(found.measure, first, second, found.mode, found.coefficient, interval, p, np.nan)
