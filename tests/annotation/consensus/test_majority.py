"""Votes are counted by hand here."""

import numpy as np
import pytest

from emogap.annotation.consensus import majority
from emogap.types import RatingTable
from tests.annotation.consensus.simulated_raters import class_table, number_table

NAN = np.nan


def test_a_tie_keeps_its_shares_and_has_no_label() -> None:
    result = majority.fit(class_table(np.array([[0, 0, 2, 2.0]]), 3))
    assert result.share is not None
    assert result.share.tolist() == [[0.5, 0, 0.5]]
    assert result.labels == (None,)
    assert result.states == ("tie",)
    assert result.unsettled == ("item00000",)


@pytest.mark.parametrize(
    ("votes", "label", "state"),
    [
        ([1, 1, 1, 0, 2], "class00001", "settled"),
        ([1, 1, 0, 2, 3], "class00001", "plurality"),
        ([1, 1, 0, 2, NAN], "class00001", "plurality"),
        ([1, NAN, NAN, NAN, NAN], "class00001", "one rating"),
        ([NAN, NAN, NAN, NAN, NAN], None, "no rating"),
        ([1, 1, 0, 0, 2], None, "tie"),
    ],
)
def test_an_item_is_settled_by_more_than_half_of_two_votes_or_more(
    votes: list[float], label: str | None, state: str
) -> None:
    result = majority.fit(class_table(np.array([votes, [0, 0, 0, 0, 0]]), 4))
    assert result.labels[0] == label
    assert result.states[0] == state


def test_disagreement_is_the_share_of_pairs_that_differ() -> None:
    """Three against two of five: 6 of 10 pairs differ; Fleiss (1971), eq. 2, gives 1 - 0.4."""
    result = majority.fit(class_table(np.array([[0, 0, 0, 1, 1], [2, 2, 2, 2, 2], [0, NAN, NAN, NAN, NAN]]), 3))
    assert result.disagreement[:2].tolist() == pytest.approx([0.6, 0])
    assert np.isnan(result.disagreement[2])


def test_numbers_are_averaged_and_their_sd_is_the_disagreement() -> None:
    result = majority.fit(number_table(np.array([[1, 2, 3, NAN], [4, NAN, NAN, NAN]])))
    assert result.value is not None
    assert result.value.tolist() == [2, 4]
    assert result.disagreement[0] == pytest.approx(1.0)
    assert np.isnan(result.disagreement[1])
    assert result.states == ("settled", "one rating")
    assert result.labels == ()


def test_points_of_a_form_are_averaged_too() -> None:
    table = RatingTable(("a", "b"), ("x", "y", "z"), np.array([[1, 2, 2], [5, 5, 4.0]]), "ordinal", limits=(1, 5))
    result = majority.fit(table)
    assert result.value is not None
    assert result.value.tolist() == pytest.approx([5 / 3, 14 / 3])
