"""Where somebody looked, drawn on what they looked at: heat, fixations in their order, and the trail of gaze.

``draw_fixations`` makes a still picture, ``draw_gaze_frames`` one video frame after another; nothing is opened or
written here. Both take the picture to be flat, on the screen, with its centre where zero degrees are.
"""

from collections.abc import Callable, Iterable, Iterator

import cv2
import numpy as np
from jaxtyping import Bool, Float, Float32, Int, UInt8
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.types import EyeEvents, FixationMap

__all__ = ["GazeDrawing", "draw_fixations", "draw_gaze_frames", "overlay_heat", "to_picture_px"]

Picture = UInt8[ndarray, "H W 3"]

FONT = cv2.FONT_HERSHEY_SIMPLEX
INK, PAPER, TRAIL = (20, 24, 30), (255, 255, 255), (255, 214, 10)
SMALLEST_PX = 3.0
SUBPIXEL = 4
"""Bits of a pixel's fraction in OpenCV's drawing."""


class GazeDrawing(BaseModel):
    """What is drawn, and how large."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    heat_opacity: float = Field(default=0.7, ge=0, le=1, description="Of the heat where it is greatest.")
    heat_from: float = Field(
        default=0.05, ge=0, lt=1, description="Share of the greatest density below which nothing is coloured."
    )
    picture_colour: float = Field(
        default=0.35, ge=0, le=1, description="How much colour the picture keeps, so that the heat stands out."
    )
    second_deg: float = Field(default=1.2, gt=0, description="Radius of the circle of one second, in degrees.")
    has_numbers: bool = Field(default=True, description="Whether fixations carry their number.")
    trail_s: float = Field(default=0.5, gt=0, description="How much of the past a frame shows, in s.")


def to_picture_px(
    position_deg: Float[ndarray, "*N 2"], *, size_px: tuple[int, int], extent_deg: tuple[float, float]
) -> Float[ndarray, "*N 2"]:
    """Degrees from the centre (x right, y up) as pixels of a flat picture, from its upper left corner.

    Parameters
    ----------
    position_deg : float64 array, shape (..., 2)
    size_px : (int, int)
        Width and height of the picture.
    extent_deg : (float, float)
        The angles that its width and height take up, as ``preprocessing.screen_extent_deg`` gives them.

    Notes
    -----
    ``x_px = W/2 (1 + tan x / tan(w/2))``: on a flat screen a degree is wider at the edge than in the middle.

    Examples
    --------
    >>> to_picture_px(np.array([[0.0, 0.0], [20.0, 10.0]]), size_px=(640, 360), extent_deg=(40.0, 20.0)).tolist()
    [[320.0, 180.0], [640.0, 0.0]]
    """
    half = np.tan(np.radians(np.asarray(extent_deg) / 2))
    share = np.tan(np.radians(position_deg)) / half * np.array([1.0, -1.0])
    place: Float[ndarray, "*N 2"] = (1 + share) * np.asarray(size_px) / 2
    return place


def overlay_heat(
    picture: Picture, heat: FixationMap, *, extent_deg: tuple[float, float], drawing: GazeDrawing | None = None
) -> Picture:
    """The picture, paler, with a fixation map over it; where the map has no density only the picture is seen.

    Parameters
    ----------
    picture : uint8 array, shape (H, W, 3)
        RGB.
    heat : FixationMap
        Of any shape and extent; from blue-black (little) to yellow (most), scaled to its own greatest density.
    extent_deg : (float, float)
        Width and height of the picture in degrees.
    drawing : GazeDrawing, optional
    """
    drawing = drawing or GazeDrawing()
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    pale = cv2.addWeighted(picture, drawing.picture_colour, grey, 1 - drawing.picture_colour, 0)
    greatest = float(heat.density.max())
    if greatest <= 0:
        return np.asarray(pale, np.uint8)
    density = _at_pixels(heat, picture.shape[:2], extent_deg) / greatest
    level = np.rint(255 * np.clip(density, 0, 1)).astype(np.uint8)
    colour, opacity = _heat_colours(drawing)
    hot = opacity[level, 0] > 0
    under, above = pale[hot], level[hot]
    result = np.array(pale, np.uint8)
    result[hot] = np.rint((1 - opacity[above]) * under + (opacity * colour)[above])
    return result


def _heat_colours(drawing: GazeDrawing) -> tuple[Float32[ndarray, "256 3"], Float32[ndarray, "256 1"]]:
    """Colour and opacity of each of 256 levels of density; both grow with it."""
    levels = np.arange(256, dtype=np.uint8)
    colour = cv2.applyColorMap(levels[:, None], cv2.COLORMAP_INFERNO)[:, 0, ::-1].astype(np.float32)
    shown = np.clip((levels / 255 - drawing.heat_from) / (1 - drawing.heat_from), 0, 1)
    opacity = drawing.heat_opacity * (1 - (1 - shown) ** 2)
    return colour, opacity.astype(np.float32)[:, None]


def _at_pixels(heat: FixationMap, shape: tuple[int, int], extent_deg: tuple[float, float]) -> Float32[ndarray, "H W"]:
    """Density at each pixel, linear between the cells' centres; 0 outside the map."""
    density = heat.density
    for axis, size_px in enumerate(shape):
        cells, covered_deg = density.shape[axis], heat.extent_deg[1 - axis]
        below, share, on_map = _between_cells(size_px, extent_deg[1 - axis], cells, covered_deg)
        along = (slice(None), None) if axis == 0 else (None, slice(None))
        above = np.minimum(below + 1, cells - 1)
        density = (
            np.take(density, below, axis) * (on_map * (1 - share))[along]
            + np.take(density, above, axis) * ((on_map * share)[along])
        )
    return density


def _between_cells(
    size_px: int, extent_deg: float, cells: int, covered_deg: float
) -> tuple[Int[ndarray, " N"], Float32[ndarray, " N"], Bool[ndarray, " N"]]:
    """Along one axis: the cell before each pixel, how far the pixel is on to the next, and whether it is on the map."""
    share = (2 * np.arange(size_px) + 1) / size_px - 1
    angle_deg = np.degrees(np.arctan(share * np.tan(np.radians(extent_deg / 2))))
    place = (angle_deg / covered_deg + 0.5) * cells - 0.5
    inside = np.clip(place, 0, cells - 1)
    below = np.floor(inside).astype(int)
    return below, (inside - below).astype(np.float32), (place >= -0.5) & (place <= cells - 0.5)


def draw_fixations(
    picture: Picture,
    events: EyeEvents,
    *,
    extent_deg: tuple[float, float],
    heat: FixationMap | None = None,
    from_s: float = 0.0,
    to_s: float = np.inf,
    drawing: GazeDrawing | None = None,
) -> Picture:
    """A still picture with the fixations of one window on it: circles in their order, joined by the scanpath.

    Parameters
    ----------
    picture : uint8 array, shape (H, W, 3)
        RGB: an image stimulus, or a frame of a video.
    events : EyeEvents
        In degrees, on the clock of the stimulus; only fixations are drawn, those with a part in the window.
    extent_deg : (float, float)
        Width and height of the picture on the screen, in degrees.
    heat : FixationMap, optional
        Drawn below the circles.
    from_s, to_s : float
        The window, in s.
    drawing : GazeDrawing, optional

    Returns
    -------
    uint8 array, shape (H + L, W, 3)
        With a line of text below that says what is drawn. The area of a circle is the fixation's time in the window.
        Fixations off the picture are counted there, not drawn.

    Raises
    ------
    UsageError
        If the events are not in degrees.
    """
    drawing = drawing or GazeDrawing()
    if events.frame != "deg":
        raise UsageError(
            f"fixations are drawn in degrees, but these events ({events.method}) are in {events.frame}",
            fix="use the events that preprocessing.clean adds, method 'ivt'",
        )
    overlaid = picture if heat is None else overlay_heat(picture, heat, extent_deg=extent_deg, drawing=drawing)
    canvas = np.ascontiguousarray(overlaid).copy()
    chosen = (events.kind == "fixation") & (events.onset_s < to_s) & (events.offset_s > from_s)
    seconds = np.minimum(events.offset_s[chosen], to_s) - np.maximum(events.onset_s[chosen], from_s)
    size_px = (picture.shape[1], picture.shape[0])
    place = to_picture_px(events.centre[chosen], size_px=size_px, extent_deg=extent_deg)
    inside = ((place >= 0) & (place <= size_px)).all(axis=1)
    _draw_scanpath(canvas, place)
    deg_px = size_px[0] / 2 / np.tan(np.radians(extent_deg[0] / 2)) * np.tan(np.radians(1.0))
    radius = np.maximum(drawing.second_deg * deg_px * np.sqrt(seconds), SMALLEST_PX)
    for number in np.flatnonzero(inside):
        _draw_circle(canvas, place[number], radius[number])
    if drawing.has_numbers:
        for number in np.flatnonzero(inside):
            _draw_number(canvas, place[number], radius[number], str(number + 1))
    off = f", {int((~inside).sum())} off the picture" if not inside.all() else ""
    longest = f"; area = duration, longest {seconds.max():.2f} s" if len(seconds) else ""
    coloured = "; colour = density" if heat is not None else ""
    return _captioned(canvas, f"{counted(len(seconds), 'fixation')}{off}{longest}{coloured}")


def _draw_scanpath(canvas: Picture, place: Float[ndarray, "N 2"]) -> None:
    path = [_fixed(place)]
    for colour, width in ((INK, 3), (PAPER, 1)):
        cv2.polylines(canvas, path, False, colour, width, cv2.LINE_AA, SUBPIXEL)


def _draw_circle(canvas: Picture, place: Float[ndarray, " 2"], radius: float) -> None:
    centre = tuple(_fixed(place).tolist())
    for colour, width in ((INK, 4), (PAPER, 2)):
        cv2.circle(canvas, centre, round(radius * 2**SUBPIXEL), colour, width, cv2.LINE_AA, SUBPIXEL)


def _draw_number(canvas: Picture, place: Float[ndarray, " 2"], radius: float, number: str) -> None:
    """On a dark plate at the upper right of the circle, so that the heat inside stays visible."""
    scale = max(0.4, canvas.shape[0] / 1350)
    (width_px, height_px), _ = cv2.getTextSize(number, FONT, scale, 1)
    left, bottom = round(place[0] + 0.7 * radius), round(place[1] - 0.7 * radius)
    cv2.rectangle(canvas, (left - 2, bottom - height_px - 3), (left + width_px + 1, bottom + 3), INK, cv2.FILLED)
    cv2.putText(canvas, number, (left, bottom), FONT, scale, PAPER, 1, cv2.LINE_AA)


def _captioned(canvas: Picture, text: str) -> Picture:
    """The picture with a line of text below; the height stays even, so that it may become a video frame."""
    scale = min(0.5, canvas.shape[1] / 1000)
    strip = np.full((2 * round(28 * scale), canvas.shape[1], 3), 255, np.uint8)
    cv2.putText(strip, text, (round(12 * scale), round(38 * scale)), FONT, scale, INK, 1, cv2.LINE_AA)
    return np.concatenate([canvas, strip])


def _fixed(place: Float[ndarray, "*N 2"]) -> Int[ndarray, "*N 2"]:
    """Pixels in OpenCV's fixed point, whose whole numbers are the centres of pixels; far points are kept near."""
    fixed: Int[ndarray, "*N 2"] = np.rint((np.clip(place, -1e4, 1e5) - 0.5) * 2**SUBPIXEL).astype(np.int32)
    return fixed


def draw_gaze_frames(
    frames: Iterable[tuple[float, Picture]],
    time_s: Float[ndarray, " T"],
    position_deg: Float[ndarray, "T 2"],
    *,
    extent_deg: tuple[float, float],
    heat_at: Callable[[float], FixationMap] | None = None,
    drawing: GazeDrawing | None = None,
) -> Iterator[tuple[float, Picture]]:
    """Video frames with the gaze of the last moments on them, one at a time.

    Parameters
    ----------
    frames : iterable of (float, uint8 array (H, W, 3))
        Presentation time in s, on the clock of `time_s`, and picture in RGB.
    time_s : float64 array, shape (T,)
    position_deg : float64 array, shape (T, 2)
        Point of gaze, NaN where lost: there the trail has a gap (``preprocessing.cyclopean`` gives it).
    extent_deg : (float, float)
        Width and height of the picture on the screen, in degrees.
    heat_at : function, optional
        From a time to the fixation map to be drawn at that time, for example over the last two seconds.
    drawing : GazeDrawing, optional

    Yields
    ------
    (float, uint8 array (H, W, 3))
        Same times. The trail is thin and dark at its old end; a ring marks the newest sample, unless it is lost.
    """
    drawing = drawing or GazeDrawing()
    for now_s, picture in frames:
        pale = picture
        if heat_at is not None:
            pale = overlay_heat(picture, heat_at(now_s), extent_deg=extent_deg, drawing=drawing)
        canvas = np.ascontiguousarray(pale).copy()
        recent = slice(*np.searchsorted(time_s, [now_s - drawing.trail_s, now_s + 1e-9]))
        place = to_picture_px(position_deg[recent], size_px=(canvas.shape[1], canvas.shape[0]), extent_deg=extent_deg)
        age = (now_s - time_s[recent]) / drawing.trail_s
        _draw_trail(canvas, place, age)
        if len(place) and np.isfinite(place[-1]).all():
            unit = canvas.shape[0] / 60
            centre = tuple(_fixed(place[-1]).tolist())
            for colour, width in ((INK, round(unit / 2) + 2), (TRAIL, round(unit / 3) + 1)):
                cv2.circle(canvas, centre, round(unit * 2**SUBPIXEL), colour, width, cv2.LINE_AA, SUBPIXEL)
        yield now_s, canvas


def _draw_trail(canvas: Picture, place: Float[ndarray, "N 2"], age: Float[ndarray, " N"]) -> None:
    """Segments between known neighbours, oldest first; `age` runs from 0 (now) to 1."""
    thick = max(2.0, canvas.shape[0] / 120)
    known = np.isfinite(place).all(axis=1)
    fixed = _fixed(np.where(known[:, None], place, 0.0))
    for layer in (0, 1):
        for index in np.flatnonzero(known[1:] & known[:-1]):
            strength = 1 - float(age[index + 1])
            width = max(1, round(thick * strength)) + (2 if layer == 0 else 0)
            shade = INK if layer == 0 else tuple(round(channel * (0.4 + 0.6 * strength)) for channel in TRAIL)
            start, stop = tuple(fixed[index].tolist()), tuple(fixed[index + 1].tolist())
            cv2.line(canvas, start, stop, shade, width, cv2.LINE_AA, SUBPIXEL)
