"""How reliable every annotator is, question by question: a dot on a line from 0."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from emogap.counted_nouns import counted
from emogap.reporting.figures.svg import INK, circle, document, label, line

__all__ = ["AnnotatorMark", "reliability_figure"]

PERSON_COLOUR, MACHINE_COLOUR, QUIET = "#1f5fa8", "#b8500f", "#9aa5b1"
"""Told apart by lightness too, and in either common kind of colour blindness."""

WIDTH, LEFT, RIGHT, TOP = 460.0, 150.0, 96.0, 30.0
ROW, HEADING, AXIS, GAP = 17.0, 24.0, 30.0, 12.0

MOST_NAMED = 40
"""With more annotators a question shows them without names, ranked, in the height of so many."""

LONGEST_NAME = 22


@dataclass(frozen=True, slots=True)
class AnnotatorMark:
    """One dot; reliability at most 1, NaN = not known. `is_machine` decides its colour."""

    name: str
    reliability: float
    num_rated: int
    is_machine: bool = False


def reliability_figure(questions: Mapping[str, Sequence[AnnotatorMark]], *, title: str) -> str:
    """Annotators by descending reliability, one panel per question; an SVG document.

    Parameters
    ----------
    questions : mapping from question to sequence of AnnotatorMark
        At least one question. Annotators whose reliability is not known come last and have no dot.
    title : str
        Such as the name of the method.
    """
    known = [mark.reliability for marks in questions.values() for mark in marks if not math.isnan(mark.reliability)]
    # Kappa can be negative: then the axis begins lower.
    low = min(0.0, math.floor(10 * min(known, default=0.0)) / 10)
    parts, top = [label(10, 18, title, bold=True, size=13)], TOP
    for question, marks in questions.items():
        ranked = sorted(marks, key=lambda mark: (math.isnan(mark.reliability), -mark.reliability, mark.name))
        row = ROW * min(1.0, MOST_NAMED / max(len(ranked), 1))
        bottom = top + HEADING + row * len(ranked)
        parts.append(label(10, top + 15, f"{question} ({counted(len(ranked), 'annotator')})", bold=True, size=11.5))
        parts += _axis(low, top + HEADING, bottom)
        for number, mark in enumerate(ranked):
            parts += _mark(mark, low, top + HEADING + (number + 0.5) * row, is_named=len(ranked) <= MOST_NAMED)
        top = bottom + AXIS + GAP
    return document(WIDTH, top, parts, title=f"{title}: reliability of every annotator")


def _across(value: float, low: float) -> float:
    return LEFT + (value - low) / (1 - low) * (WIDTH - LEFT - RIGHT)


def _axis(low: float, top: float, bottom: float) -> Iterator[str]:
    for tenth in range(round(10 * low), 11):
        if tenth % 2 == 0:
            x = _across(tenth / 10, low)
            yield line((x, top), (x, bottom), colour="#dde3ea" if tenth else QUIET)
            yield label(x, bottom + 13, f"{tenth / 10:g}", anchor="middle", size=10)
    yield label((LEFT + WIDTH - RIGHT) / 2, bottom + 27, "reliability", anchor="middle", size=10.5)


def _mark(mark: AnnotatorMark, low: float, y: float, *, is_named: bool) -> Iterator[str]:
    colour = MACHINE_COLOUR if mark.is_machine else PERSON_COLOUR
    if not math.isnan(mark.reliability):
        x = _across(mark.reliability, low)
        if is_named:
            yield line((_across(0, low), y), (x, y), colour=colour, width=1.6)
        yield circle(x, y, 4 if is_named else 2, colour=colour)
    if is_named:
        short = mark.name if len(mark.name) <= LONGEST_NAME else mark.name[: LONGEST_NAME - 3] + "..."
        value = "unknown" if math.isnan(mark.reliability) else f"{mark.reliability:.2f}"
        yield label(LEFT - 8, y + 4, short, anchor="end", size=11, colour=INK)
        yield label(WIDTH - RIGHT + 10, y + 4, f"{value}, {mark.num_rated} rated", size=10.5)
