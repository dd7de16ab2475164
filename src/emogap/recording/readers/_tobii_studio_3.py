"""Tobii Studio 3.x text exports, as in Uniss-FGD: several recordings below each other in one file.

What the columns mean here, and what the format leaves out:

- Clock: ``RecordingTimestamp`` in ms from the start of the participant's recording. Zero of a
  :class:`~emogap.types.Recording` is its first sample in the file.
- Missing is an empty cell. There is no code for it: -1 px is a true position just off the screen.
- An eye is valid where it has a point of gaze (and a validity code below 2, where there is such a column). Gaze
  off the screen or off the picture is valid. An eye position counts only with all three coordinates: where the
  right eye is lost, Tobii Studio still writes one constant into ``EyePosRightY``.
- ``ADCSpx`` has its origin at the top left with y down, ``ADCSmm`` at the bottom left with y up. This is not
  taken on trust: the straight line between the two gives directions, origin and the size of the screen.
- ``GazeEventDuration`` counts what lies before the first row; events here are what the rows show.
- ``SaccadicAmplitude`` stands on the rows of the fixation that follows the saccade. It is used only where it
  agrees with the fixation points of the same recording: the files of Uniss-FGD seem to repeat the amplitudes of
  their first participant for everybody.

References
----------
Ruiu et al. (2024), Uniss-FGD, IEEE Access 12, 75951-75964: the columns of this export.
Tobii Pro SDK, Common concepts, "Coordinate systems": axes of the active display coordinate system.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.errors import DataError
from emogap.recording.readers._dates import describe_date
from emogap.recording.readers._heading import file_stem
from emogap.recording.readers._saccade_amplitude import (
    amplitudes_hold,
    fixation_distances_deg,
    preceding_amplitudes,
)
from emogap.recording.readers._samples import first_rows, measure_rate_hz, require_increasing, stimulus_intervals
from emogap.recording.readers._studio_columns import BLOCK_COLUMNS, GAZE_MM, GAZE_PX, NUMERIC, plain
from emogap.recording.readers._studio_samples import StudioSamples, read_samples
from emogap.recording.readers._table import ExportTable, read_table
from emogap.recording.readers._vendor_events import vendor_events
from emogap.types import EyeEvents, EyeTracker, GazeSeries, Recording, Screen, StimulusInterval

__all__ = ["is_heading", "read"]

SHORT_SHARE = 0.9
"""A recording shorter than this share of the median of its file is a sign of a file that was cut."""


def is_heading(heading: tuple[str, ...]) -> bool:
    """Whether these are the columns of a Tobii Studio 3.x export with the points of gaze of both eyes."""
    names = {plain(name) for name in heading}
    gaze = any({*left, *right} <= names for left, right in (GAZE_PX, GAZE_MM))
    return "RecordingTimestamp" in heading and gaze


def read(path: Path) -> tuple[Recording, ...]:
    """Every recording of a Tobii Studio 3.x export, in the order of the file.

    Raises
    ------
    DataError
        As ``read_table`` and ``read_samples``; if time runs backwards or is repeated within a recording; if
        the rows of one recording stand in two places. Names file and line.
    """
    table = read_table(path, is_number=lambda name: plain(name) in NUMERIC)
    renamed = {name: plain(name) for name in table.rows.columns if plain(name) != name}
    if renamed:
        table = replace(table, rows=table.rows.rename(renamed))
    if "GazePointIndex" in table.rows.columns:
        # Rows without a sample number report events (key presses, changes of the medium), not gaze.
        table = table.keep(table.rows["GazePointIndex"].is_not_null().to_numpy())
    if not table.rows.height:
        raise DataError("no row holds a gaze sample", where=f"{path}, line 2", fix="export the gaze data too")
    bounds = _find_blocks(table)
    samples = read_samples(table, bounds)
    return _with_cut_doubts([_recording(table, samples, *block) for block in pairwise(bounds)])


def _find_blocks(table: ExportTable) -> list[int]:
    """First row of each recording, and the number of rows at the end."""
    keys = [name for name in BLOCK_COLUMNS if name in table.rows.columns]
    if not keys:
        return [0, table.rows.height]
    columns = [table.rows[name] for name in keys]
    starts = first_rows(*columns)
    seen: dict[tuple[object, ...], int] = {}
    for start in starts.tolist():
        key = tuple(column[start] for column in columns)
        if key in seen:
            raise DataError(
                f"the rows of the recording {' '.join(map(str, key))} stand in two places,"
                f" the first at {table.place(seen[key])}",
                where=table.place(start),
                fix="sort the export by participant and recording",
            )
        seen[key] = start
    return [*starts.tolist(), table.rows.height]


def _recording(table: ExportTable, samples: StudioSamples, start: int, stop: int) -> Recording:
    stamp_ms = samples.stamp_ms[start:stop]
    require_increasing(stamp_ms / 1000, table, start)
    time_s = (stamp_ms - stamp_ms[0]) / 1000
    rate_hz = measure_rate_hz(time_s)
    if rate_hz is None:
        raise DataError(
            "a recording of one sample has no sampling rate", where=table.place(start), fix="export it again"
        )
    gaze = _gaze(samples, time_s, rate_hz, start, stop)
    screen = _screen(samples, gaze)
    events, event_doubts = _events(samples, time_s, screen, start, stop, interval_s=1 / rate_hz)
    participant = _text(table, "ParticipantName", start)
    stem = file_stem(table.path)
    stimulus_id, stimuli = _stimuli(table, time_s, start, stop, interval_s=1 / rate_hz)
    name = _text(table, "RecordingName", start)
    return Recording(
        recording_id="-".join(part for part in (stem, participant, name) if part),
        participant_id=participant,
        stimulus_id=stimulus_id,
        source=table.path.name,
        reader="tobii_studio",
        tracker=EyeTracker("Tobii (Tobii Studio 3.x export; no device named)"),
        screen=screen,
        gaze=gaze,
        events=events,
        stimuli=stimuli,
        doubts=(*samples.doubts, *_sample_doubts(table, samples, start, stop), *event_doubts),
    )


def _gaze(samples: StudioSamples, time_s: Float[ndarray, " T"], rate_hz: float, start: int, stop: int) -> GazeSeries:
    block = slice(start, stop)
    return GazeSeries(
        time_s=time_s,
        position=samples.position[block],
        frame=samples.frame,
        valid=samples.valid[block],
        altered=np.zeros((stop - start, 2), bool),
        eyes=("left", "right"),
        rate_hz=rate_hz,
        pupil=None if samples.pupil is None else samples.pupil[block],
        pupil_unit=samples.pupil_unit,
        pupil_altered=None if samples.pupil is None else np.zeros((stop - start, 2), bool),
        direction=None if samples.direction is None else samples.direction[block],
        origin_mm=None if samples.origin_mm is None else samples.origin_mm[block],
    )


def _screen(samples: StudioSamples, gaze: GazeSeries) -> Screen | None:
    if samples.size_px is None:
        return None
    distance_mm = None
    if gaze.origin_mm is not None:
        distances_mm = gaze.origin_mm[:, :, 2][np.isfinite(gaze.origin_mm[:, :, 2])]
        distance_mm = float(np.median(distances_mm)) if len(distances_mm) else None
    return Screen(samples.size_px, samples.fit.size_mm if samples.fit else None, distance_mm)


def _events(
    samples: StudioSamples,
    time_s: Float[ndarray, " T"],
    screen: Screen | None,
    start: int,
    stop: int,
    *,
    interval_s: float,
) -> tuple[tuple[EyeEvents, ...], tuple[str, ...]]:
    if samples.events is None:
        return (), ()
    low, high = np.searchsorted(samples.events.first, (start, stop))
    rows = samples.events.within(start, stop)
    centre, stated_deg = samples.centre[low:high], samples.stated_amplitude_deg[low:high]
    holds: bool | None = None
    if samples.frame == "screen_mm" and screen is not None and screen.distance_mm is not None:
        measured_deg = fixation_distances_deg(rows.kind == "fixation", centre, screen.distance_mm)
        holds = amplitudes_hold(stated_deg, measured_deg)
    amplitude_deg = preceding_amplitudes(rows.kind, stated_deg) if holds else np.full(len(rows.kind), np.nan)
    events = vendor_events(
        rows,
        time_s,
        interval_s=interval_s,
        centre=centre,
        amplitude_deg=amplitude_deg,
        method="tobii-studio",
        frame=samples.frame,
    )
    doubt = (
        "SaccadicAmplitude contradicts the fixation points (in Uniss-FGD it repeats the first participant's for"
        " everybody): left out"
    )
    return (events,), (doubt,) if holds is False else ()


def _text(table: ExportTable, name: str, row: int) -> str | None:
    value = table.rows[name][row] if name in table.rows.columns else None
    return None if value is None else str(value)


def _stimuli(
    table: ExportTable, time_s: Float[ndarray, " T"], start: int, stop: int, *, interval_s: float
) -> tuple[str | None, tuple[StimulusInterval, ...]]:
    """The stimulus of a recording that has only one, and all of them; the file's name where no column tells."""
    if "MediaName" in table.rows.columns:
        names = table.rows["MediaName"][start:stop]
        return None, stimulus_intervals(names, time_s, interval_s=interval_s)
    stem = file_stem(table.path)
    return stem, (StimulusInterval(stem, float(time_s[0]), float(time_s[-1]) + interval_s),)


def _sample_doubts(table: ExportTable, samples: StudioSamples, start: int, stop: int) -> list[str]:
    doubts = []
    if "MediaName" not in table.rows.columns:
        doubts.append("no column names the stimulus: the name of the file stands for it")
    date = _text(table, "RecordingDate", start)
    if date is not None:
        doubts.append(f"the absolute start is unknown: {describe_date(date, samples.dates)}, without a time of day")
    num_stray = int(samples.stray[start:stop].sum()) if samples.stray is not None else 0
    if num_stray:
        doubts.append(
            f"{num_stray} eye positions have some of their three coordinates only: taken as missing (Tobii Studio"
            " writes a constant into EyePosRightY where the right eye is lost)"
        )
    return doubts


def _with_cut_doubts(recordings: Sequence[Recording]) -> tuple[Recording, ...]:
    """Recordings of one file show the same: one that is much shorter than the others may have been cut."""
    lengths_s = [recording.gaze.time_s[-1] if recording.gaze else 0.0 for recording in recordings]
    typical_s = float(np.median(lengths_s))
    return tuple(
        replace(recording, doubts=(*recording.doubts, _cut_doubt(length_s, typical_s)))
        if length_s < SHORT_SHARE * typical_s
        else recording
        for recording, length_s in zip(recordings, lengths_s, strict=True)
    )


def _cut_doubt(length_s: float, typical_s: float) -> str:
    return f"lasts {length_s:.2f} s, the recordings of this file typically {typical_s:.2f} s: it may have been cut"
