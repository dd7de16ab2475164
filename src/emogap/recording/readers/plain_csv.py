"""Any table of samples whose columns a small TOML file explains once: ``columns.toml`` beside the data.

What the mapping says, and what is refused:

- The clock and its unit, the columns of each eye, the frame of the points and where their 0, 0 is, cells that mean
  missing, validity, the unit of the pupil, and, where known, device, rate and screen. Nothing is guessed.
- A file is known only where such a mapping stands beside it (or in the study whose session it belongs to), and names
  columns that the file has. The data are never changed.
- Numbers have the decimal mark of the mapping and no thousands signs: ``1,234`` is refused where the mark is a point.
"""

from pathlib import Path

import numpy as np
import polars
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError
from emogap.files import write_bytes
from emogap.recording.readers._heading import file_stem, read_content, read_heading
from emogap.recording.readers._plain_mapping import MAPPING_NAME, ColumnMapping, find_mapping, read_mapping
from emogap.recording.readers._plain_numbers import numbers_of, shares_of, to_frame_origin
from emogap.recording.readers._samples import (
    check_pupil,
    measure_rate_hz,
    require_increasing,
    stimulus_intervals,
    without_partial,
)
from emogap.recording.readers._table import ExportTable, read_table
from emogap.types import EyeTracker, GazeSeries, PupilUnit, Recording, Screen, StimulusInterval

__all__ = ["can_read", "read", "read_mapping", "read_with", "remember_mapping"]

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def can_read(path: Path) -> bool:
    """Whether a mapping stands beside the file and all columns that it names are in the heading.

    Raises
    ------
    DataError
        If there is a mapping that cannot be read.
    """
    found = find_mapping(path) if path.is_file() else None
    if found is None:
        return False
    return set(read_mapping(found).columns) <= {name.strip() for name in read_heading(path)}


def read(path: Path) -> tuple[Recording, ...]:
    """Every recording of the table, one per participant, with the mapping beside it.

    Raises
    ------
    DataError
        If there is no mapping, or as :func:`read_with`.
    """
    found = find_mapping(path)
    if found is None:
        read_content(path)
        raise DataError(
            f"no {MAPPING_NAME} beside it says what the columns mean",
            where=f"{path}, line 1",
            fix=f"write {MAPPING_NAME} (see docs/reading.md), or: emogap look FILE --mapping MAPPING.toml --remember",
        )
    return read_with(path, read_mapping(found))


def read_with(path: Path, mapping: ColumnMapping) -> tuple[Recording, ...]:
    """Every recording of the table, one per participant, as `mapping` explains its columns.

    Raises
    ------
    DataError
        If the table lacks a column, or is cut, damaged or contradicts the mapping; names file and line.
    """
    heading = tuple(name.strip() for name in read_heading(path))
    missing = [name for name in mapping.columns if name not in heading]
    if missing:
        read_content(path)
        raise DataError(
            f"the mapping names columns that the table does not have: {', '.join(missing)}",
            where=f"{path}, line 1",
            fix=f"correct the mapping; the table has {', '.join(heading[:12])}",
        )
    table = read_table(path, is_number=lambda name: False, names=heading, delimiter=mapping.delimiter)
    parts = _split(table, mapping.participant)
    stem = file_stem(path)
    return tuple(
        _recording(part, mapping, participant, stem if len(parts) == 1 else f"{stem}-{participant}")
        for participant, part in parts.items()
    )


def remember_mapping(path: Path, mapping_path: Path) -> Path:
    """Copy a mapping beside the table at `path`, where every command finds it; returns where it stands.

    Raises
    ------
    UsageError
        If another mapping stands there already.
    OutputError
        If it cannot be written.
    """
    target = path.parent / MAPPING_NAME
    text = mapping_path.read_text(encoding="utf-8-sig")
    if target.is_file() and target.read_text(encoding="utf-8-sig") != text:
        raise UsageError(
            "another mapping stands there already",
            where=str(target),
            fix="compare the two; delete it, or leave --remember out",
        )
    write_bytes(target, text.encode())
    return target


def _split(table: ExportTable, column: str | None) -> dict[str | None, ExportTable]:
    """The rows of each participant, in the order of their first rows."""
    if column is None:
        return {None: table}
    names = table.rows[column].fill_null("").str.strip_chars()
    empty = (names == "").arg_true()
    if len(empty):
        raise DataError(
            f"'{column}' names no participant ({counted(len(empty), 'such row')})",
            where=table.place(int(empty[0])),
            fix="fill it in, or leave 'participant' out of the mapping",
        )
    return {str(name): table.keep((names == name).to_numpy()) for name in names.unique(maintain_order=True)}


def _recording(table: ExportTable, mapping: ColumnMapping, participant: str | None, recording_id: str) -> Recording:
    stamp_s = numbers_of(table, mapping.time.column, mapping, with_codes=False) * SECONDS[mapping.time.unit]
    require_increasing(stamp_s, table)
    time_s = stamp_s - stamp_s[0]
    rate_hz = measure_rate_hz(time_s)
    if rate_hz is None:
        raise DataError("a recording of one sample has no sampling rate", where=table.place(0), fix="export it again")
    screen = None
    if mapping.screen is not None:
        screen = Screen(mapping.screen.size_px, mapping.screen.size_mm, mapping.screen.distance_mm)
    gaze, doubts = _gaze(table, mapping, screen, time_s, rate_hz)
    stimuli: tuple[StimulusInterval, ...] = ()
    if mapping.stimulus is not None:
        names = table.rows[mapping.stimulus].str.strip_chars()
        stimuli = stimulus_intervals(names, time_s, interval_s=1 / rate_hz, none=mapping.missing)
    return Recording(
        recording_id=recording_id,
        participant_id=participant,
        source=table.path.name,
        reader="plain_csv",
        tracker=EyeTracker(mapping.device, mapping.rate_hz),
        screen=screen,
        gaze=gaze,
        stimuli=stimuli,
        doubts=(*_rate_doubts(rate_hz, mapping.rate_hz), *doubts),
        notes=(f"columns were read as {MAPPING_NAME} or --mapping explains them",),
    )


def _rate_doubts(measured_hz: float, nominal_hz: float | None) -> tuple[str, ...]:
    if nominal_hz is None or abs(measured_hz / nominal_hz - 1) <= 0.05:
        return ()
    return (f"the mapping states {nominal_hz:g} Hz, and the clock gives {measured_hz:.1f} Hz: one is wrong",)


def _gaze(
    table: ExportTable, mapping: ColumnMapping, screen: Screen | None, time_s: Float[ndarray, " T"], rate_hz: float
) -> tuple[GazeSeries, tuple[str, ...]]:
    num_samples, num_eyes = len(time_s), len(mapping.eye)
    position = np.full((num_samples, num_eyes, 2), np.nan)
    values = {name: np.full((num_samples, num_eyes), np.nan) for name in ("pupil", "openness", "confidence")}
    for place, eye in enumerate(mapping.eye):
        valid = _valid(table, eye.valid, mapping)
        for axis, column in enumerate((eye.x, eye.y)):
            if column is not None:
                position[:, place, axis] = np.where(valid, numbers_of(table, column, mapping), np.nan)
        if eye.pupil is not None:
            values["pupil"][:, place] = numbers_of(table, eye.pupil, mapping)
        for name, column in (("openness", eye.openness), ("confidence", eye.confidence)):
            if column is not None:
                values[name][:, place] = shares_of(table, column, mapping)
    if mapping.position is not None:
        position = to_frame_origin(position, mapping.position.frame, mapping.position.origin, screen)
    valid_TE = without_partial(position)
    pupil_unit, doubts = _pupil_unit(values["pupil"], mapping)
    gaze = GazeSeries(
        time_s=time_s,
        position=position,
        frame="deg" if mapping.position is None else mapping.position.frame,
        valid=valid_TE,
        altered=np.zeros(valid_TE.shape, bool),
        eyes=tuple(eye.eye for eye in mapping.eye),
        rate_hz=rate_hz,
        pupil=None if pupil_unit is None else values["pupil"],
        pupil_unit=pupil_unit,
        pupil_altered=None if pupil_unit is None else np.zeros(valid_TE.shape, bool),
        openness=values["openness"] if any(eye.openness for eye in mapping.eye) else None,
        confidence=values["confidence"] if any(eye.confidence for eye in mapping.eye) else None,
    )
    return gaze, doubts


def _valid(table: ExportTable, column: str | None, mapping: ColumnMapping) -> Bool[ndarray, " T"]:
    if column is None:
        return np.ones(table.rows.height, bool)
    codes: polars.Series = table.rows[column].str.strip_chars().is_in(list(mapping.valid_codes)).fill_null(False)
    is_valid: Bool[ndarray, " T"] = codes.to_numpy()
    return is_valid


def _pupil_unit(pupil: Float[ndarray, "T E"], mapping: ColumnMapping) -> tuple[PupilUnit | None, tuple[str, ...]]:
    return check_pupil(pupil) if mapping.pupil_unit == "mm" else (mapping.pupil_unit, ())
