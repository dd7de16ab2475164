"""Pupil Core: ``gaze_positions.csv`` and ``pupil_positions.csv`` of the Raw Data Exporter of Pupil Player.

What the columns mean here, and what the format leaves out:

- Clock: seconds of Pupil's own clock, whose zero is arbitrary. Zero of a recording is its first row.
- ``gaze_positions.csv``: one point of gaze (``norm_pos``), a share of the picture of the scene camera with the origin
  at the bottom left; y is turned to run down. ``base_data`` names the time and eye of each pupil that the point was
  computed from: by it, the pupils are taken from the ``pupil_positions.csv`` beside it.
- ``pupil_positions.csv``: one row per frame of one of the two eye cameras, which run at different times. Time is the
  union of both; a row has the pupil of the eyes filmed at that time. ``norm_pos`` is a place in the picture of the eye,
  not a point of gaze. ``eye_id`` 0 is the right eye, 1 the left. Newer exports have each frame twice, by a 2D and by
  the 3D detector: the 3D rows are taken.

References
----------
Pupil Labs, Pupil Player, "Raw Data Exporter" (pupil_gaze_positions_info.txt, which every export holds).
"""

from pathlib import Path

import numpy as np
import polars
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._heading import file_stem
from emogap.recording.readers._pupil_labs_gaze import (
    choose_pupil,
    combined_gaze,
    confidence_doubts,
    measure_camera_rate_hz,
    read_confidence,
)
from emogap.recording.readers._samples import require_increasing
from emogap.recording.readers._table import ExportTable, read_table
from emogap.types import EyeTracker, GazeSeries, PupilUnit, Recording

__all__ = ["is_gaze_heading", "is_pupil_heading", "read_gaze_positions", "read_pupil_positions"]

GAZE_STAMP = ("gaze_timestamp", "timestamp")
PUPIL_STAMP = ("pupil_timestamp", "timestamp")
EYE_ID = ("eye_id", "id")
"""The name of the newer exports first, then that of the older ones."""

EYES = {"left": "1", "right": "0"}
NUMBERS = frozenset({"confidence", "norm_pos_x", "norm_pos_y", "diameter", "diameter_3d"})
PUPIL_FILE = "pupil_positions.csv"
TRACKER = EyeTracker("Pupil Core")
SAME_RATE = 0.05


def is_gaze_heading(heading: tuple[str, ...]) -> bool:
    """Whether these are the columns of ``gaze_positions.csv``."""
    names = set(heading)
    return {"confidence", "norm_pos_x", "norm_pos_y", "base_data"} <= names and bool(names & set(GAZE_STAMP))


def is_pupil_heading(heading: tuple[str, ...]) -> bool:
    """Whether these are the columns of ``pupil_positions.csv``."""
    names = set(heading)
    return (
        {"confidence", "norm_pos_x", "norm_pos_y", "diameter", "method"} <= names
        and bool(names & set(PUPIL_STAMP))
        and bool(names & set(EYE_ID))
    )


def read_gaze_positions(path: Path) -> tuple[Recording, ...]:
    """The one recording of a ``gaze_positions.csv``, with the pupils that its points were computed from.

    Raises
    ------
    DataError
        As ``read_table``; if time runs backwards or is repeated, or the confidence lies outside 0 to 1; for the file
        of pupils beside it too.
    """
    table = read_table(path, is_number=NUMBERS.__contains__)
    stamp_s = _stamps_s(table, GAZE_STAMP)
    require_increasing(stamp_s, table)
    time_s = stamp_s - stamp_s[0]
    rate_hz, rate_doubts = measure_camera_rate_hz(time_s)
    confidence = read_confidence(table)
    pupil, unit, pupil_doubts = _pupils_of(table)
    gaze = combined_gaze(
        time_s,
        np.stack([table.rows["norm_pos_x"].to_numpy(), 1 - table.rows["norm_pos_y"].to_numpy()], axis=1),
        frame="scene_norm",
        rate_hz=rate_hz,
        confidence=confidence,
        pupil=pupil,
        pupil_unit=unit,
    )
    one_eye = table.rows["base_data"].fill_null("").str.split(" ").list.len() < 2
    recording = Recording(
        recording_id=_recording_id(path),
        source=path.name,
        reader="pupil_labs",
        tracker=TRACKER,
        gaze=gaze,
        doubts=(*rate_doubts, *confidence_doubts(confidence), *pupil_doubts),
        notes=(
            f"points computed from one eye only: {int(one_eye.sum())} of {len(time_s)}",
            "positions are shares of the picture of the scene camera, not of a screen",
        ),
    )
    return (recording,)


def read_pupil_positions(path: Path) -> tuple[Recording, ...]:
    """The one recording of a ``pupil_positions.csv``: pupils and confidence of each eye, and no points of gaze.

    Raises
    ------
    DataError
        As ``read_table``; if an eye is neither 0 nor 1, its time runs backwards or is repeated, or the confidence lies
        outside 0 to 1.
    """
    table, notes = _read_pupils(path)
    stamp_s = _stamps_s(table, PUPIL_STAMP)
    eye_id = _eye_ids(table)
    time_s, row = np.unique(stamp_s, return_inverse=True)
    chosen = {eye: np.flatnonzero(eye_id == number) for eye, number in EYES.items()}
    values = np.full((3, len(time_s), 2), np.nan)
    confidence = read_confidence(table)
    rates_hz = {}
    for column, (eye, rows) in enumerate(chosen.items()):
        require_increasing(stamp_s[rows], ExportTable(path, table.rows, table.index[rows]))
        values[:, row[rows], column] = np.stack([*_diameters(table, rows), confidence[rows]])
        rates_hz[eye] = measure_camera_rate_hz(stamp_s[rows]) if len(rows) else (np.nan, ())
    pupil, unit, pupil_doubts = choose_pupil(values[0], values[1])
    rate_hz, rate_doubts = _shared_rate_hz(rates_hz, both=bool(np.isfinite(values[2]).all(axis=1).any()))
    nothing = np.zeros(pupil.shape, bool)
    gaze = GazeSeries(
        time_s=time_s - time_s[0],
        position=np.full((*pupil.shape, 2), np.nan),
        frame="deg",
        valid=nothing,
        altered=nothing.copy(),
        eyes=("left", "right"),
        rate_hz=rate_hz,
        pupil=pupil,
        pupil_unit=unit,
        pupil_altered=nothing.copy(),
        confidence=values[2],
    )
    recording = Recording(
        recording_id=_recording_id(path),
        source=path.name,
        reader="pupil_labs",
        tracker=TRACKER,
        gaze=gaze,
        doubts=(*rate_doubts, *confidence_doubts(confidence), *pupil_doubts),
        notes=(*notes, "this file holds pupils; the points of gaze are in gaze_positions.csv"),
    )
    return (recording,)


def _recording_id(path: Path) -> str:
    """The name of the folder for the files that have the same name in every export, else that of the file."""
    stem = file_stem(path)
    return path.resolve().parent.name if stem in ("gaze_positions", "pupil_positions") else stem


def _first_name(table: ExportTable, names: tuple[str, ...]) -> str:
    return next(name for name in names if name in table.rows.columns)


def _stamps_s(table: ExportTable, names: tuple[str, ...]) -> Float[ndarray, " R"]:
    """The times; kept as text in the table, because ``base_data`` repeats them letter by letter."""
    column = table.rows[_first_name(table, names)]
    stamps = column.str.strip_chars().cast(polars.Float64, strict=False)
    wrong = (stamps.is_null() & column.is_not_null()).arg_true()
    if len(wrong):
        first = int(wrong[0])
        raise DataError(
            f"'{column[first]}' in the column '{column.name}' is no time in s ({counted(len(wrong), 'such cell')})",
            where=table.place(first),
            fix="export the recording again",
        )
    return stamps.to_numpy()


def _read_pupils(path: Path) -> tuple[ExportTable, tuple[str, ...]]:
    """The rows of one detector: of the 3D one if there are any."""
    table = read_table(path, is_number=NUMBERS.__contains__)
    if not is_pupil_heading(tuple(table.rows.columns)):
        raise DataError(
            "the heading is not that of a pupil_positions.csv of Pupil Player",
            where=f"{path}, line 1",
            fix="export the recording again, or move the file elsewhere",
        )
    method = table.rows["method"].fill_null("")
    is_3d = method.str.contains("3d").to_numpy()
    if not is_3d.any() or is_3d.all():
        return table, (f"pupils by the method {', '.join(sorted(method.unique().to_list()))}",)
    kept = ", ".join(sorted(method.filter(is_3d).unique().to_list()))
    return table.keep(is_3d), (
        f"pupils by the method {kept}; {counted(int((~is_3d).sum()), 'row')} of the 2D detector left out",
    )


def _eye_ids(table: ExportTable) -> ndarray:
    column = table.rows[_first_name(table, EYE_ID)]
    text = column.str.strip_chars().str.strip_suffix(".0")
    wrong = (~text.is_in(list(EYES.values())).fill_null(False)).arg_true()
    if len(wrong):
        first = int(wrong[0])
        raise DataError(
            f"'{column[first]}' in the column '{column.name}' is neither 0 (right eye) nor 1 (left eye)",
            where=table.place(first),
            fix="export the recording again",
        )
    return text.to_numpy()


def _diameters(table: ExportTable, rows: ndarray) -> list[Float[ndarray, " R"]]:
    """Diameter in mm and in px of some rows; NaN where the confidence of exactly 0 says that nothing is known."""
    unknown = table.rows["confidence"].to_numpy()[rows] == 0
    found = []
    for name in ("diameter_3d", "diameter"):
        given = name in table.rows.columns
        diameter = table.rows[name].to_numpy()[rows] if given else np.full(len(rows), np.nan)
        found.append(np.where(unknown, np.nan, diameter))
    return found


def _shared_rate_hz(rates_hz: dict[str, tuple[float, tuple[str, ...]]], *, both: bool) -> tuple[float, tuple[str, ...]]:
    """The rate of one eye camera; the mean of two that agree, NaN for two that do not."""
    known = {eye: rate_hz for eye, (rate_hz, _) in rates_hz.items() if np.isfinite(rate_hz)}
    doubts = tuple(f"{eye} eye: {doubt}" for eye, (_, found) in rates_hz.items() for doubt in found)
    if not known:
        return np.nan, doubts or ("one sample has no sampling rate",)
    named = " and ".join(f"{eye} {rate_hz:.1f} Hz" for eye, rate_hz in known.items())
    if len(known) == 2 and not both:
        doubts = (
            *doubts,
            f"the eyes were filmed at different times ({named}): a row has the pupil of one eye only, and the rate is"
            " that of one eye",
        )
    low, high = min(known.values()), max(known.values())
    if high - low > SAME_RATE * high:
        return np.nan, (*doubts, f"the eyes were filmed at different rates ({named}): there is no one rate")
    return float(np.mean(list(known.values()))), doubts


def _pupils_of(table: ExportTable) -> tuple[Float[ndarray, "T E"] | None, PupilUnit | None, tuple[str, ...]]:
    """Left and right pupil of each point of gaze, by its ``base_data``, from the file beside it if there is one."""
    path = table.path.with_name(PUPIL_FILE)
    if not path.is_file():
        return None, None, ()
    pupils, _ = _read_pupils(path)
    stamps = pupils.rows[_first_name(pupils, PUPIL_STAMP)].str.strip_chars()
    places = {key: row for row, key in enumerate(zip(stamps.to_list(), _eye_ids(pupils).tolist(), strict=True))}
    diameters = np.stack(_diameters(pupils, np.arange(pupils.rows.height)), axis=1)
    found = np.full((2, table.rows.height, 2), np.nan)
    columns = {number: column for column, number in enumerate(EYES.values())}
    for row, text in enumerate(table.rows["base_data"].fill_null("").to_list()):
        for datum in text.split():
            stamp, _, number = datum.rpartition("-")
            place = places.get((stamp, number))
            if place is not None:
                found[:, row, columns[number]] = diameters[place]
    if not np.isfinite(found).any():
        return None, None, (f"no point of gaze names a row of the {PUPIL_FILE} beside it: no pupil was taken from it",)
    return choose_pupil(found[0], found[1])
