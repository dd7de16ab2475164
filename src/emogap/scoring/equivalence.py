"""Are two models alike within a margin? Two one-sided tests: not being distinguished is no proof of being equal."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import t as student

from emogap.errors import UsageError
from emogap.scoring.paired import indistinguishable_groups

__all__ = ["MARGIN", "equivalence_groups", "equivalence_limits", "equivalence_p"]

MARGIN = 0.05
"""Largest difference that still counts as alike, in the unit of the metric: five points of UAR. A choice, to be stated
before looking; leads of neighbours in published tables are often smaller."""


def equivalence_p(difference: float, standard_error: float, *, num_people: int, margin: float = MARGIN) -> float:
    """p of two one-sided tests that a difference lies beyond ``-margin`` or beyond ``margin``; small = alike.

    Parameters
    ----------
    difference, standard_error : float
        Of two models on the same clips, the error over people, as
        :func:`emogap.scoring.paired.permutation_test` gives both.
    num_people : int
        Student's t has one degree of freedom less.
    margin : float
        Above 0, in the unit of the metric.

    Returns
    -------
    float
        In [0, 1]; NaN if difference or error is.

    Raises
    ------
    UsageError
        If the margin is not above 0.

    Notes
    -----
    ``p = P(T > (margin - |d|) / SE)``, the larger of the two one-sided p. p < alpha exactly if the interval of level
    ``1 - 2 alpha`` around d lies within the margin: 90 % for 5 %.

    References
    ----------
    Schuirmann (1987), J. Pharmacokinet. Biopharm. 15(6), 657-680, doi:10.1007/BF01068419.

    Examples
    --------
    >>> round(equivalence_p(0.01, 0.02, num_people=31), 3)
    0.027
    """
    if margin <= 0:
        raise UsageError(f"the margin of equivalence is {margin}", fix=f"give a number above 0, such as {MARGIN}")
    if not np.isfinite([difference, standard_error]).all():
        return np.nan
    room = margin - abs(difference)
    if standard_error == 0:
        return float(room <= 0)
    return float(student.sf(room / standard_error, num_people - 1))


def equivalence_limits(
    difference: float, standard_error: float, *, num_people: int, alpha: float = 0.05
) -> tuple[float, float]:
    """Limits that lie within the margin exactly if :func:`equivalence_p` is below `alpha`.

    Examples
    --------
    >>> [round(limit, 3) for limit in equivalence_limits(0.01, 0.02, num_people=31)]
    [-0.024, 0.044]
    """
    half = float(student.ppf(1 - alpha, num_people - 1)) * standard_error
    return difference - half, difference + half


def equivalence_groups(
    models: Sequence[str], adjusted_p: Mapping[tuple[str, str], float], *, alpha: float = 0.05
) -> tuple[tuple[str, ...], ...]:
    """The largest groups of models within which every pair is alike.

    Parameters
    ----------
    models : sequence of str
        In the order of the table.
    adjusted_p : mapping from pair of models to float
        p of :func:`equivalence_p` of each pair, adjusted for their number, in either order; a pair that is absent or
        NaN was not shown to be alike.
    alpha : float

    Returns
    -------
    tuple of tuples of str
        Groups of at least two. Empty if nothing was shown to be alike, which is what few people mostly give.

    Examples
    --------
    >>> equivalence_groups(["a", "b", "c"], {("a", "b"): 0.01, ("b", "c"): 0.3, ("c", "a"): 0.9})
    (('a', 'b'),)
    """
    alike = {frozenset(pair) for pair, p in adjusted_p.items() if p < alpha}
    pairs = [(one, two) for at, one in enumerate(models) for two in models[at + 1 :]]
    apart = {pair: 1.0 if frozenset(pair) in alike else 0.0 for pair in pairs}
    return tuple(group for group in indistinguishable_groups(models, apart, alpha=0.5) if len(group) > 1)
