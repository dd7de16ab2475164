"""RMSE, root mean squared error, of all clips together."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.metrics import mse
from emogap.scoring.sums import moment_sums

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "from_sums", "score"]

TITLE = "RMSE"
KIND = "regression"
HIGHER_IS_BETTER = False


def score(label: ArrayLike, output: ArrayLike) -> float:
    """RMSE in units of the label: the root of the *pooled* MSE.

    Parameters
    ----------
    label, output : float array, shape (N,)
        Values y and o.

    Raises
    ------
    UsageError
        If there is no clip, or a value is not finite.

    Notes
    -----
    ``RMSE = sqrt(1/N sum_i (o_i - y_i)^2)`` over all clips. A mean of roots over batches or folds is smaller
    (Jensen's inequality); :mod:`emogap.scoring.compat` computes that for comparison.

    References
    ----------
    Willmott and Matsuura (2005), Climate Research 30, 79-82, doi:10.3354/cr030079.

    Examples
    --------
    >>> score([0.0, 0.0], [3.0, 5.0]) == 17**0.5
    True
    """
    return float(from_sums(moment_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws 7"]) -> Float[ndarray, "*draws"]:
    """RMSE of each set of sums; NaN where there is no clip."""
    return np.asarray(np.sqrt(mse.from_sums(sums)))
