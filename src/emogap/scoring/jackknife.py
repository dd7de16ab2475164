"""Tests of a coefficient over clusters of clips: leave each cluster out, and see by how much it moves."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.stats import t as student

__all__ = ["fisher_z", "jackknife_variance", "two_sided_p", "two_way_variance"]

NOT_ONE = 1 - 1e-9
"""Fisher's transformation is infinite at 1."""


def fisher_z(r: Float[ndarray, " M"]) -> Float[ndarray, " M"]:
    """``atanh(r)`` of coefficients in [-1, 1]: near to normal, with a spread that hardly depends on r.

    References
    ----------
    Fisher (1915), Biometrika 10(4), 507-521, doi:10.1093/biomet/10.4.507.

    Examples
    --------
    >>> fisher_z(np.array([0.0, 0.5])).round(4).tolist()
    [0.0, 0.5493]
    """
    return np.asarray(np.arctanh(np.clip(r, -NOT_ONE, NOT_ONE)))


def jackknife_variance(without: Float[ndarray, " G"]) -> float:
    """Variance of a number over G clusters, from the number without each; NaN if one of them does not exist.

    Notes
    -----
    ``V = (G - 1) / G sum_g (z_g - mean(z))^2``. Within a cluster clips may depend on each other in any way.

    References
    ----------
    Efron and Stein (1981), Annals of Statistics 9(3), 586-596, doi:10.1214/aos/1176345462.

    Examples
    --------
    Of the mean of 1, 2 and 6, the squared standard error 7 / 3:

    >>> round(jackknife_variance(np.array([4.0, 3.5, 1.5])), 6)
    2.333333
    """
    number = len(without)
    return float((number - 1) / number * ((without - without.mean()) ** 2).sum())


def two_way_variance(
    without_person: Float[ndarray, " P"], without_stimulus: Float[ndarray, " S"], without_cell: Float[ndarray, " C"]
) -> float:
    """Variance of a number over people *and* stimuli, from the number without each person, stimulus and cell.

    Parameters
    ----------
    without_person, without_stimulus, without_cell : float arrays
        A cell holds the clips of one person with one stimulus; only those with clips.

    Notes
    -----
    ``V_people + V_stimuli - V_cells``: noise of single clips is in each of the three, so it is counted once. Where that
    is less than one of the first two (by chance: it is not in expectation), that one.

    References
    ----------
    Cameron, Gelbach and Miller (2011), J. Bus. Econ. Stat. 29(2), 238-249, doi:10.1198/jbes.2010.07136, eq. 2.8.

    Examples
    --------
    From variances of 4 over people, 1 over stimuli and 0.25 over cells:

    >>> two_way_variance(np.array([6.0, 2.0]), np.array([5.0, 3.0]), np.array([4.5, 3.5]))
    4.75
    """
    people, stimuli, cells = map(jackknife_variance, (without_person, without_stimulus, without_cell))
    return max(people + stimuli - cells, people, stimuli)


def two_sided_p(estimate: float, variance: float, freedom: int) -> float:
    """p of no effect by Student's t with `freedom` degrees of freedom; NaN without a spread to measure it by.

    Examples
    --------
    >>> round(two_sided_p(2.0, 1.0, 10), 3)
    0.073
    """
    return float(2 * student.sf(abs(estimate) / np.sqrt(variance), freedom)) if variance > 0 else np.nan
