"""Correlations as a map: measures by labels, views side by side; what is not found is grey, every value is printed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emogap.reporting.figures.confusion import short_name
from emogap.reporting.figures.svg import INK, circle, document, label, rectangle, text_room
from emogap.reporting.numbers import signed

__all__ = ["MapBlock", "MapCell", "correlation_map"]

POSITIVE, NEGATIVE = "#b8500f", "#1f5fa8"
EMPTY, QUIET = "#eef1f4", "#77838f"
LEFT, TITLE, HEADINGS, NOTE = 214.0, 34.0, 54.0, 16.0
CELL, ROW, BLOCK_GAP, GROUP_GAP, RIGHT = 47.0, 21.0, 26.0, 7.0, 12.0
TITLE_WIDTH = 7.4
"""Of a letter of a block's title."""

STRONG = 0.5
"""A coefficient of this size has the full colour."""


@dataclass(frozen=True, slots=True)
class MapCell:
    """A coefficient; NaN = not given. Found over people, and found over people and stimuli too."""

    value: float
    is_found: bool = False
    is_found_two_way: bool = False


@dataclass(frozen=True, slots=True)
class MapBlock:
    """One view.

    Attributes
    ----------
    title : str
    groups : tuple of (str, tuple of str)
        Names of the columns under their headings.
    rows : tuple of tuples of MapCell
        A row for each measure, as long as all columns together.
    """

    title: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    rows: tuple[tuple[MapCell, ...], ...]


def correlation_map(
    measures: Sequence[tuple[str, str]], blocks: Sequence[MapBlock], *, title: str, notes: Sequence[str] = ()
) -> str:
    """Blocks side by side that share their rows; an SVG document.

    Parameters
    ----------
    measures : sequence of (group, name)
        One for each row; a group is named once.
    blocks : sequence of MapBlock
    title : str
    notes : sequence of str
        Printed below.
    """
    top = TITLE + HEADINGS
    bottom = top + ROW * len(measures)
    parts = [label(10, 19, title, bold=True, size=13)]
    x = LEFT
    for block in blocks:
        parts += _block(block, x, top)
        x += _width(block) + BLOCK_GAP
    parts += _names(measures, top)
    for number, note in enumerate(notes):
        parts.append(label(10, bottom + (number + 1) * NOTE + 6, note, size=10.5, colour=QUIET))
    rest = 10 + max((text_room(note, size=10.5) for note in notes), default=0.0)
    width = max(x - BLOCK_GAP + RIGHT, 10 + text_room(title, size=13, bold=True), rest)
    return document(width, bottom + NOTE * len(notes) + 14, parts, title=title)


def _width(block: MapBlock) -> float:
    columns = CELL * sum(len(names) for _, names in block.groups) + GROUP_GAP * (len(block.groups) - 1)
    return max(columns, TITLE_WIDTH * len(block.title))


def _names(measures: Sequence[tuple[str, str]], top: float) -> Iterator[str]:
    before = ""
    for number, (group, name) in enumerate(measures):
        y = top + (number + 0.5) * ROW + 4
        if group != before:
            yield label(10, y, group, size=11)
        before = group
        yield label(LEFT - 10, y, name, anchor="end", size=10.5, colour=QUIET)


def _block(block: MapBlock, left: float, top: float) -> Iterator[str]:
    yield label(left, top - 38, block.title, bold=True, size=12)
    column, x = 0, left
    for group, names in block.groups:
        yield label(x, top - 21, group, size=10, colour=QUIET)
        for name in names:
            yield label(x + CELL / 2, top - 6, short_name(name, CELL), anchor="middle", size=10)
            for number, row in enumerate(block.rows):
                yield from _cell(row[column], x, top + number * ROW)
            column += 1
            x += CELL
        x += GROUP_GAP


def _cell(cell: MapCell, x: float, y: float) -> Iterator[str]:
    yield rectangle(x + 1, y + 1, CELL - 2, ROW - 2, colour=EMPTY)
    middle, baseline = x + CELL / 2, y + ROW / 2 + 4
    if math.isnan(cell.value):
        yield label(middle, baseline, "-", anchor="middle", size=10.5, colour=QUIET)
        return
    ink, is_dark = QUIET, False
    if cell.is_found:
        colour = POSITIVE if cell.value > 0 else NEGATIVE
        strength = 0.15 + 0.85 * min(1.0, abs(cell.value) / STRONG)
        is_dark = strength > 0.55
        yield rectangle(x + 1, y + 1, CELL - 2, ROW - 2, colour=colour, opacity=strength)
        ink = "#ffffff" if is_dark else INK
    yield label(middle, baseline, signed(cell.value), anchor="middle", size=10.5, colour=ink, bold=cell.is_found)
    if cell.is_found_two_way:
        yield circle(x + CELL - 6, y + 6, 2.6, colour="#ffffff" if is_dark else INK)
