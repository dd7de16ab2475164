"""Choosing stimuli by votes."""

import numpy as np
import pytest

from emogap.annotation.stimulus_selection import Ties, count_votes, select_stimuli
from emogap.errors import UsageError
from emogap.types import RatingTable

CLASSES = ("fear", "joy", "anger")


def voted(*rows: str, annotators: tuple[str, ...] | None = None) -> RatingTable:
    """One word per candidate, one letter per expert: the first of a class, ``.`` = no vote."""
    rating = np.array([[np.nan if letter == "." else "fja".index(letter) for letter in row] for row in rows])
    names = annotators or tuple(f"expert-{column}" for column in range(rating.shape[1]))
    return RatingTable(tuple(f"c{row}" for row in range(len(rows))), names, rating, "nominal", CLASSES)


def test_the_largest_shares_of_each_class_are_chosen_best_first() -> None:
    selection = select_stimuli(voted("ffjj", "fffj", "ffff", "jjja", "aaaf"), per_class=2, draws=60)
    assert [(chosen.stimulus_id, chosen.emotion) for chosen in selection.chosen] == [
        ("c2", "fear"),
        ("c1", "fear"),
        ("c3", "joy"),
        ("c4", "anger"),
    ]
    assert selection.undecided == {"c0": ("fear", "joy")}
    assert selection.short == {"joy": 1, "anger": 1}


@pytest.mark.parametrize(
    ("ties", "chosen", "out"), [("keep", ["c0", "c1", "c2"], []), ("leave-out", ["c0"], ["c1", "c2"])]
)
def test_a_tie_for_the_last_place_is_said_and_not_settled_by_name(
    ties: Ties, chosen: list[str], out: list[str]
) -> None:
    selection = select_stimuli(voted("ffff", "fffj", "ffjf", "ffj."), per_class=2, ties=ties, draws=60)
    assert [one.stimulus_id for one in selection.chosen] == chosen
    assert [one.stimulus_id for one in selection.tied_out] == out
    assert [one.is_tied for one in selection.chosen] == [name != "c0" for name in chosen]


def test_of_equal_shares_the_one_with_more_votes_comes_first() -> None:
    selection = select_stimuli(voted("ff..", "ffff", "jjj."), per_class=1, draws=60)
    assert [one.stimulus_id for one in selection.chosen] == ["c1", "c2"]


def test_votes_of_machines_do_not_count() -> None:
    table = voted("fffjj", "jjjff", annotators=("a", "b", "c", "machine-x", "machine-y"))
    assert count_votes(table).count.tolist() == [[3, 0, 0], [0, 3, 0]]
    assert select_stimuli(table, draws=60).left_out_machines == ("machine-x", "machine-y")


def test_agreement_is_that_of_the_reference() -> None:
    import krippendorff

    table = voted("ffjj", "fffj", "fff.", "jjja", "aaaf")
    expected = krippendorff.alpha(reliability_data=table.rating.T, level_of_measurement="nominal")
    assert select_stimuli(table, draws=60).agreement.estimate == pytest.approx(expected)


def test_numbers_are_no_votes() -> None:
    numbers = RatingTable(("c0",), ("a", "b"), np.array([[0.2, 0.4]]), "interval")
    with pytest.raises(UsageError, match="interval scale"):
        select_stimuli(numbers)
