"""The same clips in a plane, once for each question, coloured by the answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.reporting.figures.svg import circle, document, label, rectangle

__all__ = ["ClipPanel", "plane_of_clips"]

COLOURS = ("#1f5fa8", "#d1662a", "#7a8794", "#1f7a5c", "#a3157a", "#c9a227", "#4b3b8f")
"""As many as the largest vocabulary has classes."""

UNKNOWN, GREY, PAPER = "#d5dbe1", "#5b6875", "#f6f7f9"
SIDE, GAP, LEFT, TOP, MARGIN = 270.0, 24.0, 12.0, 70.0, 10.0


@dataclass(frozen=True, slots=True)
class ClipPanel:
    """One question: its title, and for each clip the position of its answer in `classes`; -1 = none."""

    title: str
    classes: tuple[str, ...]
    answers: tuple[int, ...]


def plane_of_clips(
    places_N2: Float[ndarray, "N 2"], panels: Sequence[ClipPanel], *, title: str, explanation: str
) -> str:
    """Dots at the same places in every panel; an SVG document.

    Parameters
    ----------
    places_N2 : float array, shape (N, 2)
        Without unit: only who is near whom means something, so that there are no axes.
    panels : sequence of ClipPanel
    title, explanation : str
    """
    low, high = places_N2.min(axis=0), places_N2.max(axis=0)
    shares = (places_N2 - low) / np.where(high > low, high - low, 1)
    parts = [label(LEFT, 20, title, bold=True, size=13), label(LEFT, 38, explanation, size=10.5, colour=GREY)]
    for number, panel in enumerate(panels):
        parts += _panel(panel, shares, LEFT + number * (SIDE + GAP))
    most = max(len(panel.classes) + (-1 in panel.answers) for panel in panels)
    width = max(LEFT + len(panels) * (SIDE + GAP), 560.0)
    return document(width, TOP + SIDE + 14 + 15 * ((most + 1) // 2) + 6, parts, title=title)


def _panel(panel: ClipPanel, shares: Float[ndarray, "N 2"], left: float) -> Iterator[str]:
    yield label(left, TOP - 8, panel.title, size=11.5, bold=True)
    yield rectangle(left, TOP, SIDE, SIDE, colour=PAPER)
    inner = SIDE - 2 * MARGIN
    for (x, y), answer in zip(shares.tolist(), panel.answers, strict=True):
        colour = COLOURS[answer] if answer >= 0 else UNKNOWN
        yield circle(left + MARGIN + x * inner, TOP + MARGIN + (1 - y) * inner, 3.2, colour=colour, opacity=0.8)
    named = [*zip(panel.classes, COLOURS, strict=False), *([("no label", UNKNOWN)] if -1 in panel.answers else [])]
    for number, (name, colour) in enumerate(named):
        x, y = left + (number % 2) * SIDE / 2, TOP + SIDE + 14 + 15 * (number // 2)
        count = panel.answers.count(-1 if name == "no label" else number)
        yield circle(x + 5, y - 1, 3.6, colour=colour)
        yield label(x + 14, y + 3, f"{name} ({count})", size=10.5)
