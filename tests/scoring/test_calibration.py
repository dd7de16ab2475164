"""Calibration against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from emogap.errors import UsageError
from emogap.scoring import brier, ece, reliability_curve


def confident(num_clips: int = 211, num_classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probability = rng.dirichlet(np.full(num_classes, 0.7), num_clips)
    label = (probability.cumsum(axis=1) > rng.random((num_clips, 1))).argmax(axis=1)
    return label, probability


def test_the_curve_is_scikit_learns_for_the_event_of_being_right() -> None:
    label, probability = confident()
    curve = reliability_curve(label, probability, bins=7)
    right = probability.argmax(axis=1) == label
    accuracy, confidence = calibration_curve(right, probability.max(axis=1), n_bins=7)
    filled = curve.num_clips > 0
    np.testing.assert_allclose(curve.accuracy[filled], accuracy)
    np.testing.assert_allclose(curve.confidence[filled], confidence)
    assert curve.num_clips.sum() == 211
    assert curve.edge.shape == (8,)


def test_ece_by_hand() -> None:
    """Two bins of (0.5, 1]: three clips at 0.6 of which one is right, one at 0.9 that is right."""
    probability = np.array([[0.6, 0.4], [0.6, 0.4], [0.6, 0.4], [0.9, 0.1]])
    label = np.array([0, 1, 1, 0])
    assert ece(label, probability, bins=4) == pytest.approx(3 / 4 * (0.6 - 1 / 3) + 1 / 4 * 0.1)


def test_a_calibrated_model_has_a_small_ece_and_an_overconfident_one_has_not() -> None:
    label, probability = confident(num_clips=5_000)
    sharpened = probability**4 / (probability**4).sum(axis=1, keepdims=True)
    assert ece(label, probability) < 0.03
    assert ece(label, sharpened) > 0.1


def test_brier_is_twice_scikit_learns_for_two_classes() -> None:
    label, probability = confident(num_classes=2)
    expected = 2 * np.mean((probability[:, 1] - label) ** 2)
    assert brier(label, probability) == pytest.approx(expected)
    assert brier(label, probability) == pytest.approx(2 * brier_score_loss(label, probability[:, 1]))


def test_vote_shares_are_a_target_of_their_own() -> None:
    share = np.array([[0.5, 0.5, 0.0], [0.0, 0.25, 0.75]])
    assert brier(share, share) == 0
    assert brier(share, np.eye(3)[[0, 2]]) == pytest.approx((0.5 + 0.125) / 2)


def test_certainty_falls_into_the_last_bin() -> None:
    curve = reliability_curve(np.array([0]), np.array([[1.0, 0.0]]), bins=5)
    assert curve.num_clips.tolist() == [0, 0, 0, 0, 1]


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="do not fit"):
        ece(np.zeros(3, np.int64), np.full((4, 2), 0.5))
