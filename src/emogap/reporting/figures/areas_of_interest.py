"""The areas of interest of one stimulus on the screen, with the fixations of everybody: to be looked at before use."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.reporting.figures.svg import circle, document, label, line, polygon, rectangle
from emogap.types.aoi import AreaOfInterest

__all__ = ["areas_figure"]

WIDTH, MARGIN, TOP = 640.0, 12.0, 48.0
COLOURS = ("#1f5fa8", "#b8500f", "#4f7318", "#a3157a", "#0b7a75", "#7a5c00")
FIXATION, BORDER, QUIET = "#3b4754", "#5b6875", "#5b6875"
NUM_TIMES = 5
"""So many places of a moving area are drawn, the first one strongest."""

LABEL_WIDTH = 32.0
"""Times that would lie upon each other are not written."""


def areas_figure(
    areas: Sequence[AreaOfInterest],
    *,
    size_px: tuple[int, int],
    fixation_share: Float[ndarray, "N 2"],
    fixation_s: Float[ndarray, " N"],
    title: str,
) -> str:
    """An SVG document.

    Parameters
    ----------
    areas : sequence of AreaOfInterest
        As a share of the screen.
    size_px : (int, int)
        Of the screen, for its shape.
    fixation_share : float64 array, shape (N, 2)
        Where fixations lay; those off the screen are left out.
    fixation_s : float64 array, shape (N,)
        Their durations: a dot's area grows with it.
    title : str
    """
    width = WIDTH - 2 * MARGIN
    height = width * size_px[1] / size_px[0]
    origin, extent = np.array([MARGIN, TOP]), np.array([width, height])
    names = list(dict.fromkeys(area.name for area in areas))
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}
    parts = [label(MARGIN, 18, title, bold=True, size=13), *_legend(colours)]
    parts.append(rectangle(MARGIN, TOP, width, height, colour="#f3f5f7"))
    on_it = ((fixation_share >= 0) & (fixation_share <= 1)).all(axis=1)
    for (x, y), lasted_s in zip((origin + fixation_share[on_it] * extent).tolist(), fixation_s[on_it], strict=True):
        parts.append(circle(x, y, 6 * float(np.sqrt(min(lasted_s, 1.0))), colour=FIXATION, opacity=0.22))
    for area in areas:
        parts += _outlines(area, colours[area.name], origin, extent)
    parts += _border(width, height)
    foot = f"{counted(int(on_it.sum()), 'fixation')} of all participants" + (
        f"; {int((~on_it).sum())} off the screen are not drawn" if not on_it.all() else ""
    )
    parts.append(label(MARGIN, TOP + height + 17, foot, size=10.5, colour=QUIET))
    return document(WIDTH, TOP + height + 26, parts, title=f"{title}: {', '.join(names)}")


def _legend(colours: dict[str, str]) -> Iterator[str]:
    x = MARGIN
    for name, colour in colours.items():
        yield rectangle(x, 29, 11, 11, colour=colour)
        yield label(x + 16, 38.5, name, size=11)
        x += 30 + 6.6 * len(name)


def _outlines(
    area: AreaOfInterest, colour: str, origin: Float[ndarray, " 2"], extent: Float[ndarray, " 2"]
) -> Iterator[str]:
    there = np.flatnonzero(np.isfinite(area.vertices).all(axis=(1, 2)))
    chosen = there[np.unique(np.linspace(0, len(there) - 1, min(NUM_TIMES, len(there))).astype(int))]
    centres: list[tuple[float, float]] = []
    labelled: list[tuple[float, float]] = []
    for number, frame in enumerate(chosen.tolist()):
        corners = origin + area.vertices[frame] * extent
        x, y = corners.mean(axis=0).tolist()
        centres.append((x, y))
        points = [(across, down) for across, down in corners.tolist()]
        is_first = number == 0
        yield polygon(points, colour=colour, opacity=0.18 if is_first else 0.03, outline=1.0 if is_first else 0.4)
        if len(chosen) > 1 and all(abs(x - other) > LABEL_WIDTH or abs(y - down) > 12 for other, down in labelled):
            labelled.append((x, y))
            yield label(x, y - 5, f"{area.time_s[frame]:.1f} s", anchor="middle", size=9.5, colour=colour)
    for start, stop in pairwise(centres):
        yield line(start, stop, colour=colour, is_dashed=True)


def _border(width: float, height: float) -> Iterator[str]:
    corners = ((MARGIN, TOP), (MARGIN + width, TOP), (MARGIN + width, TOP + height), (MARGIN, TOP + height))
    for position, corner in enumerate(corners):
        yield line(corner, corners[(position + 1) % 4], colour=BORDER)
