"""Scores of a detector by hand, and paired differences."""

import numpy as np
import pytest

from emogap.analysis.detector_scores import DETECTOR_SCORES, detector_differences, detector_scores
from emogap.analysis.gap_detector import Detection
from emogap.errors import MismatchError

BY_HAND = Detection(
    event=np.array([True, True, False, False, False, False, False]),
    probability=np.array([0.9, 0.4, 0.8, 0.3, 0.2, 0.1, 0.4]),
    sets=np.array([[0, 1], [1, 0], [0, 1], [1, 0], [1, 1], [0, 0], [1, 0]], bool),
    threshold=np.full(7, 0.7),
    people=np.array(["a", "a", "b", "b", "c", "c", "c"]),
    cells=np.array(["p0"] * 7),
)


def test_every_score_by_hand() -> None:
    """Pairs: 0.9 beats all five; 0.4 beats three, ties with one. Set of clip 6 is empty, of clip 5 both."""
    expected = {
        "prevalence": 2 / 7, "auroc": 8.5 / 10, "auprc": (1 + 2 / 4) / 2, "coverage": 4 / 7, "coverage_gap": 1 / 2,
        "coverage_no_gap": 3 / 5, "abstained": 1 / 7, "empty": 1 / 7, "flagged": 2 / 7, "false_flag_rate": 1 / 5,
        "found": 1 / 2, "flags_right": 1 / 2,
        "brier": 2 * (0.01 + 0.36 + 0.64 + 0.09 + 0.04 + 0.01 + 0.16) / 7,
    }  # fmt: skip
    found = {name: score(BY_HAND) for name, score in DETECTOR_SCORES.items()}
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_intervals_hold_the_score_and_are_over_people() -> None:
    for name, interval in detector_scores(BY_HAND, draws=200, seed=0).items():
        assert interval.clusters == "3 people"
        assert interval.estimate == pytest.approx(DETECTOR_SCORES[name](BY_HAND))


def test_a_detector_does_not_differ_from_itself() -> None:
    found = detector_differences(BY_HAND, BY_HAND, draws=200, seed=0)
    assert set(found) == {"auroc", "brier"}
    brier, auroc = found["brier"], found["auroc"]
    assert brier.estimate == brier.low == brier.high == auroc.estimate == 0
    # Both events are of one person of three: (2/3)^3 of the draws hold none, so the AUROC has no interval.
    assert auroc.undefined_draws == pytest.approx(200 * (2 / 3) ** 3, abs=4 * np.sqrt(200 * 0.3 * 0.7))
    assert np.isnan([auroc.low, auroc.high]).all()


def test_other_clips_are_not_compared() -> None:
    other = Detection(
        BY_HAND.event[:5], BY_HAND.probability[:5], BY_HAND.sets[:5], BY_HAND.threshold[:5], BY_HAND.people[:5],
        BY_HAND.cells[:5],
    )  # fmt: skip
    with pytest.raises(MismatchError, match=r"other clips \(7 and 5\)"):
        detector_differences(BY_HAND, other, draws=200, seed=0)
