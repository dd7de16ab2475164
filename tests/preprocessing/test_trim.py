"""One stimulus of a longer recording."""

import dataclasses

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.preprocessing.trim import trim
from emogap.types import ActionUnits, FaceTrack, HeadSeries, Message, StimulusInterval
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


def test_confidence_and_lids_are_cut_with_the_gaze() -> None:
    gaze = dataclasses.replace(
        eyes([[0.0] * 7, [1.0] * 7]),
        confidence=np.linspace(0.1, 0.8, 14).reshape(7, 2),
        openness=np.linspace(0.2, 0.9, 14).reshape(7, 2),
    )
    trimmed = trim(recording(gaze), FILM).gaze
    assert trimmed is not None
    assert trimmed.confidence is not None
    assert trimmed.openness is not None
    assert gaze.confidence is not None
    assert trimmed.confidence.tolist() == gaze.confidence[2:5].tolist()
    assert trimmed.openness.shape == (3, 2)


def test_messages_and_action_units_move_with_the_gaze() -> None:
    units = ActionUnits(
        time_s=np.arange(9) / 100,
        names=("AU01", "AU12"),
        intensity=np.arange(18.0).reshape(9, 2) / 4,
        presence=np.zeros((9, 2)),
        confidence=np.ones(9),
        success=np.arange(9) > 2,
    )
    messages = (Message(0.01, "ready"), Message(0.02, "on"), Message(0.05, "off"))
    trimmed = trim(recording(eyes([[0.0] * 10]), action_units=units, messages=messages), FILM)
    assert trimmed.messages == (Message(0.0, "on"),)
    assert trimmed.action_units is not None
    assert trimmed.action_units.time_s == pytest.approx([0.0, 0.01, 0.02])
    assert trimmed.action_units.names == ("AU01", "AU12")
    assert trimmed.action_units.success.tolist() == [False, True, True]
    assert trimmed.action_units.intensity[:, 1].tolist() == [1.25, 1.75, 2.25]


def face_track() -> FaceTrack:
    """Six frames at 0.5 s from each other on the video's own clock; frame i is i + 1 pixels wide."""
    corner = np.arange(1.0, 7.0)
    box_px = np.stack([np.zeros(6), np.zeros(6), corner, np.ones(6)], axis=1)
    return FaceTrack(np.arange(6) / 2, box_px, np.zeros((6, 5, 2)), np.full(6, 0.9), "face.mp4")


def test_the_face_is_cut_where_the_clocks_relation_puts_it() -> None:
    """The video starts 10 s before the gaze and runs slow by a tenth: frames at -10, -9.45, -8.9, -8.35, ... s."""
    gaze = dataclasses.replace(eyes([[0.0] * 30]), time_s=np.arange(30) - 10.0, rate_hz=1.0)
    film = StimulusInterval("film", -9.5, -8.0)
    trimmed = trim(recording(gaze, face=face_track()), film, face_offset_s=-10.0, face_drift_ppm=1e5)
    assert trimmed.face is not None
    assert trimmed.face.time_s == pytest.approx([0.05, 0.6, 1.15])
    assert trimmed.face.box_px[:, 2].tolist() == [2.0, 3.0, 4.0]
    assert trimmed.face.landmarks_px.shape == (3, 5, 2)
    assert trimmed.steps[-1].parameters["face_drift_ppm"] == 1e5


def test_without_the_relation_the_face_keeps_its_clock() -> None:
    trimmed = trim(recording(eyes([[0.0] * 7]), face=face_track()), FILM)
    assert trimmed.face is not None
    assert trimmed.face.time_s.tolist() == face_track().time_s.tolist()
