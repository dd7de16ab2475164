"""Orders of stimuli: balanced for position and carry-over, neutral clips where they help."""

from collections import Counter
from itertools import pairwise

import pytest

from emogap.errors import UsageError
from emogap.interfaces.web.record_orders import Showing, next_order, showing_order, williams_square
from emogap.recording.study import Stimulus


def stimulus(name: str, target: str | None) -> Stimulus:
    return Stimulus(name, name, None, target, None, None)


@pytest.mark.parametrize("num_conditions", [1, 2, 3, 4, 5, 6, 7, 8, 11])
def test_every_condition_stands_and_follows_equally_often(num_conditions: int) -> None:
    """The definition of a Williams design, counted."""
    square = williams_square(num_conditions)
    assert all(sorted(row) == list(range(num_conditions)) for row in square)
    places = Counter((place, condition) for row in square for place, condition in enumerate(row))
    assert len(places) == num_conditions**2
    assert len(set(places.values())) == 1
    follows = Counter(pair for row in square for pair in pairwise(row))
    assert len(follows) == num_conditions * (num_conditions - 1)
    assert len(set(follows.values())) <= 1
    assert len(square) == (num_conditions if num_conditions % 2 == 0 or num_conditions == 1 else 2 * num_conditions)


def test_nothing_to_order_is_said() -> None:
    with pytest.raises(UsageError, match="nothing to order"):
        williams_square(0)


def test_a_neutral_clip_follows_each_negative_one_and_one_ends_the_session() -> None:
    stimuli = [
        *(stimulus(f"neg{number}", "negative") for number in range(2)),
        *(stimulus(f"pos{number}", "positive") for number in range(3)),
        *(stimulus(f"neu{number}", "neutral") for number in range(4)),
    ]
    orders = [showing_order(stimuli, turn=turn) for turn in range(24)]
    for order in orders:
        assert sorted(each.stimulus_id for each in order) == sorted(each.stimulus_id for each in stimuli)
        assert order[-1].purpose == "closing"
        assert order[-1].stimulus_id.startswith("neu")
        for before, after in pairwise(order):
            assert (after.purpose == "relief") == before.stimulus_id.startswith("neg")
    closing = Counter(order[-1].stimulus_id for order in orders)
    assert set(closing.values()) == {6}


@pytest.mark.parametrize("targets", ["nnnn", "nnnnn", "-+nnnn", "-+nn", "+++nnn", "-+n"])
def test_over_one_square_every_clip_stands_equally_often_at_each_position(targets: str) -> None:
    """Neutral clips of the square once moved on with every session too: of four, two were never shown first."""
    words = {"n": "neutral", "-": "negative", "+": "positive"}
    stimuli = [stimulus(f"s{number}", words[sign]) for number, sign in enumerate(targets)]
    num_shown = sum(each.purpose == "study" for each in showing_order(stimuli, turn=0))
    num_rows = len(williams_square(num_shown))
    places = Counter(
        (place, showing.stimulus_id)
        for turn in range(num_rows)
        for place, showing in enumerate(each for each in showing_order(stimuli, turn=turn) if each.purpose == "study")
    )
    assert len(places) == num_shown**2
    assert set(places.values()) == {num_rows // num_shown}


def test_the_turn_of_a_session_that_was_withdrawn_is_taken_again() -> None:
    """The number of sessions once decided: after a withdrawal the last order came twice, and one was missing."""
    stimuli = [*(stimulus(f"s{number}", "positive") for number in range(4)), stimulus("n", "neutral")]
    taken: list[tuple[Showing, ...]] = []
    for _ in range(4):
        taken.append(next_order(stimuli, taken))
    assert taken == [showing_order(stimuli, turn=turn) for turn in range(4)]
    gone = taken.pop(1)
    assert next_order(stimuli, taken) == gone
    assert next_order(stimuli, [*taken, gone]) == taken[0]
    other = showing_order([stimulus("x", None)], turn=0)
    assert next_order(stimuli, [other, taken[0]]) == gone


def test_with_one_neutral_clip_it_is_kept_for_the_end() -> None:
    order = showing_order([stimulus("a", "negative"), stimulus("b", "neutral"), stimulus("c", None)], turn=0)
    assert [each.purpose for each in order] == ["study", "study", "closing"]


def test_neutral_clips_alone_are_the_study() -> None:
    order = showing_order([stimulus("a", "neutral"), stimulus("b", "neutral")], turn=1)
    assert {each.purpose for each in order} == {"study"}
