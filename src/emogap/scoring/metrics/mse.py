"""MSE, mean squared error."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.sums import moment_sums, ratio

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "from_sums", "score"]

TITLE = "MSE"
KIND = "regression"
HIGHER_IS_BETTER = False


def score(label: ArrayLike, output: ArrayLike) -> float:
    """MSE in squared units of the label: ``1/N sum_i (o_i - y_i)^2``.

    Parameters
    ----------
    label, output : float array, shape (N,)
        Values y and o.

    Raises
    ------
    UsageError
        If there is no clip, or a value is not finite.

    References
    ----------
    Willmott and Matsuura (2005), Climate Research 30, 79-82, doi:10.3354/cr030079.

    Examples
    --------
    >>> score([0.0, 1.0], [0.5, 1.25])
    0.15625
    """
    return float(from_sums(moment_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws 7"]) -> Float[ndarray, "*draws"]:
    """MSE of each set of sums; NaN where there is no clip."""
    squared = np.maximum(sums[..., 3] + sums[..., 4] - 2 * sums[..., 5], 0.0)
    return ratio(squared, sums[..., 0])
