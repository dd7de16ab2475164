"""Sums over clips from which every metric can be computed, one set per group of clips.

Classification: counts of (label, output), the confusion matrix. Regression: seven sums. Both add up over
groups, so the sums of a resample of people are a weighted sum of the people's sums.
"""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.errors import UsageError

__all__ = ["MOMENTS", "codes_of", "confusion_sums", "metric_sums", "moment_sums", "ratio"]

MOMENTS = ("clips", "label", "output", "label_squared", "output_squared", "label_output", "absolute_error")
"""What the last axis of :func:`moment_sums` holds; labels and outputs are minus the mean label."""


def codes_of(names: ArrayLike) -> tuple[Int[ndarray, " N"], int]:
    """Number of each clip's group, counted from 0 in sorted order of the names, and how many groups there are.

    Examples
    --------
    >>> codes, num_groups = codes_of(["p2", "p1", "p2"])
    >>> codes.tolist(), num_groups
    ([1, 0, 1], 2)
    """
    distinct, codes = np.unique(np.asarray(names), return_inverse=True)
    return codes.astype(np.int64), len(distinct)


def metric_sums(
    kind: str, label: ArrayLike, output: ArrayLike, *, groups: Int[ndarray, " N"] | None = None, num_groups: int = 1
) -> Float[ndarray, "G ..."]:
    """The sums that metrics of `kind` need, per group: (G, K, K) for classification, (G, 7) for regression.

    Parameters
    ----------
    kind : str
        ``classification`` or ``regression``: ``KIND`` of the metric.
    label, output : array, shape (N,)
        Class indices, or values.
    groups : int array, shape (N,), optional
        Group of each clip in 0..G-1; all in one by default.
    num_groups : int
        G.

    Raises
    ------
    UsageError
        If there is no clip, the lengths differ, or a value is not a class index or not finite.
    """
    if kind == "classification":
        return confusion_sums(label, output, groups=groups, num_groups=num_groups)
    return moment_sums(label, output, groups=groups, num_groups=num_groups)


def confusion_sums(
    label: ArrayLike,
    output: ArrayLike,
    *,
    groups: Int[ndarray, " N"] | None = None,
    num_groups: int = 1,
    num_classes: int | None = None,
) -> Float[ndarray, "G K K"]:
    """Confusion matrix of each group: rows are labels, columns outputs.

    Parameters
    ----------
    label, output : int array, shape (N,)
        Class indices from 0.
    groups : int array, shape (N,), optional
    num_groups : int
        G.
    num_classes : int, optional
        K; by default the largest index met, plus one.

    Returns
    -------
    float64 array, shape (G, K, K)
        Counts.

    Raises
    ------
    UsageError
        If there is no clip, the lengths differ, or a value is not a class index.

    Examples
    --------
    >>> confusion_sums([0, 1, 1], [0, 1, 0])[0].tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    label, output = np.asarray(label), np.asarray(output)
    _require_pairs(label, output)
    for name, values in (("label", label), ("output", output)):
        if not np.issubdtype(values.dtype, np.integer) or int(values.min()) < 0:
            raise UsageError(
                f"{name} holds {values.dtype} values down to {values.min()}, not class indices",
                fix="leave unlabelled clips out and harden vote shares with emogap.scoring.harden first",
            )
    num_classes = num_classes or int(max(label.max(), output.max())) + 1
    groups = np.zeros(len(label), np.int64) if groups is None else groups
    cell = (groups * num_classes + label) * num_classes + output
    counts = np.bincount(cell, minlength=num_groups * num_classes**2).astype(np.float64)
    return counts.reshape(num_groups, num_classes, num_classes)


def moment_sums(
    label: ArrayLike, output: ArrayLike, *, groups: Int[ndarray, " N"] | None = None, num_groups: int = 1
) -> Float[ndarray, "G 7"]:
    """The seven sums of :data:`MOMENTS` for each group.

    Both variables are taken minus the mean label of all clips. That changes none of the metrics, which depend
    on differences alone, and keeps the sums of squares free of cancellation.

    Parameters
    ----------
    label, output : float array, shape (N,)
    groups : int array, shape (N,), optional
    num_groups : int
        G.

    Returns
    -------
    float64 array, shape (G, 7)

    Raises
    ------
    UsageError
        If there is no clip, the lengths differ, or a value is not finite.
    """
    label, output = np.asarray(label, np.float64), np.asarray(output, np.float64)
    _require_pairs(label, output)
    if not (np.isfinite(label).all() and np.isfinite(output).all()):
        raise UsageError("label or output holds values that are not finite", fix="leave unlabelled clips out first")
    centre = label.mean()
    y, o = label - centre, output - centre
    terms = np.stack([np.ones_like(y), y, o, y * y, o * o, y * o, np.abs(o - y)])
    groups = np.zeros(len(label), np.int64) if groups is None else groups
    return np.stack([np.bincount(groups, term, num_groups) for term in terms], axis=1)


def ratio(
    above: ArrayLike, below: ArrayLike, *, least: ArrayLike = 0.0, undefined: float = np.nan
) -> Float[ndarray, "..."]:
    """``above / below``, and `undefined` where `below` is not larger than `least`.

    Examples
    --------
    >>> ratio([1.0, 1.0], [2.0, 0.0]).tolist()
    [0.5, nan]
    """
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    defined = below > least
    return np.asarray(np.where(defined, above / np.where(defined, below, 1.0), undefined))


def _require_pairs(label: ndarray, output: ndarray) -> None:
    if label.ndim != 1 or label.shape != output.shape:
        raise UsageError(
            f"label and output must have one axis of the same length, got shapes {label.shape} and {output.shape}"
        )
    if not len(label):
        raise UsageError("there is no clip to score", fix="check that the data carry labels of this view")
