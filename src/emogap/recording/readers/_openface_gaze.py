"""Gaze of OpenFace: from unit vectors of the camera to degrees as seen by the person."""

from collections.abc import Set

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.recording.readers._samples import stack_columns, without_partial
from emogap.recording.readers._table import ExportTable
from emogap.types import Eye, GazeSeries

__all__ = ["has_gaze", "read_gaze"]

VECTORS = tuple(tuple(f"gaze_{eye}_{axis}" for axis in "xyz") for eye in (1, 0))
"""The person's left eye is on the right of the picture: number 1."""
ANGLES = ("gaze_angle_x", "gaze_angle_y")
LENGTHS = (0.9, 1.1)
"""A unit vector with six digits; others are no direction."""
SAME_DEG = 2.0


def has_gaze(names: Set[str]) -> bool:
    """Whether both eyes have a direction, or the two together an angle."""
    return {name for eye in VECTORS for name in eye} <= names or set(ANGLES) <= names


def read_gaze(
    table: ExportTable,
    *,
    time_s: Float[ndarray, " T"],
    rate_hz: float,
    success: Bool[ndarray, " T"],
    confidence: Float[ndarray, " T"],
) -> tuple[GazeSeries | None, tuple[str, ...]]:
    """Gaze in ``camera_deg`` and doubts about it; None where the file has none.

    Directions of both eyes where there are any, else the angle of the two together, which has no direction.
    """
    names = set(table.rows.columns)
    if not has_gaze(names):
        return None, ()
    eyes: tuple[Eye, ...] = ("left", "right")
    doubts: tuple[str, ...] = ()
    direction = None
    if {name for eye in VECTORS for name in eye} <= names:
        vectors = stack_columns(table.rows, VECTORS)
        length = np.sqrt((vectors**2).sum(axis=2))
        usable = success[:, None] & (length > LENGTHS[0]) & (length < LENGTHS[1]) & (vectors[:, :, 2] < 0)
        doubts = _vector_doubts(success, usable)
        valid = without_partial(vectors, usable)
        direction = vectors * np.array([-1.0, -1.0, 1.0]) / length[:, :, None]
        position = np.degrees(np.arctan2(direction[:, :, :2], -direction[:, :, 2:]))
        doubts += _angle_doubts(table, names, position)
    else:
        eyes = ("cyclopean",)
        position = -np.degrees(stack_columns(table.rows, [ANGLES]))
        valid = without_partial(position, success[:, None])
    gaze = GazeSeries(
        time_s=time_s.copy(),
        position=position,
        frame="camera_deg",
        valid=valid,
        altered=np.zeros(valid.shape, bool),
        eyes=eyes,
        rate_hz=rate_hz,
        direction=direction,
        confidence=np.repeat(confidence[:, None], len(eyes), axis=1),
    )
    return gaze, doubts


def _vector_doubts(success: Bool[ndarray, " T"], usable: Bool[ndarray, "T 2"]) -> tuple[str, ...]:
    unusable = int(np.count_nonzero(success & ~usable.all(axis=1)))
    if not unusable:
        return ()
    return (
        f"{counted(unusable, 'frame')} with success 1: no unit vector towards the camera for both eyes: lost there",
    )


def _angle_doubts(table: ExportTable, names: Set[str], position: Float[ndarray, "T 2 2"]) -> tuple[str, ...]:
    """Where OpenFace's own angle of both eyes is not that of their vectors."""
    if not set(ANGLES) <= names:
        return ()
    angle_deg = -np.degrees(stack_columns(table.rows, [ANGLES])[:, 0])
    apart_deg = np.abs(angle_deg - position.mean(axis=1)).max(axis=1)
    num_apart = int(np.count_nonzero(apart_deg > SAME_DEG))
    if not num_apart:
        return ()
    return (f"gaze_angle is more than {SAME_DEG:g} deg from the mean of the two eyes in {counted(num_apart, 'frame')}",)
