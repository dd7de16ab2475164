"""Does a probability of 0.8 mean right in 80 % of the clips?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.errors import UsageError
from emogap.scoring.harden import harden

__all__ = ["BINS", "ReliabilityCurve", "brier", "ece", "event_ece", "event_reliability", "reliability_curve"]

BINS = 15
"""Bins of equal width on [0, 1]; 15 as in Guo et al. (2017)."""


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityCurve:
    """Confidence against accuracy in bins of equal width.

    Attributes
    ----------
    edge : float array, shape (bins + 1,)
    num_clips : int array, shape (bins,)
    confidence, accuracy : float array, shape (bins,)
        Mean largest probability, and share of right clips; of an event, its mean probability, and the share of clips
        in which it happened. NaN for an empty bin.
    """

    edge: Float[ndarray, " edges"]
    num_clips: Int[ndarray, " bins"]
    confidence: Float[ndarray, " bins"]
    accuracy: Float[ndarray, " bins"]


def reliability_curve(
    label: Int[ndarray, " N"], probability: Float[ndarray, "N K"], *, bins: int = BINS
) -> ReliabilityCurve:
    """Confidence and accuracy by bins of the largest probability.

    Parameters
    ----------
    label : int array, shape (N,)
        Class indices.
    probability : float array, shape (N, K)
        Rows sum to 1.
    bins : int
        Bins of equal width; a bin includes its upper edge.

    Raises
    ------
    UsageError
        If there is no clip, or the shapes do not fit.

    Examples
    --------
    >>> curve = reliability_curve(np.array([0, 1]), np.array([[0.9, 0.1], [0.9, 0.1]]), bins=2)
    >>> curve.num_clips.tolist(), curve.accuracy.tolist()
    ([0, 2], [nan, 0.5])
    """
    _require_fit(label, probability)
    guess = harden(probability)
    return event_reliability(guess == label, probability[np.arange(len(label)), guess], bins=bins)


def event_reliability(
    event: Bool[ndarray, " N"], probability: Float[ndarray, " N"], *, bins: int = BINS
) -> ReliabilityCurve:
    """Mean probability of an event, and how often it happened, by bins of that probability.

    Parameters
    ----------
    event : bool array, shape (N,)
    probability : float array, shape (N,)
    bins : int
        Bins of equal width; a bin includes its upper edge.

    Raises
    ------
    UsageError
        If there is no clip, or the shapes do not fit.

    Examples
    --------
    >>> curve = event_reliability(np.array([True, False, False]), np.array([0.2, 0.3, 0.9]), bins=2)
    >>> curve.num_clips.tolist(), curve.accuracy.tolist()
    ([2, 1], [0.5, 0.0])
    """
    if event.shape != probability.shape or event.ndim != 1 or not len(event):
        raise UsageError(f"events of shape {event.shape} do not fit probabilities of shape {probability.shape}")
    position = np.clip(np.ceil(probability * bins - 1e-9).astype(np.int64) - 1, 0, bins - 1)
    num_clips = np.bincount(position, minlength=bins)
    divisor = np.where(num_clips > 0, num_clips, np.nan)
    return ReliabilityCurve(
        np.linspace(0, 1, bins + 1),
        num_clips,
        np.bincount(position, probability, bins) / divisor,
        np.bincount(position, event, bins) / divisor,
    )


def ece(label: Int[ndarray, " N"], probability: Float[ndarray, "N K"], *, bins: int = BINS) -> float:
    """Expected calibration error of the largest probability, in [0, 1]; always state `bins` with it.

    Parameters
    ----------
    label, probability, bins
        As in :func:`reliability_curve`.

    Notes
    -----
    ``ECE = sum_b n_b / N |accuracy_b - confidence_b|``. It grows with the number of bins in small samples even
    for a calibrated model, so compare models at the same N and bins only.

    References
    ----------
    Guo et al. (2017), ICML, PMLR 70, 1321-1330, equation 3.

    Examples
    --------
    >>> round(ece(np.array([0, 1]), np.array([[0.9, 0.1], [0.9, 0.1]])), 12)
    0.4
    """
    return _mean_distance(reliability_curve(label, probability, bins=bins))


def event_ece(event: Bool[ndarray, " N"], probability: Float[ndarray, " N"], *, bins: int = BINS) -> float:
    """Expected calibration error of the probability of an event, in [0, 1]; as :func:`ece`, with its own bins.

    Unlike :func:`ece` it does not look at the larger of the two probabilities, but at the one that is told.

    Examples
    --------
    >>> round(event_ece(np.array([True, False]), np.array([0.9, 0.9])), 12)
    0.4
    """
    return _mean_distance(event_reliability(event, probability, bins=bins))


def brier(label: Float[ndarray, "N K"] | Int[ndarray, " N"], probability: Float[ndarray, "N K"]) -> float:
    """Brier score, in [0, 2]; 0 is best.

    Parameters
    ----------
    label : int array, shape (N,), or float array, shape (N, K)
        Class indices, or vote shares, which are then the target themselves.
    probability : float array, shape (N, K)

    Notes
    -----
    ``1/N sum_i sum_k (p_ik - y_ik)^2``, Brier's own sum over all classes; some programs halve it.

    References
    ----------
    Brier (1950), Monthly Weather Review 78(1), 1-3, equation 2.

    Examples
    --------
    >>> brier(np.array([0, 1]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    1.0
    """
    _require_fit(label, probability)
    share = np.eye(probability.shape[1])[label] if label.ndim == 1 else label
    return float(np.mean(np.sum((probability - share) ** 2, axis=1)))


def _mean_distance(curve: ReliabilityCurve) -> float:
    """Mean over clips of how far accuracy and confidence of their bin lie apart."""
    distance = np.nan_to_num(np.abs(curve.accuracy - curve.confidence))
    return float(np.sum(curve.num_clips * distance) / curve.num_clips.sum())


def _require_fit(label: ndarray, probability: Float[ndarray, "N K"]) -> None:
    if probability.ndim != 2 or label.shape not in (probability.shape[:1], probability.shape):
        raise UsageError(f"labels of shape {label.shape} do not fit probabilities of shape {probability.shape}")
    if not len(label):
        raise UsageError("there is no clip to score", fix="check that the data carry labels of this view")
