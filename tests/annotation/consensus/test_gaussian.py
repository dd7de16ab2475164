"""Bias and noise of simulated raters, and the likelihood of the two-way model written out."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from emogap.annotation.consensus import gaussian, majority
from emogap.annotation.consensus._given import given_ratings
from emogap.annotation.consensus._normal import pooled_variance
from emogap.types import RatingTable
from tests.annotation.consensus.simulated_raters import names, number_table, without_some

BIAS = np.array([0.4, -0.3, 0.2, -0.4, 0.1])
SD = np.array([0.1, 0.3, 0.5, 0.7, 0.9])


def two_way(num_items: int, seed: int, missing: float, sd: np.ndarray = SD) -> tuple[np.ndarray, np.ndarray]:
    """True values with mean 0.5 and SD 0.8, and the ratings of five raters."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(0.5, 0.8, num_items)
    rating = truth[:, None] + BIAS + sd * rng.standard_normal((num_items, len(BIAS)))
    return truth, without_some(rating, rng, missing)


def test_known_biases_and_variances_are_found_again() -> None:
    _, rating = two_way(4003, 1, 0.3)
    result = gaussian.fit(number_table(rating))
    assert result.bias is not None
    assert result.variance is not None
    assert result.reliability is not None
    np.testing.assert_allclose(result.bias, BIAS - BIAS.mean(), atol=0.04)
    np.testing.assert_allclose(np.sqrt(result.variance), SD, atol=0.05)
    np.testing.assert_allclose(result.reliability, 0.64 / (0.64 + SD**2), atol=0.04)
    assert result.converged


def test_the_value_is_nearer_the_truth_than_the_mean_and_its_sd_is_honest() -> None:
    truth, rating = two_way(2003, 2, 0.4, SD + 0.3)
    table = number_table(rating)
    result, mean = gaussian.fit(table), majority.fit(table)
    assert result.value is not None
    assert result.value_sd is not None
    assert mean.value is not None
    had = np.isfinite(result.value)
    error = (result.value - truth)[had]
    assert np.sqrt((error**2).mean()) < 0.85 * np.sqrt(((mean.value - truth)[had] ** 2).mean())
    assert np.mean(np.abs(error) < 1.96 * result.value_sd[had]) == pytest.approx(0.95, abs=0.02)


def test_what_is_climbed_is_the_normal_likelihood_and_the_prior() -> None:
    """Started and stopped anywhere; the mean and variance of the items are recovered from the result."""
    _, rating = two_way(37, 3, 0.3)
    table = number_table(rating[np.isfinite(rating).any(axis=1)])
    result = gaussian.fit(table, gaussian.Config(max_steps=4000, tolerance=0, prior_ratings=2.0))
    assert result.bias is not None
    assert result.variance is not None
    assert result.value is not None
    assert result.value_sd is not None
    assert result.log_likelihood is not None
    mean = float(result.value.mean())
    spread = float(((result.value - mean) ** 2 + result.value_sd**2).mean())
    expected = -float((np.log(result.variance) + pooled_variance(given_ratings(table)) / result.variance).sum())
    for row in table.rating:
        own = np.flatnonzero(np.isfinite(row))
        covariance = spread + np.diag(result.variance[own])
        expected += float(multivariate_normal.logpdf(row[own], mean + result.bias[own], covariance))
    assert result.log_likelihood[-1] == pytest.approx(expected, abs=1e-5)


def test_shifting_or_stretching_the_scale_does_the_same_to_the_result() -> None:
    _, rating = two_way(53, 4, 0.2)
    config = gaussian.Config(max_steps=25, tolerance=0)
    before = gaussian.fit(number_table(rating), config)
    after = gaussian.fit(number_table(0.5 + 2 * rating), config)
    assert before.value is not None
    assert before.bias is not None
    np.testing.assert_allclose(after.value, 0.5 + 2 * before.value, rtol=1e-9)
    np.testing.assert_allclose(after.bias, 2 * before.bias, atol=1e-9)
    np.testing.assert_allclose(after.reliability, before.reliability, rtol=1e-9)


def test_a_value_beyond_the_scale_is_set_to_its_limit_and_counted() -> None:
    """One rater is always 0.6 low: without its bias an item it alone called 1 would be at 1.3."""
    rng = np.random.default_rng(6)
    truth = np.concatenate([rng.uniform(-0.3, 0.3, 40), [1.0]])
    rating = np.stack([truth, truth - 0.6, truth + 0.01], axis=1) + 0.01 * rng.standard_normal((41, 3))
    rating[-1] = [np.nan, 1.0, np.nan]
    table = RatingTable(names("i", 41), ("a", "b", "c"), np.clip(rating, -1, 1), "interval", limits=(-1, 1))
    result = gaussian.fit(table)
    assert result.value is not None
    assert result.value[-1] == 1
    assert "1 value beyond the limits" in result.doubts[-1]


def test_raters_in_perfect_agreement_are_no_reason_to_divide_by_zero() -> None:
    truth = np.linspace(-1, 1, 17)
    result = gaussian.fit(number_table(np.repeat(truth[:, None], 3, axis=1)))
    assert result.value is not None
    assert result.reliability is not None
    np.testing.assert_allclose(result.value, truth, atol=1e-3)
    assert result.reliability.min() > 0.999
