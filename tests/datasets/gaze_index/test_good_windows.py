"""Which windows are good, against a loop over every window and frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.datasets.gaze_index import IndexConfig
from emogap.datasets.gaze_index.good_windows import FROZEN, TOO_LITTLE_VALID, good_windows


def config_of(past: int, future: int, stride: int, **shares: float) -> IndexConfig:
    return IndexConfig(rate_hz=1, past_s=past, future_s=future, stride_frames=stride, **shares)


def moving(num_frames: int, num_channels: int = 3) -> np.ndarray:
    values = np.arange(num_frames * num_channels, dtype=np.float32).reshape(num_frames, num_channels)
    return values + np.float32(1)


def by_loop(values: np.ndarray, valid: np.ndarray, config: IndexConfig) -> list[int]:
    """Every window looked at, frame by frame."""
    length = config.past_frames + config.future_frames
    good = []
    for start in range(0, len(valid) - length + 1, config.stride_frames):
        parts = (start, start + config.past_frames), (start + config.past_frames, start + length)
        passes = []
        for first, stop in parts:
            num_valid = sum(bool(valid[frame]) for frame in range(first, stop))
            pairs = [frame for frame in range(first + 1, stop) if valid[frame] and valid[frame - 1]]
            repeats = sum(bool((values[frame] == values[frame - 1]).all()) for frame in pairs)
            frozen = len(pairs) > 0 and repeats / len(pairs) >= config.max_repeated_share - 1e-12
            passes.append(num_valid / (stop - first) >= config.min_valid_share - 1e-12 and not frozen)
        if all(passes):
            good.append(start)
    return good


@given(
    steps=st.lists(st.sampled_from([0, 0, 1]), min_size=0, max_size=40),
    lost=st.sets(st.integers(0, 39), max_size=15),
    past=st.integers(1, 7),
    future=st.integers(1, 5),
    stride=st.integers(1, 6),
)
def test_good_windows_are_those_that_a_loop_finds(
    steps: list[int], lost: set[int], past: int, future: int, stride: int
) -> None:
    values = np.repeat(np.cumsum(steps, dtype=np.float32)[:, None], 2, axis=1) + np.float32(1)
    valid = np.array([frame not in lost for frame in range(len(steps))], bool)
    values[~valid] = np.nan
    config = config_of(past, future, stride)
    found = good_windows(values, valid, config)
    assert found.starts.tolist() == by_loop(values, valid, config)
    assert len(found.starts) + sum(found.dropped.values()) == len(range(0, len(steps) - past - future + 1, stride))


@pytest.mark.parametrize(("num_lost", "is_good"), [(3, True), (4, False)])
@pytest.mark.parametrize("first", [0, 10])
def test_seven_of_ten_frames_suffice_in_past_and_in_future(first: int, num_lost: int, is_good: bool) -> None:
    """3 of 10 frames lost leave 70 %; the other half of the window makes up for nothing."""
    values, valid = moving(20), np.ones(20, bool)
    valid[first : first + num_lost] = False
    values[~valid] = np.nan
    found = good_windows(values, valid, config_of(10, 10, 1))
    assert (len(found.starts) == 1) == is_good
    assert found.dropped == {TOO_LITTLE_VALID: 0 if is_good else 1, FROZEN: 0}


@pytest.mark.parametrize(("num_repeats", "is_good"), [(7, True), (8, False)])
def test_gaze_is_frozen_from_four_fifths_repeated_frames(num_repeats: int, is_good: bool) -> None:
    """11 frames of the past follow each other 10 times; 8 of these 10 are 80 %."""
    values = moving(16)
    values[2 : 3 + num_repeats] = values[2]
    found = good_windows(values, np.ones(16, bool), config_of(11, 5, 1))
    assert (len(found.starts) == 1) == is_good
    assert found.dropped[FROZEN] == (0 if is_good else 1)


def test_one_moving_channel_is_not_frozen() -> None:
    values = np.ones((12, 3), np.float32)
    values[:, 2] = np.arange(12)
    assert good_windows(values, np.ones(12, bool), config_of(7, 5, 1)).starts.tolist() == [0]


def test_a_lost_frame_breaks_no_freeze() -> None:
    """A frame is compared with the valid frame just before it; across a loss nothing is compared."""
    values, valid = np.ones((20, 2), np.float32), np.ones(20, bool)
    valid[[3, 13]] = False
    values[~valid] = np.nan
    assert good_windows(values, valid, config_of(10, 10, 1)).dropped[FROZEN] == 1


def test_a_segment_that_is_shorter_than_a_window_has_none() -> None:
    found = good_windows(moving(11), np.ones(11, bool), config_of(7, 5, 1))
    assert found.starts.shape == (0,)
    assert found.dropped == {TOO_LITTLE_VALID: 0, FROZEN: 0}
