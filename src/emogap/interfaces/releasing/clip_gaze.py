"""The gaze of one clip as a spreadsheet with the columns of Tobii Pro Lab, whatever device it is from.

Times are whole microseconds from the onset. The last sample before the onset and the first after the offset are there
too, so that it can be seen that gaze was recorded throughout; whoever reads the clip leaves them out. Points of gaze
stand in mm and px of the screen: those that were recorded with all their digits, those computed from them to 0.001.
Nothing in the table names a person, a day or another clock.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.errors import DataError
from emogap.preprocessing.trim import trim
from emogap.preprocessing.visual_angle import position_from_centre_mm
from emogap.recording.spreadsheet import write_sheet
from emogap.types import EyeEvents, GazeSeries, Recording, Screen, StimulusInterval

__all__ = ["clip_stamps", "gaze_table", "left_out_of_gaze", "write_gaze"]

ON_SCREEN = ("screen_px", "screen_mm", "screen_norm")
DIGITS = 3
"""Decimals of what was computed: 0.001 mm is 0.0001 deg at 60 cm, a hundredth of what trackers resolve."""

MOVEMENTS = {"fixation": "Fixation", "saccade": "Saccade", "blink": "EyesNotFound"}
OWN_METHOD = "ivt"


def clip_stamps(time_s: Float[ndarray, " T"], interval: StimulusInterval) -> tuple[slice, Int[ndarray, " S"]]:
    """Which samples are written of a clip, and their times in microseconds from the onset.

    Parameters
    ----------
    time_s : float64 array, shape (T,)
        All samples of the recording.
    interval : StimulusInterval

    Returns
    -------
    (slice, int64 array)
        The samples in the interval with one more on either side. Rounding takes none across onset or offset.

    Examples
    --------
    >>> which, stamps_us = clip_stamps(np.arange(6) / 10, StimulusInterval("s", 0.2 + 1e-9, 0.4))
    >>> which, stamps_us.tolist()
    (slice(2, 5, None), [-1, 100000, 200000])
    """
    first, stop = np.searchsorted(time_s, [interval.onset_s, interval.offset_s]).tolist()
    low, high = max(first - 1, 0), min(stop + 1, len(time_s))
    stamps_us = np.rint((time_s[low:high] - interval.onset_s) * 1e6).astype(np.int64)
    length_us = round((interval.offset_s - interval.onset_s) * 1e6)
    before, inside, after = slice(0, first - low), slice(first - low, stop - low), slice(stop - low, None)
    stamps_us[before] = np.minimum(stamps_us[before], -1)
    stamps_us[inside] = np.clip(stamps_us[inside], 0, length_us - 1)
    stamps_us[after] = np.maximum(stamps_us[after], length_us)
    return slice(low, high), stamps_us


def write_gaze(path: Path, recording: Recording, interval: StimulusInterval) -> float:
    """Write :func:`gaze_table` of one clip of a session; the time of its first line, in s from the onset, is returned.

    Half a microsecond is added to it, so that an onset lies between two of the times that can be written.

    Raises
    ------
    DataError
        As :func:`gaze_table`.
    OutputError
        If the disk is full.
    """
    assert recording.gaze is not None
    time_s = recording.gaze.time_s
    which, stamps_us = clip_stamps(time_s, interval)
    stop_s = float(np.nextafter(time_s[which][-1], np.inf))
    piece = trim(recording, StimulusInterval(interval.stimulus_id, float(time_s[which][0]), stop_s))
    write_sheet(path, gaze_table(piece, stamps_us))
    return (int(stamps_us[0]) + 0.5) * 1e-6


def left_out_of_gaze(recording: Recording) -> Iterator[str]:
    """What a recording holds and the spreadsheet has no column for, in words."""
    gaze = recording.gaze
    if gaze is not None and gaze.pupil is not None and gaze.pupil_unit != "mm":
        yield "pupil in the device's own unit (the layout's columns are mm)"
    if gaze is not None and gaze.confidence is not None:
        yield "the device's confidence"
    if gaze is not None and gaze.openness is not None:
        yield "openness of the lids"
    if recording.head is not None:
        yield "head orientation"
    if recording.messages:
        yield "messages of the device"


def gaze_table(recording: Recording, stamps_us: Int[ndarray, " T"]) -> pl.DataFrame:
    """The samples of one clip, one row each.

    Parameters
    ----------
    recording : Recording
        The samples of one clip, as measured.
    stamps_us : int64 array, shape (T,)
        Their times.

    Raises
    ------
    DataError
        If gaze is not on a screen whose size in mm is known.
    """
    gaze, screen = recording.gaze, recording.screen
    assert gaze is not None
    if gaze.frame not in ON_SCREEN or screen is None or screen.size_mm is None:
        raise DataError(
            f"gaze in {gaze.frame} on a screen of {'unknown size in mm' if screen else 'unknown size'} has no place in"
            " the spreadsheets of the layout emer",
            where=recording.recording_id,
            fix="state [screen] size_mm in study.toml if gaze is on the screen, or release with --layout bids",
        )
    count = len(gaze.time_s)
    columns: dict[str, pl.Series] = {
        "Recording timestamp [\u03bcs]": pl.Series(stamps_us),
        "Sensor": pl.repeat("Eye Tracker", count, eager=True),
        "Recording resolution height [px]": pl.repeat(screen.size_px[1], count, eager=True),
        "Recording resolution width [px]": pl.repeat(screen.size_px[0], count, eager=True),
    }
    columns |= _points(gaze, screen)
    columns |= _eyes(gaze)
    columns["Presented Stimulus name"] = pl.repeat(recording.stimulus_id, count, eager=True)
    events = next((events for events in recording.events if events.method != OWN_METHOD), None)
    return pl.DataFrame(columns | (_movements(events, gaze) if events is not None else {}))


def _points(gaze: GazeSeries, screen: Screen) -> dict[str, pl.Series]:
    """Points of gaze of each eye in px and mm, and their mean in px."""
    assert screen.size_mm is not None
    size_px, size_mm = np.asarray(screen.size_px, float), np.asarray(screen.size_mm)
    from_centre_mm = position_from_centre_mm(gaze, screen, where="")
    if gaze.frame == "screen_mm":
        point_mm, point_px = gaze.position, np.round(_px(from_centre_mm, size_px, size_mm), DIGITS)
    else:
        point_mm = np.round(from_centre_mm + size_mm / 2, DIGITS)
        point_px = gaze.position if gaze.frame == "screen_px" else np.round(gaze.position * size_px, DIGITS)
    columns: dict[str, pl.Series] = {}
    both = _mean(point_px)
    for axis, letter in enumerate("XY"):
        columns[f"Gaze point {letter} [DACS px]"] = _numbers(np.round(both[:, axis], DIGITS))
    for number, eye in enumerate(gaze.eyes):
        for axis, letter in enumerate("XY"):
            name = "Gaze point" if eye == "cyclopean" else f"Gaze point {eye}"
            columns[f"{name} {letter} [DACS px]"] = _numbers(point_px[:, number, axis])
            columns[f"{name} {letter} [DACS mm]"] = _numbers(point_mm[:, number, axis])
    return columns


def _px(
    from_centre_mm: Float[ndarray, "T E 2"], size_px: Float[ndarray, " 2"], size_mm: Float[ndarray, " 2"]
) -> Float[ndarray, "T E 2"]:
    """Points in mm from the centre (y up) as px from the top left (y down)."""
    px: Float[ndarray, "T E 2"] = (from_centre_mm / size_mm * np.array([1.0, -1.0]) + 0.5) * size_px
    return px


def _mean(points: Float[ndarray, "T E 2"]) -> Float[ndarray, "T 2"]:
    """Mean of the eyes that are there; NaN where none is."""
    there = np.isfinite(points)
    total = np.where(there, points, 0).sum(axis=1)
    number = there.sum(axis=1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _eyes(gaze: GazeSeries) -> dict[str, pl.Series]:
    """What is known of each eye besides its point of gaze."""
    columns: dict[str, pl.Series] = {}
    for number, eye in enumerate(gaze.eyes):
        for quantity, array, unit in (
            ("Gaze direction", gaze.direction, "norm"),
            ("Eye position", gaze.origin_mm, "mm"),
        ):
            if array is not None:
                for axis, letter in enumerate("XYZ"):
                    columns[f"{quantity} {eye} {letter} [DACS {unit}]"] = _numbers(array[:, number, axis])
        if gaze.pupil is not None and gaze.pupil_unit == "mm":
            name = "Pupil diameter filtered" if eye == "cyclopean" else f"Pupil diameter {eye}"
            columns[f"{name} [mm]"] = _numbers(gaze.pupil[:, number])
        columns[f"Validity {eye}"] = pl.Series(np.where(gaze.valid[:, number], "Valid", "Invalid"))
    return columns


def _movements(events: EyeEvents, gaze: GazeSeries) -> dict[str, pl.Series]:
    """Kind, number among its kind and duration of the event that each sample lies in, as the device found them."""
    kind = np.full(len(gaze.time_s), "Unclassified", dtype=object)
    index = np.full(len(gaze.time_s), np.nan)
    duration_ms = np.full(len(gaze.time_s), np.nan)
    for name, word in MOVEMENTS.items():
        for number, row in enumerate(np.flatnonzero(events.kind == name).tolist(), start=1):
            inside = (gaze.time_s >= events.onset_s[row] - 1e-9) & (gaze.time_s < events.offset_s[row] - 1e-9)
            kind[inside], index[inside] = word, number
            duration_ms[inside] = round((events.offset_s[row] - events.onset_s[row]) * 1e3, DIGITS)
    return {
        "Eye movement type": pl.Series(kind.tolist(), dtype=pl.String),
        "Gaze event duration [ms]": _numbers(duration_ms),
        "Eye movement type index": _numbers(index).cast(pl.Int64),
    }


def _numbers(values: Float[ndarray, " T"]) -> pl.Series:
    return pl.Series(np.asarray(values, np.float64), nan_to_null=True)
