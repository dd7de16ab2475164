"""The model of ``em_reliability`` for numbers: congeneric measures of one hidden value."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.consensus._climb import Climb, ClimbConfig, climb
from emogap.annotation.consensus._given import GivenRatings
from emogap.annotation.consensus._normal import (
    NormalExpectation,
    expect_normal,
    penalised_variance,
    pooled_variance,
    variance_penalty,
)

__all__ = ["NumberParameters", "climb_numbers"]


@dataclass(frozen=True, slots=True, eq=False)
class NumberParameters:
    """Offset, slope and error variance of every annotator; the hidden value has mean 0 and variance 1."""

    offset: Float[ndarray, " A"]
    slope: Float[ndarray, " A"]
    variance: Float[ndarray, " A"]

    @property
    def reliability(self) -> Float[ndarray, " A"]:
        """Share of the variance of a rating that comes from the item."""
        return np.asarray(self.slope**2 / (self.slope**2 + self.variance))


def climb_numbers(
    given: GivenRatings, config: ClimbConfig, *, prior_ratings: float
) -> Climb[NumberParameters, NormalExpectation]:
    """Penalised maximum likelihood, from the standardised item means."""
    towards = pooled_variance(given)
    return climb(
        _start(given),
        maximise=partial(_maximise, given=given, towards=towards, prior_ratings=prior_ratings),
        expect=partial(_expect, given=given, towards=towards, prior_ratings=prior_ratings),
        num_ratings=len(given.item),
        config=config,
    )


def _start(given: GivenRatings) -> NormalExpectation:
    mean = given.by_item(given.rating) / given.by_item()
    centred = mean - mean.mean()
    sd = float(centred.std())
    return NormalExpectation(centred / sd if sd > 0 else centred, np.zeros_like(mean))


def _maximise(
    expected: NormalExpectation, *, given: GivenRatings, towards: float, prior_ratings: float
) -> NumberParameters:
    """Regression of every annotator's ratings on the hidden value."""
    number = given.by_annotator()
    counted = np.maximum(number, 1)
    value = expected.mean[given.item]
    mean_value = given.by_annotator(value) / counted
    mean_rating = given.by_annotator(given.rating) / counted
    value_rest = value - mean_value[given.annotator]
    rating_rest = given.rating - mean_rating[given.annotator]
    together = given.by_annotator(value_rest * rating_rest)
    squares = given.by_annotator(value_rest**2 + expected.variance[given.item])
    slope = np.maximum(together, 0) / np.where(squares > 0, squares, 1)
    error = given.by_annotator(rating_rest**2) - 2 * slope * together + slope**2 * squares
    variance = penalised_variance(np.maximum(error, 0), number, towards=towards, prior_ratings=prior_ratings)
    return NumberParameters(mean_rating - slope * mean_value, slope, variance)


def _expect(
    parameters: NumberParameters, *, given: GivenRatings, towards: float, prior_ratings: float
) -> tuple[NormalExpectation, float]:
    expected, log_likelihood = expect_normal(
        given,
        offset=parameters.offset,
        slope=parameters.slope,
        variance=parameters.variance,
        mean=0.0,
        spread=1.0,
    )
    return expected, log_likelihood + variance_penalty(
        parameters.variance, towards=towards, prior_ratings=prior_ratings
    )
