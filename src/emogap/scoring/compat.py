"""Scores as the public test code of EMER averages them: per batch of 16, then over batches, then over folds.

For comparison with the published tables only; never mix these numbers with pooled ones. Three things differ
from a score of the fold: the last, smaller batch weighs as much as the others, so its clips weigh more; macro
recall averages over the classes found in the batch's labels *or* outputs, so that classes absent from a batch
count as 0 or not at all; and the mean of roots is smaller than the root of the mean.
"""

import numpy as np
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.errors import UnknownNameError
from emogap.scoring.metrics import METRICS
from emogap.scoring.sums import codes_of, confusion_sums

__all__ = ["EMER_METRICS", "emer_batch16"]

EMER_METRICS = ("war", "uar", "f1_weighted", "mae", "mse", "rmse")
"""What the public code computes."""


def emer_batch16(
    label: ArrayLike, output: ArrayLike, metric: str, *, folds: ArrayLike | None = None, batch_size: int = 16
) -> float:
    """The mean over batches of `metric`, averaged over folds.

    Parameters
    ----------
    label, output : array, shape (N,)
        Class indices or values, in the order in which the clips were batched. The authors' order is not
        known; emogap takes the order of the sorted keys.
    metric : str
        One of :data:`EMER_METRICS`.
    folds : array, shape (N,), optional
        Fold of each clip; all in one by default. Batches do not cross folds.
    batch_size : int
        16 in the public code.

    Returns
    -------
    float

    Raises
    ------
    UnknownNameError
        If the public code does not compute this metric.
    UsageError
        If there is no clip, or an output does not fit the metric.

    Notes
    -----
    Recall weighted by support is WAR of the batch; ``uar`` is scikit-learn's
    ``recall_score(average="macro", zero_division=0)``.

    References
    ----------
    github.com/kejun1/EMER, commit 3b60e38, ``discete_test_EMERT.py`` and the valence, arousal and intensity
    scripts beside it (read; this is not their code).

    Examples
    --------
    >>> round(emer_batch16([0] * 16 + [0, 1], [0] * 18, "war"), 3)  # 17 of 18 are right
    0.75
    """
    if metric not in EMER_METRICS:
        raise UnknownNameError("metric in emer-batch16", metric, EMER_METRICS)
    labels, outputs = np.asarray(label), np.asarray(output)
    codes, num_folds = codes_of(np.zeros(len(labels), np.int64) if folds is None else folds)
    per_fold = []
    for fold in range(max(1, num_folds)):
        clips = np.flatnonzero(codes == fold)
        batches = [clips[start : start + batch_size] for start in range(0, max(1, len(clips)), batch_size)]
        per_fold.append(np.mean([_batch_score(labels[batch], outputs[batch], metric) for batch in batches]))
    return float(np.mean(per_fold))


def _batch_score(label: ndarray, output: ndarray, metric: str) -> float:
    if metric == "uar":
        return _union_recall(label, output)
    return float(METRICS.open(metric).score(label, output))


def _union_recall(label: ndarray, output: ndarray) -> float:
    """Mean recall over classes found among labels or outputs; a class that is only put out has recall 0."""
    counts = confusion_sums(label, output)[0]
    clips, guessed = counts.sum(axis=1), counts.sum(axis=0)
    recall = np.diagonal(counts) / np.maximum(clips, 1)
    return float(recall[(clips + guessed) > 0].mean())
