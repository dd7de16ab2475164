"""WAR, weighted average recall: the share of clips that are right."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.sums import confusion_sums, ratio

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "from_sums", "score"]

TITLE = "WAR"
KIND = "classification"
HIGHER_IS_BETTER = True


def score(label: ArrayLike, output: ArrayLike) -> float:
    """WAR in [0, 1].

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
    Recall of each class, weighted by the number of clips of the class, is accuracy:
    ``WAR = sum_k n_k / N * c_kk / n_k = sum_k c_kk / N``, with ``c`` the confusion matrix (row = label) and
    ``n_k`` its row sums. A constant output reaches the share of its class.

    References
    ----------
    Schuller, Steidl and Batliner (2009), "The INTERSPEECH 2009 Emotion Challenge", Interspeech, 312-315,
    doi:10.21437/Interspeech.2009-103 (WA and UA recall).

    Examples
    --------
    >>> score([0, 0, 0, 1], [0, 0, 1, 1])
    0.75
    """
    return float(from_sums(confusion_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws K K"]) -> Float[ndarray, "*draws"]:
    """WAR of each confusion matrix; NaN for an empty one."""
    right, clips = np.trace(sums, axis1=-2, axis2=-1), sums.sum(axis=(-2, -1))
    return ratio(right, clips)
