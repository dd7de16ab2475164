"""The "All Data" text export of Tobii Studio 2.x: one recording, tab separated, whatever the file is called.

What the columns mean here, and what the format leaves out:

- Clock: ``MicroSecondTimestamp`` where it is there, else ``Timestamp`` in ms. Zero is the first sample.
- Rows with an ``Event`` and no sample ``Number`` are key presses, clicks and starts of stimuli: no gaze.
- Missing is a validity code of 2 to 4; the cells then hold codes (-1 for pupil and distance, minus the screen
  size for the gaze point). With no eye, ``GazePointX`` and ``GazePointY`` are 0, which looks like the corner of
  the screen: the combined point is not used, only those of the two eyes.
- Gaze is in screen px, origin top left, y down. Neither the screen's size in mm nor the rate is in the file;
  the size in px is that of the rows without a stimulus (``No media``).
- ``DistanceLeft`` and ``DistanceRight`` are from the eye to the tracker, not to the screen.

References
----------
Tobii X2-30 product description, section 3 "Data Sample Output": columns, units and validity codes.
"""

from pathlib import Path

import numpy as np
import polars
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._heading import file_stem
from emogap.recording.readers._samples import (
    check_pupil,
    measure_rate_hz,
    require_increasing,
    stack_columns,
    stimulus_intervals,
    valid_codes,
    without_partial,
)
from emogap.recording.readers._table import ExportTable, read_table
from emogap.recording.readers._vendor_events import find_event_rows, vendor_events
from emogap.types import EyeEvents, EyeTracker, GazeSeries, PupilUnit, Recording, Screen, StimulusInterval

__all__ = ["is_heading", "read"]

EYES = ("Left", "Right")
GAZE = tuple((f"GazePointX{eye}", f"GazePointY{eye}") for eye in EYES)
PUPIL = tuple((f"Pupil{eye}",) for eye in EYES)
DISTANCE = tuple((f"Distance{eye}",) for eye in EYES)
VALIDITY = tuple(f"Validity{eye}" for eye in EYES)
REQUIRED = {"Timestamp", "Number", *GAZE[0], *GAZE[1], *VALIDITY}
OTHER_NUMBERS = """
    Timestamp Number FixationIndex GazePointX GazePointY FixationDuration MediaWidth MediaHeight MediaPosX MediaPosY
    MappedFixationPointX MappedFixationPointY MappedGazeDataPointX MappedGazeDataPointY MicroSecondTimestamp
    AbsoluteMicroSecondTimestamp
"""
NUMERIC = frozenset(OTHER_NUMBERS.split()) | {
    name for group in (GAZE, PUPIL, DISTANCE) for eye in group for name in eye
}
NO_STIMULUS = "No media"


def is_heading(heading: tuple[str, ...]) -> bool:
    """Whether these are the columns of an "All Data" export of Tobii Studio 2.x."""
    return set(heading) >= REQUIRED


def read(path: Path) -> tuple[Recording, ...]:
    """The one recording of an "All Data" export of Tobii Studio 2.x.

    Raises
    ------
    DataError
        As ``read_table``; if no row holds a sample; if a validity code is unknown; if time runs backwards or
        is repeated. Names file and line.
    """
    table = read_table(path, is_number=NUMERIC.__contains__)
    table = table.keep(table.rows["Number"].is_not_null().to_numpy())
    if table.rows.height < 2:
        raise DataError(
            f"{counted(table.rows.height, 'row', 'holds')} a gaze sample, at least 2 are needed",
            where=f"{path}, line 2",
            fix="export 'All Data', not the events only",
        )
    stamp_us = _stamps_us(table)
    require_increasing(stamp_us / 1e6, table)
    time_s = (stamp_us - stamp_us[0]) / 1e6
    rate_hz = measure_rate_hz(time_s)
    assert rate_hz is not None
    gaze, doubts = _gaze(table, time_s, rate_hz)
    screen, screen_doubts = _screen(table)
    interval_s = 1 / rate_hz
    stimuli: tuple[StimulusInterval, ...] = ()
    if "StimuliName" in table.rows.columns:
        stimuli = stimulus_intervals(table.rows["StimuliName"], time_s, interval_s=interval_s, none=(NO_STIMULUS,))
    recording = Recording(
        recording_id=file_stem(path),
        source=path.name,
        reader="tobii_studio",
        tracker=EyeTracker("Tobii (Tobii Studio 2.x export; no device named)"),
        screen=screen,
        gaze=gaze,
        events=_events(table, time_s, interval_s=interval_s),
        stimuli=stimuli,
        doubts=(*doubts, *screen_doubts),
    )
    return (recording,)


def _stamps_us(table: ExportTable) -> Float[ndarray, " T"]:
    if "MicroSecondTimestamp" in table.rows.columns:
        return table.rows["MicroSecondTimestamp"].to_numpy()
    return table.rows["Timestamp"].to_numpy() * 1000


def _gaze(table: ExportTable, time_s: Float[ndarray, " T"], rate_hz: float) -> tuple[GazeSeries, tuple[str, ...]]:
    coded = np.stack([valid_codes(table.rows[name], table) for name in VALIDITY], axis=1)
    position = stack_columns(table.rows, GAZE)
    valid = without_partial(position, coded)
    pupil: Float[ndarray, "T E"] | None = None
    unit: PupilUnit | None = None
    doubts: tuple[str, ...] = ()
    if {PUPIL[0][0], PUPIL[1][0]} <= set(table.rows.columns):
        pupil = stack_columns(table.rows, PUPIL)[:, :, 0]
        pupil[~coded] = np.nan
        unit, doubts = check_pupil(pupil)
    gaze = GazeSeries(
        time_s=time_s,
        position=position,
        frame="screen_px",
        valid=valid,
        altered=np.zeros_like(valid),
        eyes=("left", "right"),
        rate_hz=rate_hz,
        pupil=pupil,
        pupil_unit=unit,
        pupil_altered=None if pupil is None else np.zeros_like(valid),
    )
    return gaze, doubts


def _screen(table: ExportTable) -> tuple[Screen | None, tuple[str, ...]]:
    """The screen in px, from rows without a stimulus, with the median distance of the eyes to the tracker."""
    columns = set(table.rows.columns)
    if not {"StimuliName", "MediaWidth", "MediaHeight"} <= columns:
        return None, ("the size of the screen is not in the file",)
    sizes = table.rows.filter(polars.col("StimuliName") == NO_STIMULUS).select("MediaWidth", "MediaHeight").unique()
    if sizes.height != 1 or None in sizes.row(0):
        return None, ("the size of the screen is not in the file (no row without a stimulus tells it)",)
    size_px = tuple(int(size) for size in sizes.row(0))
    doubts = ["the size of the screen in mm is not in the file, so nothing can be given in degrees"]
    distance_mm = None
    if {DISTANCE[0][0], DISTANCE[1][0]} <= columns:
        distances_mm = stack_columns(table.rows, DISTANCE)
        found = distances_mm[distances_mm > 0]
        distance_mm = float(np.median(found)) if len(found) else None
        doubts.append("the viewing distance is that to the eye tracker; to the screen it may differ by some cm")
    return Screen((size_px[0], size_px[1]), None, distance_mm), tuple(doubts)


def _events(table: ExportTable, time_s: Float[ndarray, " T"], *, interval_s: float) -> tuple[EyeEvents, ...]:
    """Fixations from runs of ``FixationIndex``; Tobii Studio 2.x exports no saccades."""
    names = ("FixationIndex", "MappedFixationPointX", "MappedFixationPointY", "MediaPosX", "MediaPosY")
    if not set(names) <= set(table.rows.columns):
        return ()
    index = table.rows["FixationIndex"]
    kind = polars.select(polars.when(index.is_not_null()).then(polars.lit("fixation"))).to_series()
    events = find_event_rows(kind, index)
    on_medium, medium = (table.rows.select(pair)[events.first].to_numpy() for pair in (names[1:3], names[3:]))
    found = vendor_events(
        events, time_s, interval_s=interval_s, centre=on_medium + medium, method="tobii-studio", frame="screen_px"
    )
    return (found,)
