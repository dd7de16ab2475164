"""One reliability per annotator, and a vote that is weighted by it: the method of the EMER paper."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field

from emogap.annotation.consensus._class_reliability import climb_classes
from emogap.annotation.consensus._climb import ClimbConfig
from emogap.annotation.consensus._consensus import Consensus
from emogap.annotation.consensus._doubts import doubts_about
from emogap.annotation.consensus._given import GivenRatings, disagreement, given_ratings, informative_ratings, weight_of
from emogap.annotation.consensus._number_reliability import climb_numbers
from emogap.types import RatingTable

__all__ = ["SCALES", "TITLE", "Config", "fit"]

TITLE = "Vote weighted by one reliability per annotator (EMER)"
SCALES = ("nominal", "ordinal", "interval")

NO_WEIGHT = 1e-6
"""Reliabilities below this are on their way to 0 and count as 0 in the vote."""


class Config(ClimbConfig):
    """Settings of the weighted vote."""

    prior_ratings: float = Field(
        default=1.0,
        gt=0,
        description="Numbers only: imagined ratings per annotator that pull its error variance to the pooled one, so "
        "that nobody with few ratings becomes infallible. Choice.",
    )


def fit(table: RatingTable, config: Config | None = None) -> Consensus:
    """Weighted vote of every item, and the reliability of every annotator in [0, 1].

    Parameters
    ----------
    table : RatingTable
        I items, A annotators, any scale; NaN = not rated.
    config : Config, optional

    Returns
    -------
    Consensus
        `share` or `value` is the weighted vote, `reliability` the weights. For categories also `posterior` and
        `prevalence`; the label is that of the vote, and the posterior may lead elsewhere.

    Raises
    ------
    DataError
        If no item was rated by two annotators whose answers vary.

    Notes
    -----
    The vote is the paper's: f_j = sum_i a_i t_ij / sum_i a_i over those who rated item j; t_ij is a one-hot row
    for categories. The paper says that the E-step finds the posterior of the right annotation and the M-step each
    reliability a_i, and leaves the likelihood open. Ours, with weights that are 0 for a guesser:

    Categories: with probability a_i annotator i says the true class y_j, else any word with the annotator's own
    habit g_i, so P(t_ij = l | y_j = k) = a_i [k = l] + (1 - a_i) g_il, P(y_j = k) = p_k. This is the
    competence model of Hovy et al., without their priors.

    Numbers: t_ij = b_i + s_i y_j + e_ij with y_j ~ N(0, 1), s_i >= 0, e_ij ~ N(0, v_i): congeneric measures.
    a_i = s_i^2 / (s_i^2 + v_i), the reliability of a single rating in the sense of test theory. Offsets b_i are
    not taken out of the vote; the method ``gaussian`` does that. The prior on v_i has the log density
    -n/2 (ln v_i + v_0 / v_i) with n = `prior_ratings` and v_0 the pooled variance within items.

    An annotator who always answers the same is left out and has reliability 0: in the model of categories 0 is then
    a maximum whatever the items are. An annotator with few ratings (say, fewer than ten) has a rough reliability.
    With two annotators only the product of their reliabilities is determined, and the start makes them equal.

    References
    ----------
    EMER: arXiv:2512.16485, section III.D (ALA). Categories: Hovy et al. (2013), "Learning Whom to Trust with
    MACE", NAACL-HLT, 1120-1130. Numbers: Joreskog (1971), Psychometrika 36(2), doi:10.1007/BF02291393; its EM:
    Rubin and Thayer (1982), Psychometrika 47(1), doi:10.1007/BF02293851.

    Examples
    --------
    >>> votes = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0], [1.0, 1.0, np.nan]])
    >>> items = tuple(f"p{number}/s1" for number in range(4))
    >>> result = fit(RatingTable(items, ("a", "b", "c"), votes, "nominal", categories=("calm", "tense")))
    >>> result.labels, result.reliability.round(3).tolist()
    (('calm', 'tense', 'calm', 'tense'), [1.0, 1.0, 0.0])
    """
    config = config or Config()
    every = given_ratings(table)
    return (_of_categories if table.scale == "nominal" else _of_numbers)(table, every, config)


def _of_categories(table: RatingTable, every: GivenRatings, config: Config) -> Consensus:
    given = informative_ratings(every)
    num_categories = len(table.categories)
    climbed = climb_classes(given, num_categories, config)
    reliability = climbed.parameters.reliability
    weight = np.where(reliability < NO_WEIGHT, 0.0, reliability)[given.annotator]
    votes = given.vote_counts(num_categories, weight)
    return Consensus(
        method="em_reliability",
        items=table.items,
        annotators=table.annotators,
        categories=table.categories,
        num_ratings=np.isfinite(table.rating).sum(axis=1),
        num_rated=np.isfinite(table.rating).sum(axis=0),
        disagreement=disagreement(every, table),
        share=given.among_all(_divided(votes, given.by_item(weight)[:, None])),
        posterior=given.among_all(climbed.expectation.posterior),
        reliability=weight_of(every, reliability),
        prevalence=climbed.parameters.prevalence,
        log_likelihood=climbed.log_likelihood,
        converged=climbed.converged,
        doubts=doubts_about(every, table.annotators, climbed, config),
    )


def _of_numbers(table: RatingTable, every: GivenRatings, config: Config) -> Consensus:
    given = informative_ratings(every)
    climbed = climb_numbers(given, config, prior_ratings=config.prior_ratings)
    reliability = climbed.parameters.reliability
    weight = np.where(reliability < NO_WEIGHT, 0.0, reliability)[given.annotator]
    return Consensus(
        method="em_reliability",
        items=table.items,
        annotators=table.annotators,
        categories=(),
        num_ratings=np.isfinite(table.rating).sum(axis=1),
        num_rated=np.isfinite(table.rating).sum(axis=0),
        disagreement=disagreement(every, table),
        value=given.among_all(_divided(given.by_item(weight * given.rating), given.by_item(weight))),
        reliability=weight_of(every, reliability),
        log_likelihood=climbed.log_likelihood,
        converged=climbed.converged,
        doubts=doubts_about(every, table.annotators, climbed, config),
    )


def _divided(above: Float[ndarray, "..."], below: Float[ndarray, "..."]) -> Float[ndarray, "..."]:
    """NaN where nobody with weight voted."""
    return above / np.where(below > 0, below, np.nan)
