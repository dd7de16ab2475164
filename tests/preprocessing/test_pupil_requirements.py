"""What a correction of the pupil's level asks of a recording, and what it says where that is absent."""

import dataclasses

import pytest

from emogap.errors import UsageError
from emogap.preprocessing.pupil_requirements import require_pupil_level, require_stimuli
from emogap.types import PupilUnit, Recording
from tests.preprocessing.planted_gaze import NAN, eyes, recording

X = [[0.0] * 7] * 2


def measured(*, unit: PupilUnit = "mm", level: float = 3.0) -> Recording:
    gaze = eyes(X, pupil=[[level] * 7] * 2)
    return recording(dataclasses.replace(gaze, pupil_unit=unit))


@pytest.mark.parametrize("unit", ["mm", "au"])
def test_a_pupil_as_measured_is_returned(unit: PupilUnit) -> None:
    gaze, pupil, altered = require_pupil_level(measured(unit=unit), without_pupil="a", with_difference="b")
    assert gaze.pupil_unit == unit
    assert pupil.shape == altered.shape == (7, 2)


def test_without_a_pupil_the_step_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="holds no pupil") as refusal:
        require_pupil_level(recording(eyes(X)), without_pupil="leave it out", with_difference="b")
    assert refusal.value.fix == "leave it out"


def test_a_difference_is_refused_with_its_unit() -> None:
    with pytest.raises(UsageError, match="the pupil is in mm_change, a difference already") as refusal:
        require_pupil_level(measured(unit="mm_change"), without_pupil="a", with_difference="do it before")
    assert refusal.value.fix == "do it before"


def test_a_pupil_that_is_missing_throughout_counts_as_none_only_if_asked() -> None:
    lost = measured(level=NAN)
    require_pupil_level(lost, without_pupil="a", with_difference="b")
    with pytest.raises(UsageError, match="holds no pupil"):
        require_pupil_level(lost, without_pupil="a", with_difference="b", all_missing_is_none=True)


def test_stimuli_must_be_known() -> None:
    with pytest.raises(UsageError, match="what was shown when"):
        require_stimuli(measured())
