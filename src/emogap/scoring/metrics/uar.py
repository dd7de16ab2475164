"""UAR, unweighted average recall: every class that occurs counts the same."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.sums import confusion_sums, ratio

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "from_sums", "score"]

TITLE = "UAR"
KIND = "classification"
HIGHER_IS_BETTER = True


def score(label: ArrayLike, output: ArrayLike) -> float:
    """UAR in [0, 1]: the mean recall over the classes present among the labels.

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
    ``UAR = 1/K sum_k c_kk / n_k`` over the K classes with ``n_k > 0``; ``c`` is the confusion matrix (row =
    label), ``n_k`` its row sums. A constant output reaches 1/K whatever the shares of the classes. A class that
    is only *guessed* does not count (as in ``sklearn.metrics.balanced_accuracy_score``);
    ``sklearn.metrics.recall_score(average="macro")`` counts it as 0, which
    :mod:`emogap.scoring.compat` reproduces.

    References
    ----------
    Schuller, Steidl and Batliner (2009), "The INTERSPEECH 2009 Emotion Challenge", Interspeech, 312-315,
    doi:10.21437/Interspeech.2009-103 (WA and UA recall).

    Examples
    --------
    >>> round(score([0, 0, 0, 1], [0, 0, 1, 2]), 4)
    0.3333
    """
    return float(from_sums(confusion_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws K K"]) -> Float[ndarray, "*draws"]:
    """UAR of each confusion matrix; NaN for an empty one."""
    right = np.diagonal(sums, axis1=-2, axis2=-1)
    clips = sums.sum(axis=-1)
    recall = ratio(right, clips, undefined=0.0)
    return ratio(recall.sum(axis=-1), (clips > 0).sum(axis=-1))
