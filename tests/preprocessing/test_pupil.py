"""The difference to the sample before."""

import dataclasses

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.preprocessing.pupil import pupil_change
from tests.preprocessing.planted_gaze import NAN, eyes, one_eye, without_rows


def test_each_eye_is_subtracted_from_its_own_previous_sample() -> None:
    gaze = eyes([[0.0] * 5] * 2, pupil=[[3.0, 3.1, 3.05, NAN, 3.0], [4.0, 4.0, 4.2, 4.1, 4.1]])
    changed = pupil_change(gaze)
    assert changed.pupil_unit == "mm_change"
    assert changed.pupil is not None
    assert changed.pupil[:, 0] == pytest.approx([NAN, 0.1, -0.05, NAN, NAN], nan_ok=True)
    assert changed.pupil[:, 1] == pytest.approx([NAN, 0.0, 0.2, -0.1, 0.0], nan_ok=True)


def test_there_is_no_difference_over_a_missing_row() -> None:
    gaze = without_rows(one_eye([0.0] * 5, pupil=[3.0, 3.1, 3.2, 3.3, 3.4]), slice(2, 3))
    changed = pupil_change(gaze)
    assert changed.pupil is not None
    assert changed.pupil[:, 0] == pytest.approx([NAN, 0.1, NAN, 0.1], nan_ok=True)


def test_a_difference_is_altered_where_one_of_its_samples_was() -> None:
    gaze = one_eye([0.0] * 5, pupil=[3.0, 3.1, 3.2, 3.3, 3.4])
    altered = np.array([[False], [True], [False], [False], [False]])
    changed = pupil_change(dataclasses.replace(gaze, pupil_altered=altered))
    assert changed.pupil_altered is not None
    assert changed.pupil_altered[:, 0].tolist() == [False, True, True, False, False]


def test_the_unit_of_the_device_stays_its_own() -> None:
    gaze = dataclasses.replace(one_eye([0.0] * 3, pupil=[900.0, 910.0, 905.0]), pupil_unit="au")
    assert pupil_change(gaze).pupil_unit == "au_change"


def test_a_difference_is_not_taken_twice() -> None:
    once = pupil_change(one_eye([0.0] * 3, pupil=[3.0, 3.1, 3.2]))
    with pytest.raises(UsageError, match="the pupil is in mm_change: it is a difference already"):
        pupil_change(once)


def test_gaze_without_a_pupil_is_returned_as_it_is() -> None:
    gaze = one_eye([0.0] * 3)
    assert pupil_change(gaze) is gaze


def test_the_differences_add_up_to_the_diameter() -> None:
    pupil = [3.0, 3.13, 3.08, 2.97]
    changed = pupil_change(one_eye([0.0] * 4, pupil=pupil))
    assert changed.pupil is not None
    assert 3.0 + np.cumsum(changed.pupil[1:, 0]) == pytest.approx(pupil[1:])
