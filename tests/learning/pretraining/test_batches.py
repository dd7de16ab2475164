"""Every window is seen once a pass, by people who train alone, and standardised by their numbers."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from emogap.datasets.gaze_index import GazeIndex, people_split, segments_of, window_rows
from emogap.errors import UsageError
from emogap.learning.pretraining.batches import (
    plan_steps,
    read_standardised,
    spaced_windows,
    windows_of_step,
)
from emogap.learning.pretraining.config import PretrainingConfig

MakeIndex = Callable[..., GazeIndex]
MEAN, SD = np.array([1.0, -2.0]), np.array([2.0, 4.0])


def test_a_pass_sees_no_window_twice_and_the_next_has_another_order(make_index: MakeIndex) -> None:
    index = make_index()
    training, _ = people_split(index, share=0.3, held_out=("p02",))
    rows = window_rows(index, training)
    plan = plan_steps(len(rows), PretrainingConfig(batch_size=7, passes=2))
    assert plan.steps_per_pass == len(rows) // 7
    assert plan.num_steps == 2 * plan.steps_per_pass
    passes = [
        np.concatenate([windows_of_step(first + step, rows, plan, seed=3) for step in range(plan.steps_per_pass)])
        for first in (0, plan.steps_per_pass)
    ]
    for seen in passes:
        assert len(set(seen.tolist())) == len(seen) == 7 * plan.steps_per_pass
        owners = segments_of(index, index.starts[seen])
        assert training[owners].all()
    assert passes[0].tolist() != passes[1].tolist()
    again = windows_of_step(1, rows, plan, seed=3)
    assert again.tolist() == passes[0][7:14].tolist()
    assert again.tolist() != windows_of_step(1, rows, plan, seed=4).tolist()


def test_fewer_windows_than_a_batch_are_one_step_a_pass() -> None:
    plan = plan_steps(11, PretrainingConfig(batch_size=256, passes=5, max_steps=3))
    assert (plan.batch_size, plan.steps_per_pass, plan.num_steps) == (11, 1, 3)


def test_no_window_and_too_many_parts_are_refused() -> None:
    with pytest.raises(UsageError, match="the training people have no window"):
        plan_steps(0, PretrainingConfig())
    with pytest.raises(UsageError, match=r"batch of 5 windows cannot be cut into 6 parts \(accumulate 6 x devices 1\)"):
        plan_steps(5, PretrainingConfig(accumulate=6))


def test_windows_are_standardised_and_nan_where_lost(make_index: MakeIndex) -> None:
    index = make_index()
    windows = read_standardised(index, np.array([5, 0]), MEAN, SD)
    start = int(index.starts[5])
    assert windows.past.shape == (2, 12, 2)
    assert windows.future.shape == (2, 9, 2)
    expected = (index.values[start : start + 12] - MEAN) / SD
    np.testing.assert_allclose(windows.past[0].numpy(), expected, rtol=1e-5)
    assert torch.equal(windows.past.isnan().any(dim=2), ~windows.past_valid)


def test_a_shuffled_window_has_the_same_frames_in_another_order_every_time_the_same(make_index: MakeIndex) -> None:
    index = make_index(lost=0.0)
    plain = read_standardised(index, np.array([5, 0, 9]), MEAN, SD)
    shuffled = read_standardised(index, np.array([5, 0, 9]), MEAN, SD, shuffle_seed=1)
    alone = read_standardised(index, np.array([9]), MEAN, SD, shuffle_seed=1)
    frames, mixed = (torch.cat([windows.past, windows.future], dim=1) for windows in (plain, shuffled))
    assert not torch.equal(frames, mixed)
    assert torch.equal(mixed.sort(dim=1).values, frames.sort(dim=1).values)
    assert torch.equal(alone.past[0], shuffled.past[2])


def test_spaced_windows_reach_from_the_first_to_the_last(make_index: MakeIndex) -> None:
    index = make_index()
    rows = window_rows(index, np.ones(14, bool))
    assert spaced_windows(rows, 3).tolist() == [0, 70, 139]
    assert spaced_windows(rows, 500).tolist() == list(range(140))
