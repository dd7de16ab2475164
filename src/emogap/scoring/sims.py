"""The six scores of CH-SIMS from one value per clip, binned as the toolkit MMSA bins them.

Predictions and labels are clipped to [-1, 1] first. Each score is a metric of the shelf on what is left: the share of
clips right, or the weighted F1, of classes between fixed edges, or a metric of the clipped values. So each has the
intervals of that metric.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.errors import UnknownNameError, UsageError
from emogap.scoring.metrics import METRICS

__all__ = ["SIMS_METRICS", "read_as_sims", "shelf_metric", "sims_score"]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A metric of the shelf, and the upper edges of all classes but the last; None = the clipped values."""

    metric: str
    edges: tuple[float, ...] | None


SIMS_METRICS: Mapping[str, _Reading] = {
    "sims_acc2": _Reading("war", (0.0,)),
    "sims_acc3": _Reading("war", (-0.1, 0.1)),
    "sims_acc5": _Reading("war", (-0.7, -0.1, 0.1, 0.7)),
    "sims_f1": _Reading("f1_weighted", (0.0,)),
    "sims_mae": _Reading("mae", None),
    "sims_corr": _Reading("pearson_r", None),
}
"""Acc-2, Acc-3, Acc-5, F1 of the two classes weighted by support, MAE and Corr."""


def shelf_metric(name: str) -> str:
    """The metric of the shelf that `name` is, once labels and outputs are read by :func:`read_as_sims`.

    Examples
    --------
    >>> shelf_metric("sims_acc5"), shelf_metric("ccc")
    ('war', 'ccc')
    """
    return SIMS_METRICS[name].metric if name in SIMS_METRICS else name


def read_as_sims(name: str, values: ArrayLike) -> Float[ndarray, " N"] | Int[ndarray, " N"]:
    """`values` as the score `name` takes them: classes counted from the most negative, or values in [-1, 1].

    Parameters
    ----------
    name : str
        One of :data:`SIMS_METRICS`.
    values : float array, shape (N,)
        Labels or predictions.

    Returns
    -------
    int64 array, shape (N,), or float64 array, shape (N,)

    Raises
    ------
    UnknownNameError
        If there is no such score.
    UsageError
        If a value is NaN.

    Notes
    -----
    Classes of Acc-2: [-1, 0], (0, 1]; of Acc-3: [-1, -0.1], (-0.1, 0.1], (0.1, 1]; of Acc-5: [-1, -0.7],
    (-0.7, -0.1], (-0.1, 0.1], (0.1, 0.7], (0.7, 1]. An edge belongs to the class below it. Values are compared in
    single precision, as the toolkit does: a label stored as the single 0.1 *is* the edge.

    References
    ----------
    github.com/thuiar/MMSA, ``metricsTop.py``, regression on SIMS (read; this is not their code).
    Yu et al. (2020), CH-SIMS, ACL, doi:10.18653/v1/2020.acl-main.343, section 5.

    Examples
    --------
    >>> read_as_sims("sims_acc5", [-2.0, -0.7, -0.2, 0.1, 0.11, 0.9]).tolist()
    [0, 0, 1, 2, 3, 4]
    >>> read_as_sims("sims_mae", [-2.0, 0.5]).tolist()
    [-1.0, 0.5]
    """
    if name not in SIMS_METRICS:
        raise UnknownNameError("score of SIMS", name, SIMS_METRICS)
    given = np.asarray(values, np.float64)
    if np.isnan(given).any():
        raise UsageError("label or output holds values that are not finite", fix="leave unlabelled clips out first")
    clipped = np.clip(given, -1.0, 1.0)
    edges = SIMS_METRICS[name].edges
    if edges is None:
        return clipped
    return np.searchsorted(np.array(edges, np.float32), clipped.astype(np.float32), side="left").astype(np.int64)


def sims_score(name: str, label: ArrayLike, output: ArrayLike) -> float:
    """One of the six scores: accuracies and F1 in [0, 1], MAE in units of the label, Corr in [-1, 1].

    Parameters
    ----------
    name : str
        One of :data:`SIMS_METRICS`.
    label, output : float array, shape (N,)

    Raises
    ------
    UnknownNameError
        If there is no such score.
    UsageError
        If there is no clip, or a value is not finite.

    Examples
    --------
    >>> sims_score("sims_acc3", [-0.4, 0.0, 0.8], [-1.3, 0.2, 0.3])
    0.6666666666666666
    """
    classes_or_values = read_as_sims(name, label), read_as_sims(name, output)
    return float(METRICS.open(shelf_metric(name)).score(*classes_or_values))
