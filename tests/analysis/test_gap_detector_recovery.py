"""The short form of the slow check ``gap_detector``: a few simulated cohorts instead of hundreds."""

import pytest

from slow_checks.gap_detector import summary


@pytest.fixture(scope="module", name="rows")
def _rows() -> dict[tuple[object, ...], dict[str, object]]:
    """Means over three cohorts of 24 people, by detector, level, unit and number of models."""
    found = summary(24, 14, 14, 3, jobs=1)
    return {(row["detector"], row["level"], row["over"], row["by"]): row for row in found}


def number(
    rows: dict[tuple[object, ...], dict[str, object]], detector: str, score: str, level: float = 0.8,
    by: str = "one model",
) -> float:  # fmt: skip
    value = rows[detector, level, "people", by][score]
    assert isinstance(value, float)
    return value


def test_sets_hold_the_truth_about_as_often_as_promised(rows: dict[tuple[object, ...], dict[str, object]]) -> None:
    """Three cohorts of five test people: the standard error of a coverage is about 5 points."""
    for detector in ("two heads", "gap head", "Bayes"):
        assert 0.7 <= number(rows, detector, "coverage") <= 0.95
        assert number(rows, detector, "coverage", 0.9) >= 0.8
        assert number(rows, detector, "false_flag_rate") <= 0.3


def test_sets_by_all_models_hold_the_truth_more_often_where_these_disagree(
    rows: dict[tuple[object, ...], dict[str, object]],
) -> None:
    """Bayes is the same rule in every fold."""
    assert number(rows, "Bayes", "correlation") == pytest.approx(1)
    assert number(rows, "gap head", "correlation") < 0.9
    by_one, by_all = (number(rows, "gap head", "coverage", by=by) for by in ("one model", "all models"))
    assert by_all > by_one


def test_no_detector_is_better_than_bayes_nor_two_heads_worse_than_nothing(
    rows: dict[tuple[object, ...], dict[str, object]],
) -> None:
    bayes = number(rows, "Bayes", "brier")
    for detector in ("two heads", "gap head", "face alone, shown head", "base rate"):
        assert number(rows, detector, "brier") > bayes
    assert number(rows, "two heads", "auroc") > number(rows, "base rate", "auroc") == 0.5


def test_a_detector_without_any_order_always_abstains(rows: dict[tuple[object, ...], dict[str, object]]) -> None:
    assert number(rows, "base rate", "abstained") == 1
