"""Arms of an ablation: compared on the same clips, or refused with the difference."""

import copy
from typing import Any

import numpy as np
import polars as pl
import pytest

from emogap.errors import MismatchError
from emogap.learning.evaluation.arms import Arm, ArmDifference, arm_differences, require_same_folds
from emogap.learning.evaluation.rows import Scoring
from tests.learning.evaluation.hand_predictions import KEYS, LABEL, predictions_of

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


def _difference_of_one_film(split: str) -> ArmDifference:
    """Two arms that say the same but of the films of one group in three, of which one arm says the next class."""
    of_one_group = np.array([key.stimulus_group == "g0" for key in KEYS])
    guesses = {"whole": LABEL, "blind": np.where(of_one_group, (LABEL + 1) % 3, LABEL)}
    arms = [
        Arm(name, "linear", copy.deepcopy(RECORD), predictions_of({"linear": guess}, split=split))  # type: ignore[arg-type]
        for name, guess in guesses.items()
    ]
    scoring = Scoring(draws=600)
    (found,) = arm_differences(
        arms, "whole", view="felt", target="class", space="emotion3", split=split, scoring=scoring
    )
    return found


def test_a_difference_that_lies_in_one_film_is_found_for_other_people_and_these_films() -> None:
    found = _difference_of_one_film("person")
    assert found.difference["estimate"] == pytest.approx(-1 / 3)
    assert found.p == pytest.approx(2 / 2**9)  # all nine people fall alike


def test_a_difference_that_lies_in_one_film_is_none_for_other_films() -> None:
    found = _difference_of_one_film("person+stimulus")
    assert found.difference["estimate"] == pytest.approx(-1 / 3)
    assert found.p is not None
    assert found.p > 0.2  # one of three groups of films: t has two degrees of freedom
