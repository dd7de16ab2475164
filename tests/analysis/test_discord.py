"""Windows merged into segments, by hand and by properties."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.analysis.discord import discord_segments, window_starts
from emogap.errors import UsageError


def test_windows_that_overlap_or_touch_are_one_segment() -> None:
    """0-4 and 3-7 overlap, 7-11 touches; 12-16 stands apart; 5-9 is not above the threshold."""
    found = discord_segments([3, 0, 12, 7, 5], [7, 4, 16, 11, 9], [0.6, 0.9, 0.7, 0.6, 0.5], threshold=0.5)
    assert [(each.start_s, each.stop_s, each.num_windows) for each in found] == [(0, 11, 3), (12, 16, 1)]
    assert found[0].probability == pytest.approx(0.7)


def test_a_longer_window_weighs_more() -> None:
    (found,) = discord_segments([0, 1], [4, 2], [0.6, 1.0], threshold=0.5)
    assert found.probability == pytest.approx((4 * 0.6 + 1 * 1.0) / 5)
    assert found.stop_s == 4


def test_nothing_above_the_threshold_is_no_segment() -> None:
    assert discord_segments([0], [4], [0.5], threshold=0.5) == ()
    assert discord_segments([0], [4], [0.99], threshold=np.inf) == ()


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9), st.floats(0, 1)), min_size=1, max_size=12),
    st.integers(-50, 50),
)
def test_segments_hold_every_flagged_window_and_move_with_the_clock(
    windows: list[tuple[int, int, float]], shift_s: int
) -> None:
    starts, lengths, said = (np.array(values, float) for values in zip(*windows, strict=True))
    found = discord_segments(starts, starts + lengths, said, threshold=0.5)
    for start, length, probability in windows:
        held = [each for each in found if each.start_s <= start and start + length <= each.stop_s]
        assert len(held) == 1 if probability > 0.5 else len(held) <= 1
    assert all(first.stop_s < second.start_s for first, second in pairwise(found))
    moved = discord_segments(starts + shift_s, starts + lengths + shift_s, said, threshold=0.5)
    assert [(each.start_s - shift_s, each.stop_s - shift_s, each.num_windows) for each in moved] == [
        (each.start_s, each.stop_s, each.num_windows) for each in found
    ]


def test_windows_end_where_the_recording_ends() -> None:
    assert window_starts(2.0, 10.0, window_s=4.0, step_s=2.0).tolist() == [2.0, 4.0, 6.0]
    assert window_starts(2.0, 10.0, window_s=4.0, step_s=3.0).tolist() == [2.0, 5.0, 6.0]
    assert window_starts(2.0, 5.0, window_s=4.0, step_s=1.0).tolist() == [2.0]


def test_windows_that_would_skip_time_are_refused() -> None:
    with pytest.raises(UsageError, match="windows of 2 s every 3 s do not cover"):
        window_starts(0.0, 8.0, window_s=2.0, step_s=3.0)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageError, match="every stop after its start"):
        discord_segments([3], [3], [0.9], threshold=0.5)
