"""Every annotator has a confusion matrix, estimated together with the true classes."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import Field
from scipy.sparse import csr_array

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
from emogap.annotation.consensus._posterior import normalised
from emogap.types import RatingTable

__all__ = ["SCALES", "TITLE", "Config", "fit"]

TITLE = "Confusion matrices (Dawid and Skene)"
SCALES = ("nominal",)

SMALLEST = 1e-10
"""Expected counts below this are raised to it, so that a confusion never seen is improbable, not impossible."""


class Config(ClimbConfig):
    """Settings of the method of Dawid and Skene."""

    prior_ratings: float = Field(
        default=1.0,
        ge=0,
        description="Imagined ratings per annotator and true class; 0 = maximum likelihood as in the paper. Choice.",
    )
    prior_right: float = Field(default=0.5, gt=0, lt=1, description="Share of the imagined ratings that are right.")


@dataclass(frozen=True, slots=True, eq=False)
class _Parameters:
    """`answer` is (A * K, K): probability of the answer (row) given the true class (column)."""

    prevalence: Float[ndarray, " K"]
    answer: Float[ndarray, "AK K"]


def fit(table: RatingTable, config: Config | None = None) -> Consensus:
    """Posterior of the true class of every item, and the confusion matrix of every annotator.

    Parameters
    ----------
    table : RatingTable
        I items, A annotators on a nominal scale of K categories; NaN = not rated.
    config : Config, optional

    Returns
    -------
    Consensus
        `share` is the posterior. `confusion` (A, K, K); a row of a class that an annotator never met is the
        prior. `reliability` is Cohen's kappa of the annotator with the posterior, at most 1; 0 = no better
        than chance. Annotators who always give the same answer are left out: reliability 0, confusion NaN.

    Raises
    ------
    UsageError
        If the scale is not nominal.
    DataError
        If no item was rated by two annotators whose answers vary.

    Notes
    -----
    P(y_j = k) = p_k and P(t_ij = l | y_j = k) = c_ikl, ratings independent given the true class. Start: vote
    shares. M: p_k = mean_j q_jk, c_ikl proportional to sum_j q_jk [t_ij = l] + d_kl. E: q_jk proportional to
    p_k prod_i c_ik,t_ij. The pseudo-counts d, which the paper does not have, are those of a Dirichlet prior with
    density proportional to prod c^d: `prior_ratings` per row, the share `prior_right` of it on the diagonal.
    What is climbed is log-likelihood plus sum d ln c.

    References
    ----------
    Dawid and Skene (1979), Applied Statistics 28(1), doi:10.2307/2346806, eqs. 2.3 to 2.5.

    Examples
    --------
    >>> votes = np.array([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 1.0, np.nan]])
    >>> items = tuple(f"p{number}/s1" for number in range(4))
    >>> fit(RatingTable(items, ("a", "b", "c"), votes, "nominal", categories=("calm", "tense"))).labels
    ('calm', 'tense', 'calm', 'tense')
    """
    config = config or Config()
    require_scale(table, SCALES, method="dawid_skene", instead="gaussian or em_reliability")
    every = given_ratings(table)
    given = informative_ratings(every)
    num_categories = len(table.categories)
    answers = _answers(given, num_categories)
    prior = _prior(num_categories, config)
    votes = given.vote_counts(num_categories)
    climbed = climb(
        votes / votes.sum(axis=1, keepdims=True),
        maximise=partial(_maximise, answers_by_cell=answers.T.tocsr(), prior=prior),
        expect=partial(_expect, answers=answers, prior=prior),
        num_ratings=len(given.item),
        config=config,
    )
    counts = _by_annotator(answers.T.tocsr() @ climbed.expectation, num_categories)
    posterior = given.among_all(climbed.expectation)
    return Consensus(
        method="dawid_skene",
        items=table.items,
        annotators=table.annotators,
        categories=table.categories,
        num_ratings=np.isfinite(table.rating).sum(axis=1),
        num_rated=np.isfinite(table.rating).sum(axis=0),
        disagreement=disagreement(every, table),
        share=posterior,
        posterior=posterior,
        reliability=weight_of(every, _kappa(counts)),
        confusion=_confusion(given, climbed.parameters),
        prevalence=climbed.parameters.prevalence,
        log_likelihood=climbed.log_likelihood,
        converged=climbed.converged,
        doubts=doubts_about(every, table.annotators, climbed, config),
    )


def _answers(given: GivenRatings, num_categories: int) -> csr_array:
    """Items by (annotator, answer): 1 where the annotator gave that answer."""
    cell = given.annotator * num_categories + given.rating.astype(np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(given.item, minlength=given.num_items))])
    shape = (given.num_items, given.num_annotators * num_categories)
    return csr_array((np.ones(len(cell)), cell.astype(np.int32), start.astype(np.int32)), shape=shape)


def _prior(num_categories: int, config: Config) -> Float[ndarray, "K K"]:
    """Pseudo-counts, row = answer, column = true class; with one class all of them are right."""
    if num_categories == 1:
        return np.array([[config.prior_ratings]])
    wrong = config.prior_ratings * (1 - config.prior_right) / (num_categories - 1)
    prior = np.full((num_categories, num_categories), wrong)
    np.fill_diagonal(prior, config.prior_ratings * config.prior_right)
    return prior


def _by_annotator(cells: Float[ndarray, "AK K"], num_categories: int) -> Float[ndarray, "A K K"]:
    return cells.reshape(-1, num_categories, num_categories)


def _maximise(
    posterior: Float[ndarray, "J K"], *, answers_by_cell: csr_array, prior: Float[ndarray, "K K"]
) -> _Parameters:
    counts = _by_annotator(answers_by_cell @ posterior, posterior.shape[1]) + prior
    counts = np.maximum(counts, SMALLEST)
    answer = counts / counts.sum(axis=1, keepdims=True)
    return _Parameters(posterior.mean(axis=0), answer.reshape(-1, posterior.shape[1]))


def _expect(
    parameters: _Parameters, *, answers: csr_array, prior: Float[ndarray, "K K"]
) -> tuple[Float[ndarray, "J K"], float]:
    log_answer = np.log(parameters.answer)
    posterior, log_likelihood = normalised(answers @ log_answer, parameters.prevalence)
    return posterior, log_likelihood + float((_by_annotator(log_answer, len(prior)) * prior).sum())


def _confusion(given: GivenRatings, parameters: _Parameters) -> Float[ndarray, "A K K"]:
    """Row = true class, column = answer; NaN for annotators that were left out."""
    confusion = _by_annotator(parameters.answer, len(parameters.prevalence)).swapaxes(1, 2)
    return np.where((given.by_annotator() > 0)[:, None, None], confusion, np.nan)


def _kappa(counts: Float[ndarray, "A K K"]) -> Float[ndarray, " A"]:
    """Cohen's kappa of each annotator with the posterior, from expected counts."""
    number = counts.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = np.einsum("akk->a", counts) / number
        by_chance = (counts.sum(axis=1) * counts.sum(axis=2)).sum(axis=1) / number**2
        kappa = (observed - by_chance) / (1 - by_chance)
    # One true class only: agreement beyond chance is not defined, and nobody can be told from a constant.
    return np.where(1 - by_chance > SMALLEST, kappa, 0.0)
