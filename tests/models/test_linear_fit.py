"""The one fit of ``linear`` and of the confound probe, against scikit-learn and by its own penalty."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from emogap.models.linear_fit import fit_linear

CLIPS, FEATURES, CLASSES = 60, 2, 3


@pytest.fixture
def feature() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((CLIPS, FEATURES))


def people(number: int) -> np.ndarray:
    return np.array([f"p{clip % number}" for clip in range(CLIPS)])


def test_values_are_fitted_as_scikit_learns_ridge_does(feature: np.ndarray) -> None:
    label = feature @ [[0.5], [-1.0]] + 0.2
    fitted = fit_linear(feature, label, people=people(6), is_classification=False, penalties=(0.3,))
    expected = Ridge(alpha=0.3 * CLIPS).fit(feature, label)
    np.testing.assert_allclose(fitted(feature), expected.predict(feature).reshape(CLIPS, 1), rtol=1e-6)


def test_weights_of_classes_move_the_intercepts_to_equal_classes(feature: np.ndarray) -> None:
    """Shares times N / (K n_k): the fit of class_weight='balanced'."""
    word = np.repeat([0, 1, 2], [40, 14, 6])
    share = np.eye(CLASSES)[word]
    weighed = share / (CLASSES * share.mean(axis=0))
    fitted = fit_linear(feature, weighed, people=people(6), is_classification=True, penalties=(0.03,))
    expected = LogisticRegression(C=1 / (0.03 * CLIPS), class_weight="balanced", tol=1e-6).fit(feature, word)
    scores = fitted(feature)
    np.testing.assert_allclose(
        scores - scores.mean(axis=1, keepdims=True), expected.decision_function(feature), atol=2e-2
    )


def test_with_two_people_the_strongest_penalty_is_taken(feature: np.ndarray) -> None:
    label = feature @ [[1.0], [1.0]]
    assert fit_linear(feature, label, people=people(2), is_classification=False).penalty == 3.0
    assert fit_linear(feature, label, people=people(6), is_classification=False).penalty == 0.003
