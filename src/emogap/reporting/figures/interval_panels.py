"""Several panels beside each other that share their rows: dots with intervals, and a line where the truth is known."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emogap.reporting.figures.svg import INK, circle, diamond, document, label, line, rectangle, text_room
from emogap.reporting.numbers import plain

__all__ = ["IntervalPanel", "PanelBlock", "PanelMark", "interval_panels"]

COLOURS = ("#1f5fa8", "#b8500f")
"""First and second series; told apart by lightness and shape too."""

GRID, AXIS, QUIET = "#dde3ea", "#9aa5b1", "#5b6875"
TRUTH = "#a3157a"
LEFT, PANEL, NUMBER, RIGHT = 216.0, 168.0, 40.0, 12.0
TITLE, HEADING, TITLES, LEGEND, ROW, TICKS, NOTE, GAP = 30.0, 22.0, 36.0, 14.0, 18.0, 22.0, 15.0, 24.0
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
MOST_STEPS = 7


@dataclass(frozen=True, slots=True)
class PanelMark:
    """One dot in a row, counted from 0; NaN limits = no interval. `series` is 0 or 1."""

    row: int
    estimate: float
    low: float = math.nan
    high: float = math.nan
    series: int = 0


@dataclass(frozen=True, slots=True)
class IntervalPanel:
    """One panel.

    Attributes
    ----------
    title : str
    marks : tuple of PanelMark
    limits : (float, float)
        Ends of the axis; what lies beyond is drawn at the end.
    series : tuple of str
        Names of the series, where there are two.
    reference : (str, float) or None
        A dashed line and its name, such as the truth.
    """

    title: str
    marks: tuple[PanelMark, ...]
    limits: tuple[float, float] = (0.0, 1.0)
    series: tuple[str, ...] = ()
    reference: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class PanelBlock:
    """Panels side by side. `rows` are (group, name) from top to bottom; `notes` are printed below."""

    heading: str
    rows: tuple[tuple[str, str], ...]
    panels: tuple[IntervalPanel, ...]
    notes: tuple[str, ...] = ()


def interval_panels(blocks: Sequence[PanelBlock], *, title: str) -> str:
    """Blocks of panels below each other; an SVG document.

    Parameters
    ----------
    blocks : sequence of PanelBlock
        A row without a mark has a hyphen in that panel. The number beside a row is the estimate of the first series.
    title : str
    """
    panels = LEFT + max(len(block.panels) for block in blocks) * (PANEL + NUMBER)
    texts = [text_room(note, size=10.5) for block in blocks for note in block.notes]
    width = max(panels, 10 + text_room(title, size=13, bold=True), 10 + max(texts, default=0.0)) + RIGHT
    parts, top = [label(10, 19, title, bold=True, size=13)], TITLE
    for block in blocks:
        first = top + HEADING + TITLES
        bottom = first + ROW * len(block.rows)
        parts.append(label(10, top + 13, block.heading, bold=True, size=11.5))
        parts += _rows(block.rows, first, width)
        for place, panel in enumerate(block.panels):
            parts += _panel(panel, len(block.rows), LEFT + place * (PANEL + NUMBER), first)
        for number, note in enumerate(block.notes):
            parts.append(label(10, bottom + TICKS + (number + 1) * NOTE, note, size=10.5, colour=QUIET))
        top = bottom + TICKS + NOTE * len(block.notes) + GAP
    return document(width, top, parts, title=title)


def _rows(rows: Sequence[tuple[str, str]], top: float, width: float) -> Iterator[str]:
    groups = list(dict.fromkeys(group for group, _ in rows))
    named: set[str] = set()
    for number, (group, name) in enumerate(rows):
        y = top + (number + 0.5) * ROW
        if groups.index(group) % 2 == 0:
            yield rectangle(0, y - ROW / 2, width, ROW, colour="#8899aa", opacity=0.09)
        if group not in named:
            named.add(group)
            yield label(10, y + 4, group, size=11)
        yield label(LEFT - 10, y + 4, name, anchor="end", size=10.5, colour=QUIET)


def _panel(panel: IntervalPanel, num_rows: int, left: float, top: float) -> Iterator[str]:
    low, high = panel.limits
    bottom = top + ROW * num_rows

    def across(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * PANEL

    yield label(left, top - TITLES + 9, panel.title, bold=True, size=11)
    x = left
    for place, name in enumerate(panel.series):
        yield _dot(x + 4, top - LEGEND, place)
        yield label(x + 12, top - LEGEND + 4, name, size=10)
        x += 18 + 5.6 * len(name)
    step = next((step for step in STEPS if (high - low) / step <= MOST_STEPS), 0.5)
    for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        x = across(number * step)
        yield line((x, top), (x, bottom), colour=GRID if number else AXIS)
        yield label(x, bottom + 13, f"{number * step:g}", anchor="middle", size=10)
    if panel.reference is not None:
        name, value = panel.reference
        yield line((across(value), top - 3), (across(value), bottom), colour=TRUTH, width=1.4, is_dashed=True)
        yield label(across(value), top - 7, name, anchor="middle", size=10, colour=TRUTH)
    rows_with_marks = {mark.row for mark in panel.marks}
    for number in range(num_rows):
        if number not in rows_with_marks:
            yield label(left + PANEL + 8, top + (number + 0.5) * ROW + 4, "-", size=10, colour=QUIET)
    for mark in panel.marks:
        shift = 0.0 if len(panel.series) < 2 else (-3.5, 3.5)[mark.series]
        y = top + (mark.row + 0.5) * ROW + shift
        if not math.isnan(mark.low):
            yield line((across(mark.low), y), (across(mark.high), y), colour=COLOURS[mark.series], width=2)
        yield _dot(across(mark.estimate), y, mark.series)
        if mark.series == 0:
            yield label(left + PANEL + 8, y - shift + 4, plain(mark.estimate), size=10, colour=INK)


def _dot(x: float, y: float, series: int) -> str:
    return (circle, diamond)[series](x, y, 3.6, colour=COLOURS[series])
