"""Temperatures and recalibrations that were planted are found again."""

import numpy as np
import pytest
from scipy.special import expit, logit, softmax
from sklearn.linear_model import LogisticRegression

from emogap.errors import UsageError
from emogap.scoring.temperature import fit_recalibration, fit_temperature, temper


def drawn_classes(probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random((len(probability), 1)) > probability.cumsum(axis=1)[:, :-1]).sum(axis=1)


@pytest.mark.parametrize("planted", [0.4, 1.0, 2.5])
def test_a_planted_temperature_is_found(planted: float) -> None:
    """Labels are drawn from the softmax; the model says the softmax of logits times the planted temperature."""
    rng = np.random.default_rng(3)
    logits = 1.5 * rng.normal(size=(20_000, 3))
    label = drawn_classes(softmax(logits, axis=1), rng)
    said = softmax(planted * logits, axis=1)
    found = fit_temperature(label, said)
    assert found == pytest.approx(planted, rel=0.05)
    np.testing.assert_allclose(temper(said, planted), softmax(logits, axis=1), atol=1e-6)


def test_a_temperature_does_not_change_the_class() -> None:
    said = np.random.default_rng(0).dirichlet(np.ones(7), size=50)
    for temperature in (0.1, 5.0):
        assert np.array_equal(temper(said, temperature).argmax(axis=1), said.argmax(axis=1))


def test_a_planted_slope_and_intercept_are_found() -> None:
    rng = np.random.default_rng(5)
    truth = rng.uniform(0.02, 0.98, 40_000)
    event = rng.random(len(truth)) < truth
    said = expit((logit(truth) + 1.2) / 0.5)
    found = fit_recalibration(event, said)
    assert (found.slope, found.intercept) == pytest.approx((0.5, -1.2), abs=0.06)
    assert np.abs(found.apply(said) - truth).mean() < 0.01


def test_the_line_is_that_of_a_logistic_regression_without_penalty() -> None:
    """Against scikit-learn, which fits to 1 and 0: with many clips Platt's targets are nearly those."""
    rng = np.random.default_rng(6)
    said = rng.uniform(0.1, 0.9, 20_000)
    event = rng.random(len(said)) < said**2
    other = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(said)[:, None], event)
    found = fit_recalibration(event, said)
    assert (found.slope, found.intercept) == pytest.approx((other.coef_[0, 0], other.intercept_[0]), abs=0.01)


def test_a_detector_that_is_wrong_way_round_is_not_turned() -> None:
    said = np.linspace(0.1, 0.9, 200)
    found = fit_recalibration(said < 0.5, said)
    assert found.slope == 0
    assert found.apply(said) == pytest.approx(np.full(200, 0.5), abs=0.01)


def test_no_clip_is_refused() -> None:
    with pytest.raises(UsageError, match="at least one"):
        fit_temperature(np.zeros(0, np.int64), np.zeros((0, 3)))
    with pytest.raises(UsageError, match="at least one"):
        fit_recalibration(np.zeros(0, bool), np.zeros(0))
