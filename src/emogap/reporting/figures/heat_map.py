"""Scores on a grid of two options, the darker the higher."""

from collections.abc import Sequence

from emogap.reporting.figures.svg import INK, document, label, rectangle, text_room
from emogap.reporting.numbers import plain, short

__all__ = ["heat_map"]

LEFT, TOP, WIDE, HIGH = 96.0, 64.0, 84.0, 46.0
GREY = "#5b6875"
REAL, SIMULATED = "#1f6f8b", "#b03a8c"
"""Colours of a full cell: of real people, and of simulated ones."""


def heat_map(
    values: Sequence[Sequence[float | None]],
    *,
    intervals: Sequence[Sequence[tuple[float | None, float | None]]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    title: str,
    is_simulated: bool,
) -> str:
    """One cell for each pair of options, with its value and interval; an SVG document.

    Parameters
    ----------
    values : R rows of C numbers or None
        None = not computed; the cell stays empty.
    intervals : R rows of C pairs (low, high)
    row_labels, column_labels : sequences of str
        R and C of them.
    title : str
    is_simulated : bool
        Whether the people are; the colour and the second line say so.

    Notes
    -----
    The shade runs linearly from the least to the greatest value of the grid: it shows where the best is, and not how
    much better it is. That is what the numbers and intervals are for.
    """
    known = [value for row in values for value in row if value is not None]
    low, span = (min(known), max(known) - min(known)) if known else (0.0, 0.0)
    colour = SIMULATED if is_simulated else REAL
    said = f"{'SIMULATED people; ' if is_simulated else ''}95 % intervals in brackets"
    parts = [
        label(LEFT, 14, title, bold=True, size=13),
        label(LEFT, 30, said, size=10.5, colour=GREY),
    ]
    parts += [
        label(LEFT + (column + 0.5) * WIDE, TOP - 8, text, anchor="middle", size=10.5)
        for column, text in enumerate(column_labels)
    ]
    for row, (text, numbers, limits) in enumerate(zip(row_labels, values, intervals, strict=True)):
        y = TOP + row * HIGH
        parts.append(label(LEFT - 7, y + HIGH / 2 + 4, text, anchor="end", size=10.5))
        for column, (value, (least, most)) in enumerate(zip(numbers, limits, strict=True)):
            share = (value - low) / span if value is not None and span else 0.0
            parts += _cell(LEFT + column * WIDE, y, value, least, most, share=share, colour=colour)
    texts = max(text_room(title, size=13, bold=True), text_room(said, size=10.5))
    width = LEFT + max(len(column_labels) * WIDE, texts) + 4
    return document(width, TOP + len(row_labels) * HIGH + 4, parts, title=title)


def _cell(
    x: float, y: float, value: float | None, low: float | None, high: float | None, *, share: float, colour: str
) -> list[str]:
    ink = "#ffffff" if share > 0.6 else INK
    parts = [
        rectangle(x + 1, y + 1, WIDE - 2, HIGH - 2, colour="#e9edf1"),
        rectangle(x + 1, y + 1, WIDE - 2, HIGH - 2, colour=colour, opacity=share),
        label(x + WIDE / 2, y + HIGH / 2, plain(value, digits=3), anchor="middle", size=13, colour=ink),
    ]
    if low is not None and high is not None:
        limits = f"[{short(low)} {short(high)}]"
        parts.append(label(x + WIDE / 2, y + HIGH / 2 + 14, limits, anchor="middle", size=9.5, colour=ink))
    return parts
