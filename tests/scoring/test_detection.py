"""Detection scores against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from emogap.errors import UsageError
from emogap.scoring.calibration import event_ece, event_reliability
from emogap.scoring.detection import auroc, average_precision, false_flag_rate


@pytest.fixture(name="clips")
def _clips() -> tuple[np.ndarray, np.ndarray]:
    """Events and probabilities with many ties."""
    rng = np.random.default_rng(0)
    return rng.random(83) < 0.3, rng.integers(0, 12, 83) / 11


def test_ranks_agree_with_scikit_learn(clips: tuple[np.ndarray, np.ndarray]) -> None:
    event, said = clips
    assert auroc(event, said) == pytest.approx(roc_auc_score(event, said), abs=1e-12)
    assert average_precision(event, said) == pytest.approx(average_precision_score(event, said), abs=1e-12)


def test_a_constant_per_fold_ranks_nothing() -> None:
    """Leave-one-fold-out base rates: pooled they seem to rank clips the wrong way round."""
    fold = np.repeat(["a", "b", "c"], 4)
    event = np.array([1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0], bool)
    rate = {name: event[fold != name].mean() for name in "abc"}
    said = np.array([rate[name] for name in fold])
    assert auroc(event, said) < 0.4
    assert auroc(event, said, strata=fold) == 0.5


def test_within_strata_pairs_are_counted_by_hand() -> None:
    """Fold a: 0.9 above 0.1 (1 of 1). Fold b: 0.2 below 0.3 and above 0.1 (1 of 2). 2 of 3."""
    event = np.array([True, False, True, False, False])
    said = np.array([0.9, 0.1, 0.2, 0.3, 0.1])
    fold = ["a", "a", "b", "b", "b"]
    assert auroc(event, said, strata=fold) == pytest.approx(2 / 3)
    assert average_precision(event, said, strata=fold) == pytest.approx((1 + 1 / 2) / 2)


def test_false_flags_are_counted_among_clips_without_the_event() -> None:
    """Four clips without a gap, one of them flagged; two with, both flagged."""
    event = np.array([True, True, False, False, False, False])
    flagged = np.array([True, True, True, False, False, False])
    assert false_flag_rate(event, flagged) == 0.25
    assert np.isnan(false_flag_rate(np.ones(3, bool), flagged[:3]))


def test_without_an_event_nothing_is_ranked() -> None:
    assert np.isnan(auroc(np.zeros(3, bool), np.array([0.1, 0.2, 0.3])))
    assert np.isnan(average_precision(np.zeros(3, bool), np.array([0.1, 0.2, 0.3])))


def test_the_reliability_of_an_event_by_hand() -> None:
    """Bins (0, 0.5] and (0.5, 1]: two clips at 0.25, one of them an event; two at 0.75, both events."""
    event = np.array([True, False, True, True])
    said = np.array([0.25, 0.25, 0.75, 0.75])
    curve = event_reliability(event, said, bins=2)
    assert curve.num_clips.tolist() == [2, 2]
    assert curve.confidence.tolist() == [0.25, 0.75]
    assert curve.accuracy.tolist() == [0.5, 1.0]
    assert event_ece(event, said, bins=2) == pytest.approx(0.25)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="do not fit"):
        auroc(np.zeros(3, bool), np.zeros(4))
