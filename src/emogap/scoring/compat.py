"""Scores as the public test code of EMER averages them: per batch of 16, then over batches, then over folds.

For comparison with the published tables only; never mix these numbers with pooled ones. Three things differ
from a score of the fold: the last, smaller batch weighs as much as the others, so its clips weigh more; macro
recall averages over the classes found in the batch's labels *or* outputs, so that classes absent from a batch
count as 0 or not at all; and the mean of roots is smaller than the root of the mean.
"""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.errors import UnknownNameError
from emogap.scoring.metrics import METRICS
from emogap.scoring.sums import codes_of, metric_sums, ratio

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
    entry = METRICS.open(metric)
    from_sums = _union_recall if metric == "uar" else entry.from_sums
    batches, fold_of_batch = _batches(len(np.asarray(label)), folds, batch_size)
    sums = metric_sums(entry.KIND, label, output, groups=batches, num_groups=len(fold_of_batch))
    per_batch = from_sums(sums)
    return float(np.mean([per_batch[fold_of_batch == fold].mean() for fold in np.unique(fold_of_batch)]))


def _batches(
    num_clips: int, folds: ArrayLike | None, batch_size: int
) -> tuple[Int[ndarray, " N"], Int[ndarray, " batches"]]:
    """Batch of each clip, and fold of each batch."""
    codes, _ = codes_of(np.zeros(num_clips, np.int64) if folds is None else folds)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], codes[order])
    within = np.empty(num_clips, np.int64)
    within[order] = (np.arange(num_clips) - starts) // batch_size
    pairs, batches = np.unique(np.stack([codes, within], axis=1), axis=0, return_inverse=True)
    return batches.reshape(-1), pairs[:, 0]


def _union_recall(sums: Float[ndarray, "batches K K"]) -> Float[ndarray, " batches"]:
    """Mean recall over classes found among labels or outputs; a class that is only put out has recall 0."""
    clips, guessed = sums.sum(axis=-1), sums.sum(axis=-2)
    recall = ratio(np.diagonal(sums, axis1=-2, axis2=-1), clips, undefined=0.0)
    return ratio(recall.sum(axis=-1), ((clips + guessed) > 0).sum(axis=-1))
