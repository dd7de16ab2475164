"""One stimulus of a longer recording."""

import dataclasses

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.preprocessing.trim import trim
from emogap.types import HeadSeries, StimulusInterval
from tests.preprocessing.planted_gaze import events, eyes, of_kind, recording

FILM = StimulusInterval("film", 0.02, 0.05)


def test_the_onset_belongs_to_the_stimulus_and_the_offset_does_not() -> None:
    gaze = eyes([np.arange(7.0).tolist(), np.arange(7.0).tolist()], pupil=[[3.0] * 7, [4.0] * 7])
    trimmed = trim(recording(gaze), FILM)
    assert trimmed.gaze is not None
    assert trimmed.gaze.pupil is not None
    assert trimmed.gaze.position[:, 1, 0].tolist() == [2.0, 3.0, 4.0]
    assert trimmed.gaze.time_s == pytest.approx([0.0, 0.01, 0.02])
    assert trimmed.gaze.pupil.shape == (3, 2)
    assert trimmed.stimulus_id == "film"
    assert trimmed.stimuli == (StimulusInterval("film", 0.0, 0.05 - 0.02),)
    assert trimmed.steps[-1].name == "trim"


def test_events_are_cut_to_the_stimulus() -> None:
    planted = events(("fixation", 0.0, 0.02), ("fixation", 0.02, 0.03), ("fixation", 0.04, 0.09), ("blink", 0.05, 0.06))
    trimmed = trim(recording(eyes([[0.0] * 10]), events=(planted,)), FILM)
    assert of_kind(trimmed.events[0], "fixation") == [(0, 10), (20, 30)]
    assert of_kind(trimmed.events[0], "blink") == []


def test_a_recording_of_events_alone_can_be_trimmed() -> None:
    trimmed = trim(recording(None, events=(events(("fixation", 0.0, 0.1)),)), FILM)
    assert of_kind(trimmed.events[0], "fixation") == [(0, 30)]


def test_the_head_is_cut_and_absolute_time_moves_along() -> None:
    head = HeadSeries(time_s=np.arange(10) / 100, angle_deg=np.zeros((10, 3)))
    trimmed = trim(recording(eyes([[0.0] * 10]), head=head, start_ns=1_000_000_000), FILM)
    assert trimmed.head is not None
    assert len(trimmed.head.time_s) == 3
    assert trimmed.start_ns == 1_020_000_000


def test_an_interval_without_gaze_says_what_there_is() -> None:
    late = StimulusInterval("film", 5.0, 6.0)
    with pytest.raises(DataError, match=r"r1: no gaze (.|\n)*5\.000 to 6\.000 s(.|\n)*0\.000 to 0\.060 s"):
        trim(recording(eyes([[0.0] * 7])), late)


def test_trimming_to_the_whole_changes_only_the_name() -> None:
    gaze = eyes([[0.0, 1.0, 2.0]])
    trimmed = trim(recording(gaze), StimulusInterval("all", 0.0, 1.0))
    assert trimmed.gaze is not None
    for field in dataclasses.fields(gaze):
        assert np.array_equal(getattr(trimmed.gaze, field.name), getattr(gaze, field.name))
