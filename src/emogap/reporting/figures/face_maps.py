"""Maps over the aligned face, one panel for each view and network, over a drawn face: nobody's picture is shown."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.reporting.figures.svg import INK, circle, document, label, line, polygon, rectangle

__all__ = ["FacePanel", "face_maps"]

FOR, AGAINST = "#b8500f", "#1f5fa8"
GREY, PAPER = "#5b6875", "#f1f3f6"
SIDE, SIDE_PX, GAP, LEFT, TOP = 210.0, 112.0, 26.0, 12.0, 66.0
ROW = SIDE + 46.0

EYES, NOSE, MOUTH = ((38.3, 51.7), (73.5, 51.5)), (56.0, 71.7), ((41.5, 92.4), (70.7, 92.2))
"""The template of the aligned face, in pixels of 112: Deng et al. (2019), doi:10.1109/CVPR.2019.00482."""


@dataclass(frozen=True, slots=True, eq=False)
class FacePanel:
    """One map: float64 (K, K), rows from the top; positive = the place speaks for the answer; NaN = not known."""

    title: str
    values: Float[ndarray, "K K"]


def face_maps(rows: Sequence[Sequence[FacePanel]], *, title: str, explanation: str) -> str:
    """Panels over a drawn face; an SVG document.

    Parameters
    ----------
    rows : sequence of rows of panels
        Such as the trained network above, its control below.
    title, explanation : str
        The second stands below the title.

    Notes
    -----
    Orange places speak for the answer, blue ones against it. Each panel has a scale of its own, whose end is printed:
    a pale panel and a strong one may look alike, and the number tells them apart.
    """
    width = LEFT + max(len(row) for row in rows) * (SIDE + GAP)
    parts = [label(LEFT, 20, title, bold=True, size=13), label(LEFT, 38, explanation, size=10.5, colour=GREY)]
    for down, row in enumerate(rows):
        for across, panel in enumerate(row):
            parts += _panel(panel, LEFT + across * (SIDE + GAP), TOP + down * ROW)
    return document(max(width, 520.0), TOP + len(rows) * ROW, parts, title=title)


def _panel(panel: FacePanel, left: float, top: float) -> Iterator[str]:
    yield label(left, top - 6, panel.title, size=11.5, bold=True)
    yield rectangle(left, top, SIDE, SIDE, colour=PAPER)
    known = panel.values[np.isfinite(panel.values)]
    most = float(np.abs(known).max()) if len(known) else 0.0
    cell = SIDE / len(panel.values)
    for down, values in enumerate(panel.values.tolist()):
        for across, value in enumerate(values):
            if math.isfinite(value) and most > 0:
                colour = FOR if value > 0 else AGAINST
                x, y = left + across * cell, top + down * cell
                yield rectangle(x, y, cell + 0.1, cell + 0.1, colour=colour, opacity=0.85 * abs(value) / most)
    yield from _face(left, top)
    said = f"full colour = {most:.2g}" if most > 0 else "nothing to show"
    yield label(left, top + SIDE + 15, said, size=10, colour=GREY)


def _face(left: float, top: float) -> Iterator[str]:
    scale = SIDE / SIDE_PX

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return left + point[0] * scale, top + point[1] * scale

    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    outline = [at((56 + 46 * float(np.cos(angle)), 60 + 51 * float(np.sin(angle)))) for angle in turn]
    yield polygon(outline, colour=INK, opacity=0, width=1.2, outline=0.55)
    for x, y in EYES:
        lids = [at((x + 8 * float(np.cos(angle)), y + 3.6 * float(np.sin(angle)))) for angle in turn]
        yield polygon(lids, colour=INK, opacity=0, width=1.2, outline=0.7)
        yield circle(*at((x, y)), 4.0, colour=INK, opacity=0.55)
        yield line(at((x - 10, y - 9)), at((x + 10, y - 9)), width=1.6)
    x, y = NOSE
    yield line(at((x - 1, y - 18)), at((x - 6, y + 2)), width=1.1)
    yield line(at((x - 6, y + 2)), at((x + 5, y + 3)), width=1.1)
    (x0, y0), (x1, y1) = MOUTH
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    lips = [
        at((middle[0] + (x1 - x0) / 2 * float(np.cos(angle)), middle[1] + 4 * float(np.sin(angle)))) for angle in turn
    ]
    yield polygon(lips, colour=INK, opacity=0, width=1.2, outline=0.7)
    yield line(at((x0, y0)), at((x1, y1)), width=1.0)
