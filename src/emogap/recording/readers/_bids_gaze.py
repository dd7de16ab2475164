"""Eyes of one BIDS recording joined into a gaze series."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.bids.columns import SHARES, TRIPLES, triple_columns
from emogap.recording.readers._bids_eye import EyeFile
from emogap.recording.readers._bids_units import find_point_axes
from emogap.recording.readers._samples import check_pupil
from emogap.types import Frame, GazeSeries, PupilUnit, Screen

__all__ = ["join_eyes", "share_clock"]


def share_clock(eyes: Sequence[EyeFile]) -> bool:
    """Whether all eyes have the same samples and stated rate.

    Raises
    ------
    DataError
        If this package wrote the files and they do not: it writes both eyes with one clock.
    """
    first = eyes[0]
    for other in eyes[1:]:
        if np.array_equal(first.time_s, other.time_s) and first.rate_hz == other.rate_hz:
            continue
        if first.block is not None and other.block is not None:
            raise DataError(
                f"{counted(len(other.time_s), 'sample')} whose clock is not that of {first.path.name}"
                f" ({len(first.time_s)})",
                where=other.place(min(len(first.time_s), len(other.time_s)) - 1),
                fix="export the recording again: the files of its eyes do not belong together",
            )
        return False
    return True


def join_eyes(
    eyes: Sequence[EyeFile], screen: Screen | None, origin: tuple[str, str] | None
) -> tuple[GazeSeries, tuple[str, ...]]:
    """The gaze of all eyes on their common clock, and doubts.

    Raises
    ------
    DataError
        If columns contradict each other, or the eyes are given in different frames.
    """
    points = [_points(eye, screen, origin) for eye in eyes]
    frames = {frame for frame, _, _ in points}
    if len(frames) > 1:
        raise DataError(
            f"the eyes are given in different frames: {', '.join(sorted(frames))}",
            where=eyes[-1].sidecar.place("SampleCoordinateSystem"),
            fix="write both eyes in the same unit and coordinate system",
        )
    position = np.stack([point for _, point, _ in points]).transpose(2, 0, 1)
    pupil, unit, pupil_doubts = _pupil(eyes)
    doubts = [doubt for _, _, found in points for doubt in found]
    first = eyes[0]
    gaze = GazeSeries(
        time_s=first.time_s if first.block is not None else first.time_s - first.time_s[0],
        position=position,
        frame=points[0][0],
        valid=np.isfinite(position[:, :, 0]),
        altered=_flags(eyes, "altered"),
        eyes=tuple(eye.eye for eye in eyes),
        rate_hz=first.rate_hz,
        pupil=pupil,
        pupil_unit=unit,
        pupil_altered=None if pupil is None else _flags(eyes, "pupil_altered"),
        **{name: _vectors(eyes, name) for name in TRIPLES},
        **{name: _shares(eyes, name) for name in SHARES},
    )
    return gaze, (*dict.fromkeys(doubts), *pupil_doubts)


def _points(
    eye: EyeFile, screen: Screen | None, origin: tuple[str, str] | None
) -> tuple[Frame, Float[ndarray, "2 T"], tuple[str, ...]]:
    """Frame, points of gaze of one eye and doubts."""
    point = np.stack([eye.numbers("x_coordinate"), eye.numbers("y_coordinate")])
    point[~np.isfinite(point)] = np.nan
    doubts: tuple[str, ...] = ()
    if eye.block is not None:
        frame: Frame = eye.block.frame
    else:
        axes = find_point_axes(eye.sidecar, screen, origin)
        frame, doubts = axes.frame, axes.doubts
        if axes.scale != (1.0, 1.0) or axes.shift != (0.0, 0.0):
            point = point * np.array(axes.scale)[:, None] + np.array(axes.shift)[:, None]
    partial = np.isnan(point[0]) != np.isnan(point[1])
    valid = ~np.isnan(point).any(axis=0)
    if eye.has("valid") and eye.block is not None:
        _require_agreement(eye, valid, partial)
    if partial.any():
        doubts = (*doubts, f"{counted(int(partial.sum()), 'point')} of gaze with one coordinate only: taken as lost")
        point[:, partial] = np.nan
    return frame, point, doubts


def _require_agreement(eye: EyeFile, valid: Bool[ndarray, " T"], partial: Bool[ndarray, " T"]) -> None:
    wrong = (eye.flags("valid") != valid) | partial
    if wrong.any():
        first = int(wrong.argmax())
        raise DataError(
            f"valid and the coordinates disagree ({counted(int(wrong.sum()), 'such sample')})",
            where=eye.place(first),
            fix="the table was edited: write it again",
        )


def _pupil(
    eyes: Sequence[EyeFile],
) -> tuple[Float[ndarray, "T E"] | None, PupilUnit | None, tuple[str, ...]]:
    if not all(eye.has("pupil_size") for eye in eyes):
        some = any(eye.has("pupil_size") for eye in eyes)
        return None, None, ("the pupil of one eye only is given: left out",) if some else ()
    pupil = np.stack([eye.numbers("pupil_size") for eye in eyes]).T
    first = eyes[0].sidecar
    if eyes[0].block is not None:
        return pupil, eyes[0].block.pupil_unit, ()
    units, about = first.entry("pupil_size", "Units"), first.entry("pupil_size", "Description") or ""
    if units in ("mm", "millimeter", "millimeters") and "area" not in about.lower():
        unit, doubts = check_pupil(pupil)
        return pupil, unit, doubts
    return pupil, "au", (f"the pupil is given in '{units}': kept in the device's own unit (au)",)


def _flags(eyes: Sequence[EyeFile], name: str) -> Bool[ndarray, "T E"]:
    return np.stack([eye.flags(name) if eye.has(name) else np.zeros(len(eye.time_s), bool) for eye in eyes]).T


def _vectors(eyes: Sequence[EyeFile], name: str) -> Float[ndarray, "T E 3"] | None:
    columns = triple_columns(name)
    if not all(eye.block is not None and eye.has(*columns) for eye in eyes):
        return None
    return np.stack([[eye.numbers(column) for column in columns] for eye in eyes]).transpose(2, 0, 1)


def _shares(eyes: Sequence[EyeFile], name: str) -> Float[ndarray, "T E"] | None:
    if not all(eye.block is not None and eye.has(name) for eye in eyes):
        return None
    return np.stack([eye.numbers(name) for eye in eyes]).T
