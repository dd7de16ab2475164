"""Small multiples: which expression was shown for which felt emotion, one panel for each group of clips."""

from collections.abc import Sequence
from dataclasses import dataclass

from emogap.reporting.figures.confusion import short_name
from emogap.reporting.figures.svg import INK, document, label, line, rectangle, text_room
from emogap.reporting.figures.views import FELT, SHOWN

__all__ = ["PANELS", "ConfusionPanel", "confusion_panels"]

PANELS = 16
"""So many panels are readable on a page."""

COLUMNS = 4
CELL, LEFT, ABOVE, GAP = 20.0, 30.0, 48.0, 16.0
TOP = 64.0
WIDE = 124.0
SAME, EMPTY, PALE = "#7a8794", "#e9edf1", "#5b6875"
LETTERS = 3


@dataclass(frozen=True, slots=True)
class ConfusionPanel:
    """One group: its name, a line about it, and the joint share of felt (rows) and shown class, summing to 1."""

    name: str
    note: str
    views: Sequence[Sequence[float]]


def confusion_panels(panels: Sequence[ConfusionPanel], classes: Sequence[str], *, title: str) -> str:
    """Up to sixteen groups beside each other, in the order given; an SVG document.

    Numbers are percent of the clips of the panel, from 1; shading is by the share of the row. Classes go by their
    first three letters.

    Parameters
    ----------
    panels : sequence of ConfusionPanel
        One to :data:`PANELS` of them.
    classes : sequence of str
        K names.
    title : str
    """
    side = CELL * len(classes)
    across, down = LEFT + side + GAP, ABOVE + side + GAP
    parts = [
        label(8, 16, title, bold=True, size=13),
        label(8, 33, "rows: felt, columns: shown; percent of the clips of the panel, shaded by the share of the row;"),
        label(8, 48, "off the diagonal is the gap"),
    ]
    for position, panel in enumerate(panels):
        parts += _panel(panel, classes, 8 + position % COLUMNS * across, TOP + position // COLUMNS * down)
    columns, rows = min(COLUMNS, len(panels)), -(-len(panels) // COLUMNS)
    width = max(8 + columns * across, 560.0, 16 + text_room(title, size=13, bold=True))
    return document(width, TOP + rows * down, parts, title=title)


def _panel(panel: ConfusionPanel, classes: Sequence[str], x: float, y: float) -> list[str]:
    left, top = x + LEFT, y + ABOVE
    parts = [
        label(left, y + 14, short_name(panel.name, WIDE), bold=True),
        label(left, y + 28, panel.note, size=10, colour=PALE),
    ]
    for number, name in enumerate(classes):
        middle = (number + 0.5) * CELL
        parts.append(label(left + middle, top - 5, name[:LETTERS], anchor="middle", size=9, colour=SHOWN))
        parts.append(label(left - 4, top + middle + 3, name[:LETTERS], anchor="end", size=9, colour=FELT))
    side = CELL * len(classes)
    parts.append(rectangle(left, top, side, side, colour=EMPTY))
    for number in range(1, len(classes)):
        edge = number * CELL
        parts.append(line((left + edge, top), (left + edge, top + side), colour="#ffffff"))
        parts.append(line((left, top + edge), (left + side, top + edge), colour="#ffffff"))
    for row, shares in enumerate(panel.views):
        total = sum(shares)
        for column, share in enumerate(shares):
            corner = left + column * CELL + 0.5, top + row * CELL + 0.5, CELL - 1, CELL - 1
            weight = share / total if total else 0.0
            if weight >= 0.005:
                parts.append(rectangle(*corner, colour=SAME if row == column else SHOWN, opacity=weight))
            if share >= 0.005:
                ink = "#ffffff" if weight > 0.65 else INK
                place = corner[0] + CELL / 2, corner[1] + CELL / 2 + 3
                parts.append(label(*place, f"{100 * share:.0f}", anchor="middle", size=9, colour=ink))
    return parts
