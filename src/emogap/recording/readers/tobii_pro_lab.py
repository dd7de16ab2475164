"""Tobii Pro Lab data exports: text (tab, semicolon or comma; point or decimal comma) and spreadsheets.

What the columns mean here, and what the format leaves out:

- Units stand in brackets in newer exports (``[us]``, ``[DACS px]``), in parentheses in older ones, or nowhere.
  A unit that is not stated is inferred from the values and reported as a doubt, or the file is refused.
- Clock: ``Recording timestamp``. Zero of a :class:`~emogap.types.Recording` is its first gaze sample.
- Rows of other sensors and event rows stand between the samples; only rows of the eye tracker are samples.
- Missing is an empty cell, or an eye whose validity is ``Invalid`` (2 to 4 in older exports).
- The display (DACS, ADCS) has its origin at the top left; the direction of its mm is read off the px.
- Several recordings may follow each other or alternate; they are told apart by participant and recording.

References
----------
Tobii Pro SDK, Common concepts, "Coordinate systems" (display area, origin top left) and "Validity codes".
"""

from pathlib import Path

import numpy as np
import polars
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._heading import file_stem, is_spreadsheet, read_content, read_heading
from emogap.recording.readers._pro_lab_clock import SECONDS, infer_time_unit, start_of_recording_ns
from emogap.recording.readers._pro_lab_columns import GazeColumns, ProLabColumns, gaze_columns, is_number
from emogap.recording.readers._pro_lab_gaze import ProLabGaze, read_gaze, to_frame
from emogap.recording.readers._samples import measure_rate_hz, require_increasing, stimulus_intervals
from emogap.recording.readers._table import ExportTable, read_table
from emogap.recording.readers._vendor_events import find_event_rows, vendor_events
from emogap.types import EyeEvents, EyeTracker, Recording, StimulusInterval

__all__ = ["can_read", "read"]

CLOCK = "recording timestamp"
WORDS = ("sensor", "eye movement type")
"""Columns of words that the reader goes by."""

SLACK_S = 1.0
"""Gaze that ends more than this before the stated duration of the recording is a sign of a file that was cut."""


def can_read(path: Path) -> bool:
    """Whether the heading is that of a Tobii Pro Lab export with gaze; looks at nothing else."""
    columns = ProLabColumns.of(read_heading(path))
    return columns.named(CLOCK) is not None and gaze_columns(columns) is not None


def read(path: Path) -> tuple[Recording, ...]:
    """Every recording in a Tobii Pro Lab export, in the order of its first row.

    Raises
    ------
    DataError
        If the file is not such an export, or is cut, damaged or contradicts itself; names file and line.
    """
    heading = read_heading(path)
    columns = ProLabColumns.of(heading)
    chosen = gaze_columns(columns)
    if columns.named(CLOCK) is None or chosen is None:
        if not is_spreadsheet(path):
            read_content(path)
        _refuse_mixed_spelling(columns, path)
        raise DataError(
            "the heading is not that of a Tobii Pro Lab export: 'Recording timestamp' or the gaze points are missing"
            f" (it has {counted(len(heading), 'column')})",
            where=f"{path}, line 1",
            fix="export again with 'Recording timestamp' and 'Gaze point'; a spreadsheet may also be cut",
        )
    table = read_table(path, is_number=is_number)
    table = table.keep(_is_sample(table, columns))
    if not table.rows.height:
        raise DataError("no row holds a gaze sample", where=f"{path}, line 2", fix="export the gaze data too")
    parts = _split(table, columns)
    ids = _recording_ids(path, list(parts))
    return tuple(_recording(part, columns, chosen, key, ids[key]) for key, part in parts.items())


def _refuse_mixed_spelling(columns: ProLabColumns, path: Path) -> None:
    """Refuse x in one unit and y in another: which of the two is meant cannot be told."""
    x, y = columns.named("gaze point x"), columns.named("gaze point y")
    if x is not None and y is not None and gaze_columns(columns) is None:
        raise DataError(
            f"'{x}' and '{y}' are of two spellings: one may be in another unit than the other",
            where=f"{path}, line 1",
            fix="export both in the same unit, such as DACS px",
        )


def _is_sample(table: ExportTable, columns: ProLabColumns) -> Bool[ndarray, " R"]:
    """Rows that the eye tracker wrote: by sensor, else by its own clock, else by not being an event."""
    sensor, own_clock, event = (columns.named(name) for name in ("sensor", "eyetracker timestamp", "event"))
    if sensor is not None and not _is_coded(table.rows[sensor]):
        return _is_text(table.rows[sensor], "eye tracker")
    if own_clock is not None:
        return table.rows[own_clock].is_not_null().to_numpy()
    if event is not None:
        return table.rows[event].is_null().to_numpy()
    return np.ones(table.rows.height, bool)


def _is_coded(column: polars.Series) -> bool:
    """Whether a column of words holds numbers in their place, as in files that were made for a network."""
    given = column.drop_nulls()
    return len(given) > 0 and given.str.strip_chars().cast(polars.Float64, strict=False).is_not_null().all()


def _coded_doubts(table: ExportTable, columns: ProLabColumns) -> tuple[str, ...]:
    """A doubt about columns of words that hold numbers; what the numbers mean is nowhere said."""
    names = [columns.named(quantity) for quantity in WORDS]
    coded = [name for name in names if name is not None and _is_coded(table.rows[name])]
    if not coded:
        return ()
    return (
        f"numbers stand in the place of words in {', '.join(coded)}: what they mean is not known, they are not used",
    )


def _is_text(column: polars.Series, text: str) -> Bool[ndarray, " R"]:
    return (column.str.strip_chars().str.to_lowercase() == text).fill_null(False).to_numpy()


Key = tuple[str | None, str | None]


def _split(table: ExportTable, columns: ProLabColumns) -> dict[Key, ExportTable]:
    """The rows of each recording, by participant and recording name."""
    participant, recording = columns.named("participant name"), columns.named("recording name")
    names = [name for name in (participant, recording) if name is not None]
    if not names:
        return {(None, None): table}
    groups = table.rows.select(names).with_row_index("row").group_by(names, maintain_order=True).agg("row")
    parts: dict[Key, ExportTable] = {}
    for group in groups.iter_rows(named=True):
        chosen = np.zeros(table.rows.height, bool)
        chosen[group["row"]] = True
        key = (group[participant] if participant else None, group[recording] if recording else None)
        parts[key] = table.keep(chosen)
    return parts


def _recording_ids(path: Path, keys: list[Key]) -> dict[Key, str]:
    """The recording's name; with the participant's where names repeat; the file's where there is none."""
    recordings = [recording for _, recording in keys]
    unique = len(set(recordings)) == len(recordings)
    return {
        (participant, recording): recording
        if recording and unique
        else "-".join(part for part in (participant, recording) if part) or file_stem(path)
        for participant, recording in keys
    }


def _recording(
    table: ExportTable, columns: ProLabColumns, chosen: GazeColumns, key: Key, recording_id: str
) -> Recording:
    stamp_s, unit_doubts = _stamps_s(table, columns)
    require_increasing(stamp_s, table)
    time_s = stamp_s - stamp_s[0]
    rate_hz = measure_rate_hz(time_s)
    if rate_hz is None:
        raise DataError("a recording of one sample has no sampling rate", where=table.place(0), fix="export it again")
    read = read_gaze(table, columns, chosen, time_s, rate_hz)
    start_ns, start_doubts = _start(table, columns, float(stamp_s[0]))
    return Recording(
        recording_id=recording_id,
        participant_id=key[0],
        source=table.path.name,
        reader="tobii_pro_lab",
        tracker=EyeTracker("Tobii (Pro Lab export; no device named)"),
        screen=read.screen,
        gaze=read.gaze,
        events=_events(table, columns, read, interval_s=1 / rate_hz),
        stimuli=_stimuli(table, columns, time_s, interval_s=1 / rate_hz),
        start_ns=start_ns,
        doubts=(
            *unit_doubts,
            *read.doubts,
            *start_doubts,
            *_coded_doubts(table, columns),
            *_cut_doubts(table, columns, float(stamp_s[-1])),
        ),
    )


def _stamps_s(table: ExportTable, columns: ProLabColumns) -> tuple[Float[ndarray, " T"], tuple[str, ...]]:
    name, unit = columns.named(CLOCK), columns.unit_of(CLOCK)
    assert name is not None
    stamps = table.rows[name].to_numpy()
    if unit in SECONDS:
        return stamps * SECONDS[unit], ()
    inferred = infer_time_unit(stamps, where=f"{table.path}, line 1")
    doubt = f"the heading states no unit of the timestamps: their steps (median {np.median(np.diff(stamps)):g}) fit"
    return stamps * SECONDS[inferred], (f"{doubt} {inferred} only",)


def _first_text(table: ExportTable, columns: ProLabColumns, quantity: str) -> str | None:
    name = columns.named(quantity)
    given = [] if name is None else table.rows[name].drop_nulls().head(1).to_list()
    return str(given[0]) if given else None


def _start(table: ExportTable, columns: ProLabColumns, offset_s: float) -> tuple[int | None, tuple[str, ...]]:
    day, clock = (_first_text(table, columns, f"recording {part}") for part in ("date", "start time"))
    if day is None or clock is None:
        return None, ()
    start_ns = start_of_recording_ns(day, clock, offset_s)
    if start_ns is None:
        return None, (f"the start '{day} {clock}' cannot be read without guessing day and month: left out",)
    return start_ns, ("the start of the recording is in local time of an unknown zone",)


def _stimuli(
    table: ExportTable, columns: ProLabColumns, time_s: Float[ndarray, " T"], *, interval_s: float
) -> tuple[StimulusInterval, ...]:
    name = columns.named("presented stimulus name") or columns.named("presented media name")
    return () if name is None else stimulus_intervals(table.rows[name], time_s, interval_s=interval_s)


def _events(
    table: ExportTable, columns: ProLabColumns, read: ProLabGaze, *, interval_s: float
) -> tuple[EyeEvents, ...]:
    kind, index = columns.named("eye movement type"), columns.named("eye movement type index")
    if kind is None:
        return ()
    parts = [] if index is None else [table.rows[index]]
    rows = find_event_rows(table.rows[kind], *parts)
    point = columns.axes("fixation point", "xy", "px", "DACS", "ADCS", None)
    point = point or columns.axes("fixation point", "xy", None, None)
    centre_px = np.full((len(rows.kind), 2), np.nan)
    if point is not None:
        centre_px = table.rows.select(point)[rows.first].to_numpy()
    found = vendor_events(
        rows,
        read.gaze.time_s,
        interval_s=interval_s,
        centre=to_frame(centre_px, read.gaze, read.screen, read.fit),
        method="tobii-pro-lab",
        frame=read.gaze.frame,
    )
    return (found,)


def _cut_doubts(table: ExportTable, columns: ProLabColumns, last_s: float) -> tuple[str, ...]:
    name, unit = columns.named("recording duration"), columns.unit_of("recording duration") or "ms"
    given = [] if name is None else table.rows[name].drop_nulls().head(1).to_list()
    if not given or unit not in SECONDS:
        return ()
    duration_s = float(given[0]) * SECONDS[unit]
    if duration_s - last_s <= SLACK_S:
        return ()
    return (f"gaze ends at {last_s:.2f} s of a recording of {duration_s:.2f} s: the file may have been cut",)
