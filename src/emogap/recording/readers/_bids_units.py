"""Foreign BIDS files: the unit of the clock, and the frame and unit of points of gaze."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.errors import DataError
from emogap.recording.readers._bids_sidecar import Sidecar
from emogap.types import Frame, Screen

__all__ = ["PointAxes", "find_point_axes", "ticks_per_second"]

TICKS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
TIME_WORDS = {
    "s": ("s", "sec", "second", "seconds"),
    "ms": ("ms", "msec", "millisecond", "milliseconds"),
    "us": ("us", "\u03bcs", "\u00b5s", "usec", "microsecond", "microseconds"),
    "ns": ("ns", "nsec", "nanosecond", "nanoseconds"),
}
LENGTH_WORDS = {
    "px": ("pixel", "pixels", "px", "pix"),
    "m": ("m", "meter", "meters", "metre", "metres"),
    "cm": ("cm", "centimeter", "centimeters", "centimetre", "centimetres"),
    "mm": ("mm", "millimeter", "millimeters", "millimetre", "millimetres"),
    "deg": ("deg", "degree", "degrees", "\u00b0", "dva"),
    "rad": ("rad", "radian", "radians"),
    "norm": ("1", "norm", "normalized", "normalised", "fraction", "proportion", "ratio"),
}
FRAMES: dict[str, Frame] = {"px": "screen_px", "norm": "screen_norm"}
"""Frames of the units that are no length."""

MM = {"m": 1e3, "cm": 10.0, "mm": 1.0}
ORIGIN_ADVICE = "state ScreenOrigin under StimulusPresentation in the JSON of the events"


@dataclass(frozen=True, slots=True)
class PointAxes:
    """From the coordinates of a file to a frame: ``scale * value + shift`` for each axis, x first."""

    frame: Frame
    scale: tuple[float, float]
    shift: tuple[float, float]
    doubts: tuple[str, ...] = ()


def ticks_per_second(
    stamps: Float[ndarray, " T"], rate_hz: float, stated: str | None, where: str
) -> tuple[float, tuple[str, ...]]:
    """Ticks of the clock in a second: as its unit says, else the unit that gives the stated rate; and doubts.

    Raises
    ------
    DataError
        If the unit is stated and unknown, or not stated and no unit gives the rate within a factor of 1.5.
    """
    typical = float(np.median(np.diff(stamps))) if len(stamps) > 1 else None
    if stated is not None:
        unit = _word(stated, TIME_WORDS)
        if unit is None:
            raise DataError(
                f"the unit of the timestamps is '{stated}'", where=where, fix=f"known units: {', '.join(TICKS)}"
            )
        if typical is not None and not 1 / 1.5 < typical / TICKS[unit] * rate_hz < 1.5:
            measured = f"{TICKS[unit] / typical:g}"
            return TICKS[unit], (f"the timestamps give {measured} Hz, SamplingFrequency says {rate_hz:g} Hz",)
        return TICKS[unit], ()
    for unit, ticks in TICKS.items():
        if typical is None or 1 / 1.5 < typical / ticks * rate_hz < 1.5:
            return ticks, (f"the unit of the timestamps is not stated: taken as {unit}, which gives the stated rate",)
    raise DataError(
        f"the timestamps step by {typical:g}, which is {rate_hz:g} Hz in no unit",
        where=where,
        fix="state Units of timestamp (s, ms, us, ns), or correct SamplingFrequency",
    )


def find_point_axes(sidecar: Sidecar, screen: Screen | None, origin: tuple[str, str] | None) -> PointAxes:
    """The frame that a foreign file's points of gaze are given in, and the way there.

    Raises
    ------
    DataError
        If the units are absent, differ or are unknown, or the coordinate system has no counterpart here.
    """
    where = sidecar.place("x_coordinate")
    x_units, y_units = (sidecar.entry(f"{axis}_coordinate", "Units") for axis in "xy")
    if x_units is None or x_units != y_units:
        raise DataError(
            f"the units of x_coordinate and y_coordinate are {x_units} and {y_units}",
            where=where,
            fix="state the same Units for both, such as pixel, mm or deg",
        )
    unit = _word(x_units, LENGTH_WORDS)
    system = sidecar.get("SampleCoordinateSystem")
    if system == "gaze-on-screen" and unit is not None:
        return _on_screen(unit, screen, origin, where)
    if system == "gaze-in-world" and unit in ("px", "norm"):
        return PointAxes("scene_px" if unit == "px" else "scene_norm", (1.0, 1.0), (0.0, 0.0))
    if system in ("eye-in-head", "custom") and unit in ("deg", "rad"):
        factor = 1.0 if unit == "deg" else float(np.rad2deg(1.0))
        doubt = f"gaze is {system} in {unit}: taken as degrees right and up of the axis of a camera"
        return PointAxes("camera_deg", (factor, factor), (0.0, 0.0), (doubt,))
    raise DataError(
        f"gaze is {system} in '{x_units}', which has no counterpart here",
        where=where,
        fix="known: gaze-on-screen in pixel, mm, cm, m, deg or as a share; gaze-in-world in pixel; angles",
    )


def _on_screen(unit: str, screen: Screen | None, origin: tuple[str, str] | None, where: str) -> PointAxes:
    doubts = () if origin is not None else ("the origin of the screen is not stated: taken as top left",)
    vertical, horizontal = origin or ("top", "left")
    if unit in ("deg", "rad"):
        factor = 1.0 if unit == "deg" else float(np.rad2deg(1.0))
        if (vertical, horizontal) != ("center", "center"):
            raise DataError(
                f"visual angles have their origin at the {vertical} {horizontal} of the screen",
                where=where,
                fix="give them from the centre: " + ORIGIN_ADVICE,
            )
        doubt = "BIDS does not say which way visual angles grow: taken as right and up"
        return PointAxes("deg", (factor, factor), (0.0, 0.0), (doubt,))
    frame = FRAMES.get(unit, "screen_mm")
    factor = MM.get(unit, 1.0)
    # Our frames grow downwards in pixels and shares, upwards in mm; a foreign axis grows away from its origin.
    near_vertical = "bottom" if frame == "screen_mm" else "top"
    if (vertical, horizontal) == (near_vertical, "left"):
        return PointAxes(frame, (factor, factor), (0.0, 0.0), doubts)
    width, height = _extent(frame, screen, where)
    if "center" in (vertical, horizontal):
        up = 1.0 if frame == "screen_mm" else -1.0
        doubts = (*doubts, "BIDS does not say which way y grows from the centre of a screen: taken as up")
    else:
        up = 1.0
    x = {"left": (factor, 0.0), "right": (-factor, width), "center": (factor, width / 2)}[horizontal]
    y = {"center": (up * factor, height / 2), near_vertical: (factor, 0.0)}.get(vertical, (-factor, height))
    return PointAxes(frame, (x[0], y[0]), (x[1], y[1]), doubts)


def _extent(frame: Frame, screen: Screen | None, where: str) -> tuple[float, float]:
    if frame == "screen_norm":
        return 1.0, 1.0
    size = None if screen is None else screen.size_px if frame == "screen_px" else screen.size_mm
    if size is None:
        raise DataError(
            "the origin is not the corner that is usual here, and the size of the screen is not known",
            where=where,
            fix="state ScreenResolution and ScreenSize under StimulusPresentation",
        )
    return float(size[0]), float(size[1])


def _word(text: str, words: dict[str, tuple[str, ...]]) -> str | None:
    """The unit that a text names."""
    return next((unit for unit, known in words.items() if text.strip().lower() in known), None)
