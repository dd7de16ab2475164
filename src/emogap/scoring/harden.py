"""From shares or probabilities to one class: the last step before a hard metric."""

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.errors import UsageError

__all__ = ["harden", "is_tied"]

TIE = 1e-9
"""Shares this close are equal: two votes of four, or two probabilities that differ in rounding only."""


def harden(share: Float[ndarray, "N K"]) -> Int[ndarray, " N"]:
    """Index of the largest share of each clip; among equals, the first in the order of the vocabulary.

    Parameters
    ----------
    share : float array, shape (N, K)
        Vote shares or probabilities.

    Returns
    -------
    int64 array, shape (N,)

    Raises
    ------
    UsageError
        If a row is not finite: unlabelled clips are left out before.

    Notes
    -----
    The rule for ties is arbitrary but the same everywhere; :func:`is_tied` says where it decided, and tables
    state how many labels that were.

    Examples
    --------
    >>> harden(np.array([[0.25, 0.5, 0.25], [0.0, 0.5, 0.5]])).tolist()
    [1, 1]
    """
    return np.asarray(np.argmax(_is_largest(share), axis=1), np.int64)


def is_tied(share: Float[ndarray, "N K"]) -> Bool[ndarray, " N"]:
    """Whether the largest share of each clip belongs to several classes; bool, shape (N,).

    Examples
    --------
    >>> is_tied(np.array([[0.25, 0.5, 0.25], [0.0, 0.5, 0.5]])).tolist()
    [False, True]
    """
    return np.asarray(_is_largest(share).sum(axis=1) > 1)


def _is_largest(share: Float[ndarray, "N K"]) -> Bool[ndarray, "N K"]:
    missing = ~np.isfinite(share).all(axis=1)
    if missing.any():
        raise UsageError(
            f"{int(missing.sum())} of {len(share)} clips have no shares, first in row {int(missing.argmax())}",
            fix="leave unlabelled clips out first",
        )
    return np.asarray(share >= share.max(axis=1, keepdims=True) - TIE)
