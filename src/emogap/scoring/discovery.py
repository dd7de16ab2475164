"""The share of false findings among findings, kept in check over a whole table of tests."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control

__all__ = ["benjamini_hochberg"]


def benjamini_hochberg(p: ArrayLike) -> Float[ndarray, " M"]:
    """p values adjusted so that those below a level hold at most that share of false findings, on average.

    Parameters
    ----------
    p : float array, shape (M,)
        NaN = a test that could not be made; it stays NaN and does not count.

    Notes
    -----
    With p sorted, ``q_(i) = min_{j >= i} min(1, M p_(j) / j)``. It holds for tests that are independent or positively
    dependent (Benjamini and Yekutieli 2001).

    References
    ----------
    Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57(1), 289-300, doi:10.1111/j.2517-6161.1995.tb02031.x.
    Benjamini and Yekutieli (2001), Annals of Statistics 29(4), 1165-1188, doi:10.1214/aos/1013699998.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.5, float("nan"), 0.02]).round(3).tolist()
    [0.03, 0.5, nan, 0.03]
    """
    given = np.asarray(p, np.float64)
    adjusted = np.full(given.shape, np.nan)
    made = np.isfinite(given)
    if made.any():
        adjusted[made] = false_discovery_control(given[made], method="bh")
    return adjusted
