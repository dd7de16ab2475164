"""Gazepoint Analysis exports (``..._all_gaze.csv``, ``..._fixations.csv``): comma separated, one row per sample.

What the columns mean here, and what the format leaves out:

- Position: BPOGX and BPOGY, the best point of gaze of both eyes, as shares of the screen from its top left. They are
  never px, and values off the screen (below 0, above 1) are kept. FPOGX and FPOGY are what Gazepoint's fixation filter
  makes of them: only the vendor's fixations are taken from there. Points of each eye (LPOGX, RPOGX) are used where
  both are there.
- Clock: ``TIME(date)`` in s; the date is local time without a zone. Where it starts anew with a medium, each medium
  is a recording. Zero of a :class:`~emogap.types.Recording` is its first row.
- Missing is a validity flag of 0 (BPOGV, LPMMV ...), never a value: the device leaves numbers in lost rows.
- Pupil: LPMM and RPMM, diameter in mm; else LPD and RPD in px of the camera's picture (``au``). Without points of
  each eye the point stands in a third eye, ``cyclopean``, and left and right hold a pupil alone.
- Fixations: FPOGS (start) and FPOGD (duration so far) of the last row of every FPOGID with FPOGV 1. Blinks: runs of
  rows with one BKID above 0.
- A fixation export has the same columns and one row per fixation: it has fixations and no samples.
- The screen's size, the distance and the device are not in the file.

References
----------
Gazepoint, Open Gaze API by Gazepoint, section 5 "Data records" (BPOG, FPOG, validity flags, pupils, blinks).
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._gazepoint_events import read_events
from emogap.recording.readers._gazepoint_gaze import read_gaze
from emogap.recording.readers._heading import file_stem, read_content, read_heading
from emogap.recording.readers._pro_lab_clock import start_of_recording_ns
from emogap.recording.readers._samples import measure_rate_hz, require_increasing, stimulus_intervals
from emogap.recording.readers._table import ExportTable, read_table
from emogap.types import EyeTracker, GazeSeries, Recording, StimulusInterval

__all__ = ["can_read", "read"]

CLOCK = re.compile(r"TIME\s*(\((?P<date>[^()]*)\))?", re.IGNORECASE)
POINT = ("BPOGX", "BPOGY", "BPOGV")
FIXATION = ("FPOGX", "FPOGY", "FPOGS", "FPOGD", "FPOGID", "FPOGV")
MEDIUM = "MEDIA_NAME"
TEXT = ("MEDIA_NAME", "AOI", "USER", "USER_DATA", "CS")
SLOWEST_SAMPLE_S = 0.05
"""Gazepoint trackers sample at 60 or 150 Hz; rows of fixations lie further apart."""


def can_read(path: Path) -> bool:
    """Whether the heading is that of a Gazepoint Analysis export; looks at nothing else."""
    names = _names(read_heading(path))
    return _clock_name(names) is not None and (set(POINT) <= set(names) or set(FIXATION) <= set(names))


def read(path: Path) -> tuple[Recording, ...]:
    """Every recording of the file: one, or one per medium where the clock starts anew with each.

    Raises
    ------
    DataError
        If the file is not such an export, or is cut, damaged or contradicts itself; names file and line.
    """
    names = _names(read_heading(path))
    clock = _clock_name(names)
    if clock is None or not (set(POINT) <= set(names) or set(FIXATION) <= set(names)):
        read_content(path)
        raise DataError(
            f"the heading is not that of a Gazepoint export: TIME, and {', '.join(POINT)} or {', '.join(FIXATION)},"
            f" are not all there (it has {counted(len(names), 'column')})",
            where=f"{path}, line 1",
            fix="export the recording from Gazepoint Analysis with all data",
        )
    table = read_table(path, is_number=_is_number, names=names)
    parts = _split(table, clock)
    ids = _recording_ids(path, parts)
    return tuple(_recording(part, clock, name) for part, name in zip(parts, ids, strict=True))


def _names(heading: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in heading)


def _clock_name(names: Sequence[str]) -> str | None:
    return next((name for name in names if CLOCK.fullmatch(name)), None)


def _is_number(name: str) -> bool:
    """Columns that are used as numbers."""
    if name in TEXT or name.startswith("TIMETICK"):
        return False
    return CLOCK.fullmatch(name) is not None or re.fullmatch(r"[BFLR]POG\w+|[LR]P(D|V|MM|MMV)|BKID", name) is not None


def _split(table: ExportTable, clock: str) -> list[ExportTable]:
    """The rows of each recording: a clock that starts anew where the medium changes begins another."""
    time_s = table.rows[clock].to_numpy()
    if MEDIUM not in table.rows.columns or not table.rows.height:
        return [table]
    changes = table.rows[MEDIUM][1:].ne_missing(table.rows[MEDIUM][:-1]).to_numpy()
    starts = np.flatnonzero((np.diff(time_s) <= 0) & changes) + 1
    number: Int[ndarray, " R"] = np.searchsorted(starts, np.arange(len(time_s)), side="right")
    return [table.keep(number == part) for part in range(len(starts) + 1)]


def _recording_ids(path: Path, parts: Sequence[ExportTable]) -> list[str]:
    stem = file_stem(path)
    return [stem] if len(parts) == 1 else [f"{stem}-{number}" for number in range(1, len(parts) + 1)]


def _recording(table: ExportTable, clock: str, recording_id: str) -> Recording:
    stamp_s = table.rows[clock].to_numpy()
    gaze, doubts, notes = _read_samples(table, stamp_s, clock)
    zero_s = 0.0 if gaze is None else float(stamp_s[0])
    interval_s = 0.0 if gaze is None else 1 / gaze.rate_hz
    events, event_doubts = read_events(table, stamp_s - zero_s, zero_s=zero_s, interval_s=interval_s)
    start_ns, start_doubts = _start(clock, zero_s)
    stimuli: tuple[StimulusInterval, ...] = ()
    if MEDIUM in table.rows.columns and gaze is not None:
        stimuli = stimulus_intervals(_text(table.rows[MEDIUM]), gaze.time_s, interval_s=interval_s)
    return Recording(
        recording_id=recording_id,
        source=table.path.name,
        reader="gazepoint",
        tracker=EyeTracker("Gazepoint (Analysis export; no device named)"),
        gaze=gaze,
        events=events,
        stimuli=stimuli,
        start_ns=start_ns,
        doubts=(
            *doubts,
            *event_doubts,
            *start_doubts,
            "the size of the screen is not in the file, so nothing can be given in px or degrees",
        ),
        notes=notes,
    )


def _read_samples(
    table: ExportTable, stamp_s: Float[ndarray, " R"], clock: str
) -> tuple[GazeSeries | None, tuple[str, ...], tuple[str, ...]]:
    """Gaze, doubts and notes; None where the rows are fixations."""
    if _is_of_fixations(table, clock):
        return None, (), ("one row per fixation: the samples are in ..._all_gaze.csv",)
    require_increasing(stamp_s, table)
    rate_hz = measure_rate_hz(stamp_s)
    if rate_hz is None:
        raise DataError("a recording of one sample has no sampling rate", where=table.place(0), fix="export it again")
    return read_gaze(table, time_s=stamp_s - stamp_s[0], rate_hz=rate_hz)


def _text(column: polars.Series) -> polars.Series:
    return column.str.strip_chars()


def _is_of_fixations(table: ExportTable, clock: str) -> bool:
    """Whether every row is a fixation: no point of gaze, or no two rows of one fixation and rows far apart."""
    if not set(POINT) <= set(table.rows.columns):
        return True
    if not set(FIXATION) <= set(table.rows.columns) or table.rows.height < 2:
        return False
    repeats = np.diff(table.rows["FPOGID"].to_numpy()) == 0
    return not repeats.any() and float(np.median(np.diff(table.rows[clock].to_numpy()))) > SLOWEST_SAMPLE_S


def _start(clock: str, zero_s: float) -> tuple[int | None, tuple[str, ...]]:
    match = CLOCK.fullmatch(clock)
    stated = match["date"] if match else None
    day, _, time_of_day = (stated or "").strip().partition(" ")
    start_ns = start_of_recording_ns(day, time_of_day, zero_s)
    if start_ns is None:
        return None, (f"the date '{stated}' cannot be read",) if stated else ()
    return start_ns, (f"the start, {stated}, names no time zone",)
