"""Choices and orders of windows without a list of them, against the lists."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emogap.datasets.gaze_index import GazeIndex, WindowRows, segments_of, shuffled_places, window_rows
from emogap.errors import UsageError


@pytest.mark.parametrize("chosen", [[True] * 5, [False, True, False, False, True], [False] * 5])
def test_the_windows_of_segments_are_those_that_start_in_them(
    make_small: Callable[..., GazeIndex], chosen: list[bool]
) -> None:
    index = make_small(stride_frames=1)
    rows = window_rows(index, np.array(chosen))
    expected = np.flatnonzero(np.array(chosen)[segments_of(index, np.array(index.starts))])
    assert len(rows) == len(expected)
    np.testing.assert_array_equal(rows[:], expected)
    backwards = np.arange(len(rows))[::-1]
    np.testing.assert_array_equal(rows[backwards], expected[::-1])


def test_a_place_that_is_not_there_is_an_index_error() -> None:
    rows = WindowRows(first=np.array([3, 20]), before=np.array([0, 2, 7]))
    assert rows[np.array([6, 0, 2])].tolist() == [24, 3, 20]
    with pytest.raises(IndexError, match="places run from 0 to 6"):
        rows[np.array([7])]


@settings(max_examples=30)
@given(num_places=st.integers(0, 600), seed=st.integers(0, 2**40))
def test_an_order_holds_every_place_once(num_places: int, seed: int) -> None:
    assert sorted(shuffled_places(num_places, seed=seed).tolist()) == list(range(num_places))


@settings(max_examples=20)
@given(num_places=st.integers(1, 500), cut=st.floats(0, 1))
def test_a_part_of_an_order_is_that_part(num_places: int, cut: float) -> None:
    start = int(cut * (num_places - 1))
    whole = shuffled_places(num_places, seed=7)
    np.testing.assert_array_equal(shuffled_places(num_places, seed=7, start=start), whole[start:])


def test_orders_of_two_seeds_have_nothing_in_common() -> None:
    """Of 40,000 places a random order leaves 1 in its place on average, and neighbours are not neighbours."""
    first, second = (shuffled_places(40_000, seed=seed) for seed in (1, 2))
    assert np.sum(first == second) < 10
    assert np.sum(first == np.arange(40_000)) < 10
    for one, other in ((first, second), (first[1:], first[:-1]), (first, np.arange(40_000))):
        # 4 standard errors of a correlation of 40,000 independent pairs.
        assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(40_000)


def test_a_part_beyond_the_order_is_refused() -> None:
    with pytest.raises(UsageError, match="entries 5 to 12 are not all within an order of 11"):
        shuffled_places(11, seed=0, start=5, stop=12)
