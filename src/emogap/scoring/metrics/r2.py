"""R2, the coefficient of determination."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.sums import moment_sums, ratio

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "from_sums", "score"]

TITLE = "R2"
KIND = "regression"
HIGHER_IS_BETTER = True


def score(label: ArrayLike, output: ArrayLike) -> float:
    """R2, at most 1; below 0 where the mean label of these clips would have been nearer; NaN for constant labels.

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
    ``R2 = 1 - sum_i (o_i - y_i)^2 / sum_i (y_i - mean_y)^2``: explained variance against the mean of the scored
    clips, not the square of r.

    References
    ----------
    Kvalseth (1985), The American Statistician 39(4), 279-285, doi:10.1080/00031305.1985.10479448, R2 number 1.

    Examples
    --------
    >>> score([1.0, 2.0, 3.0], [2.0, 2.0, 2.0])
    0.0
    """
    return float(from_sums(moment_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws 7"]) -> Float[ndarray, "*draws"]:
    """R2 of each set of sums; NaN where the labels are constant."""
    clips, y, _, yy, oo, yo, _ = np.moveaxis(np.asarray(sums), -1, 0)
    spread = clips * yy - y * y
    error = np.maximum(yy + oo - 2 * yo, 0.0) * clips
    return 1 - ratio(error, spread, least=1e-13 * clips * yy)
