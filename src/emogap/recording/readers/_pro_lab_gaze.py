"""The gaze of one Tobii Pro Lab recording: which columns are used, and what they become.

Points of gaze are taken in mm where px and the screen's resolution stand beside them (then everything is
known), else in px of the display, else as shares of it, else in px of the medium plus its place on the
display. Whether Pro Lab's mm grow upwards or downwards is read off the px, not assumed.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.errors import DataError
from emogap.recording.readers._geometry import ScreenFit, fit_screen, gaze_directions
from emogap.recording.readers._pro_lab_columns import DISPLAY, GazeColumns, ProLabColumns
from emogap.recording.readers._samples import check_pupil, stack_columns, valid_codes, without_partial
from emogap.recording.readers._table import ExportTable
from emogap.types import Frame, GazeSeries, PupilUnit, Screen

__all__ = ["ProLabGaze", "read_gaze", "to_frame"]

MEDIUM = ("presented media position x", "presented media position y")
SCALE = (
    ("presented media width", "original media width"),
    ("presented media height", "original media height"),
)


@dataclass(frozen=True, slots=True)
class ProLabGaze:
    """Gaze, screen, the fit that relates px and mm (None without mm), and doubts of one recording."""

    gaze: GazeSeries
    screen: Screen | None
    fit: ScreenFit | None
    doubts: tuple[str, ...]


def read_gaze(
    table: ExportTable,
    columns: ProLabColumns,
    chosen: GazeColumns,
    time_s: Float[ndarray, " T"],
    rate_hz: float,
) -> ProLabGaze:
    """The gaze of the rows of one recording.

    Raises
    ------
    DataError
        If a validity is unknown, px and mm contradict each other, or the gaze cannot be placed on the display.
    """
    size_px = _size_px(table, columns)
    fit = _fit(table, chosen, size_px)
    position, frame, doubts = _position(table, columns, chosen, fit)
    coded = _coded_valid(table, columns, chosen)
    valid = without_partial(position, coded)
    origin_mm, origin_doubts = _origin(table, columns, chosen, fit)
    pupil, unit, pupil_doubts = _pupil(table, columns, chosen)
    gaze = GazeSeries(
        time_s=time_s,
        position=position,
        frame=frame,
        valid=valid,
        altered=np.zeros_like(valid),
        eyes=chosen.eyes,
        rate_hz=rate_hz,
        pupil=pupil,
        pupil_unit=unit,
        pupil_altered=None if pupil is None else np.zeros_like(valid),
        direction=None if origin_mm is None else gaze_directions(position, origin_mm),
        origin_mm=origin_mm,
    )
    screen = None
    if size_px is not None:
        screen = Screen(size_px, fit.size_mm if fit else None, _median_distance_mm(table, columns, chosen))
    else:
        doubts.append("the size of the screen is not in the file, so nothing can be given in degrees")
    return ProLabGaze(gaze, screen, fit, (*doubts, *origin_doubts, *pupil_doubts))


def to_frame(
    points_px: Float[ndarray, "N 2"], gaze: GazeSeries, screen: Screen | None, fit: ScreenFit | None
) -> Float[ndarray, "N 2"]:
    """Points in px of the display in the frame of the gaze; NaN where there is no way to get there."""
    if gaze.frame == "screen_px":
        return points_px
    if gaze.frame == "screen_mm" and fit is not None and screen is not None:
        return fit.px_to_mm(points_px, screen.size_px)
    if gaze.frame == "screen_norm" and screen is not None:
        shares: Float[ndarray, "N 2"] = points_px / np.asarray(screen.size_px, float)
        return shares
    return np.full_like(points_px, np.nan)


def _size_px(table: ExportTable, columns: ProLabColumns) -> tuple[int, int] | None:
    sizes = []
    for quantity in ("recording resolution width", "recording resolution height"):
        name = columns.named(quantity)
        given: list[float] = [] if name is None else table.rows[name].drop_nulls().unique().to_list()
        if len(given) > 1:
            raise DataError(
                f"'{name}' changes within one recording ({given[0]:g}, {given[1]:g})",
                where=table.place(0),
                fix="export the recordings of different screens into files of their own",
            )
        if not given or given[0] <= 0:
            return None
        sizes.append(int(given[0]))
    return sizes[0], sizes[1]


def _fit(table: ExportTable, chosen: GazeColumns, size_px: tuple[int, int] | None) -> ScreenFit | None:
    if not chosen.mm or not chosen.px or size_px is None:
        return None
    px, mm = (stack_columns(table.rows, names) for names in (chosen.px, chosen.mm))
    return fit_screen(px, mm, size_px, where=str(table.path))


def _position(
    table: ExportTable, columns: ProLabColumns, chosen: GazeColumns, fit: ScreenFit | None
) -> tuple[Float[ndarray, "T E 2"], Frame, list[str]]:
    if chosen.mm and fit:
        return fit.from_bottom_left(stack_columns(table.rows, chosen.mm)), "screen_mm", []
    if chosen.px:
        position = stack_columns(table.rows, chosen.px)
        return position, "screen_px", [] if chosen.px_stated else [_doubt_px(table, position)]
    if chosen.norm:
        return stack_columns(table.rows, chosen.norm), "screen_norm", []
    place = tuple(name for name in map(columns.named, MEDIUM) if name is not None)
    if chosen.medium_px and len(place) == 2:
        _require_unscaled(table, columns)
        corner = stack_columns(table.rows, (place,))
        return stack_columns(table.rows, chosen.medium_px) + corner, "screen_px", []
    raise DataError(
        "points of gaze are given in px of the medium only, and its place on the screen is not in the file"
        if chosen.medium_px
        else "points of gaze are given in mm only, which do not tell where the screen ends",
        where=f"{table.path}, line 1",
        fix="export 'Gaze point left X [DACS px]' and its companions too",
    )


def _doubt_px(table: ExportTable, position: Float[ndarray, "T E 2"]) -> str:
    given = position[np.isfinite(position)]
    if len(given) and np.median(np.abs(given)) <= 2:
        raise DataError(
            f"the heading states no unit of the gaze points, and values around {np.median(np.abs(given)):g} may be"
            " shares of the screen as well as px",
            where=f"{table.path}, line 1",
            fix="write the unit into the heading, as in 'Gaze point left X [DACS px]'",
        )
    return "the heading states no unit of the gaze points: taken as px of the display, as older Pro Lab exports are"


def _require_unscaled(table: ExportTable, columns: ProLabColumns) -> None:
    for quantities in SCALE:
        shown, original = (columns.named(quantity) for quantity in quantities)
        if shown and original and not (table.rows[shown] == table.rows[original]).drop_nulls().all():
            raise DataError(
                f"'{shown}' differs from '{original}': px of a scaled medium are no px of the screen",
                where=f"{table.path}, line 1",
                fix="export 'Gaze point left X [DACS px]' and its companions too",
            )


def _coded_valid(table: ExportTable, columns: ProLabColumns, chosen: GazeColumns) -> Bool[ndarray, "T E"] | None:
    names = [columns.named(f"validity {eye}") for eye in chosen.eyes]
    given = [name for name in names if name is not None]
    if len(given) < len(names):
        return None
    return np.stack([valid_codes(table.rows[name], table) for name in given], axis=1)


def _eye_positions(columns: ProLabColumns, chosen: GazeColumns) -> tuple[tuple[str, ...], ...] | None:
    found = [columns.axes(f"eye position {eye}", "xyz", "mm", *DISPLAY) for eye in chosen.eyes]
    whole = tuple(axes for axes in found if axes is not None)
    return whole if len(whole) == len(chosen.eyes) else None


def _origin(
    table: ExportTable, columns: ProLabColumns, chosen: GazeColumns, fit: ScreenFit | None
) -> tuple[Float[ndarray, "T E 3"] | None, tuple[str, ...]]:
    names = _eye_positions(columns, chosen)
    if names is None or fit is None:
        return None, ()
    origin_mm = fit.from_bottom_left(stack_columns(table.rows, names))
    without_partial(origin_mm)
    depth_mm = origin_mm[:, :, 2][np.isfinite(origin_mm[:, :, 2])]
    if len(depth_mm) and np.median(depth_mm) < 0:
        # An eye that sees the screen is in front of it; this export counts depth away from the viewer.
        origin_mm[:, :, 2] *= -1
        return origin_mm, ("eye positions are counted away from the viewer in this file: depth turned round",)
    return origin_mm, ()


def _median_distance_mm(table: ExportTable, columns: ProLabColumns, chosen: GazeColumns) -> float | None:
    names = _eye_positions(columns, chosen)
    if names is None:
        return None
    depth_mm = stack_columns(table.rows, [axes[2:] for axes in names])
    depth_mm = np.abs(depth_mm[np.isfinite(depth_mm)])
    return float(np.median(depth_mm)) if len(depth_mm) else None


def _pupil(
    table: ExportTable, columns: ProLabColumns, chosen: GazeColumns
) -> tuple[Float[ndarray, "T E"] | None, PupilUnit | None, tuple[str, ...]]:
    quantities = ["pupil diameter filtered" if eye == "cyclopean" else f"pupil diameter {eye}" for eye in chosen.eyes]
    names = [name for name in map(columns.named, quantities) if name is not None]
    if len(names) < len(quantities):
        return None, None, ()
    pupil = stack_columns(table.rows, [(name,) for name in names])[:, :, 0]
    unit, doubts = check_pupil(pupil)
    if unit == "mm" and columns.unit_of(quantities[0]) is None:
        doubts = ("the heading states no unit of the pupil: taken as mm, which its values fit", *doubts)
    return pupil, unit, doubts
