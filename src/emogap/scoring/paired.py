"""Is one model better than another on the same clips? Paired tests over people, and what many tests cost.

Which sign flip is right
------------------------
Under the null hypothesis both models are equally good *for a person*, so exchanging the two models'
predictions of all clips of one person changes nothing in distribution. The test therefore exchanges whole
people and computes the metric again. For WAR and UAR this *is* the flip of the signs of per-person differences:
exchanging predictions leaves the labels, and so the number of clips per class, as they are, and a right clip of
class k contributes 1 / (K n_k) to the UAR whoever predicted it; the difference of two UAR is a sum over people
whose signs flip. Averaging a UAR *per person* would be another quantity (people lack classes), and for F1, RMSE,
CCC and r no sum over people exists. Exchanging and computing again is right for all of them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.errors import UsageError
from emogap.scoring.jackknife import jackknife_variance
from emogap.scoring.metrics import METRICS
from emogap.scoring.sums import codes_of, metric_sums

__all__ = [
    "PairedTest",
    "group_letters",
    "holm",
    "indistinguishable_groups",
    "permutation_test",
    "person_exchanges",
]


@dataclass(frozen=True, slots=True)
class PairedTest:
    """A two-sided paired test of two models: over people, or over people and stimuli.

    Attributes
    ----------
    difference : float
        Metric of the first model minus that of the second, on the clips as they are.
    p : float
        In (0, 1]; NaN if the metric of either model is undefined.
    method : str
        ``exact`` (all exchanges of people) or ``sampled``; ``two-way``: Student's t over people and stimuli.
    num_people : int
    num_exchanges : int
        How many exchanges were looked at; the smallest possible p is about 1 / num_exchanges (2 / for exact). 0 for
        ``two-way``.
    standard_error : float
        Of the difference over people (and stimuli, for ``two-way``), by leaving each out (the jackknife); NaN if the
        metric of either model does not exist without one of them. A permutation test does not use it.
    num_stimuli : int or None
        For ``two-way``.
    """

    difference: float
    p: float
    method: Literal["exact", "sampled", "two-way"]
    num_people: int
    num_exchanges: int
    standard_error: float
    num_stimuli: int | None = None


def permutation_test(
    metric: str,
    label: ArrayLike,
    output: ArrayLike,
    other: ArrayLike,
    *,
    people: ArrayLike,
    draws: int = 10_000,
    seed: int = 0,
) -> PairedTest:
    """Test of no difference between two models on the same clips, exchanging the predictions of whole people.

    Parameters
    ----------
    metric : str
        Name on the shelf of metrics.
    label, output, other : array, shape (N,)
        Labels and the outputs of the two models.
    people : array, shape (N,)
        Participant of each clip.
    draws : int
        Random exchanges; if all ``2**people`` exchanges are not more, all are looked at.
    seed : int

    Returns
    -------
    PairedTest

    Raises
    ------
    UsageError
        If there are fewer than two people, no clip, or outputs that do not fit the metric.

    Notes
    -----
    ``p = #{|d*| >= |d|} / 2^n`` over all exchanges, the identity included; sampled:
    ``p = (1 + #{|d*| >= |d|}) / (1 + draws)``, which never is 0 (Phipson and Smyth 2010). Stimuli are taken as
    they are: the test is about other people, not about other stimuli.

    References
    ----------
    Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), 39, doi:10.2202/1544-6115.1585.
    Winkler et al. (2015), NeuroImage 123, 253-268, doi:10.1016/j.neuroimage.2015.05.092 (exchanging whole blocks).

    Examples
    --------
    >>> people = ["a", "a", "b", "b", "c", "c"]
    >>> test = permutation_test("war", [0, 1] * 3, [0, 1] * 3, [0, 0] * 3, people=people)
    >>> test.difference, test.p, test.method
    (0.5, 0.25, 'exact')
    """
    entry = METRICS.open(metric)
    codes, num_people = codes_of(people)
    if num_people < 2:
        raise UsageError(f"a test over people needs at least two, got {num_people}", fix="score more people")
    # Counted together, both outputs get the same number of classes and the same centre.
    doubled = metric_sums(
        entry.KIND,
        np.tile(np.asarray(label), 2),
        np.concatenate([np.asarray(output), np.asarray(other)]),
        groups=np.concatenate([codes, codes + num_people]),
        num_groups=2 * num_people,
    )
    first, second = doubled[:num_people], doubled[num_people:]
    exchanged, is_exact = person_exchanges(num_people, draws=draws, rng=np.random.default_rng(seed))
    moved = np.tensordot(exchanged, second - first, axes=1)
    observed = float(entry.from_sums(first.sum(axis=0)) - entry.from_sums(second.sum(axis=0)))
    differences = entry.from_sums(first.sum(axis=0) + moved) - entry.from_sums(second.sum(axis=0) - moved)
    if not np.isfinite(observed):
        p = np.nan
    else:
        # Rounding may split exact ties; an undefined difference counts against a finding.
        as_large = int(np.sum(~(np.abs(differences) < abs(observed) - 1e-12)))
        p = as_large / len(exchanged) if is_exact else (1 + as_large) / (1 + len(exchanged))
    without = entry.from_sums(first.sum(axis=0) - first) - entry.from_sums(second.sum(axis=0) - second)
    return PairedTest(
        difference=observed,
        p=p,
        method="exact" if is_exact else "sampled",
        num_people=num_people,
        num_exchanges=len(exchanged),
        standard_error=math.sqrt(jackknife_variance(np.asarray(without))),
    )


def person_exchanges(
    num_people: int, *, draws: int, rng: np.random.Generator
) -> tuple[Float[ndarray, "exchanges people"], bool]:
    """Sets of people whose two predictions are exchanged, as rows of 0 and 1, and whether these are all sets.

    Parameters
    ----------
    num_people : int
    draws : int
        Random sets, each person in or out with probability 1/2; all ``2**num_people`` sets if these are not more.
    rng : numpy.random.Generator

    Examples
    --------
    >>> person_exchanges(2, draws=10, rng=np.random.default_rng(0))[0].tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    """
    if num_people < 60 and 2**num_people <= draws:
        subsets = np.arange(2**num_people)[:, None]
        return ((subsets >> np.arange(num_people)) & 1).astype(np.float64), True
    return rng.integers(0, 2, (draws, num_people)).astype(np.float64), False


def holm(p: ArrayLike) -> Float[ndarray, " M"]:
    """p values adjusted for the number of tests, family-wise error controlled by Holm's step-down.

    Parameters
    ----------
    p : float array, shape (M,)
        NaN = a test that could not be made; it stays NaN and does not count.

    Notes
    -----
    With p sorted, ``adjusted_(i) = max_{j <= i} min(1, (M - j + 1) p_(j))``.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6(2), 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p, np.float64)
    adjusted = np.full(given.shape, np.nan)
    made = np.flatnonzero(np.isfinite(given))
    order = made[np.argsort(given[made], kind="stable")]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, factors * given[order]))
    return adjusted


def indistinguishable_groups(
    models: Sequence[str], adjusted_p: Mapping[tuple[str, str], float], *, alpha: float = 0.05
) -> tuple[tuple[str, ...], ...]:
    """The largest groups of models within which no pair differs.

    Parameters
    ----------
    models : sequence of str
        In the order of the table.
    adjusted_p : mapping from pair of models to float
        Adjusted p of each pair, in either order; a pair that is absent or NaN counts as not distinguished.
    alpha : float
        A pair with adjusted p below it is distinguished.

    Returns
    -------
    tuple of tuples of str
        Models in the order given, groups by their first model. A model may be in several groups: being not
        distinguished is not transitive.

    References
    ----------
    Piepho (2004), J. Comput. Graph. Stat. 13(2), 456-466, doi:10.1198/1061860043515 (insert and absorb).

    Examples
    --------
    >>> p = {("a", "b"): 0.5, ("b", "c"): 0.3, ("a", "c"): 0.01}
    >>> indistinguishable_groups(["a", "b", "c"], p)
    (('a', 'b'), ('b', 'c'))
    """
    groups = [frozenset(models)]
    for one, two in combinations(models, 2):
        p = adjusted_p.get((one, two), adjusted_p.get((two, one), np.nan))
        if p < alpha:
            split = [
                part
                for group in groups
                for part in ((group - {one}, group - {two}) if {one, two} <= group else (group,))
            ]
            groups = [group for group in dict.fromkeys(split) if not any(group < larger for larger in split)]
    ordered = [tuple(model for model in models if model in group) for group in groups]
    return tuple(sorted(ordered, key=lambda group: [models.index(model) for model in group]))


def group_letters(groups: Sequence[Sequence[str]]) -> dict[str, str]:
    """Letters of the groups that each model is in; models that share a letter are not distinguished.

    Examples
    --------
    >>> group_letters((("a", "b"), ("b", "c")))
    {'a': 'A', 'b': 'AB', 'c': 'B'}
    """
    letters: dict[str, str] = {}
    for position, group in enumerate(groups):
        letter = chr(ord("A") + position) if position < 26 else f"({position + 1})"
        for model in group:
            letters[model] = letters.get(model, "") + letter
    return letters
