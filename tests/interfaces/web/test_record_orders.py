"""Orders of stimuli: balanced for position and carry-over, neutral clips where they help."""

from collections import Counter
from itertools import pairwise

import pytest

from emogap.errors import UsageError
from emogap.interfaces.web.record_orders import showing_order, williams_square
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
    for num_earlier in range(20):
        order = showing_order(stimuli, num_earlier=num_earlier)
        assert sorted(each.stimulus_id for each in order) == sorted(each.stimulus_id for each in stimuli)
        assert order[-1].purpose == "closing"
        assert order[-1].stimulus_id.startswith("neu")
        for before, after in pairwise(order):
            assert (after.purpose == "relief") == before.stimulus_id.startswith("neg")
    closing = Counter(showing_order(stimuli, num_earlier=number)[-1].stimulus_id for number in range(20))
    assert set(closing.values()) == {5}


def test_with_one_neutral_clip_it_is_kept_for_the_end() -> None:
    order = showing_order([stimulus("a", "negative"), stimulus("b", "neutral"), stimulus("c", None)], num_earlier=0)
    assert [each.purpose for each in order] == ["study", "study", "closing"]


def test_neutral_clips_alone_are_the_study() -> None:
    order = showing_order([stimulus("a", "neutral"), stimulus("b", "neutral")], num_earlier=1)
    assert {each.purpose for each in order} == {"study"}
