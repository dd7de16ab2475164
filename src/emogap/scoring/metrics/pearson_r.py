"""Pearson's correlation coefficient r."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.sums import moment_sums

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "from_sums", "score"]

TITLE = "r"
KIND = "regression"
HIGHER_IS_BETTER = True


def score(label: ArrayLike, output: ArrayLike) -> float:
    """Pearson's r in [-1, 1]; NaN if labels or outputs are constant.

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
    ``r = s_yo / sqrt(s_yy s_oo)``. It says nothing about scale or shift: read it beside R2.

    References
    ----------
    Pearson (1896), Phil. Trans. R. Soc. A 187, 253-318, doi:10.1098/rsta.1896.0007.

    Examples
    --------
    >>> round(score([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]), 12)
    1.0
    """
    return float(from_sums(moment_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws 7"]) -> Float[ndarray, "*draws"]:
    """Pearson's r of each set of sums; NaN where it is not defined."""
    clips, y, o, yy, oo, yo, _ = np.moveaxis(np.asarray(sums), -1, 0)
    spread_y, spread_o = clips * yy - y * y, clips * oo - o * o
    # Rounding leaves about 1e-16 of the sum of squares where the spread is truly zero.
    defined = (spread_y > 1e-13 * clips * yy) & (spread_o > 1e-13 * clips * oo)
    below = np.sqrt(np.where(defined, spread_y * spread_o, 1.0))
    return np.asarray(np.where(defined, np.clip((clips * yo - y * o) / below, -1.0, 1.0), np.nan))
