"""How densely fixations lay on the screen, in seconds per square degree, with its scale."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from emogap.reporting.figures.gaze_on_stimulus import overlay_heat
from emogap.reporting.figures.screen_view import GREY, LEFT, TOP, ScreenView, encode_png
from emogap.reporting.figures.svg import document, label, line, picture, polyline
from emogap.types import FixationMap

__all__ = ["density_figure"]

GROUND_RGB = (243, 245, 247)
EMPTY_PX = (1440, 810)
BAR, NUM_LEVELS = 14.0, 256


def density_figure(view: ScreenView, heat: FixationMap, *, seconds: float, title: str, note: str = "") -> str:
    """An SVG document: the fixation map over the picture, from blue-black (little) to yellow (most).

    Parameters
    ----------
    view : ScreenView
    heat : FixationMap
        Of the same extent; all zero where nothing was fixated.
    seconds : float
        All the time that the map speaks of: its densities are shares of it.
    title, note : str
    """
    ground = view.picture
    if ground is None:
        size = (EMPTY_PX[0], round(EMPTY_PX[0] * view.size[1] / view.size[0]))
        ground = np.full((size[1], size[0], 3), GROUND_RGB, np.uint8)
    shown = replace(view, picture=overlay_heat(ground, heat, extent_deg=view.extent_deg))
    width, height = view.size
    parts = [label(LEFT, 18, title, bold=True, size=13), label(LEFT, 36, note, size=10.5, colour=GREY)]
    parts += shown.ground()
    foot = f"{seconds:.1f} s of fixations; Gaussian of {heat.sigma_deg:g} deg" if seconds else "no fixation was found"
    parts.append(label(LEFT, view.bottom + 14, foot, size=10.5, colour=GREY))
    rows, columns = heat.density.shape
    cell_deg2 = heat.extent_deg[0] * heat.extent_deg[1] / rows / columns
    parts += _scale(LEFT + width + 18, height, float(heat.density.max()) * seconds / cell_deg2)
    return document(LEFT + width + 92, view.bottom + 24, parts, title=title)


def _scale(x: float, height: float, most_s_deg2: float) -> Iterator[str]:
    """A bar in the colours of the map, from nothing to the most, on the ground that the map lies on."""
    rise = np.linspace(0, 1, NUM_LEVELS)[::-1, None]
    ramp = FixationMap((rise / rise.sum()).astype(np.float32), (1.0, 1.0), 1.0, 0.0, 1.0)
    empty = np.full((NUM_LEVELS, 4, 3), GROUND_RGB, np.uint8)
    yield picture(x, TOP, BAR, height, encode_png(overlay_heat(empty, ramp, extent_deg=(1.0, 1.0))))
    corners = [(x, TOP), (x + BAR, TOP), (x + BAR, TOP + height), (x, TOP + height), (x, TOP)]
    yield polyline(corners, colour=GREY)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = TOP + height * (1 - share)
        yield line((x + BAR, y), (x + BAR + 4, y), colour=GREY)
        yield label(x + BAR + 7, y + 4, f"{share * most_s_deg2:.2g}", size=10.5)
    yield label(x - 4, TOP + height + 16, "s per deg\u00b2", size=10.5)
