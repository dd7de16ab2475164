"""Does a probability of 0.3 mean three in ten? One panel per detector, the diagonal being what it should say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.reporting.figures.svg import circle, document, label, line, rectangle, text_room

__all__ = ["ReliabilityPanel", "event_reliability_figure"]

MARK, GRID, QUIET = "#1f5fa8", "#dde3ea", "#9aa5b1"

SIDE, LEFT, TOP, ACROSS, DOWN = 150.0, 44.0, 76.0, 64.0, 104.0
STRIP = 26.0
"""Height of the histogram under a panel."""

PANELS_A_ROW = 3
SMALLEST, LARGEST = 2.0, 8.0
"""Radius of a dot of one clip, and of one that holds all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityPanel:
    """One detector.

    Attributes
    ----------
    title, subtitle : str
    num_clips : int array, shape (bins,)
    probability, share : float array, shape (bins,)
        Mean probability and share of events; NaN for an empty bin.
    """

    title: str
    subtitle: str
    num_clips: Int[ndarray, " bins"]
    probability: Float[ndarray, " bins"]
    share: Float[ndarray, " bins"]


def event_reliability_figure(panels: Sequence[ReliabilityPanel], *, title: str, event: str) -> str:
    """Dots of predicted against observed shares, their area the number of clips, and a histogram; an SVG document.

    Parameters
    ----------
    panels : sequence of ReliabilityPanel
        At least one.
    title : str
    event : str
        What the probability is of, for the axes: ``"gap"``.
    """
    columns = min(len(panels), PANELS_A_ROW)
    rows = -(-len(panels) // columns)
    axes = f"Up: share of clips with a {event}. Bars: how many clips."
    parts = [label(10, 20, title, bold=True, size=13), label(10, 38, axes, size=11)]
    for number, panel in enumerate(panels):
        left = LEFT + (number % columns) * (SIDE + ACROSS)
        top = TOP + (number // columns) * (SIDE + DOWN)
        parts += _panel(panel, left, top, event)
    width = LEFT + columns * (SIDE + ACROSS) - ACROSS + 16
    return document(
        max(width, 330.0, 16 + text_room(title, size=13, bold=True)),
        TOP + rows * (SIDE + DOWN) - 10,
        parts,
        title=title,
    )


def _panel(panel: ReliabilityPanel, left: float, top: float, event: str) -> Iterator[str]:
    bottom = top + SIDE
    yield label(left, top - 20, panel.title, bold=True, size=11)
    yield label(left, top - 7, panel.subtitle, size=10)
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = left + tick * SIDE, bottom - tick * SIDE
        yield line((x, top), (x, bottom), colour=GRID)
        yield line((left, y), (left + SIDE, y), colour=GRID)
        if tick in (0.0, 0.5, 1.0):
            yield label(left - 6, y + 4, f"{tick:g}", anchor="end", size=10)
            yield label(x, bottom + STRIP + 18, f"{tick:g}", anchor="middle", size=10)
    yield line((left, bottom), (left + SIDE, top), colour=QUIET, is_dashed=True)
    total = int(panel.num_clips.sum())
    for bin_number, clips in enumerate(panel.num_clips.tolist()):
        if not clips:
            continue
        width = SIDE / len(panel.num_clips)
        height = STRIP * clips / int(panel.num_clips.max())
        yield rectangle(
            left + bin_number * width + 1, bottom + STRIP + 5 - height, width - 2, height, colour=MARK, opacity=0.35
        )
        radius = SMALLEST + (LARGEST - SMALLEST) * float(np.sqrt(clips / total))
        x = left + float(panel.probability[bin_number]) * SIDE
        yield circle(x, bottom - float(panel.share[bin_number]) * SIDE, radius, colour=MARK, opacity=0.8)
    yield label(left + SIDE / 2, bottom + STRIP + 32, f"probability of a {event}", anchor="middle", size=10)
