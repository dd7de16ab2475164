"""The gap by group, with intervals, and over people, as a distribution that names nobody."""

from collections.abc import Sequence

from emogap.reporting.figures.confusion import short_name
from emogap.reporting.figures.svg import circle, document, label, line, rectangle, text_room

__all__ = ["gap_by_group", "gap_over_people"]

COLOUR, PALE = "#c8553d", "#5b6875"
WIDTH, LEFT, RIGHT, TOP, ROW = 520.0, 132.0, 16.0, 44.0, 20.0
BINS = 10


def gap_by_group(
    rows: Sequence[tuple[str, float, float, float]], *, overall: float, counted: str = "people", title: str
) -> str:
    """Gap and interval of each group, in the order given; a dashed line at the gap of all; an SVG document.

    Parameters
    ----------
    rows : sequence of (name, estimate, low, high)
        In [0, 1]; NaN limits are not drawn.
    overall : float
    counted : str
        What the intervals are over.
    title : str
    """
    bottom = TOP + len(rows) * ROW

    def across(value: float) -> float:
        return LEFT + value * (WIDTH - LEFT - RIGHT)

    parts = [label(8, 16, title, bold=True, size=13)]
    parts.append(line((across(overall), TOP - 6), (across(overall), bottom), colour=PALE, is_dashed=True))
    parts.append(
        label(across(overall), TOP - 10, f"all {100 * overall:.0f} %", anchor="middle", size=10.5, colour=PALE)
    )
    for position, (name, estimate, low, high) in enumerate(rows):
        y = TOP + (position + 0.5) * ROW
        parts.append(label(LEFT - 8, y + 4, short_name(name, LEFT - 8), anchor="end", size=11))
        if low == low and high == high:
            parts.append(line((across(low), y), (across(high), y), colour=COLOUR, width=2))
        parts.append(circle(across(estimate), y, 3.6, colour=COLOUR))
    parts += _share_axis(bottom, f"share of clips in which felt and shown differ (95 % interval over {counted})")
    return document(max(WIDTH, 16 + text_room(title, size=13, bold=True)), bottom + 40, parts, title=title)


def gap_over_people(values: Sequence[float], *, title: str) -> str:
    """How many participants have which gap; no participant is named or put in order; an SVG document.

    Parameters
    ----------
    values : sequence of float
        Gap of each participant in [0, 1].
    title : str
    """
    counts = [0] * BINS
    for value in values:
        counts[min(int(value * BINS), BINS - 1)] += 1
    bottom, most = TOP + 150.0, max(counts)
    step = (WIDTH - LEFT - RIGHT) / BINS
    parts = [label(8, 16, title, bold=True, size=13), label(LEFT - 8, TOP + 6, "participants", anchor="end", size=11)]
    for number, count in enumerate(counts):
        tall = count / most * 132
        parts.append(rectangle(LEFT + number * step + 1, bottom - tall, step - 2, tall, colour=COLOUR, opacity=0.8))
        if count:
            x = LEFT + (number + 0.5) * step
            parts.append(label(x, bottom - tall - 4, str(count), anchor="middle", size=10.5))
    parts += _share_axis(bottom, "share of a participant's clips in which felt and shown differ")
    return document(max(WIDTH, 16 + text_room(title, size=13, bold=True)), bottom + 40, parts, title=title)


def _share_axis(bottom: float, title: str) -> list[str]:
    parts = [line((LEFT, bottom), (WIDTH - RIGHT, bottom), colour=PALE)]
    for tick in range(0, 101, 20):
        x = LEFT + tick / 100 * (WIDTH - LEFT - RIGHT)
        parts.append(line((x, bottom), (x, bottom + 4), colour=PALE))
        parts.append(label(x, bottom + 16, f"{tick} %", anchor="middle", size=10.5))
    parts.append(label((LEFT + WIDTH - RIGHT) / 2, bottom + 32, title, anchor="middle", size=11))
    return parts
