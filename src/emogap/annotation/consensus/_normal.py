"""Numbers that hang together through one hidden value per item: its expectation, and the likelihood."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.consensus._given import GivenRatings

__all__ = ["NormalExpectation", "expect_normal", "penalised_variance", "pooled_variance", "variance_penalty"]

LEAST_SD = 1e-3
"""The pooled SD within items is taken as no less than this share of the SD of all ratings."""


@dataclass(frozen=True, slots=True, eq=False)
class NormalExpectation:
    """Posterior mean and variance of the hidden value of every item."""

    mean: Float[ndarray, " J"]
    variance: Float[ndarray, " J"]


def expect_normal(
    given: GivenRatings,
    *,
    offset: Float[ndarray, " A"],
    slope: Float[ndarray, " A"],
    variance: Float[ndarray, " A"],
    mean: float,
    spread: float,
) -> tuple[NormalExpectation, float]:
    """Expectation of y_j, and the log-likelihood of the ratings.

    Parameters
    ----------
    given : GivenRatings
        t_ij = offset_i + slope_i y_j + e_ij, e_ij ~ N(0, variance_i), y_j ~ N(mean, spread).
    offset, slope, variance : float64 array, shape (A,)
    mean, spread : float
        Mean and variance of the hidden values.

    Notes
    -----
    With precision h_j = 1/spread + sum_i slope_i^2 / variance_i the posterior of y_j - mean is normal with variance
    1 / h_j and mean c_j / h_j, c_j = sum_i slope_i r_ij / variance_i, r_ij = t_ij - offset_i - slope_i mean. The
    covariance of the ratings of an item is diagonal plus rank one, so its determinant and inverse need h_j only.
    """
    rest = given.rating - (offset + slope * mean)[given.annotator]
    pull = (slope / variance)[given.annotator] * rest
    correction = given.by_item(pull)
    precision = 1 / spread + given.by_item((slope**2 / variance)[given.annotator])
    squares = float((rest**2 / variance[given.annotator]).sum()) - float((correction**2 / precision).sum())
    log_determinant = float((given.by_annotator() * np.log(variance)).sum()) + float(np.log(spread * precision).sum())
    log_likelihood = -0.5 * (len(rest) * np.log(2 * np.pi) + log_determinant + squares)
    return NormalExpectation(mean + correction / precision, 1 / precision), float(log_likelihood)


def pooled_variance(given: GivenRatings) -> float:
    """Variance within items, pooled over items: towards it the prior pulls."""
    number = given.by_item()
    mean = given.by_item(given.rating) / number
    squares = float(((given.rating - mean[given.item]) ** 2).sum())
    return max(squares / float((number - 1).sum()), LEAST_SD**2 * float(given.rating.var()))


def penalised_variance(
    squares: Float[ndarray, " A"], number: Float[ndarray, " A"], *, towards: float, prior_ratings: float
) -> Float[ndarray, " A"]:
    """Error variance of each annotator that maximises the expected log-likelihood plus log prior."""
    return np.asarray((squares + prior_ratings * towards) / (number + prior_ratings))


def variance_penalty(variance: Float[ndarray, " A"], *, towards: float, prior_ratings: float) -> float:
    """Log prior of the error variances, less a constant."""
    return float(-0.5 * prior_ratings * (np.log(variance) + towards / variance).sum())
