"""One gaze from two eyes."""

import dataclasses

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.merge import cyclopean, merge_eyes
from tests.preprocessing.planted_gaze import NAN, eyes

LEFT = [1.0, 2.0, NAN, NAN, 5.0]
RIGHT = [3.0, NAN, 7.0, NAN, 9.0]


def test_the_mean_of_the_eyes_there_are() -> None:
    position, valid = cyclopean(eyes([LEFT, RIGHT]))
    assert position[:, 0] == pytest.approx([2, 2, 7, NAN, 7], nan_ok=True)
    assert valid.tolist() == [True, True, True, False, True]


def test_a_measured_eye_outvotes_an_interpolated_one() -> None:
    gaze = eyes([LEFT, RIGHT])
    altered = np.zeros((5, 2), bool)
    altered[4, 1] = True
    position, _ = cyclopean(dataclasses.replace(gaze, altered=altered))
    assert position[4, 0] == 5.0
    altered = altered.copy()
    altered[4, 0] = True
    position, _ = cyclopean(dataclasses.replace(gaze, altered=altered))
    assert position[4, 0] == 7.0


def test_the_strict_average_needs_both_eyes() -> None:
    merged = merge_eyes(eyes([LEFT, RIGHT]), eyes="strict_average")
    assert merged.valid[:, 0].tolist() == [True, False, False, False, True]
    assert merged.eyes == ("cyclopean",)


def test_the_pupils_are_averaged_where_there_are_two() -> None:
    merged = merge_eyes(eyes([LEFT, RIGHT], pupil=[[3.0, 3.0, NAN, NAN, 3.0], [4.0, NAN, 4.0, NAN, 5.0]]))
    assert merged.pupil is not None
    assert merged.pupil[:, 0] == pytest.approx([3.5, 3.0, 4.0, NAN, 4.0], nan_ok=True)


def test_one_eye_alone_is_that_eye() -> None:
    merged = merge_eyes(eyes([LEFT, RIGHT]), eyes="right")
    assert merged.position[:, 0, 0] == pytest.approx(RIGHT, nan_ok=True)
    with pytest.raises(UsageError, match="the right eye was not recorded; there is: left"):
        merge_eyes(eyes([LEFT]), eyes="right")


def test_the_merged_direction_has_length_one() -> None:
    direction = np.zeros((5, 2, 3))
    direction[:, 0, 0] = 1.0
    direction[:, 1, 1] = 1.0
    merged = merge_eyes(dataclasses.replace(eyes([LEFT, RIGHT]), direction=direction))
    assert merged.direction is not None
    assert merged.direction[0, 0] == pytest.approx([0.5**0.5, 0.5**0.5, 0.0])
    assert merged.direction[1, 0] == pytest.approx([1.0, 0.0, 0.0])


def test_confidence_and_lids_are_averaged_over_the_eyes_that_have_them() -> None:
    """Devices with either failed here before: the averages kept the two columns of two eyes."""
    share = np.array([[0.2, 0.4], [NAN, 0.6], [1.0, 0.0], [NAN, NAN], [0.5, 0.5]])
    gaze = dataclasses.replace(eyes([LEFT, RIGHT]), confidence=share, openness=1 - share)
    merged = merge_eyes(gaze)
    assert merged.confidence is not None
    assert merged.openness is not None
    assert merged.confidence[:, 0] == pytest.approx([0.3, 0.6, 0.5, NAN, 0.5], nan_ok=True)
    assert merged.openness.shape == (5, 1)
    right = merge_eyes(gaze, eyes="right")
    assert right.openness is not None
    assert right.openness[:, 0] == pytest.approx(1 - share[:, 1], nan_ok=True)
