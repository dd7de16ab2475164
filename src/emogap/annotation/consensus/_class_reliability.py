"""The model of ``em_reliability`` for categories: an annotator knows, or answers by habit."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.annotation.consensus._climb import Climb, ClimbConfig, climb
from emogap.annotation.consensus._given import GivenRatings
from emogap.annotation.consensus._posterior import normalised

__all__ = ["ClassExpectation", "ClassParameters", "climb_classes"]

SMALLEST = 1e-300
"""Stands for 0 under a logarithm: a sum of a hundred thousand such logarithms is still finite."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassParameters:
    """Reliability of every annotator, its habit (the words it says when it does not know), and the classes."""

    reliability: Float[ndarray, " A"]
    habit: Float[ndarray, "A K"]
    prevalence: Float[ndarray, " K"]


@dataclass(frozen=True, slots=True, eq=False)
class ClassExpectation:
    """Posterior of the class of every item, and the probability that each rating was given knowingly."""

    posterior: Float[ndarray, "J K"]
    is_knowing: Float[ndarray, " N"]


def climb_classes(
    given: GivenRatings, num_categories: int, config: ClimbConfig
) -> Climb[ClassParameters, ClassExpectation]:
    """Maximum likelihood from vote shares, every rating as likely known as habit at first."""
    votes = given.vote_counts(num_categories)
    shares = votes / votes.sum(axis=1, keepdims=True)
    answer = given.rating.astype(np.int64)
    on_class = given.item * num_categories + answer
    by_habit = given.annotator * num_categories + answer
    return climb(
        ClassExpectation(shares, 0.5 * shares.ravel()[on_class]),
        maximise=partial(_maximise, given=given, by_habit=by_habit),
        expect=partial(_expect, given=given, on_class=on_class, by_habit=by_habit),
        num_ratings=len(given.item),
        config=config,
    )


def _maximise(expected: ClassExpectation, *, given: GivenRatings, by_habit: Int[ndarray, " N"]) -> ClassParameters:
    num_categories = expected.posterior.shape[1]
    number = np.maximum(given.by_annotator(), 1)
    reliability = given.by_annotator(expected.is_knowing) / number
    habit = np.bincount(by_habit, weights=1 - expected.is_knowing, minlength=given.num_annotators * num_categories)
    habit = habit.reshape(-1, num_categories)
    total = habit.sum(axis=1, keepdims=True)
    habit = np.where(total > 0, habit / np.where(total > 0, total, 1), 1 / num_categories)
    return ClassParameters(reliability, habit, expected.posterior.mean(axis=0))


def _expect(
    parameters: ClassParameters,
    *,
    given: GivenRatings,
    on_class: Int[ndarray, " N"],
    by_habit: Int[ndarray, " N"],
) -> tuple[ClassExpectation, float]:
    num_categories = len(parameters.prevalence)
    # Both probabilities depend on annotator and word alone: A * K logarithms, not N.
    otherwise = (1 - parameters.reliability[:, None]) * parameters.habit
    if_true = parameters.reliability[:, None] + otherwise
    log_otherwise = np.log(np.maximum(otherwise, SMALLEST))
    gain = (np.log(np.maximum(if_true, SMALLEST)) - log_otherwise).ravel()[by_habit]
    gained = np.bincount(on_class, weights=gain, minlength=given.num_items * num_categories)
    log_given_class = gained.reshape(-1, num_categories) + given.by_item(log_otherwise.ravel()[by_habit])[:, None]
    posterior, log_likelihood = normalised(log_given_class, parameters.prevalence)
    knowing_if_true = (parameters.reliability[:, None] / np.maximum(if_true, SMALLEST)).ravel()[by_habit]
    return ClassExpectation(posterior, posterior.ravel()[on_class] * knowing_if_true), log_likelihood
