"""Runs and losses, counted by hand."""

import numpy as np
import pytest

from emogap.preprocessing.runs import (
    find_losses,
    find_runs,
    is_joined,
    mark_runs,
    sample_ends_s,
    samples_in,
    unbroken_runs,
)


def known(text: str) -> np.ndarray:
    """x = known, . = lost."""
    return np.array([letter == "x" for letter in text])


def test_runs_at_both_ends_are_found() -> None:
    start, stop = find_runs(known("xx..x.x"))
    assert list(zip(start.tolist(), stop.tolist(), strict=True)) == [(0, 2), (4, 5), (6, 7)]


def test_runs_that_overlap_or_are_empty_are_marked_once_or_not_at_all() -> None:
    marked = mark_runs(np.array([1, 2, 5, 6]), np.array([4, 3, 5, 7]), 7)
    assert marked.tolist() == [False, True, True, True, False, False, True]


def test_no_sample_has_no_run_and_no_loss() -> None:
    empty = np.zeros(0)
    assert find_runs(empty.astype(bool))[0].size == 0
    assert find_losses(empty.astype(bool), empty, 100.0).onset_s.size == 0


def test_a_sample_lasts_to_the_next_but_not_over_a_missing_row() -> None:
    ends_s = sample_ends_s(np.array([0.0, 0.003, 0.007, 0.1]), 300.0)
    assert ends_s == pytest.approx([0.003, 0.003 + 1 / 300, 0.007 + 1 / 300, 0.1 + 1 / 300])


def test_losses_last_from_the_end_of_one_sample_to_the_next() -> None:
    losses = find_losses(known(".xx...x."), np.arange(8) / 100, 100.0)
    assert losses.onset_s == pytest.approx([0.0, 0.03, 0.07])
    assert losses.offset_s == pytest.approx([0.01, 0.06, 0.08])
    assert losses.before.tolist() == [-1, 2, 6]
    assert losses.after.tolist() == [1, 6, 8]
    assert samples_in(losses, 8).tolist() == [True, False, False, True, True, True, False, True]


def test_a_recording_lost_from_end_to_end_is_one_loss() -> None:
    losses = find_losses(known("...."), np.arange(4) / 100, 100.0)
    assert losses.duration_s == pytest.approx([0.04])


def test_rows_that_are_not_in_the_file_are_a_loss_too() -> None:
    losses = find_losses(known("xxx"), np.array([0.0, 0.01, 0.05]), 100.0)
    assert losses.onset_s == pytest.approx([0.02])
    assert losses.offset_s == pytest.approx([0.05])


def test_jitter_of_whole_milliseconds_is_no_loss() -> None:
    time_s = np.cumsum([0, 3, 3, 4, 3, 3, 4]) / 1000
    assert find_losses(np.ones(7, bool), time_s, 300.0).onset_s.size == 0
    assert is_joined(time_s, 300.0).all()


def test_a_missing_row_breaks_a_run_of_known_samples() -> None:
    start, stop = unbroken_runs(known("xxxx.x"), np.array([0.0, 0.01, 0.03, 0.04, 0.05, 0.06]), 100.0)
    assert list(zip(start.tolist(), stop.tolist(), strict=True)) == [(0, 2), (2, 4), (5, 6)]
