"""Probabilities made to mean what they say: one temperature for classes, slope and intercept for an event.

Both are fitted on clips that the model was not trained on, and applied to others.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax, logit, softmax

from emogap.errors import UsageError

__all__ = ["Recalibration", "fit_recalibration", "fit_temperature", "temper"]

SMALLEST = 1e-12
"""Probabilities below it count as it, so that logarithms are finite."""

TEMPERATURES = (0.05, 20.0)
"""Limits of the search; beyond them a model is a guess, or certain, on every clip."""

STEEPEST = 20.0
"""Largest slope of a recalibration."""


def temper(probability: Float[ndarray, "N K"], temperature: float) -> Float[ndarray, "N K"]:
    """The probabilities with their logarithms divided by `temperature`; above 1 they become less certain.

    Parameters
    ----------
    probability : float array, shape (N, K)
        Rows sum to 1.
    temperature : float
        Above 0; 1 leaves the rows as they are.

    Examples
    --------
    >>> temper(np.array([[0.8, 0.2]]), 2.0).round(3).tolist()
    [[0.667, 0.333]]
    """
    tempered: Float[ndarray, "N K"] = softmax(np.log(np.maximum(probability, SMALLEST)) / temperature, axis=1)
    return tempered


def fit_temperature(label: Int[ndarray, " N"], probability: Float[ndarray, "N K"]) -> float:
    """The temperature under which the labels are likeliest, in [0.05, 20].

    Parameters
    ----------
    label : int array, shape (N,)
        Class indices.
    probability : float array, shape (N, K)
        What the model said of these clips, none of which it was trained on.

    Raises
    ------
    UsageError
        If there is no clip, or the shapes do not fit.

    Notes
    -----
    Minimises ``-1/N sum_i log softmax(log p_i / T)_{y_i}`` over T. It never changes which class is the most probable.

    References
    ----------
    Guo et al. (2017), ICML, PMLR 70, 1321-1330, arXiv 1706.04599, section 4.2.

    Examples
    --------
    >>> unsure = np.array([[0.6, 0.4]] * 10)
    >>> fit_temperature(np.array([0] * 9 + [1]), unsure) < 1
    True
    """
    if probability.ndim != 2 or label.shape != probability.shape[:1] or not len(label):
        raise UsageError(
            f"labels of shape {label.shape} do not fit probabilities of shape {probability.shape}",
            fix="give one class index for each row of probabilities, and at least one",
        )
    said = np.log(np.maximum(probability, SMALLEST))
    rows = np.arange(len(label))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(said / np.exp(log_temperature), axis=1)[rows, label].mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(TEMPERATURES)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A line through the logits of an event.

    Attributes
    ----------
    slope : float
        At least 0: the order of the clips stays as it is; 0 = nothing but the share of events is left.
    intercept : float
    """

    slope: float
    intercept: float

    def apply(self, probability: Float[ndarray, " N"]) -> Float[ndarray, " N"]:
        """``expit(slope logit(p) + intercept)`` of each clip."""
        return np.asarray(expit(self.slope * _logit(probability) + self.intercept))


def fit_recalibration(event: Bool[ndarray, " N"], probability: Float[ndarray, " N"]) -> Recalibration:
    """The line through the logits under which the events are likeliest.

    Parameters
    ----------
    event : bool array, shape (N,)
        Whether it happened.
    probability : float array, shape (N,)
        What was said of it, by a model that was not trained on these clips.

    Raises
    ------
    UsageError
        If there is no clip, or the shapes do not fit.

    Notes
    -----
    Logistic regression of the event on its logit, against Platt's targets ``(n1 + 1) / (n1 + 2)`` and ``1 / (n0 + 2)``
    instead of 1 and 0, so that few clips never give certainty. A slope below 0 would turn the detector round: it is
    held at 0.

    References
    ----------
    Platt (1999), *Advances in Large Margin Classifiers*, 61-74, section 2.2.
    Cox (1958), Biometrika 45(3/4), 562-565, doi:10.1093/biomet/45.3-4.562: slope and intercept of the logit.

    Examples
    --------
    >>> said_too_often = np.full(100, 0.5)
    >>> fixed = fit_recalibration(np.arange(100) < 20, said_too_often)
    >>> fixed.apply(said_too_often)[0].round(2).item()
    0.2
    """
    if event.shape != probability.shape or event.ndim != 1 or not len(event):
        raise UsageError(
            f"events of shape {event.shape} do not fit probabilities of shape {probability.shape}",
            fix="give one probability for each clip, and at least one clip",
        )
    num_events = int(event.sum())
    target = np.where(event, (num_events + 1) / (num_events + 2), 1 / (len(event) - num_events + 2))
    said = _logit(probability)

    def loss(line: Float[ndarray, " 2"]) -> tuple[float, Float[ndarray, " 2"]]:
        value = line[0] * said + line[1]
        away = expit(value) - target
        size = float(np.mean(np.logaddexp(0.0, value) - target * value))
        return size, np.array([np.mean(away * said), np.mean(away)])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.0, STEEPEST), (None, None)])
    return Recalibration(float(found.x[0]), float(found.x[1]))


def _logit(probability: Float[ndarray, " N"]) -> Float[ndarray, " N"]:
    return np.asarray(logit(np.clip(probability, 1e-6, 1 - 1e-6)), np.float64)
