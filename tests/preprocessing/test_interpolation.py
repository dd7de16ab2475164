"""Lines over short losses, worked out by hand."""

import dataclasses

import numpy as np
import pytest

from emogap.preprocessing.interpolation import fill_gaps
from tests.preprocessing.planted_gaze import NAN, eyes, one_eye, without_rows


def test_two_lost_samples_lie_on_the_line_between_their_neighbours() -> None:
    filled = fill_gaps(one_eye([1.0, 1.0, 2.0, NAN, NAN, 5.0, 5.0]))
    assert filled.position[:, 0, 0] == pytest.approx([1, 1, 2, 3, 4, 5, 5])
    assert filled.altered[:, 0].tolist() == [False, False, False, True, True, False, False]
    assert filled.valid.all()


def test_the_line_follows_uneven_time_stamps() -> None:
    gaze = eyes([[0.0, NAN, 7.0]], time_s=np.array([0.0, 0.003, 0.007]), rate_hz=300.0)
    assert fill_gaps(gaze).position[1, 0, 0] == pytest.approx(3.0)


def test_a_loss_as_long_as_the_limit_stays() -> None:
    gaze = one_eye([0.0, NAN, NAN, NAN, 4.0])
    assert not fill_gaps(gaze, max_gap_s=0.03 - 1e-6).valid[1:4].any()
    assert fill_gaps(gaze, max_gap_s=0.031).valid.all()


def test_losses_at_either_end_stay() -> None:
    filled = fill_gaps(one_eye([NAN, 1.0, 1.0, NAN]))
    assert filled.valid[:, 0].tolist() == [False, True, True, False]


def test_each_eye_is_filled_from_its_own_samples() -> None:
    filled = fill_gaps(eyes([[0.0, NAN, 2.0], [10.0, 10.0, 10.0]]))
    assert filled.position[1, :, 0] == pytest.approx([1.0, 10.0])
    assert filled.altered.tolist() == [[False, False], [True, False], [False, False]]


def test_missing_rows_are_never_invented() -> None:
    gaze = without_rows(one_eye([0.0, 1.0, 2.0, 3.0, 4.0]), slice(2, 3))
    assert len(fill_gaps(gaze).time_s) == 4
    assert not fill_gaps(gaze).altered.any()


def test_the_pupil_is_filled_by_its_own_losses() -> None:
    filled = fill_gaps(one_eye([0.0, 0.0, 0.0, 0.0], pupil=[3.0, NAN, 3.2, 3.2]))
    assert filled.pupil is not None
    assert filled.pupil_altered is not None
    assert filled.pupil[:, 0] == pytest.approx([3.0, 3.1, 3.2, 3.2])
    assert filled.pupil_altered[:, 0].tolist() == [False, True, False, False]
    assert not filled.altered.any()


def test_origin_and_direction_move_with_the_position() -> None:
    gaze = one_eye([0.0, NAN, 2.0])
    origin = np.array([[[0.0, 0.0, 600.0]], [[NAN] * 3], [[20.0, 0.0, 640.0]]])
    direction = np.array([[[1.0, 0.0, 0.0]], [[NAN] * 3], [[0.0, 1.0, 0.0]]])
    filled = fill_gaps(dataclasses.replace(gaze, origin_mm=origin, direction=direction))
    assert filled.origin_mm is not None
    assert filled.direction is not None
    assert filled.origin_mm[1, 0] == pytest.approx([10.0, 0.0, 620.0])
    assert filled.direction[1, 0] == pytest.approx([0.5**0.5, 0.5**0.5, 0.0])
