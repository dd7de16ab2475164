"""Errors, correlations and agreement against scikit-learn, SciPy and formulas written another way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score, root_mean_squared_error

from emogap.errors import UsageError
from emogap.scoring.metrics import ccc, mae, mse, pearson_r, r2, rmse

VALUES = st.integers(-400, 400).map(lambda number: number / 100)
CLIPS = st.lists(st.tuples(VALUES, VALUES), min_size=3, max_size=40)


@settings(deadline=None, max_examples=50)
@given(CLIPS)
def test_errors_are_those_of_scikit_learn(clips: list[tuple[float, float]]) -> None:
    label, output = np.array(clips).T
    assert mae.score(label, output) == pytest.approx(mean_absolute_error(label, output), abs=1e-12)
    assert mse.score(label, output) == pytest.approx(mean_squared_error(label, output), abs=1e-12)
    assert rmse.score(label, output) == pytest.approx(root_mean_squared_error(label, output), abs=1e-7)


@settings(deadline=None, max_examples=50)
@given(CLIPS.filter(lambda clips: min(np.ptp(np.array(clips), axis=0)) > 0))
def test_correlation_is_scipys_and_r2_scikit_learns(clips: list[tuple[float, float]]) -> None:
    label, output = np.array(clips).T
    assert pearson_r.score(label, output) == pytest.approx(pearsonr(label, output).statistic, abs=1e-9)
    assert r2.score(label, output) == pytest.approx(r2_score(label, output), rel=1e-9, abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(CLIPS.filter(lambda clips: np.ptp(np.array(clips)) > 0))
def test_ccc_is_one_minus_the_expected_squared_distance_over_that_of_independence(
    clips: list[tuple[float, float]],
) -> None:
    """Lin's equation 1: the distance between all labels and all outputs is the independent case."""
    label, output = np.array(clips).T
    independent = np.mean((label[:, None] - output[None, :]) ** 2)
    expected = 1 - np.mean((label - output) ** 2) / independent
    assert ccc.score(label, output) == pytest.approx(expected, abs=1e-9)


def test_a_far_offset_costs_no_digits() -> None:
    """Sums of squares would cancel at an offset of 1e6; the mean label is taken off first."""
    rng = np.random.default_rng(0)
    label = rng.normal(size=53)
    output = label + rng.normal(0, 0.5, 53)
    for metric in (mae, mse, rmse, ccc, pearson_r, r2):
        assert metric.score(label + 1e6, output + 1e6) == pytest.approx(metric.score(label, output), rel=1e-8)


def test_a_constant_output_has_no_r_but_a_ccc_of_zero() -> None:
    label, output = np.array([0.1, 0.5, 0.3]), np.full(3, 0.7)
    assert np.isnan(pearson_r.score(label, output))
    assert ccc.score(label, output) == pytest.approx(0, abs=1e-15)
    assert r2.score(label, output) < 0


def test_constant_labels_have_no_r2() -> None:
    assert np.isnan(r2.score(np.full(4, 0.3), np.arange(4.0)))
    assert np.isnan(ccc.score(np.full(4, 0.3), np.full(4, 0.3)))


def test_a_value_that_is_not_finite_is_refused() -> None:
    with pytest.raises(UsageError, match="not finite"):
        mae.score([0.0, np.nan], [0.0, 1.0])
