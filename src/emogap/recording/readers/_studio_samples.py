"""The columns of a Tobii Studio 3.x export as arrays over all its recordings.

Conventions of the format are in ``_tobii_studio_3``, which cuts these arrays into recordings.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.errors import DataError
from emogap.recording.readers._geometry import ScreenFit, fit_screen, gaze_directions
from emogap.recording.readers._samples import check_pupil, first_rows, stack_columns, valid_codes, without_partial
from emogap.recording.readers._studio_columns import (
    GAZE_MM,
    GAZE_PX,
    INDEX_COLUMNS,
    ORIGIN_MM,
    PUPIL,
    VALIDITY,
)
from emogap.recording.readers._table import ExportTable
from emogap.recording.readers._vendor_events import EventRows, find_event_rows
from emogap.types import Frame, PupilUnit

__all__ = ["StudioSamples", "read_samples"]


@dataclass(frozen=True, slots=True)
class StudioSamples:
    """All recordings of a file in one set of arrays: T samples, E = 2 eyes, N events. Units as in GazeSeries.

    `stray` marks eye positions of which only some coordinates were given (they are taken as missing).
    `dates` are all those in the file, as text. `stated_amplitude_deg` is SaccadicAmplitude as the file has it,
    on the fixation that follows the saccade.
    """

    stamp_ms: Float[ndarray, " T"]
    position: Float[ndarray, "T E 2"]
    valid: Bool[ndarray, "T E"]
    frame: Frame
    pupil: Float[ndarray, "T E"] | None
    pupil_unit: PupilUnit | None
    origin_mm: Float[ndarray, "T E 3"] | None
    direction: Float[ndarray, "T E 3"] | None
    stray: Bool[ndarray, "T E"] | None
    size_px: tuple[int, int] | None
    fit: ScreenFit | None
    events: EventRows | None
    centre: Float[ndarray, "N 2"]
    stated_amplitude_deg: Float[ndarray, " N"]
    dates: tuple[str, ...]
    doubts: tuple[str, ...]


def read_samples(table: ExportTable, bounds: list[int]) -> StudioSamples:
    """The samples and events of all recordings in `table`, which begin and end at the rows `bounds`.

    Raises
    ------
    DataError
        If a validity code is unknown, the screen has several sizes, or px and mm contradict each other.
    """
    size_px = _screen_size_px(table)
    points = _gaze_points(table)
    fit = _fit(points, size_px, table.path)
    frame: Frame = "screen_mm" if "screen_mm" in points else "screen_px"
    position = fit.from_bottom_left(points[frame]) if fit and frame == "screen_mm" else points[frame]
    valid = without_partial(position, _coded_valid(table))
    origin_mm, stray = _origins(table, fit)
    pupil = stack_columns(table.rows, PUPIL)[:, :, 0] if _has(table, PUPIL) else None
    pupil_unit, doubts = (None, ()) if pupil is None else check_pupil(pupil)
    events, centre, amplitude_deg = _read_events(table, bounds, frame, fit, size_px)
    return StudioSamples(
        stamp_ms=table.rows["RecordingTimestamp"].to_numpy(),
        position=position,
        valid=valid,
        frame=frame,
        pupil=pupil,
        pupil_unit=pupil_unit,
        origin_mm=origin_mm,
        direction=None if origin_mm is None or frame != "screen_mm" else gaze_directions(position, origin_mm),
        stray=stray,
        size_px=size_px,
        fit=fit,
        events=events,
        centre=centre,
        stated_amplitude_deg=amplitude_deg,
        dates=_dates(table, bounds),
        doubts=doubts,
    )


def _has(table: ExportTable, columns: tuple[tuple[str, ...], ...]) -> bool:
    return all(name in table.rows.columns for eye in columns for name in eye)


def _gaze_points(table: ExportTable) -> dict[Frame, Float[ndarray, "T E 2"]]:
    points: dict[Frame, Float[ndarray, "T E 2"]] = {}
    if _has(table, GAZE_PX):
        points["screen_px"] = stack_columns(table.rows, GAZE_PX)
    if _has(table, GAZE_MM):
        points["screen_mm"] = stack_columns(table.rows, GAZE_MM)
    return points


def _coded_valid(table: ExportTable) -> Bool[ndarray, "T E"] | None:
    if not _has(table, (VALIDITY,)):
        return None
    return np.stack([valid_codes(table.rows[name], table) for name in VALIDITY], axis=1)


def _origins(
    table: ExportTable, fit: ScreenFit | None
) -> tuple[Float[ndarray, "T E 3"] | None, Bool[ndarray, "T E"] | None]:
    if not _has(table, ORIGIN_MM):
        return None, None
    origin_mm = stack_columns(table.rows, ORIGIN_MM)
    if fit:
        origin_mm = fit.from_bottom_left(origin_mm)
    given = np.logical_or.reduce([np.isfinite(origin_mm[:, :, axis]) for axis in range(3)])
    return origin_mm, given & ~without_partial(origin_mm)


def _fit(points: dict[Frame, Float[ndarray, "T E 2"]], size_px: tuple[int, int] | None, path: Path) -> ScreenFit | None:
    if len(points) < 2 or size_px is None:
        return None
    return fit_screen(points["screen_px"], points["screen_mm"], size_px, where=str(path))


def _screen_size_px(table: ExportTable) -> tuple[int, int] | None:
    if "RecordingResolution" not in table.rows.columns:
        return None
    column = table.rows["RecordingResolution"]
    stated = [str(column[int(row)]) for row in first_rows(column)]
    size = re.fullmatch(r"\s*(\d+)\s*x\s*(\d+)\s*", stated[0]) if len(stated) == 1 else None
    if size is None:
        raise DataError(
            f"RecordingResolution must be one size such as 1280x1024, got {', '.join(stated[:3])}",
            where=table.place(0),
            fix="export recordings made on different screens into files of their own",
        )
    return int(size[1]), int(size[2])


def _dates(table: ExportTable, bounds: list[int]) -> tuple[str, ...]:
    """The different dates; each recording has one, since another date begins another recording."""
    if "RecordingDate" not in table.rows.columns:
        return ()
    column = table.rows["RecordingDate"]
    return tuple(dict.fromkeys(str(column[row]) for row in bounds[:-1]))


def _read_events(
    table: ExportTable, bounds: list[int], frame: Frame, fit: ScreenFit | None, size_px: tuple[int, int] | None
) -> tuple[EventRows | None, Float[ndarray, "N 2"], Float[ndarray, " N"]]:
    """Events, the centre of each in `frame` (NaN where the file has none), and the amplitude stated on each."""
    if "GazeEventType" not in table.rows.columns:
        return None, np.empty((0, 2)), np.empty(0)
    parts = [table.rows[name] for name in INDEX_COLUMNS if name in table.rows.columns]
    events = find_event_rows(table.rows["GazeEventType"], *parts, bounds=bounds)
    on_medium = _at(table, events, "FixationPointX(MCSpx)", "FixationPointY(MCSpx)")
    centre_px = on_medium + _at(table, events, "MediaPosX(ADCSpx)", "MediaPosY(ADCSpx)")
    centre = np.full_like(centre_px, np.nan)
    if frame == "screen_px":
        centre = centre_px
    elif fit is not None and size_px is not None:
        centre = fit.px_to_mm(centre_px, size_px)
    return events, centre, _at(table, events, "SaccadicAmplitude")[:, 0]


def _at(table: ExportTable, events: EventRows, *names: str) -> Float[ndarray, "N A"]:
    """What columns hold on the first row of each event; NaN where the file has no such column."""
    columns = [
        table.rows[name].to_numpy()[events.first] if name in table.rows.columns else np.full(len(events.first), np.nan)
        for name in names
    ]
    return np.stack(columns, axis=1).astype(float)
