"""Scores of subgroups of the people: by sex, by age, by glasses, by whatever is known of them.

Read in this order: :func:`bands_of` (numbers into groups), :func:`subgroup_scores` (one trait), then
:func:`adjusted_over` (many traits at once). A group that is too small is silent: neither its score nor its size is
given, for both would point at people. So is a group by which a small one could be found out
(:mod:`emogap.analysis.silence`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.analysis.silence import silent_groups
from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.scoring import METRICS, Interval, bootstrap_metric, holm
from emogap.scoring.sums import codes_of, metric_sums

__all__ = [
    "AGE_LIMITS",
    "LEAST_CLIPS",
    "LEAST_PEOPLE",
    "NOT_STATED",
    "Subgroup",
    "SubgroupDifference",
    "SubgroupScores",
    "adjusted_over",
    "bands_of",
    "subgroup_scores",
]

LEAST_PEOPLE = 5
LEAST_CLIPS = 20
"""Fewest people and clips of a group of which a score is given."""

NOT_STATED = "not stated"
"""Group of the people of whom the trait is not known."""

AGE_LIMITS = (30.0, 45.0)
"""Years at which a further band of age begins: under 30, 30 to 44, 45 and older."""

BLOCK = 1_000
"""Shuffles scored at once, which bounds memory."""


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The score of one group.

    Attributes
    ----------
    name : str
    num_people, num_clips : int
    score : Interval
        Over the people of the group.
    """

    name: str
    num_people: int
    num_clips: int
    score: Interval


@dataclass(frozen=True, slots=True)
class SubgroupDifference:
    """A two-sided permutation test of two groups: who is in which is dealt anew among the people of both.

    Attributes
    ----------
    first, second : str
    difference : float
        Score of the first minus that of the second.
    p : float
        In (0, 1]; NaN if the score of either is not defined.
    p_holm : float
        Adjusted over all tests made together; NaN before :func:`adjusted_over`.
    """

    first: str
    second: str
    difference: float
    p: float
    p_holm: float = np.nan


@dataclass(frozen=True, slots=True)
class SubgroupScores:
    """All groups of one trait.

    Attributes
    ----------
    trait : str
    groups : tuple of Subgroup
        In the order asked for; those that are not silent.
    silent : tuple of str
        Names of the groups that are too small, and of those by which a small one could be found out.
    differences : tuple of SubgroupDifference
        Of every pair of `groups`.
    """

    trait: str
    groups: tuple[Subgroup, ...]
    silent: tuple[str, ...]
    differences: tuple[SubgroupDifference, ...]


def bands_of(
    values: Sequence[float | None], *, limits: Sequence[float] | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The band that each number lies in, and all bands in their order.

    Parameters
    ----------
    values : sequence of float or None
        One per person; None or NaN = not stated.
    limits : sequence of float, optional
        Where a further band begins; thirds of the people if None.

    Returns
    -------
    tuple of str
        As long as `values`.
    tuple of str
        Bands from low to high, then :data:`NOT_STATED`; those that occur.

    Examples
    --------
    >>> named, bands = bands_of([19.0, 62.0, None], limits=(30.0, 45.0))
    >>> named, bands
    (('under 30', '45 and over', 'not stated'), ('under 30', '45 and over', 'not stated'))
    """
    known = np.array([np.nan if value is None else value for value in values], np.float64)
    is_known = np.isfinite(known)
    if limits is None:
        thirds = np.quantile(known[is_known], [1 / 3, 2 / 3]) if is_known.any() else np.zeros(0)
        limits = tuple(dict.fromkeys(thirds.tolist()))
    words = [f"{low:g} to under {high:g}" for low, high in pairwise(limits)]
    bands = [f"under {limits[0]:g}", *words, f"{limits[-1]:g} and over"] if len(limits) else ["all"]
    place = np.searchsorted(np.array(limits), np.where(is_known, known, 0.0), side="right")
    named = tuple(bands[at] if stated else NOT_STATED for at, stated in zip(place, is_known, strict=True))
    return named, tuple(band for band in (*bands, NOT_STATED) if band in named)


def subgroup_scores(
    metric: str,
    label: ArrayLike,
    output: ArrayLike,
    *,
    people: ArrayLike,
    trait: str,
    group_of: Mapping[str, str],
    order: Sequence[str] | None = None,
    least_people: int = LEAST_PEOPLE,
    least_clips: int = LEAST_CLIPS,
    draws: int = 10_000,
    seed: int = 0,
) -> SubgroupScores:
    """The score of every group of people, and how much the groups differ.

    Parameters
    ----------
    metric : str
        Name on the shelf of metrics, such as ``"uar"``.
    label, output : array, shape (N,)
        Class indices, or values, of N clips.
    people : array, shape (N,)
        Participant of each clip.
    trait : str
        What the groups are of.
    group_of : mapping from participant to group
        Everybody in `people`.
    order : sequence of str, optional
        Order of the groups; sorted by name, :data:`NOT_STATED` last, if None.
    least_people, least_clips : int
        A smaller group is silent, and others with it (:func:`emogap.analysis.silence.silent_groups`): the score of
        all clips is known. At least two people.
    draws : int
        Resamples of an interval, and shuffles of a test.
    seed : int
        Of both.

    Returns
    -------
    SubgroupScores
        Its p are not yet adjusted.

    Raises
    ------
    UsageError
        If `least_people` is below two, or a group of somebody in `people` is not given.

    Notes
    -----
    Under the null hypothesis it does not matter for the score who is in which group, so people (with all their clips)
    are dealt anew to two groups of the same sizes, and both are scored again:
    ``p = (1 + #{|d*| >= |d|}) / (1 + draws)``. A UAR is the mean over the classes that the group's labels hold: where
    one group lacks a class, a difference may be that of the classes.

    References
    ----------
    Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), 39, doi:10.2202/1544-6115.1585.
    """
    if least_people < 2:
        raise UsageError(f"a group needs at least two people to have an interval, got {least_people}")
    label, output = np.asarray(label), np.asarray(output)
    names = np.asarray(people).astype(str)
    unknown = sorted(set(names.tolist()) - set(group_of))
    if unknown:
        raise UsageError(f"the group of {counted(len(unknown), 'person')} is not given, the first {unknown[0]}")
    group = np.array([group_of[name] for name in names])
    found = sorted(set(group.tolist()), key=lambda name: (name == NOT_STATED, name))
    listed = [name for name in order if name in found] if order is not None else found
    sizes = {name: (len(np.unique(names[group == name])), int((group == name).sum())) for name in found}
    silent = silent_groups(sizes, least=(least_people, least_clips))
    groups = tuple(
        Subgroup(
            name,
            *sizes[name],
            bootstrap_metric(
                metric,
                label[group == name],
                output[group == name],
                people=names[group == name],
                draws=draws,
                seed=seed,
            ),
        )
        for name in listed
        if name not in silent
    )
    differences = []
    for first, second in combinations([each.name for each in groups], 2):
        inside = (group == first) | (group == second)
        observed, p = _permuted(
            metric, label[inside], output[inside], names[inside], group[inside] == first, draws=draws, seed=seed
        )
        differences.append(SubgroupDifference(first, second, observed, p))
    return SubgroupScores(trait, groups, tuple(name for name in listed if name in silent), tuple(differences))


def adjusted_over(traits: Sequence[SubgroupScores]) -> tuple[SubgroupScores, ...]:
    """The same, every p adjusted by Holm over all tests of all `traits`."""
    adjusted = iter(holm([test.p for trait in traits for test in trait.differences]).tolist())
    return tuple(
        replace(trait, differences=tuple(replace(test, p_holm=next(adjusted)) for test in trait.differences))
        for trait in traits
    )


def _permuted(
    metric: str, label: ndarray, output: ndarray, people: ndarray, is_first: ndarray, *, draws: int, seed: int
) -> tuple[float, float]:
    """Difference of the two groups, and its p over deals of the people."""
    entry = METRICS.open(metric)
    person, num_people = codes_of(people)
    sums = metric_sums(entry.KIND, label, output, groups=person, num_groups=num_people)
    member = np.zeros(num_people)
    member[person[is_first]] = 1.0
    rng = np.random.default_rng(seed)

    def difference(members: Float[ndarray, "D P"]) -> Float[ndarray, " D"]:
        first = np.tensordot(members, sums, axes=1)
        return np.asarray(entry.from_sums(first) - entry.from_sums(sums.sum(axis=0) - first))

    observed = float(difference(member[None])[0])
    if not np.isfinite(observed):
        return observed, np.nan
    as_large = 0
    for start in range(0, draws, BLOCK):
        dealt = rng.permuted(np.tile(member, (min(BLOCK, draws - start), 1)), axis=1)
        # Rounding may split exact ties; an undefined difference counts against a finding.
        as_large += int(np.sum(~(np.abs(difference(dealt)) < abs(observed) - 1e-12)))
    return observed, (1 + as_large) / (1 + draws)
