"""Every annotator has a bias and a variance; the value of an item is what remains."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field

from emogap.annotation.consensus._climb import ClimbConfig, climb
from emogap.annotation.consensus._consensus import Consensus
from emogap.annotation.consensus._doubts import doubts_about
from emogap.annotation.consensus._given import (
    GivenRatings,
    disagreement,
    given_ratings,
    informative_ratings,
    require_scale,
    weight_of,
)
from emogap.annotation.consensus._normal import (
    NormalExpectation,
    expect_normal,
    penalised_variance,
    pooled_variance,
    variance_penalty,
)
from emogap.counted_nouns import counted
from emogap.types import RatingTable

__all__ = ["SCALES", "TITLE", "Config", "fit"]

TITLE = "Bias and variance of every annotator"
SCALES = ("ordinal", "interval")


class Config(ClimbConfig):
    """Settings of the model of bias and variance."""

    prior_ratings: float = Field(
        default=1.0,
        gt=0,
        description="Imagined ratings per annotator that pull its error variance to the pooled one, so that nobody "
        "with few ratings becomes infallible. Choice.",
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Parameters:
    """Bias and error variance of every annotator; mean and variance of the items."""

    bias: Float[ndarray, " A"]
    variance: Float[ndarray, " A"]
    mean: float
    spread: float


def fit(table: RatingTable, config: Config | None = None) -> Consensus:
    """Value of every item with its SD, and bias, variance and reliability of every annotator.

    Parameters
    ----------
    table : RatingTable
        I items, A annotators on an ordinal or interval scale; NaN = not rated.
    config : Config, optional

    Returns
    -------
    Consensus
        `value` is the posterior mean, held within the limits of the scale, `value_sd` its SD. `bias` is positive
        for an annotator who rates higher than the average annotator. `reliability` in [0, 1] is the share of the
        variance of a single rating that comes from the item. Annotators who always give the same number are left
        out, for bias and value cannot be told apart in it: reliability 0, bias and variance NaN.

    Raises
    ------
    UsageError
        If the scale is nominal.
    DataError
        If no item was rated by two annotators whose answers vary.

    Notes
    -----
    t_ij = y_j + b_i + e_ij with y_j ~ N(m, s), e_ij ~ N(0, v_i) and sum_i b_i = 0. E: the posterior of y_j, which
    weighs ratings by 1 / v_i and shrinks the value of an item with few ratings towards m. M: means and mean
    squares. Reliability is s / (s + v_i). The prior on v_i is that of ``em_reliability``. A bias common to all
    annotators cannot be seen in their ratings; an ordinal scale is taken as equally spaced.

    References
    ----------
    The two-way model with unequal error variances: Grubbs (1948), J. Am. Stat. Assoc. 43(242),
    doi:10.1080/01621459.1948.10483261; estimated as variance components in Dempster, Laird and Rubin (1977),
    doi:10.1111/j.2517-6161.1977.tb01600.x.

    Examples
    --------
    >>> truth = np.array([-0.8, -0.3, 0.1, 0.4, 0.6])
    >>> ratings = truth[:, None] + np.array([0.1, 0.05, -0.15])
    >>> items = tuple(f"p{number}/s1" for number in range(5))
    >>> fit(RatingTable(items, ("a", "b", "c"), ratings, "interval", limits=(-1, 1))).bias.round(3).tolist()
    [0.1, 0.05, -0.15]
    """
    config = config or Config()
    require_scale(table, SCALES, method="gaussian", instead="dawid_skene or em_reliability")
    every = given_ratings(table)
    given = informative_ratings(every)
    towards = pooled_variance(given)
    climbed = climb(
        _start(given, towards),
        maximise=partial(_maximise, given=given, towards=towards, prior_ratings=config.prior_ratings),
        expect=partial(_expect, given=given, towards=towards, prior_ratings=config.prior_ratings),
        num_ratings=len(given.item),
        config=config,
    )
    parameters = climbed.parameters
    has_varied = given.by_annotator() > 0
    value, off = _within(climbed.expectation.mean, table)
    kept = f"{counted(off, 'value')} beyond the limits of the scale {'was' if off == 1 else 'were'} set to the limit"
    return Consensus(
        method="gaussian",
        items=table.items,
        annotators=table.annotators,
        categories=(),
        num_ratings=np.isfinite(table.rating).sum(axis=1),
        num_rated=np.isfinite(table.rating).sum(axis=0),
        disagreement=disagreement(every, table),
        value=given.among_all(value),
        value_sd=given.among_all(np.sqrt(climbed.expectation.variance)),
        reliability=weight_of(every, parameters.spread / (parameters.spread + parameters.variance)),
        bias=np.where(has_varied, parameters.bias, np.nan),
        variance=np.where(has_varied, parameters.variance, np.nan),
        log_likelihood=climbed.log_likelihood,
        converged=climbed.converged,
        doubts=doubts_about(every, table.annotators, climbed, config) + ((kept,) if off else ()),
    )


def _start(given: GivenRatings, within: float) -> NormalExpectation:
    """Item means with their sampling variance; `within` is the variance of ratings within items."""
    number = given.by_item()
    return NormalExpectation(given.by_item(given.rating) / number, within / number)


def _maximise(expected: NormalExpectation, *, given: GivenRatings, towards: float, prior_ratings: float) -> _Parameters:
    number = given.by_annotator()
    counted = np.maximum(number, 1)
    rest = given.rating - expected.mean[given.item]
    bias = given.by_annotator(rest) / counted
    squares = given.by_annotator((rest - bias[given.annotator]) ** 2 + expected.variance[given.item])
    variance = penalised_variance(squares, number, towards=towards, prior_ratings=prior_ratings)
    mean = float(expected.mean.mean())
    spread = float(((expected.mean - mean) ** 2 + expected.variance).mean())
    # Adding a constant to every value and taking it from every bias changes no rating: the average bias is 0.
    common = float(bias[number > 0].mean())
    return _Parameters(np.where(number > 0, bias - common, 0.0), variance, mean + common, spread)


def _expect(
    parameters: _Parameters, *, given: GivenRatings, towards: float, prior_ratings: float
) -> tuple[NormalExpectation, float]:
    expected, log_likelihood = expect_normal(
        given,
        offset=parameters.bias,
        slope=np.ones(given.num_annotators),
        variance=parameters.variance,
        mean=parameters.mean,
        spread=parameters.spread,
    )
    return expected, log_likelihood + variance_penalty(
        parameters.variance, towards=towards, prior_ratings=prior_ratings
    )


def _within(value: Float[ndarray, " J"], table: RatingTable) -> tuple[Float[ndarray, " J"], int]:
    """Values held within the limits, and how many lay outside."""
    low, high = table.limits or (-np.inf, np.inf)
    return np.clip(value, low, high), int(((value < low) | (value > high)).sum())
