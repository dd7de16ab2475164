"""Pearson's r, Spearman's rho and Kendall's tau-b of weighted clips, for many weightings at once.

Shapes: n clips, L labels, D weightings, P people. A weight says how often a clip counts, so that a weighted coefficient
is the coefficient of the clips repeated that often.
"""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.scoring.sums import ratio

__all__ = ["centred", "centred_midranks", "kendall", "pearson", "spearman"]

FLAT = 1e-12
"""Of a standardised variable: a spread below it is rounding."""

BLOCK = 512
"""Clips compared with all others at once, which bounds memory."""


def pearson(
    measure: Float[ndarray, " n"],
    labels: Float[ndarray, "n L"],
    weights: Float[ndarray, "D n"],
    group: Int[ndarray, " n"],
) -> Float[ndarray, "D L"]:
    """Pearson's r of a measure with each label about the means of the groups; NaN where either does not vary.

    Parameters
    ----------
    measure, labels : float64 array
        Finite.
    weights : float64 array, shape (D, n)
        Not negative.
    group : int array, shape (n,)
        From 0, in ascending order. The mean of each group is taken out, anew in every weighting: all zeros give the
        correlation over all clips, people the correlation within people.

    Notes
    -----
    ``r = s_xy / sqrt(s_xx s_yy)``, ``s_xy = sum_g [sum_i w_i x_i y_i - (sum_i w_i x_i)(sum_i w_i y_i) / sum_i w_i]``,
    i over the clips of group g. With one group and weights 1 that is the textbook's r.
    """
    x, y = _standardised(measure), _standardised(labels)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    size = np.add.reduceat(weights, starts, axis=1)
    total_x = np.add.reduceat(weights * x, starts, axis=1)
    mean_x = ratio(total_x, size, undefined=0.0)
    spread_x = weights @ x**2 - (total_x * mean_x).sum(axis=1)
    spread_y = weights @ y**2
    shared = weights @ (x[:, None] * y)
    for column in range(y.shape[1]):
        total_y = np.add.reduceat(weights * y[:, column], starts, axis=1)
        spread_y[:, column] -= (total_y * ratio(total_y, size, undefined=0.0)).sum(axis=1)
        shared[:, column] -= (mean_x * total_y).sum(axis=1)
    return _quotient(shared, spread_x[:, None], spread_y, weights.sum(axis=1)[:, None])


def spearman(
    measure: Float[ndarray, " n"], labels: Float[ndarray, "n L"], weights: Float[ndarray, "D n"]
) -> Float[ndarray, "D L"]:
    """Spearman's rho of a measure with each label: Pearson's r of their midranks; parameters as in :func:`pearson`.

    Examples
    --------
    >>> labels = np.array([[1.0], [4.0], [9.0]])
    >>> spearman(np.array([1.0, 2.0, 3.0]), labels, np.ones((1, 3))).round(12).tolist()
    [[1.0]]
    """
    weighed = weights * centred_midranks(measure, weights)
    spread_x = ratio(weighed**2, weights, undefined=0.0).sum(axis=1)
    rho = np.empty((len(weights), labels.shape[1]))
    scale = weights.sum(axis=1) ** 3
    for column in range(labels.shape[1]):
        ranks = centred_midranks(labels[:, column], weights)
        shared = np.einsum("dn,dn->d", weighed, ranks)
        spread_y = np.einsum("dn,dn,dn->d", weights, ranks, ranks)
        rho[:, column] = _quotient(shared, spread_x, spread_y, scale)
    return rho


def centred_midranks(values: Float[ndarray, " n"], weights: Float[ndarray, "D n"]) -> Float[ndarray, "D n"]:
    """Midrank of each clip among the weighted clips, minus the mean rank; equal values share the mean of their ranks.

    Examples
    --------
    >>> centred_midranks(np.array([5.0, 7.0, 7.0]), np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 0.0]])).tolist()
    [[-1.0, 0.5, 0.5], [-0.5, 1.0, 1.0]]
    """
    _, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    total = np.add.reduceat(weights[:, order], starts, axis=1)
    middle = np.cumsum(total, axis=1) - total / 2 - total.sum(axis=1, keepdims=True) / 2
    return np.asarray(middle[:, place])


def kendall(
    measure: Float[ndarray, " n"],
    labels: Float[ndarray, "n L"],
    counts: Float[ndarray, "D P"],
    person: Int[ndarray, " n"],
) -> Float[ndarray, "D L"]:
    """Kendall's tau-b of a measure with each label, for people who count so often, each with all clips.

    Parameters
    ----------
    measure, labels : float64 array
        Finite.
    counts : float64 array, shape (D, P)
        How often each person counts.
    person : int array, shape (n,)
        Whose clip it is, from 0 to P - 1.

    Notes
    -----
    ``tau_b = sum_ij w_i w_j s_ij t_ij / sqrt(sum_ij w_i w_j s_ij^2 sum_ij w_i w_j t_ij^2)`` with
    ``s_ij = sign(x_i - x_j)``, ``t_ij = sign(y_i - y_j)``. Weights are the people's, so the sums over pairs of clips
    are taken once for each pair of people, and a weighting costs P^2.

    References
    ----------
    Kendall (1945), The treatment of ties in ranking problems, Biometrika 33(3), 239-251,
    doi:10.1093/biomet/33.3.239.
    """
    owner = np.eye(counts.shape[1], dtype=np.float32)[:, person]
    num_labels = labels.shape[1]
    between = np.zeros((1 + 2 * num_labels, len(owner), len(owner)))
    for start in range(0, len(measure), BLOCK):
        block = slice(start, start + BLOCK)
        x = np.sign(measure[block, None] - measure[None]).astype(np.float32)
        between[0] += owner[:, block] @ np.abs(x) @ owner.T
        for column in range(num_labels):
            y = np.sign(labels[block, None, column] - labels[None, :, column]).astype(np.float32)
            between[1 + column] += owner[:, block] @ (x * y) @ owner.T
            between[1 + num_labels + column] += owner[:, block] @ np.abs(y) @ owner.T
    sums = np.stack([((counts @ pairs) * counts).sum(axis=1) for pairs in between], axis=1)
    untied_x, shared, untied_y = np.split(sums, [1, 1 + num_labels], axis=1)
    return _quotient(shared, untied_x, untied_y, counts.sum(axis=1)[:, None] ** 2)


def centred(values: Float[ndarray, "n ..."], group: Int[ndarray, " n"]) -> Float[ndarray, "n ..."]:
    """Values minus the mean of their group; rounded, so that equal differences are ties.

    Examples
    --------
    >>> centred(np.array([1.0, 3.0, 10.0]), np.array([0, 0, 1])).tolist()
    [-1.0, 1.0, 0.0]
    """
    size = np.bincount(group)
    columns = values.reshape(len(values), -1)
    mean = np.stack([np.bincount(group, column) / size for column in columns.T], axis=1)[group]
    spread = np.maximum(np.abs(columns).max(axis=0), np.finfo(float).tiny)
    return np.asarray((np.round((columns - mean) / spread, 10) * spread).reshape(values.shape))


def _standardised(values: Float[ndarray, "n ..."]) -> Float[ndarray, "n ..."]:
    """Minus the mean, over the standard deviation: the sums of squares are then free of cancellation."""
    deviation = values - values.mean(axis=0)
    return ratio(deviation, np.broadcast_to(np.sqrt((deviation**2).mean(axis=0)), deviation.shape), undefined=0.0)


def _quotient(
    shared: Float[ndarray, "..."],
    spread_x: Float[ndarray, "..."],
    spread_y: Float[ndarray, "..."],
    scale: Float[ndarray, "..."],
) -> Float[ndarray, "..."]:
    """``shared / sqrt(spread_x spread_y)`` in [-1, 1]; NaN where a spread is nothing beside `scale`."""
    varies = (spread_x > FLAT * scale) & (spread_y > FLAT * scale)
    below = np.sqrt(np.where(varies, spread_x * spread_y, 1.0))
    return np.asarray(np.where(varies, np.clip(shared / below, -1.0, 1.0), np.nan))
