"""From a cleaned recording of one stimulus to the few steps that a model sees.

Every modality is sampled evenly at the centres of equal chunks of the clip. Eye and fixation use the same
times, so that step 5 of one is step 5 of the other. Time itself is never a channel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.datasets.channels import (
    EVENT_CHANNELS,
    PUPIL_UNITS,
    Channel,
    eye_channels,
    fixation_channels,
    head_channels,
)
from emogap.preprocessing.events import event_at
from emogap.preprocessing.fixation_map import fixation_centres
from emogap.preprocessing.nearest import nearest_samples
from emogap.types import Eye, EyeEvents, GazeSeries, HeadSeries

__all__ = ["SampledStream", "chunk_centres", "sample_eye", "sample_fixation", "sample_head", "sample_map"]


@dataclass(frozen=True, slots=True, eq=False)
class SampledStream:
    """One modality of one clip.

    Attributes
    ----------
    values : float32 array, shape (T, C), or uint8 array, shape (T, 3, H, W)
        NaN = not measured.
    mask : bool array, shape (T,)
        True = a step that holds something.
    channels : tuple of Channel, length C
        Empty for frames.
    """

    values: ndarray
    mask: Bool[ndarray, " T"]
    channels: tuple[Channel, ...]


def chunk_centres(duration_s: float, num_chunks: int) -> Float[ndarray, " T"]:
    """Centres of `num_chunks` equal chunks of a clip, in seconds from its onset; float64, shape (num_chunks,).

    Examples
    --------
    >>> chunk_centres(8.0, 4).tolist()
    [1.0, 3.0, 5.0, 7.0]
    """
    return (np.arange(num_chunks) + 0.5) * (duration_s / num_chunks)


def sample_eye(
    gaze: GazeSeries,
    times_s: Float[ndarray, " T"],
    *,
    position_deg: Float[ndarray, "S 2"],
    events: EyeEvents,
) -> SampledStream:
    """The stream ``eye`` at `times_s`: the gaze sample nearest to each time, and the event it lies in.

    Parameters
    ----------
    gaze : GazeSeries
        S cleaned samples of one clip, in degrees.
    times_s : float64 array, shape (T,)
        In seconds of `gaze`.
    position_deg : float64 array, shape (S, 2)
        Cyclopean gaze, in degrees; NaN where neither eye is valid.
    events : EyeEvents
        Fixations, saccades and blinks.

    Returns
    -------
    SampledStream
        float32, shape (T, C), with the channels of :func:`emogap.datasets.channels.eye_channels` that this
        recording has. A step is masked out, and all NaN, where no sample lies within one sampling interval, or
        neither gaze nor pupil was measured and it is no blink. A duration is NaN outside all events.
    """
    columns, measured = _gaze_columns(gaze, position_deg, times_s)
    columns |= _event_columns(times_s, events)
    mask = measured | (columns["is_blink"] == 1)
    channels = tuple(channel for channel in eye_channels(gaze.pupil_unit) if channel.name in columns)
    values = np.stack([columns[channel.name] for channel in channels], axis=1).astype(np.float32)
    values[~mask] = np.nan
    return SampledStream(values, mask, channels)


def sample_fixation(events: EyeEvents, times_s: Float[ndarray, " T"]) -> SampledStream:
    """The stream ``fixation`` at `times_s`: centre of the fixation that each time lies in.

    Returns
    -------
    SampledStream
        float32, shape (T, 2): x and y in degrees; or, if the events are directions in the world, shape (T, 3):
        sine and cosine of the yaw, and the pitch in degrees. No fixation = masked out and NaN.
    """
    centre = fixation_centres(events, times_s)
    in_world = events.frame == "world_deg"
    values = _as_direction(centre[:, 0], centre[:, 1]) if in_world else centre
    mask = np.isfinite(values).all(axis=1)
    return SampledStream(values.astype(np.float32), mask, fixation_channels(in_world=in_world))


def sample_map(maps: Float[ndarray, "T M"], *, shape: tuple[int, int]) -> SampledStream:
    """The stream ``fixation`` as low-resolution maps; a map that is all zero is masked out and NaN."""
    mask = np.isfinite(maps).all(axis=1) & (maps > 0).any(axis=1)
    values = np.where(mask[:, None], maps, np.nan).astype(np.float32)
    cells = ((row, column) for row in range(shape[0]) for column in range(shape[1]))
    return SampledStream(values, mask, tuple(Channel(f"map_row{row}_column{column}", "1") for row, column in cells))


def sample_head(head: HeadSeries, times_s: Float[ndarray, " T"], *, tolerance_s: float) -> SampledStream:
    """The stream ``head`` at `times_s`: sine and cosine of the yaw, and the pitch in degrees.

    Parameters
    ----------
    head : HeadSeries
        Angles in degrees.
    times_s : float64 array, shape (T,)
    tolerance_s : float
        A step farther than this from every head sample is masked out and NaN.

    Returns
    -------
    SampledStream
        float32, shape (T, 3).
    """
    nearest, near = _nearest(head.time_s, times_s, tolerance_s)
    angle = np.where(near[:, None], head.angle_deg[nearest], np.nan)
    values = _as_direction(angle[:, 1], angle[:, 0])
    return SampledStream(values.astype(np.float32), np.isfinite(values).all(axis=1), head_channels())


def _as_direction(yaw_deg: Float[ndarray, " T"], pitch_deg: Float[ndarray, " T"]) -> Float[ndarray, "T 3"]:
    yaw = np.deg2rad(yaw_deg)
    return np.stack([np.sin(yaw), np.cos(yaw), pitch_deg], axis=1)


def _gaze_columns(
    gaze: GazeSeries, position_deg: Float[ndarray, "S 2"], times_s: Float[ndarray, " T"]
) -> tuple[dict[str, Float[ndarray, " T"]], Bool[ndarray, " T"]]:
    """Columns read off the gaze samples, and where gaze or pupil was measured."""
    nearest, near = _nearest(gaze.time_s, times_s, 1 / gaze.rate_hz)
    columns = {"gaze_x_deg": position_deg[nearest, 0], "gaze_y_deg": position_deg[nearest, 1]}
    evidence = list(columns.values())
    for side, eye in _sides(gaze.eyes):
        for axis, name in enumerate("xyz"):
            if gaze.direction is not None:
                columns[f"direction_{side}_{name}"] = gaze.direction[nearest, eye, axis]
            if gaze.origin_mm is not None:
                columns[f"origin_{side}_{name}_mm"] = gaze.origin_mm[nearest, eye, axis]
        if gaze.pupil is not None:
            suffix = PUPIL_UNITS[gaze.pupil_unit or "mm"][0]
            columns[f"pupil_{side}_{suffix}"] = gaze.pupil[nearest, eye]
            evidence.append(gaze.pupil[nearest, eye])
    measured = near & np.isfinite(np.stack(evidence)).any(axis=0)
    return {name: np.where(near, column, np.nan) for name, column in columns.items()}, measured


def _sides(eyes: Sequence[Eye]) -> list[tuple[str, int]]:
    """Letter and position on the axis of each of the two eyes that was recorded by itself."""
    return [(eye[0], position) for position, eye in enumerate(eyes) if eye != "cyclopean"]


def _event_columns(times_s: Float[ndarray, " T"], events: EyeEvents) -> dict[str, Float[ndarray, " T"]]:
    columns = {channel.name: np.zeros(len(times_s)) for channel in EVENT_CHANNELS}
    columns["event_duration_s"][:] = np.nan
    for kind in ("fixation", "saccade", "blink"):
        row = event_at(events, times_s, kind=kind)
        inside = row >= 0
        columns[f"is_{kind}"][inside] = 1
        columns["event_duration_s"][inside] = (events.offset_s - events.onset_s)[row[inside]]
    return columns


def _nearest(
    time_s: Float[ndarray, " S"], wanted_s: Float[ndarray, " T"], tolerance_s: float
) -> tuple[Int[ndarray, " T"], Bool[ndarray, " T"]]:
    """Position of the sample nearest to each wanted time, and whether it is near enough."""
    nearest = nearest_samples(time_s, wanted_s)
    return nearest, np.abs(time_s[nearest] - wanted_s) <= tolerance_s
