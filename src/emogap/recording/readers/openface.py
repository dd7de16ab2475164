"""OpenFace 2 (and 1): gaze directions, head pose and action units that it reads from a video of a face.

What the columns mean here, and what the format leaves out:

- Names after the comma may begin with a blank, and an index column may stand before ``frame``.
- Clock: ``timestamp``, seconds of the video. Image sequences have none: OpenFace then counts in steps that are no
  time, the rate is unknown, and a doubt says so. Every face of a video (``face_id``) is a recording of its own.
- Gaze: unit vectors in the axes of the camera, x right and y down in the picture, z away from the camera, for the
  eye on the left of the picture (0) and on its right (1). Unless the video is mirrored, eye 0 is the person's right.
- ``position`` is in degrees from the camera's axis as seen by the person: right = atan2(-x, -z), up = atan2(-y, -z),
  the negative of OpenFace's own ``gaze_angle``. ``direction`` is (-x, -y, z): x to the person's right, y up, z from
  the camera to the person, so that looking into the camera is (0, 0, -1).
- Missing is ``success`` 0: OpenFace then repeats or invents values, which are dropped. ``confidence`` is kept.
- ``pose_R`` in radians becomes degrees with OpenFace's own signs; ``AU.._r`` is an intensity from 0 to 5, ``AU.._c``
  presence. There is no pupil, and no screen.

References
----------
Baltrusaitis et al. (2018), doi:10.1109/FG.2018.00019. OpenFace wiki, "Output Format".
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._heading import file_stem, is_spreadsheet, read_content, read_heading
from emogap.recording.readers._openface_gaze import has_gaze, read_gaze
from emogap.recording.readers._samples import measure_rate_hz, require_increasing
from emogap.recording.readers._table import ExportTable, read_table
from emogap.types import ActionUnits, EyeTracker, HeadSeries, Recording

__all__ = ["can_read", "read"]

CLOCK = ("frame", "timestamp", "confidence", "success")
FACE = "face_id"
ROTATION = ("pose_Rx", "pose_Ry", "pose_Rz")
UNIT = re.compile(r"(AU\d+)_([rc])")
MEASURED = re.compile(r"gaze_(0|1|angle)_[xyz]|pose_R[xyz]|AU\d+_[rc]")
FLAG = re.compile(r"[01](\.0+)?")
FASTEST_HZ = 500.0
"""No camera that films a whole face for OpenFace is faster; the stepped clock of image sequences counts 1 ms."""
GREATEST_INTENSITY = 5.0


def can_read(path: Path) -> bool:
    """Whether the heading is that of OpenFace with gaze, head pose or action units; looks at nothing else."""
    return _is_known(_names(read_heading(path)))


def read(path: Path) -> tuple[Recording, ...]:
    """One recording per face of the video, in the order of their first rows.

    Raises
    ------
    DataError
        If the file is not of OpenFace, or is cut, damaged or contradicts itself; names file and line.
    """
    names = _names(read_heading(path))
    if not _is_known(names):
        read_content(path)
        raise DataError(
            f"the heading is not that of OpenFace: {', '.join(CLOCK)} and gaze, pose or action units are not all"
            f" there (it has {counted(len(names), 'column')})",
            where=f"{path}, line 1",
            fix="run FeatureExtraction or FaceLandmarkVid of OpenFace with -gaze, -pose or -aus",
        )
    table = read_table(path, is_number=_is_number, names=names, is_whole_line=_ends_with_a_flag)
    doubts: tuple[str, ...] = ()
    if not is_spreadsheet(path) and not read_content(path).endswith(b"\n"):
        doubts = ("the last line has no line end; its cells are all there",)
    faces = _faces(table)
    return tuple(_recording(part, names, face if len(faces) > 1 else None, doubts) for face, part in faces.items())


def _names(heading: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for name in heading)


def _is_known(names: Sequence[str]) -> bool:
    given = set(names)
    measured = has_gaze(given) or set(ROTATION) <= given or any(map(UNIT.fullmatch, names))
    return set(CLOCK) <= given and measured


def _is_number(name: str) -> bool:
    return name in CLOCK or name == FACE or MEASURED.fullmatch(name) is not None


def _ends_with_a_flag(line: str) -> bool:
    """Whether the last two cells are flags of the same width (``0, 1`` or ``0.00, 1.00``), so that none is cut."""
    cells = [cell.strip() for cell in line.rsplit(",", 2)[1:]]
    return len(cells) == 2 and len(cells[0]) == len(cells[1]) and all(map(FLAG.fullmatch, cells))


def _faces(table: ExportTable) -> dict[int, ExportTable]:
    """The rows of each face."""
    if FACE not in table.rows.columns:
        return {0: table}
    face = table.rows[FACE].to_numpy()
    bad = np.flatnonzero(~(np.isfinite(face) & (face == np.round(face))))
    if len(bad):
        raise DataError(
            f"{FACE} is no whole number ({counted(len(bad), 'such cell')})",
            where=table.place(int(bad[0])),
            fix="run OpenFace again",
        )
    _, first = np.unique(face, return_index=True)
    return {int(face[row]): table.keep(face == face[row]) for row in np.sort(first).tolist()}


def _recording(table: ExportTable, names: Sequence[str], face: int | None, doubts: tuple[str, ...]) -> Recording:
    stamp_s = table.rows["timestamp"].to_numpy()
    require_increasing(stamp_s, table)
    time_s = stamp_s - stamp_s[0]
    rate_hz, rate_doubts = _rate_hz(table, time_s)
    confidence = _within(table, "confidence", 1.0)
    success = _within(table, "success", 1.0) == 1
    gaze, gaze_doubts = read_gaze(table, time_s=time_s, rate_hz=rate_hz, success=success, confidence=confidence)
    stem = file_stem(table.path)
    notes = [f"time 0 is at {stamp_s[0]:.3f} s of the video"]
    if FACE in names:
        notes.append(f"face {int(table.rows[FACE][0])} of those that OpenFace numbered")
    return Recording(
        recording_id=stem if face is None else f"{stem}-face{face}",
        source=table.path.name,
        reader="openface",
        tracker=EyeTracker("OpenFace (a camera that films the face)"),
        gaze=gaze,
        head=_head(table, names, time_s, success),
        action_units=_action_units(table, names, time_s, success, confidence),
        doubts=(*rate_doubts, *doubts, *gaze_doubts, *_frame_doubts(table)),
        notes=tuple(notes),
    )


def _rate_hz(table: ExportTable, time_s: Float[ndarray, " T"]) -> tuple[float, tuple[str, ...]]:
    """Rate in Hz, NaN where the clock is a counter, and doubts about it."""
    measured_hz = measure_rate_hz(time_s)
    if measured_hz is None:
        raise DataError(
            "a face of one frame has no frame rate", where=table.place(0), fix="leave the line out, or take more frames"
        )
    if measured_hz <= FASTEST_HZ:
        return measured_hz, ()
    return np.nan, (
        f"the timestamps step {1000 / measured_hz:.3g} ms, faster than any camera that films a face: a counter of an"
        " image sequence and no time, so the rate is unknown",
    )


def _within(table: ExportTable, name: str, greatest: float) -> Float[ndarray, " T"]:
    """A column that must lie between 0 and `greatest`."""
    values = table.rows[name].to_numpy()
    wrong = np.flatnonzero(~((values >= 0) & (values <= greatest)))
    if len(wrong):
        raise DataError(
            f"{name} is {values[wrong[0]]:g}, outside 0 to {greatest:g} ({counted(len(wrong), 'such cell')})",
            where=table.place(int(wrong[0])),
            fix="run OpenFace again",
        )
    return values


def _head(
    table: ExportTable, names: Sequence[str], time_s: Float[ndarray, " T"], success: Bool[ndarray, " T"]
) -> HeadSeries | None:
    if not set(ROTATION) <= set(names):
        return None
    angle_rad = table.rows.select(ROTATION).to_numpy()
    return HeadSeries(time_s.copy(), np.where(success[:, None], np.degrees(angle_rad), np.nan))


def _action_units(
    table: ExportTable,
    names: Sequence[str],
    time_s: Float[ndarray, " T"],
    success: Bool[ndarray, " T"],
    confidence: Float[ndarray, " T"],
) -> ActionUnits | None:
    units = sorted({match[1] for match in map(UNIT.fullmatch, names) if match})
    if not units:
        return None
    limits = {"r": GREATEST_INTENSITY, "c": 1.0}
    # AU28 has presence only: its intensity stays NaN.
    rated = {kind: np.full((len(time_s), len(units)), np.nan) for kind in limits}
    for kind, greatest in limits.items():
        for place, unit in enumerate(units):
            if f"{unit}_{kind}" in names:
                rated[kind][:, place] = np.where(success, _within(table, f"{unit}_{kind}", greatest), np.nan)
    return ActionUnits(
        time_s=time_s.copy(),
        names=tuple(units),
        intensity=rated["r"],
        presence=rated["c"],
        confidence=confidence.copy(),
        success=success.copy(),
    )


def _frame_doubts(table: ExportTable) -> tuple[str, ...]:
    skipped = np.diff(table.rows["frame"].to_numpy()) - 1
    num_skipped = int(skipped[skipped > 0].sum())
    return (f"{counted(num_skipped, 'frame')} of the video not in the file",) if num_skipped else ()
