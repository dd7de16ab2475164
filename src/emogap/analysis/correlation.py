"""How eye measures go with labels: coefficients with intervals over people, tests, and false discoveries kept down.

``correlate`` is the way in. Clips of one person are alike, and so are clips of one stimulus: people are drawn whole,
and beside it people and stimuli. A person whose pupils are wide and who likes to say "happy" makes a correlation that
says nothing about what pupils do when somebody is happy: hence each coefficient within people too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.analysis.coefficients import centred, kendall, pearson, spearman
from emogap.analysis.correlation_family import (
    COEFFICIENTS,
    LEVEL,
    MODES,
    Coefficient,
    Correlation,
    Difference,
    Mode,
    Scored,
    adjusted,
    differences,
    scored,
)
from emogap.analysis.two_way_correlation import two_way_pearson
from emogap.analysis.weightings import Weightings, draw_weightings
from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.scoring.resampling import Interval
from emogap.scoring.sums import codes_of

__all__ = ["COEFFICIENTS", "LEAST_PEOPLE", "MODES", "Coefficient", "Correlation", "Difference", "Mode", "correlate"]

LEAST_PEOPLE = 5
"""In so many people label and measure must vary: in a clip unlike the most frequent value, or within them. Choice."""

DRAWS = 2_000
"""The Monte Carlo error of a 2.5 % tail is then 0.35 %."""


def correlate(
    measures: Mapping[str, Float[ndarray, " N"]],
    labels: Mapping[str, Float[ndarray, " N"]],
    *,
    people: ArrayLike,
    stimuli: ArrayLike | None = None,
    coefficients: Sequence[Coefficient] = COEFFICIENTS,
    modes: Sequence[Mode] = MODES,
    pairs: Sequence[tuple[str, str]] = (),
    least_people: int = LEAST_PEOPLE,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[tuple[Correlation, ...], tuple[Difference, ...]]:
    """Every measure with every label, over all clips and within people.

    Parameters
    ----------
    measures, labels : mapping from name to float64 array, shape (N,)
        NaN = not known: such clips are left out pair by pair. A class is a label: its share of the votes, or 0 and 1,
        one against the rest; Pearson's r is then the point-biserial correlation.
    people, stimuli : array, shape (N,)
        Whose clip it is, and of which stimulus. Without stimuli, or with one, there is nothing two-way.
    coefficients, modes : sequences
    pairs : sequence of (label, label)
        Labels whose coefficients are compared, such as felt and shown valence.
    least_people : int
        See :data:`LEAST_PEOPLE`.
    draws, seed : int

    Returns
    -------
    correlations, differences
        By mode, coefficient, measure and label, in the order given.

    Raises
    ------
    UsageError
        If there are fewer than three people, or a pair names no label.

    Notes
    -----
    *Estimand.* ``level``: the coefficient over the clips of the population that the people were drawn from, which mixes
    how people differ with what happens within them. ``within``: the coefficient of ``x - mean of the person`` with
    ``y - mean of the person``; ranks are taken after that, over all clips.

    *Interval.* People drawn with replacement, each with all clips (:mod:`emogap.scoring.resampling`).

    *p.* Of a coefficient r, ``z = atanh(r)`` over its standard error, against Student's t with P - 1 degrees of
    freedom. The error is the jackknife over the P people, ``V_P = (P - 1) / P sum_g (z_g - mean(z_g))^2``, z_g without
    person g: clips of one person may depend on each other in any way. The hypothesis is a coefficient of 0 over the
    population of people, the stimuli being these ones: with few stimuli, whatever sets one film apart, its brightness
    say, correlates with whatever it makes people feel.

    *Two way* (Pearson). p: the same with ``V = V_P + V_S - V_cells``, a cell being the clips of one person with one
    stimulus, but no less than V_P or V_S alone, and the smaller of P - 1 and S - 1 degrees of freedom (Cameron, Gelbach
    and Miller 2011; :func:`emogap.scoring.jackknife.two_way_variance`). Interval: people and stimuli
    drawn independently (Owen 2007), at the width of that variance.

    *q.* Benjamini and Hochberg over all measures and labels of one mode and coefficient, those of all views together.

    *Simultaneous limits.* ``tanh(z +- c sqrt(P / (P - 1)) se)``, c the 95 % quantile over draws of the largest
    ``|z* - z| / se`` of the family. Draws in which one of them does not exist, such as those without anybody who shows
    a rare class, are left out and counted; where they are more than 5 %, there are no such limits.

    References
    ----------
    Efron and Stein (1981), Annals of Statistics 9(3), 586-596, doi:10.1214/aos/1176345462 (jackknife).
    Cameron, Gelbach and Miller (2011), J. Bus. Econ. Stat. 29(2), 238-249, doi:10.1198/jbes.2010.07136.
    Owen (2007), Annals of Applied Statistics 1(2), 386-411, doi:10.1214/07-AOAS122.
    Bland and Altman (1995), BMJ 310, 446, doi:10.1136/bmj.310.6977.446 (correlation within people).
    Romano and Wolf (2005), Econometrica 73(4), 1237-1282, doi:10.1111/j.1468-0262.2005.00615.x (largest statistic).
    """
    _require(labels, pairs, people)
    clips = _Clips.of(people, stimuli, draws=draws, seed=seed)
    found: list[Correlation] = []
    compared: list[Difference] = []
    for mode in modes:
        for coefficient in coefficients:
            family = [
                one
                for name, values in measures.items()
                for one in _of_measure(name, values, labels, clips, mode, coefficient, least_people)
            ]
            found += adjusted(family)
            compared += differences(family, pairs)
    return tuple(found), tuple(compared)


@dataclass(frozen=True, slots=True, eq=False)
class _Clips:
    """Clips sorted by person, and how often each counts in every weighting."""

    order: Int[ndarray, " N"]
    person: Int[ndarray, " N"]
    one_way: Weightings
    two_way: Weightings | None

    @classmethod
    def of(cls, people: ArrayLike, stimuli: ArrayLike | None, *, draws: int, seed: int) -> "_Clips":
        person, _ = codes_of(people)
        order = np.argsort(person, kind="stable")
        person = person[order]
        stimulus = None if stimuli is None else codes_of(stimuli)[0][order]
        is_crossed = stimulus is not None and len(np.unique(stimulus)) > 1
        two_way = draw_weightings(person, stimulus, draws=draws, seed=seed) if is_crossed else None
        return cls(order, person, draw_weightings(person, draws=draws, seed=seed), two_way)


def _of_measure(
    name: str,
    values: Float[ndarray, " N"],
    labels: Mapping[str, Float[ndarray, " N"]],
    clips: _Clips,
    mode: Mode,
    coefficient: Coefficient,
    least_people: int,
) -> list[Scored]:
    """One measure with all labels; those that are known of the same clips are computed together."""
    measure = values[clips.order]
    columns = {label: column[clips.order] for label, column in labels.items()}
    known = {label: np.isfinite(column) & np.isfinite(measure) for label, column in columns.items()}
    found: dict[str, Scored] = {}
    masks = {mask.tobytes(): mask for mask in known.values()}
    for key, mask in masks.items():
        alike = [label for label in labels if known[label].tobytes() == key]
        people = len(np.unique(clips.person[mask]))
        empty = {
            label: Correlation(name, label, mode, coefficient, None, num_clips=int(mask.sum()), num_people=people)
            for label in alike
        }
        notes = {
            label: _unfit(measure[mask], columns[label][mask], clips.person[mask], mode, least_people)
            for label in alike
        }
        found |= {label: Scored(replace(empty[label], note=note)) for label, note in notes.items() if note}
        fit = [label for label in alike if not notes[label]]
        if fit:
            together = np.stack([columns[label][mask] for label in fit], axis=1)
            results = _coefficients(
                measure[mask], together, mask, clips, mode, coefficient, [empty[one] for one in fit]
            )
            found |= dict(zip(fit, results, strict=True))
    return [found[label] for label in labels]


def _unfit(
    measure: Float[ndarray, " n"],
    label: Float[ndarray, " n"],
    person: Int[ndarray, " n"],
    mode: Mode,
    least_people: int,
) -> str:
    """Why a correlation is not given, in a few words; empty if it is."""
    if not len(measure):
        return "not known of the same clips"
    for what, values in (("the measure", measure), ("the label", label)):
        num_varying = _num_varying(values, person, mode)
        if num_varying < least_people:
            where = "within" if mode == "within" else "in"
            return f"{what} varies {where} {counted(num_varying, 'person')}, fewer than {least_people}"
    return ""


def _num_varying(values: Float[ndarray, " n"], person: Int[ndarray, " n"], mode: Mode) -> int:
    """People with a clip that differs from the most frequent value; within people, from another clip of theirs."""
    if mode == "within":
        starts = np.flatnonzero(np.diff(person, prepend=-1))
        return int((np.maximum.reduceat(values, starts) > np.minimum.reduceat(values, starts)).sum())
    distinct, counts = np.unique(values, return_counts=True)
    return len(np.unique(person[values != distinct[counts.argmax()]]))


def _coefficients(
    measure: Float[ndarray, " n"],
    labels: Float[ndarray, "n L"],
    mask: Bool[ndarray, " N"],
    clips: _Clips,
    mode: Mode,
    coefficient: Coefficient,
    empty: Sequence[Correlation],
) -> list[Scored]:
    person, _ = codes_of(clips.person[mask])
    group = person if mode == "within" else np.zeros_like(person)
    first = np.flatnonzero(np.diff(person, prepend=-1))
    # Of people without such a clip nothing would change if they were left out.
    present = np.unique(clips.person[mask])
    without = clips.one_way.left_out[0][present][:, mask]
    weights = np.concatenate([np.ones((1, len(measure))), without, clips.one_way.drawn[:, mask]])
    if coefficient == "pearson":
        scores = pearson(measure, labels, weights, group)
    else:
        x, y = (centred(measure, group), centred(labels, group)) if mode == "within" else (measure, labels)
        is_spearman = coefficient == "spearman"
        scores = spearman(x, y, weights) if is_spearman else kendall(x, y, weights[:, first], person)
    crossed: list[tuple[Interval | None, float]] = [(None, np.nan)] * len(empty)
    if coefficient == "pearson" and clips.two_way is not None:
        crossed = two_way_pearson(measure, labels, mask, clips.two_way, group, level=LEVEL)
    return [scored(cells, scores[:, column], present, *crossed[column]) for column, cells in enumerate(empty)]


def _require(labels: Mapping[str, Float[ndarray, " N"]], pairs: Sequence[tuple[str, str]], people: ArrayLike) -> None:
    number = len(np.unique(np.asarray(people)))
    if number < 3:
        raise UsageError(
            f"correlations over people need at least three, got {number}", fix="give a data set with more people"
        )
    unknown = [name for pair in pairs for name in pair if name not in labels]
    if unknown:
        raise UsageError(f"there is no label '{unknown[0]}' to compare", fix=f"name one of: {', '.join(labels)}")
