"""Pupil Labs Neon and Pupil Invisible: ``gaze.csv`` of Pupil Cloud or Neon Player, and the files beside it.

What the columns mean here, and what the format leaves out:

- Clock: UTC in whole ns, read exactly. Zero of a recording is its first sample.
- Gaze is one point from both eyes, in px of the picture of the scene camera, origin top left, y down.
- Missing is an empty cell, or ``worn`` 0: then nobody looked. Points within blinks are kept as they are; the blinks
  are events.
- ``3d_eye_states.csv`` beside it gives the pupils, at the times of the samples. Its eyeball centres and optical axes
  are in coordinates of the scene camera, which say nothing about a screen: they are not read.
- ``fixations.csv``, ``saccades.csv`` and ``blinks.csv`` beside it are the vendor's events, ``events.csv`` the messages.
- ``info.json`` beside it names device, versions and wearer (the wearer's id is taken, never the name).
- Several recordings in one file are told apart by their id.

References
----------
Pupil Labs, Neon documentation, "Recording Format" (docs.pupil-labs.com/neon/data-collection/data-format).
"""

import json
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.errors import DataError
from emogap.recording.readers._heading import file_stem
from emogap.recording.readers._pupil_labs_gaze import combined_gaze, measure_camera_rate_hz, stamps_ns
from emogap.recording.readers._pupil_neon_events import read_events, read_messages
from emogap.recording.readers._samples import check_pupil, require_increasing
from emogap.recording.readers._table import ExportTable, read_table
from emogap.types import EyeTracker, PupilUnit, Recording

__all__ = ["is_heading", "read"]

STAMP = "timestamp [ns]"
GAZE = ("gaze x [px]", "gaze y [px]")
PUPILS = ("pupil diameter left [mm]", "pupil diameter right [mm]")
RECORDING_ID = "recording id"
NUMBERS = frozenset({*GAZE, *PUPILS, "worn"})
VERSIONS = ("app_version", "pipeline_version", "gaze_mode", "frame_name")


def is_heading(heading: tuple[str, ...]) -> bool:
    """Whether these are the columns of a ``gaze.csv``."""
    return {STAMP, *GAZE} <= set(heading)


def read(path: Path) -> tuple[Recording, ...]:
    """Every recording in a ``gaze.csv``, in the order of its first row.

    Raises
    ------
    DataError
        As ``read_table``; if a time is no whole number, runs backwards or is repeated; for the files beside it too.
    """
    table = read_table(path, is_number=NUMBERS.__contains__)
    parts = _split(table)
    info = _read_info(path.with_name("info.json"))
    return tuple(_recording(part, key, info if len(parts) == 1 else {}) for key, part in parts.items())


def _split(table: ExportTable) -> dict[str | None, ExportTable]:
    """The rows of each recording, by its id; an empty id is one of its own."""
    if RECORDING_ID not in table.rows.columns:
        return {None: table}
    ids = table.rows[RECORDING_ID]
    parts: dict[str | None, ExportTable] = {}
    for key in ids.unique(maintain_order=True).to_list():
        parts[key] = table.keep(ids.eq_missing(key).to_numpy())
    return parts


def _recording(table: ExportTable, key: str | None, info: dict[str, object]) -> Recording:
    stamp_ns = stamps_ns(table, STAMP)
    since_ns = stamp_ns - stamp_ns[0]
    require_increasing(since_ns / 1e9, table)
    rate_hz, rate_doubts = measure_camera_rate_hz(since_ns / 1e9)
    point, worn_doubts = _points(table)
    pupil, unit, pupil_doubts = _pupils(table.path, key, stamp_ns)
    gaze = combined_gaze(since_ns / 1e9, point, frame="scene_px", rate_hz=rate_hz, pupil=pupil, pupil_unit=unit)
    events = read_events(table.path, key, zero_ns=int(stamp_ns[0]))
    wearer = info.get("wearer_id")
    return Recording(
        recording_id=key or file_stem(table.path),
        participant_id=str(wearer) if wearer else None,
        source=table.path.name,
        reader="pupil_labs",
        tracker=_tracker(info),
        gaze=gaze,
        events=() if events is None else (events,),
        messages=read_messages(table.path, key, zero_ns=int(stamp_ns[0])),
        start_ns=int(stamp_ns[0]),
        doubts=(*rate_doubts, *worn_doubts, *pupil_doubts),
        notes=(
            *(f"{name}: {info[name]}" for name in VERSIONS if info.get(name)),
            "positions are px of the picture of the scene camera, not of a screen",
        ),
    )


def _points(table: ExportTable) -> tuple[Float[ndarray, "T 2"], tuple[str, ...]]:
    """The points of gaze, NaN where the device was not worn."""
    point = np.stack([table.rows[name].to_numpy() for name in GAZE], axis=1).copy()
    if "worn" not in table.rows.columns:
        return point, ("the file does not say when the device was worn",)
    off = table.rows["worn"].to_numpy() == 0
    point[off] = np.nan
    return point, (f"the device was not worn in {off.mean():.1%} of the samples: these are lost",) if off.any() else ()


def _pupils(
    path: Path, key: str | None, stamp_ns: Int[ndarray, " T"]
) -> tuple[Float[ndarray, "T E"] | None, PupilUnit | None, tuple[str, ...]]:
    """Left and right pupil at the time of each sample, from the file beside it; NaN where that has no such time."""
    beside = path.with_name("3d_eye_states.csv")
    if not beside.is_file():
        return None, None, ()
    states = read_table(beside, is_number=NUMBERS.__contains__)
    absent = {STAMP, *PUPILS} - set(states.rows.columns)
    if absent:
        return None, None, (f"3d_eye_states.csv has no column '{sorted(absent)[0]}': no pupil was taken from it",)
    if key is not None and RECORDING_ID in states.rows.columns:
        states = states.keep((states.rows[RECORDING_ID] == key).fill_null(False).to_numpy())
    _, here, there = np.intersect1d(stamp_ns, stamps_ns(states, STAMP), assume_unique=False, return_indices=True)
    pupil = np.full((len(stamp_ns), 2), np.nan)
    pupil[here] = np.stack([states.rows[name].to_numpy() for name in PUPILS], axis=1)[there]
    pupil[~(pupil > 0)] = np.nan
    unit, doubts = check_pupil(pupil)
    if len(here) < len(stamp_ns):
        doubts = (*doubts, f"{len(stamp_ns) - len(here)} of {len(stamp_ns)} samples have no row in 3d_eye_states.csv")
    return pupil, unit, doubts


def _read_info(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise DataError(
            "this is not JSON, or it was cut off", where=f"{path}, line {line}", fix="export the recording again"
        ) from error
    return info if isinstance(info, dict) else {}


def _tracker(info: dict[str, object]) -> EyeTracker:
    if info.get("module_serial_number"):
        return EyeTracker("Pupil Labs Neon")
    if info.get("glasses_serial_number"):
        return EyeTracker("Pupil Invisible")
    return EyeTracker("Pupil Labs Neon or Pupil Invisible (no info.json beside it)")
