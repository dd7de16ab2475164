"""Predictions that need no network: the mean label, and a linear model on 29 statistics."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.learning.finetuning.gaze_statistics import gaze_statistics
from emogap.learning.finetuning.question import Question
from emogap.learning.finetuning.windows import LabelledWindows

__all__ = ["PENALTIES", "mean_prediction", "statistics_prediction"]

PENALTIES = (0.001, 0.01, 0.1, 1.0, 10.0)
"""Penalties per window that the validation people choose from; the authors' code has 1 over all windows."""

Rows = Int[ndarray, " R"]

Predictor = Callable[[Float[ndarray, "R F"]], Float[ndarray, "R O"]]


def mean_prediction(windows: LabelledWindows, training: Rows, test: Rows) -> Float[ndarray, "R O"]:
    """The mean label of the training windows, told of every test window; for classes their shares."""
    return np.repeat(windows.label[training].mean(axis=0, keepdims=True), len(test), axis=0)


def statistics_prediction(
    windows: LabelledWindows, training: Rows, validation: Rows, test: Rows, penalties: Sequence[float] = PENALTIES
) -> Float[ndarray, "R O"]:
    """Ridge regression, or logistic regression for classes, on standardised statistics of each window.

    Parameters
    ----------
    windows : LabelledWindows
    training, validation, test : int array
        Rows. Scale and weights are learned from the first, the penalty is chosen on the second.
    penalties : sequence of float
        L2 penalties per window.

    Returns
    -------
    float64 array, shape (R, O)
        Values on the scale of the question, or probabilities.
    """
    statistic = gaze_statistics(windows.gaze, windows.valid, windows.channels, windows.rate_hz)
    mean, sd = statistic[training].mean(axis=0), statistic[training].std(axis=0)
    feature = (statistic - mean) / np.where(sd > 1e-9, sd, 1.0)
    linear = _ridge if windows.question.kind == "values" else _logistic
    fits = [linear(windows.question, feature[training], windows.label[training], penalty) for penalty in penalties]
    errors = [np.mean((fit(feature[validation]) - windows.label[validation]) ** 2) for fit in fits]
    return fits[int(np.argmin(errors))](feature[test])


def _ridge(
    question: Question, feature: Float[ndarray, "R F"], label: Float[ndarray, "R O"], penalty: float
) -> Predictor:
    from sklearn.linear_model import Ridge

    fitted = Ridge(alpha=penalty * len(feature)).fit(feature, label)

    def predict(other: Float[ndarray, "R F"]) -> Float[ndarray, "R O"]:
        return np.clip(np.reshape(fitted.predict(other), (len(other), -1)), question.low, question.high)

    return predict


def _logistic(
    question: Question, feature: Float[ndarray, "R F"], label: Float[ndarray, "R O"], penalty: float
) -> Predictor:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1 / (penalty * len(feature)), max_iter=5000).fit(feature, label.argmax(axis=1))

    def predict(other: Float[ndarray, "R F"]) -> Float[ndarray, "R O"]:
        probability = np.zeros((len(other), len(question.outputs)))
        probability[:, fitted.classes_] = fitted.predict_proba(other)
        return probability

    return predict
