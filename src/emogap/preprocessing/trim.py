"""One stimulus out of a recording."""

import dataclasses
from typing import TypeVar

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap import __version__
from emogap.errors import DataError
from emogap.types import (
    ActionUnits,
    EyeEvents,
    FaceTrack,
    GazeSeries,
    HeadSeries,
    Recording,
    Step,
    StimulusInterval,
)

__all__ = ["chosen_samples", "trim"]

Frames = TypeVar("Frames", FaceTrack, ActionUnits)


def trim(
    recording: Recording,
    interval: StimulusInterval,
    *,
    face_offset_s: float | None = None,
    face_drift_ppm: float = 0.0,
) -> Recording:
    """What was recorded while the stimulus was on; time zero is its onset.

    Parameters
    ----------
    recording : Recording
    interval : StimulusInterval
        In seconds of the recording; the onset belongs to the stimulus, the offset does not.
    face_offset_s, face_drift_ppm : float, optional
        How the clock of the face video relates to that of the recording, as ``clock.toml`` and
        :class:`~emogap.preprocessing.synchronise.ClockEstimate` have it. None: unknown.

    Returns
    -------
    Recording
        With ``stimulus_id`` set. Events that overlap the interval are kept and cut to it; their centre and
        amplitude stay those of the whole event. Messages and action units are cut and moved like the gaze. So is a
        face track where the relation of its clock is given; where it is unknown, the track keeps its clock, uncut.

    Raises
    ------
    DataError
        If no sample of gaze was taken in the interval.
    """
    shift_s = interval.onset_s
    gaze, head = recording.gaze, recording.head
    if gaze is not None:
        gaze = _trim_gaze(gaze, interval, where=recording.recording_id)
    if head is not None:
        head = _trim_head(head, interval)
    events = tuple(_trim_events(events, interval) for events in recording.events)
    face, units = recording.face, recording.action_units
    parameters: dict[str, object] = {
        "stimulus_id": interval.stimulus_id,
        "onset_s": interval.onset_s,
        "offset_s": interval.offset_s,
    }
    if face is not None and face_offset_s is not None:
        gaze_s = face_offset_s + face.time_s * (1 + face_drift_ppm * 1e-6)
        face = _trim_rows(face, gaze_s, interval)
        parameters |= {"face_offset_s": face_offset_s, "face_drift_ppm": face_drift_ppm}
    step = Step("trim", parameters, __version__)
    start_ns = None if recording.start_ns is None else recording.start_ns + round(shift_s * 1e9)
    return dataclasses.replace(
        recording,
        stimulus_id=interval.stimulus_id,
        gaze=gaze,
        head=head,
        events=events,
        face=face,
        action_units=None if units is None else _trim_rows(units, units.time_s, interval),
        messages=tuple(
            dataclasses.replace(message, time_s=message.time_s - shift_s)
            for message in recording.messages
            if interval.onset_s <= message.time_s < interval.offset_s
        ),
        stimuli=(StimulusInterval(interval.stimulus_id, 0.0, interval.offset_s - shift_s),),
        start_ns=start_ns,
        steps=(*recording.steps, step),
    )


def chosen_samples(gaze: GazeSeries, which: Bool[ndarray, " T"] | Int[ndarray, " K"]) -> GazeSeries:
    """Only some samples of the series, as they are; `which` says where they are, in order of time."""
    arrays = {name: getattr(gaze, name) for name in _PER_SAMPLE}
    kept = {name: array[which] for name, array in arrays.items() if array is not None}
    return dataclasses.replace(gaze, **kept)


def _trim_gaze(gaze: GazeSeries, interval: StimulusInterval, *, where: str) -> GazeSeries:
    inside = _inside(gaze.time_s, interval)
    if not inside.any():
        span = f"{gaze.time_s[0]:.3f} to {gaze.time_s[-1]:.3f} s" if len(gaze.time_s) else "nothing"
        raise DataError(
            f"no gaze was recorded while {interval.stimulus_id} was on ({interval.onset_s:.3f} to"
            f" {interval.offset_s:.3f} s); the recording holds {span}",
            where=where,
            fix="check onset_s and duration_s in trials.tsv: they are on the clock of the gaze file",
        )
    kept = chosen_samples(gaze, inside)
    return dataclasses.replace(kept, time_s=kept.time_s - interval.onset_s)


_PER_SAMPLE = (
    "time_s",
    "position",
    "valid",
    "altered",
    "pupil",
    "pupil_altered",
    "direction",
    "origin_mm",
    "confidence",
    "openness",
)


def _inside(time_s: ndarray, interval: StimulusInterval) -> Bool[ndarray, " T"]:
    return (time_s >= interval.onset_s) & (time_s < interval.offset_s)


def _trim_rows(series: Frames, time_s: Float[ndarray, " F"], interval: StimulusInterval) -> Frames:
    """The frames whose `time_s` lie within the interval, from its onset on; none if there are none."""
    inside = _inside(time_s, interval)
    kept = {
        field.name: getattr(series, field.name)[inside]
        for field in dataclasses.fields(series)
        if isinstance(getattr(series, field.name), ndarray)
    }
    return dataclasses.replace(series, **(kept | {"time_s": time_s[inside] - interval.onset_s}))


def _trim_head(head: HeadSeries, interval: StimulusInterval) -> HeadSeries | None:
    inside = _inside(head.time_s, interval)
    if not inside.any():
        return None
    return HeadSeries(time_s=head.time_s[inside] - interval.onset_s, angle_deg=head.angle_deg[inside])


def _trim_events(events: EyeEvents, interval: StimulusInterval) -> EyeEvents:
    overlaps = (events.onset_s < interval.offset_s) & (events.offset_s > interval.onset_s)
    return dataclasses.replace(
        events,
        kind=events.kind[overlaps],
        onset_s=np.maximum(events.onset_s[overlaps], interval.onset_s) - interval.onset_s,
        offset_s=np.minimum(events.offset_s[overlaps], interval.offset_s) - interval.onset_s,
        centre=events.centre[overlaps],
        amplitude_deg=events.amplitude_deg[overlaps],
    )
