"""Lids and pupils of a VR headset, as the IER recordings hold them: semicolons, a wall clock, no point of gaze.

What the columns mean here, and what the format leaves out:

- Two layouts: the recording (``Timestamp``, ``pupil_diameter_L(mm)``), and the same with blinks marked by a script
  (``timestamp``, ``pupil_diam_L``, ``blink``). Lines may end with a semicolon, which makes a column without a name.
- Clock: the local time of day of the recording computer, without a time zone. It has holes.
- Pupil in mm, -1 where the eye is closed or lost. ``openness`` runs from 0 (closed) to 1, -1 where unknown.
- There is no point of gaze: position is NaN throughout, and says nothing about loss.
- ``blink`` is a duration in s on the middle row of a blink. It is the output of the source's script, runs in which the
  right pupil is lost, and no human's annotation. It counts from the first to the last row; here an event ends one
  sampling interval later, as everywhere.

References
----------
IER_2023, github.com/SimonGeb/IER_2023: recordings and the script that marks blinks.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._heading import file_stem, read_content, read_heading
from emogap.recording.readers._samples import check_pupil, measure_rate_hz, require_increasing, stack_columns
from emogap.recording.readers._table import ExportTable, read_table
from emogap.types import EyeEvents, EyeTracker, GazeSeries, Recording

__all__ = ["can_read", "read"]

CLOCK, BLINK = "timestamp", "blink"
OPENNESS = ("openness_l", "openness_r")
PUPILS = (("pupil_diameter_l(mm)", "pupil_diameter_r(mm)"), ("pupil_diam_l", "pupil_diam_r"))
STAMP = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}[.,]\d{4,9}$"
"""The clock has four decimals; fewer mean that the line is cut."""
LOST = -1.0
SAME_S = 1e-3
"""Durations that differ by less are the same: the script subtracts seconds that are rounded to 0.1 ms."""


def can_read(path: Path) -> bool:
    """Whether the heading names lids, pupils and the wall clock as these recordings do; looks at nothing else."""
    return _pupil_names(_names(read_heading(path))) is not None


def read(path: Path) -> tuple[Recording, ...]:
    """The one recording of the file.

    Raises
    ------
    DataError
        If the file is not such a recording, or is cut, damaged or contradicts itself; names file and line.
    """
    names = _names(read_heading(path))
    pupils = _pupil_names(names)
    if pupils is None:
        read_content(path)
        raise DataError(
            f"the heading does not name a timestamp, two lids and two pupils (it has {counted(len(names), 'column')})",
            where=f"{path}, line 1",
            fix="read it with another reader, or write a mapping of its columns (see docs/reading.md)",
        )
    numbers = {*OPENNESS, *pupils, BLINK}
    table = read_table(path, is_number=lambda name: name in numbers, names=names)
    clock_s, start_ns = _clock(table)
    time_s = clock_s - clock_s[0]
    rate_hz = measure_rate_hz(time_s)
    if rate_hz is None:
        raise DataError("a recording of one sample has no sampling rate", where=table.place(0), fix="export it again")
    pupil = _without_lost(table, pupils, greatest=np.inf)
    openness = _without_lost(table, OPENNESS, greatest=1.0)
    pupil_unit, pupil_doubts = check_pupil(pupil)
    events, event_doubts = _blinks(table, time_s, pupil[:, 1], rate_hz) if BLINK in names else ((), ())
    gaze = GazeSeries(
        time_s=time_s,
        position=np.full((len(time_s), 2, 2), np.nan),
        frame="deg",
        valid=np.zeros((len(time_s), 2), bool),
        altered=np.zeros((len(time_s), 2), bool),
        eyes=("left", "right"),
        rate_hz=rate_hz,
        pupil=pupil,
        pupil_unit=pupil_unit,
        pupil_altered=np.zeros(pupil.shape, bool),
        openness=openness,
    )
    recording = Recording(
        recording_id=file_stem(path),
        source=path.name,
        reader="eye_openness",
        tracker=EyeTracker("eye tracker of a VR headset (not named in the file)"),
        gaze=gaze,
        events=events,
        start_ns=start_ns,
        doubts=(*pupil_doubts, *_lid_doubts(openness, pupil), *event_doubts, "the clock names no time zone"),
        notes=("the device gives lids and pupils, and no point of gaze",),
    )
    return (recording,)


def _names(heading: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in heading)


def _pupil_names(names: tuple[str, ...]) -> tuple[str, str] | None:
    """The pupil columns of whichever layout the names are of; None if of neither."""
    if not {CLOCK, *OPENNESS} <= set(names):
        return None
    return next((pair for pair in PUPILS if set(pair) <= set(names)), None)


def _clock(table: ExportTable) -> tuple[Float[ndarray, " T"], int]:
    """Seconds on the day's clock, and the first sample in ns since 1970-01-01, local time."""
    text = table.rows[CLOCK].fill_null("").str.strip_chars()
    bad = ~text.str.contains(STAMP)
    stamps = text.str.replace(",", ".", literal=True).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False)
    bad |= stamps.is_null()
    if bad.any():
        first = int(bad.arg_true()[0])
        raise DataError(
            f"'{text[first]}' is no time such as 2022-12-16 12:36:00.0128 ({counted(int(bad.sum()), 'such cell')})",
            where=table.place(first),
            fix="the line may be cut: copy the file again",
        )
    stamps_ns = stamps.dt.timestamp("ns").to_numpy()
    clock_s: Float[ndarray, " T"] = (stamps_ns - stamps_ns[0]) / 1e9
    require_increasing(clock_s, table)
    return clock_s, int(stamps_ns[0])


def _without_lost(table: ExportTable, names: tuple[str, str], *, greatest: float) -> Float[ndarray, "T 2"]:
    """Two columns with NaN for -1 and empty cells; anything else outside 0 to `greatest` is refused."""
    values = stack_columns(table.rows, [(name,) for name in names])[:, :, 0]
    values[values == LOST] = np.nan
    wrong = (values < 0) | (values > greatest)
    if wrong.any():
        row, eye = (int(place[0]) for place in np.nonzero(wrong))
        limits = "0 to 1" if np.isfinite(greatest) else "0 and above"
        raise DataError(
            f"{names[eye]} is {values[row, eye]:g}, outside {limits} and not -1, the code for lost"
            f" ({counted(int(wrong.sum()), 'such cell')})",
            where=table.place(row),
            fix="correct the cell or export the recording again",
        )
    return values


def _lid_doubts(openness: Float[ndarray, "T 2"], pupil: Float[ndarray, "T 2"]) -> tuple[str, ...]:
    seen = int(np.count_nonzero((openness == 0) & np.isfinite(pupil)))
    if not seen:
        return ()
    return (f"{seen} pupils were measured with the lid fully closed (openness 0)",)


def _blinks(
    table: ExportTable, time_s: Float[ndarray, " T"], right_pupil: Float[ndarray, " T"], rate_hz: float
) -> tuple[tuple[EyeEvents, ...], tuple[str, ...]]:
    """The marked blinks: the run of lost right pupils around each mark where it lasts as long as marked."""
    durations_s = table.rows[BLINK].to_numpy()
    rows = np.flatnonzero(np.isfinite(durations_s)).tolist()
    edges = np.flatnonzero(np.diff(np.concatenate(([False], np.isnan(right_pupil), [False])).astype(np.int8)))
    first, last = edges[::2], edges[1::2] - 1
    following_s = np.append(time_s[1:], np.inf)
    spans, unmatched = [], 0
    for row in rows:
        run = int(np.searchsorted(first, row, side="right")) - 1
        marked_s = float(durations_s[row])
        if run >= 0 and row <= last[run] and abs(time_s[last[run]] - time_s[first[run]] - marked_s) < SAME_S:
            end_s = min(float(time_s[last[run]]) + 1 / rate_hz, float(following_s[last[run]]))
            spans.append((float(time_s[first[run]]), end_s))
        else:
            unmatched += 1
            spans.append((float(time_s[row]) - marked_s / 2, float(time_s[row]) + marked_s / 2 + 1 / rate_hz))
    doubts = ["blinks are marks of the source's script (runs without a right pupil), not of a person"] if rows else []
    if unmatched:
        doubts.append(
            f"{unmatched} of {len(rows)} marked blinks are no run of lost right pupils of that duration: placed"
            " around their mark"
        )
    onset_s, offset_s = np.array(spans, float).reshape(-1, 2).T
    events = EyeEvents(
        kind=np.full(len(rows), "blink"),
        onset_s=onset_s.copy(),
        offset_s=offset_s.copy(),
        centre=np.full((len(rows), 2), np.nan),
        amplitude_deg=np.full(len(rows), np.nan),
        method="ier-script",
        frame="deg",
    )
    return (events,), tuple(doubts)
