"""A person is on one side only, or on none."""

from collections.abc import Callable

import numpy as np
import pytest

from emogap.datasets.gaze_index import GazeIndex, people_split
from emogap.errors import UnknownNameError, UsageError


def people_of(index: GazeIndex, segments: np.ndarray) -> set[str]:
    return {person for person, chosen in zip(index.participants, segments, strict=True) if chosen}


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_on_both_sides(make_small: Callable[..., GazeIndex], seed: int) -> None:
    index = make_small()
    train, validation = people_split(index, seed=seed)
    assert people_of(index, train) | people_of(index, validation) == {"p1", "p2", "p3"}
    assert not people_of(index, train) & people_of(index, validation)
    assert len(people_of(index, validation)) == 1
    assert (train ^ validation).all()


def test_who_validates_depends_on_the_seed(make_small: Callable[..., GazeIndex]) -> None:
    index = make_small()
    chosen = {frozenset(people_of(index, people_split(index, seed=seed)[1])) for seed in range(20)}
    assert len(chosen) == 3


def test_held_out_people_are_on_neither_side(make_small: Callable[..., GazeIndex]) -> None:
    index = make_small()
    train, validation = people_split(index, held_out=("p2",))
    assert people_of(index, train | validation) == {"p1", "p3"}
    assert not (train | validation)[np.array(index.participants) == "p2"].any()


def test_a_wrong_name_among_the_held_out_is_refused_with_the_nearest(make_small: Callable[..., GazeIndex]) -> None:
    with pytest.raises(UnknownNameError, match=r"(?s)named 'P2'.*p1, p2, p3"):
        people_split(make_small(), held_out=("P2",))


def test_one_person_alone_cannot_be_split(make_small: Callable[..., GazeIndex]) -> None:
    with pytest.raises(UsageError, match=r"1 of 3 people are left when 2 are held out"):
        people_split(make_small(), held_out=("p1", "p2"))


@pytest.mark.parametrize("share", [0.0, 1.0, float("nan")])
def test_a_share_that_leaves_a_side_empty_is_refused(make_small: Callable[..., GazeIndex], share: float) -> None:
    with pytest.raises(UsageError, match="of the people cannot validate"):
        people_split(make_small(), share=share)


def test_two_thirds_of_three_people_are_two(make_small: Callable[..., GazeIndex]) -> None:
    index = make_small()
    assert len(people_of(index, people_split(index, share=2 / 3)[1])) == 2
