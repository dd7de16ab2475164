"""Fewer of the usual training windows: an option of the authors' code, for training only."""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

__all__ = ["undersampled"]

TAIL_SD = 2.0
"""Standard scores of the distance to the mean label above which a window is unusual; as in the authors' code."""

NUM_BINS = 100
"""Of the distance, from which usual windows are drawn evenly; as in the authors' code."""


def undersampled(label: Float[ndarray, "N O"], tail_share: float, rng: np.random.Generator) -> Int[ndarray, " M"]:
    """The rows to keep, ascending: all unusual windows, and as many usual ones as leave them the share `tail_share`.

    Parameters
    ----------
    label : float array, shape (N, O)
        Of the training windows.
    tail_share : float
        In (0, 1).
    rng : numpy Generator

    Returns
    -------
    int64 array
        All rows if no window is unusual, or if there are too few usual ones to leave any out.

    Notes
    -----
    A window is unusual if its Euclidean distance to the mean label has a standard score above :data:`TAIL_SD`. Usual
    ones are drawn as evenly over :data:`NUM_BINS` bins of that score as their numbers allow.
    """
    distance = np.linalg.norm(label - label.mean(axis=0), axis=1)
    spread = distance.std()
    score = (distance - distance.mean()) / spread if spread > 0 else np.zeros(len(distance))
    is_tail = score > TAIL_SD
    usual = np.flatnonzero(~is_tail)
    num_usual = round(is_tail.sum() * (1 - tail_share) / tail_share)
    if not is_tail.any() or num_usual >= len(usual):
        return np.arange(len(label))
    edges = np.linspace(score[usual].min(), TAIL_SD, NUM_BINS + 1)
    bins = np.clip(np.searchsorted(edges, score[usual], side="right") - 1, 0, NUM_BINS - 1)
    shuffled = rng.permutation(len(usual))
    # The first of every bin come before the second of any: a prefix of this order is even.
    order = shuffled[np.argsort(bins[shuffled], kind="stable")]
    sizes = np.bincount(bins, minlength=NUM_BINS)
    place_in_bin = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen = order[np.lexsort((rng.random(len(order)), place_in_bin))[:num_usual]]
    return np.sort(np.concatenate([np.flatnonzero(is_tail), usual[chosen]]))
