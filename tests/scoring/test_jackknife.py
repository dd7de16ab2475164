"""The jackknife and what is made of it, against textbook statistics."""

import math

import numpy as np
import pytest
from scipy import stats

from emogap.scoring.jackknife import fisher_z, jackknife_variance, two_sided_p


def test_the_jackknife_of_a_mean_is_its_squared_standard_error() -> None:
    values = np.random.default_rng(3).normal(size=17)
    without = (values.sum() - values) / 16
    assert jackknife_variance(without) == pytest.approx(stats.sem(values) ** 2)


def test_p_of_a_mean_is_that_of_the_t_test() -> None:
    values = np.random.default_rng(4).normal(loc=0.4, size=13)
    without = (values.sum() - values) / 12
    p = two_sided_p(float(values.mean()), jackknife_variance(without), 12)
    assert p == pytest.approx(stats.ttest_1samp(values, 0).pvalue)


def test_a_perfect_correlation_has_a_finite_transformation() -> None:
    assert np.isfinite(fisher_z(np.array([-1.0, 1.0]))).all()


def test_without_a_spread_there_is_no_p() -> None:
    assert math.isnan(two_sided_p(0.5, 0.0, 9))
    assert math.isnan(two_sided_p(0.5, jackknife_variance(np.array([0.1, np.nan, 0.2])), 2))
