"""CCC, concordance correlation coefficient."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.sums import moment_sums, ratio

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "from_sums", "score"]

TITLE = "CCC"
KIND = "regression"
HIGHER_IS_BETTER = True


def score(label: ArrayLike, output: ArrayLike) -> float:
    """CCC in [-1, 1]; 0 for a constant output, NaN if labels and outputs are one and the same constant.

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
    ``CCC = 2 s_yo / (s_yy + s_oo + (mean_y - mean_o)^2)`` with moments divided by N, as Lin defines them. Unlike
    Pearson's r it punishes a shift and a wrong scale.

    References
    ----------
    Lin (1989), Biometrics 45(1), 255-268, doi:10.2307/2532051, equation 1 and section 3.

    Examples
    --------
    >>> score([1.0, 2.0, 3.0], [2.0, 3.0, 4.0])
    0.5714285714285714
    """
    return float(from_sums(moment_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws 7"]) -> Float[ndarray, "*draws"]:
    """CCC of each set of sums; NaN where it is not defined."""
    clips, y, o, yy, oo, yo, _ = np.moveaxis(np.asarray(sums), -1, 0)
    # All times N^2: 2 (N yo - y o) / (N yy - y^2 + N oo - o^2 + (y - o)^2).
    above = 2 * (clips * yo - y * o)
    below = clips * yy - y * y + clips * oo - o * o + (y - o) ** 2
    return ratio(above, below, least=1e-14 * clips * (yy + oo))
