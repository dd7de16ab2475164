"""The paper's weighted vote: its formula, the likelihoods written out, and raters whose reliability is known."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from emogap.annotation.consensus import em_reliability
from emogap.annotation.consensus._class_reliability import climb_classes
from emogap.annotation.consensus._given import given_ratings
from emogap.annotation.consensus._normal import pooled_variance
from emogap.annotation.consensus._number_reliability import climb_numbers
from emogap.types import RatingTable
from tests.annotation.consensus.simulated_raters import class_table, number_table, without_some


def knowing_raters(
    truth: np.ndarray, reliability: np.ndarray, habit: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Each rater knows the truth with its reliability, and otherwise follows its habit."""
    guess = (rng.random((len(truth), len(reliability), 1)) > habit.cumsum(axis=1)).sum(axis=2)
    return np.where(rng.random((len(truth), len(reliability))) < reliability, truth[:, None], guess).astype(float)


def congeneric(
    truth: np.ndarray, slope: np.ndarray, offset: np.ndarray, sd: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    return offset + slope * truth[:, None] + sd * rng.standard_normal((len(truth), len(slope)))


def some_classes(seed: int = 0) -> RatingTable:
    rng = np.random.default_rng(seed)
    habit = rng.dirichlet(np.ones(3), 4)
    rating = knowing_raters(rng.integers(0, 3, 47), np.array([0.9, 0.7, 0.5, 0.3]), habit, rng)
    return class_table(without_some(rating, rng, 0.25), 3)


def class_likelihood(table: RatingTable, reliability: np.ndarray, habit: np.ndarray, prevalence: np.ndarray) -> float:
    """Item by item and class by class."""
    total = 0.0
    for row in table.rating:
        given = [(rater, int(word)) for rater, word in enumerate(row) if word == word]
        if given:
            total += math.log(
                sum(
                    prevalence[k]
                    * math.prod(
                        reliability[rater] * (word == k) + (1 - reliability[rater]) * habit[rater, word]
                        for rater, word in given
                    )
                    for k in range(len(prevalence))
                )
            )
    return total


def test_the_vote_is_the_formula_of_the_paper() -> None:
    table = some_classes()
    result = em_reliability.fit(table)
    assert result.share is not None
    assert result.reliability is not None
    for row, share in zip(table.rating, result.share, strict=True):
        given = [(result.reliability[rater], int(word)) for rater, word in enumerate(row) if word == word]
        for k in range(3):
            assert share[k] == pytest.approx(sum(a for a, word in given if word == k) / sum(a for a, _ in given))


def test_the_vote_over_numbers_is_the_formula_of_the_paper() -> None:
    table = number_table(np.random.default_rng(1).normal(np.arange(9)[:, None], 1, (9, 4)) / 3)
    result = em_reliability.fit(table)
    assert result.reliability is not None
    assert result.value is not None
    np.testing.assert_allclose(result.value, np.average(table.rating, axis=1, weights=result.reliability))


def test_the_end_of_the_climb_over_classes_is_a_maximum_of_the_likelihood() -> None:
    table = some_classes()
    config = em_reliability.Config(max_steps=3000, tolerance=0)
    climbed = climb_classes(given_ratings(table), 3, config)
    found = climbed.parameters
    height = class_likelihood(table, found.reliability, found.habit, found.prevalence)
    assert climbed.log_likelihood[-1] == pytest.approx(height, rel=1e-9)
    rng = np.random.default_rng(2)
    for _ in range(40):
        reliability = np.clip(found.reliability + rng.normal(0, 0.03, 4), 0, 1)
        habit = np.abs(found.habit + rng.normal(0, 0.03, (4, 3)))
        prevalence = np.abs(found.prevalence + rng.normal(0, 0.02, 3))
        near = class_likelihood(
            table, reliability, habit / habit.sum(axis=1, keepdims=True), prevalence / prevalence.sum()
        )
        assert near <= height + 1e-6


def test_known_reliabilities_over_classes_are_found_again() -> None:
    rng = np.random.default_rng(4)
    reliability = np.array([0.95, 0.8, 0.6, 0.4, 0.2, 0.0])
    habit = rng.dirichlet(np.ones(4), 6)
    truth = rng.choice(4, 5003, p=[0.4, 0.3, 0.2, 0.1])
    result = em_reliability.fit(class_table(without_some(knowing_raters(truth, reliability, habit, rng), rng, 0.2), 4))
    assert result.reliability is not None
    np.testing.assert_allclose(result.reliability, reliability, atol=0.04)
    assert result.converged


def test_known_reliabilities_over_numbers_are_found_again() -> None:
    rng = np.random.default_rng(5)
    slope, sd = np.array([1.0, 0.8, 0.5, 1.2, 0.0]), np.array([0.3, 0.5, 0.8, 1.0, 0.6])
    rating = congeneric(rng.normal(0, 1, 4007), slope, np.array([0.3, -0.2, 0, 0.1, 0]), sd, rng)
    result = em_reliability.fit(number_table(without_some(rating, rng, 0.2)))
    assert result.reliability is not None
    np.testing.assert_allclose(result.reliability, slope**2 / (slope**2 + sd**2), atol=0.03)


def test_what_is_climbed_over_numbers_is_the_normal_likelihood_and_the_prior() -> None:
    rng = np.random.default_rng(6)
    rating = congeneric(rng.normal(0, 1, 31), np.array([1, 0.7, 0.4, 1.1]), np.zeros(4), np.full(4, 0.5), rng)
    table = number_table(without_some(rating, rng, 0.3))
    given = given_ratings(table)
    climbed = climb_numbers(given, em_reliability.Config(max_steps=6, tolerance=0), prior_ratings=2.0)
    found, expected = climbed.parameters, 0.0
    for row in table.rating:
        own = np.flatnonzero(np.isfinite(row))
        if len(own):
            covariance = np.outer(found.slope[own], found.slope[own]) + np.diag(found.variance[own])
            expected += float(multivariate_normal.logpdf(row[own], found.offset[own], covariance))
    expected -= float((np.log(found.variance) + pooled_variance(given) / found.variance).sum())
    assert climbed.log_likelihood[-1] == pytest.approx(expected, rel=1e-9)


def test_a_rater_who_reads_the_scale_the_wrong_way_round_gets_no_weight() -> None:
    rng = np.random.default_rng(7)
    rating = congeneric(rng.normal(0, 1, 301), np.array([1, 1, 1, -1.0]), np.zeros(4), np.full(4, 0.4), rng)
    result = em_reliability.fit(number_table(rating))
    assert result.reliability is not None
    assert result.reliability[3] < 1e-9
    assert result.reliability[:3].min() > 0.7


def test_an_item_that_only_constant_raters_rated_has_no_weight() -> None:
    rating = np.array([[0, 0, 1], [1, 1, 1], [0, 0, np.nan], [1, 1, 1], [np.nan, np.nan, 1]])
    result = em_reliability.fit(class_table(rating, 2))
    assert result.states[-1] == "no weight"
    assert result.labels[-1] is None
    assert result.states[0] == "settled"


def test_two_raters_are_made_equal_and_the_reader_is_told() -> None:
    rng = np.random.default_rng(9)
    truth = rng.integers(0, 3, 203)
    rating = knowing_raters(truth, np.array([0.9, 0.5]), np.full((2, 3), 1 / 3), rng)
    result = em_reliability.fit(class_table(rating, 3))
    assert any("only 2 annotators" in doubt for doubt in result.doubts)
