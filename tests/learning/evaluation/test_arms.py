"""Arms that cannot be compared are refused with the difference."""

import copy
from typing import Any

import polars as pl
import pytest

from emogap.errors import MismatchError
from emogap.learning.evaluation.arms import Arm, require_same_folds

RECORD: dict[str, Any] = {
    "dataset": {"name": "study", "fingerprint": "aaaa"},
    "config": {"preset": "quick"},
    "epochs": 5,
    "splits": {"person-0": "1111", "person-1": "2222"},
}


def arm(name: str, **changes: Any) -> Arm:
    return Arm(name, "linear", copy.deepcopy(RECORD) | changes, pl.DataFrame())  # type: ignore[arg-type]


def test_arms_of_the_same_folds_may_be_compared() -> None:
    require_same_folds([arm("one"), arm("two")])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"dataset": {"name": "study", "fingerprint": "bbbb"}}, "data: study aaaa and study bbbb"),
        ({"splits": {"person-0": "1111", "person-1": "3333"}}, r"folds \(person-1\): 2222 and 3333"),
        ({"splits": {"person-0": "1111"}}, r"folds \(person-1\): 2222 and none"),
        ({"epochs": 20}, "epochs: 5 and 20"),
    ],
)
def test_arms_that_differ_are_refused_with_the_difference(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(MismatchError, match=says) as caught:
        require_same_folds([arm("one"), arm("two"), arm("three", **changes)])
    assert "'one' and 'three'" in caught.value.what
