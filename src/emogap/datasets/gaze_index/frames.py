"""A recording as frames of declared channels at one rate, with what was measured kept apart from what was not."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.datasets.gaze_index.config import ChannelSet, IndexConfig
from emogap.errors import DataError, UsageError
from emogap.preprocessing.merge import cyclopean
from emogap.preprocessing.resample import resample
from emogap.preprocessing.visual_angle import to_degrees
from emogap.types import GazeSeries, HeadSeries, Recording

__all__ = ["Frames", "to_frames"]

SAME_RATE = 0.002
"""Relative difference up to which two rates are one: 29.97 frames of a camera are 30."""

GREATEST_JITTER = 0.25
"""In frames: time stamps further than this from an even grid are resampled, others keep their values."""

DOWN_FROM = 1.5
"""Source frames per frame from which the mean is taken, so that noise above the new rate does not fold back."""

NEAR_ZERO = 1e-8
"""A frame whose channels are all within this of 0 holds no gaze, as in the authors' code of arXiv 2601.12534."""

ORIGIN_OF_FRAME = {
    "screen_px": "screen",
    "screen_mm": "screen",
    "screen_norm": "screen",
    "deg": "screen",
    "scene_px": "scene camera",
    "scene_norm": "scene camera",
    "camera_deg": "camera of the face",
}
"""What a position is measured from, for each frame of a gaze series."""


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """N frames of a segment.

    Attributes
    ----------
    values : float32 array, shape (N, D)
        NaN exactly where not `valid`.
    valid : bool array, shape (N,)
        Where every channel is known and not all of them are 0.
    source_rate_hz : float
        Of the recording.
    is_resampled : bool
        Whether values were computed between or over the recorded ones; False where each frame is a recorded one.
    measured_from : str
        What the gaze is measured from: ``screen``, ``scene camera``, ``camera of the face``, ``world``.
    """

    values: Float[ndarray, "N D"]
    valid: Bool[ndarray, " N"]
    source_rate_hz: float
    is_resampled: bool
    measured_from: str


def to_frames(recording: Recording, channels: ChannelSet, config: IndexConfig) -> Frames:
    """The frames of a recording, or of one trial of it.

    Parameters
    ----------
    recording : Recording
        As it was read, or trimmed. Nothing is cleaned: what is lost stays lost.
    channels : ChannelSet
    config : IndexConfig
        For `rate_hz` and `assumed_rate_hz`.

    Raises
    ------
    DataError
        If the recording lacks what the channels need, or its clock is none and no rate is assumed.
    UsageError
        If gaze cannot be given in degrees: no size of the screen, no distance, or a scene camera.

    Notes
    -----
    ``direction`` has the axes and the order of OpenFace: eye 0 is the person's right one; x to the right and y down in
    the picture of a camera in front of the person, z away from it; looking straight into it is (0, 0, -1). ``head``
    is (cos p sin y, sin p, -cos p cos y) of pitch p and yaw y.
    """
    gaze = _head_direction(recording) if channels == "head" else _prepared(recording, channels)
    timed = _timed(gaze, recording, config)
    even, is_resampled = _at_rate(timed, config.rate_hz)
    values = _columns(even, channels)
    valid = np.isfinite(values).all(axis=1) & (np.abs(values) > NEAR_ZERO).any(axis=1)
    return Frames(
        values=np.where(valid[:, None], values, np.nan).astype(np.float32),
        valid=valid,
        source_rate_hz=timed.rate_hz,
        is_resampled=is_resampled,
        measured_from=_origin(recording, channels),
    )


def _origin(recording: Recording, channels: ChannelSet) -> str:
    """What the channels are measured from."""
    if channels == "head" or recording.gaze is None:
        return "world"
    return ORIGIN_OF_FRAME[recording.gaze.frame]


def _prepared(recording: Recording, channels: ChannelSet) -> GazeSeries:
    """The gaze in the unit that the channels need, at its own rate."""
    gaze = recording.gaze
    if gaze is None:
        raise DataError(
            "the recording holds no gaze samples", where=recording.source, fix="export samples too, not only events"
        )
    if channels == "share":
        return _as_share(gaze, recording)
    if channels == "direction" and gaze.direction is not None:
        _require_both_eyes(gaze, recording)
        return gaze
    converted = to_degrees(recording).gaze
    assert converted is not None
    if channels == "direction":
        if converted.direction is None:
            raise DataError(
                "there is no direction of each eye: neither the vectors nor the positions of the eyes are in the file",
                where=recording.source,
                fix="choose --channels angle, or export the gaze vectors",
            )
        _require_both_eyes(converted, recording)
    if channels == "angle+pupil" and converted.pupil_unit != "mm":
        found = "no pupil" if converted.pupil is None else f"a pupil in '{converted.pupil_unit}'"
        raise DataError(f"there is {found}, not one in mm", where=recording.source, fix="choose --channels angle")
    return converted


def _require_both_eyes(gaze: GazeSeries, recording: Recording) -> None:
    if not {"left", "right"} <= set(gaze.eyes):
        raise DataError(
            f"only the eye {' and '.join(gaze.eyes)} has a direction, and both are needed",
            where=recording.source,
            fix="choose --channels angle, or export both eyes",
        )


def _as_share(gaze: GazeSeries, recording: Recording) -> GazeSeries:
    """Position as a share of the screen or of the picture of the scene camera, from its top left."""
    if gaze.frame in ("screen_norm", "scene_norm"):
        return gaze
    screen = recording.screen
    if gaze.frame == "screen_px" and screen is not None:
        return dataclasses.replace(gaze, position=gaze.position / np.asarray(screen.size_px), frame="screen_norm")
    raise DataError(
        f"gaze in {gaze.frame} cannot be given as a share: the size of what it lies on is unknown",
        where=recording.source,
        fix="choose --channels angle or direction, or export gaze as a share of the screen",
    )


def _head_direction(recording: Recording) -> GazeSeries:
    """The direction of the head as that of one eye."""
    head = recording.head
    if head is None or recording.reader != "ceap360vr" or len(head.time_s) < 2:
        raise DataError(
            "there is no head path whose yaw and pitch are those of the world",
            where=recording.source,
            fix="choose --channels angle or direction; head is for CEAP-360VR",
        )
    vectors = _unit_vectors(head)[:, None, :]
    known = np.isfinite(vectors).all(axis=2)
    return GazeSeries(
        time_s=head.time_s,
        position=np.where(known[..., None], head.angle_deg[:, None, 1::-1], np.nan),
        frame="deg",
        valid=known,
        altered=np.zeros(known.shape, bool),
        eyes=("cyclopean",),
        rate_hz=float(1 / np.median(np.diff(head.time_s))),
        direction=vectors,
    )


def _unit_vectors(head: HeadSeries) -> Float[ndarray, "T 3"]:
    pitch, yaw = np.radians(head.angle_deg[:, 0]), np.radians(head.angle_deg[:, 1])
    vectors: Float[ndarray, "T 3"] = np.stack(
        [np.cos(pitch) * np.sin(yaw), np.sin(pitch), -np.cos(pitch) * np.cos(yaw)], axis=1
    )
    return vectors


def _timed(gaze: GazeSeries, recording: Recording, config: IndexConfig) -> GazeSeries:
    """The series, with the assumed rate where its own clock is none."""
    if np.isfinite(gaze.rate_hz):
        return gaze
    if config.assumed_rate_hz is None:
        raise DataError(
            "the frame rate is unknown: the time stamps are no clock",
            where=recording.source,
            fix="state it with --assume-rate HZ if you know the rate that was filmed or recorded",
        )
    time_s = np.arange(len(gaze.time_s)) / config.assumed_rate_hz
    return dataclasses.replace(gaze, time_s=time_s, rate_hz=config.assumed_rate_hz)


def _at_rate(gaze: GazeSeries, rate_hz: float) -> tuple[GazeSeries, bool]:
    """The series on an even grid of `rate_hz`, and whether values were computed for it."""
    if len(gaze.time_s) == 0:
        raise UsageError("a recording without a sample has no frames", fix="leave it out")
    if abs(gaze.rate_hz / rate_hz - 1) <= SAME_RATE:
        steps = np.diff(gaze.time_s) * gaze.rate_hz
        whole = np.round(steps)
        if ((np.abs(steps - whole) <= GREATEST_JITTER) & (whole >= 1)).all():
            slots = np.concatenate([[0], np.cumsum(whole)]).astype(np.int64)
            return _placed(gaze, slots, rate_hz), False
    if gaze.rate_hz / rate_hz >= DOWN_FROM:
        return resample(gaze, rate_hz=rate_hz, method="mean"), True
    return resample(gaze, rate_hz=rate_hz, method="linear"), True


def _placed(gaze: GazeSeries, slots: Int[ndarray, " T"], rate_hz: float) -> GazeSeries:
    """Every sample in its slot of an even grid, unchanged; slots without a sample are lost."""
    num_frames, num_eyes = int(slots[-1]) + 1, len(gaze.eyes)

    def spread(array: ndarray, missing: float | bool) -> ndarray:
        full = np.full((num_frames, *array.shape[1:]), missing, array.dtype)
        full[slots] = array
        return full

    return GazeSeries(
        time_s=np.arange(num_frames) / rate_hz,
        position=spread(gaze.position, np.nan),
        frame=gaze.frame,
        valid=spread(gaze.valid, False),
        altered=np.zeros((num_frames, num_eyes), bool),
        eyes=gaze.eyes,
        rate_hz=rate_hz,
        pupil=None if gaze.pupil is None else spread(gaze.pupil, np.nan),
        pupil_unit=gaze.pupil_unit,
        pupil_altered=None if gaze.pupil is None else np.zeros((num_frames, num_eyes), bool),
        direction=None if gaze.direction is None else spread(gaze.direction, np.nan),
    )


def _columns(gaze: GazeSeries, channels: ChannelSet) -> Float[ndarray, "N D"]:
    """The channels of a series, NaN where unknown."""
    if channels == "head":
        assert gaze.direction is not None
        return gaze.direction[:, 0]
    if channels == "direction":
        assert gaze.direction is not None
        towards_camera = gaze.direction * np.array([-1.0, -1.0, 1.0])
        return np.concatenate([towards_camera[:, gaze.eyes.index(eye)] for eye in ("right", "left")], axis=1)
    position, _ = cyclopean(gaze)
    if channels != "angle+pupil":
        return position
    assert gaze.pupil is not None
    known = np.isfinite(gaze.pupil)
    total, count = np.where(known, gaze.pupil, 0.0).sum(axis=1), known.sum(axis=1)
    pupil_mm = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return np.column_stack([position, pupil_mm])
