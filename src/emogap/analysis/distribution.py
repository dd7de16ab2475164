"""How labels are distributed: shares of classes, and of values in bins, with intervals over people."""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.analysis.weightings import draw_weightings
from emogap.scoring import Interval
from emogap.scoring.sums import ratio

__all__ = ["BIN_CENTRES", "binned", "joint_shares", "mean_shares"]

BIN_CENTRES = tuple(float(centre) for centre in np.linspace(-1, 1, 9))
"""The nine answers of a manikin as values: each has a bin of its own, a mean of several ratings falls between two."""

BLOCK = 1_000
DRAWS = 2_000


def mean_shares(
    shares: Float[ndarray, "N K"], *, people: ArrayLike, draws: int = DRAWS, seed: int = 0
) -> tuple[Interval, ...]:
    """Mean share of each of K classes over clips, with its interval over people.

    Parameters
    ----------
    shares : float64 array, shape (N, K)
        Vote shares, or answers as 0 and 1. NaN rows are left out.
    people : array, shape (N,)
        Whose clip it is.
    draws, seed : int

    Raises
    ------
    UsageError
        If fewer than two people have a label.

    Examples
    --------
    >>> found = mean_shares(np.array([[1.0, 0], [0, 1], [1, 0], [1, 0]]), people=["a", "a", "b", "c"], draws=200)
    >>> [interval.estimate for interval in found], found[0].clusters
    ([0.75, 0.25], '3 people')
    """
    known = np.isfinite(shares).all(axis=1)
    kept = shares[known]
    weightings = draw_weightings(np.asarray(people)[known], draws=draws, seed=seed)

    def score(weights: Float[ndarray, "D N"]) -> Float[ndarray, "D K"]:
        return ratio(weights @ kept, weights.sum(axis=1, keepdims=True))

    return weightings.intervals(score, block=BLOCK, method="percentile")


def joint_shares(felt: Int[ndarray, " N"], shown: Float[ndarray, "N K"]) -> Float[ndarray, "K K"]:
    """Joint share of felt (rows) and shown class (columns) as the labels are, votes counted in parts; sums to 1.

    Parameters
    ----------
    felt : int array, shape (N,)
        Answer of each clip.
    shown : float64 array, shape (N, K)
        Vote shares.

    Notes
    -----
    Errors of both labels are in it and look like a gap; :func:`emogap.analysis.class_gap.class_gap` takes them out.

    Examples
    --------
    >>> joint_shares(np.array([0, 0]), np.array([[1.0, 0.0], [0.5, 0.5]])).tolist()
    [[0.75, 0.25], [0.0, 0.0]]
    """
    answers = np.eye(shown.shape[1])[felt]
    return np.asarray(answers.T @ shown / len(felt))


def binned(values: Float[ndarray, " N"]) -> Float[ndarray, "N 9"]:
    """Values in [-1, 1] as shares of the bins around :data:`BIN_CENTRES`: 1 in one of them; NaN rows where unknown.

    A value half way between two centres is in both, half each: a mean of two ratings has no reason to prefer one.

    Examples
    --------
    >>> rows = binned(np.array([-1.0, 0.3, 0.125]))
    >>> rows.argmax(axis=1).tolist(), rows[2].tolist()
    ([0, 5, 4], [0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0])
    """
    distance = np.abs(values[:, None] - np.array(BIN_CENTRES))
    nearest = distance <= distance.min(axis=1, keepdims=True) + 1e-9
    shares = nearest / np.maximum(1, nearest.sum(axis=1, keepdims=True))
    return np.asarray(np.where(np.isfinite(values)[:, None], shares, np.nan))
