"""F1 averaged over classes, every class the same."""

from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.metrics.f1_weighted import class_f1
from emogap.scoring.sums import confusion_sums, ratio

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "from_sums", "score"]

TITLE = "F1 (macro)"
KIND = "classification"
HIGHER_IS_BETTER = True


def score(label: ArrayLike, output: ArrayLike) -> float:
    """Macro F1 in [0, 1]: the mean F1 over the classes found among labels or outputs.

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
    ``F1_k`` as in :mod:`emogap.scoring.metrics.f1_weighted`. A class that is put out but never labelled has
    F1 = 0 and does count: it is a mistake made. There are two macro F1 in use; this is the mean of the classes'
    F1, not the F1 of mean precision and mean recall (Opitz and Burst 2019).

    References
    ----------
    Opitz and Burst (2019), "Macro F1 and Macro F1", arXiv:1911.03347.

    Examples
    --------
    >>> score([0, 0, 1, 1], [0, 0, 1, 0])
    0.7333333333333334
    """
    return float(from_sums(confusion_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws K K"]) -> Float[ndarray, "*draws"]:
    """Macro F1 of each confusion matrix; NaN for an empty one."""
    found = ((sums.sum(axis=-1) + sums.sum(axis=-2)) > 0).sum(axis=-1)
    return ratio(class_f1(sums).sum(axis=-1), found)
