"""F1 averaged over classes, weighted by the number of clips of each class."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.sums import confusion_sums, ratio

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "class_f1", "from_sums", "score"]

TITLE = "F1 (weighted)"
KIND = "classification"
HIGHER_IS_BETTER = True


def score(label: ArrayLike, output: ArrayLike) -> float:
    """Support-weighted F1 in [0, 1], the F1 of the EMER tables.

    Parameters
    ----------
    label, output : int array, shape (N,)
        Class indices.

    Raises
    ------
    UsageError
        If there is no clip, or a value is not a class index.

    Notes
    -----
    ``F1_k = 2 c_kk / (n_k + m_k)`` with ``n_k`` the clips labelled k and ``m_k`` the clips for which k was put
    out (van Rijsbergen's F with equal weights); 0 if there is neither. The mean is weighted by ``n_k / N``.

    References
    ----------
    van Rijsbergen (1979), *Information Retrieval*, 2nd edition, Butterworths, chapter 7.

    Examples
    --------
    >>> score([0, 0, 0, 1], [0, 0, 0, 0])  # a constant: 2 p^2 / (1 + p) with p = 3/4
    0.6428571428571428
    """
    return float(from_sums(confusion_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws K K"]) -> Float[ndarray, "*draws"]:
    """Weighted F1 of each confusion matrix; NaN for an empty one."""
    clips = sums.sum(axis=-1)
    return ratio((class_f1(sums) * clips).sum(axis=-1), clips.sum(axis=-1))


def class_f1(sums: Float[ndarray, "*draws K K"]) -> Float[ndarray, "*draws K"]:
    """F1 of every class; 0 for a class that is neither labelled nor put out."""
    right = np.diagonal(sums, axis1=-2, axis2=-1)
    either = sums.sum(axis=-1) + sums.sum(axis=-2)
    return ratio(2 * right, either, undefined=0.0)
