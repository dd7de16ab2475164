"""How far annotators agree, question by question: each coefficient with its interval."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from emogap.reporting.figures.svg import INK, circle, document, label, line

__all__ = ["CoefficientMark", "agreement_figure", "agreement_floor"]

COLOUR, QUIET = "#1f5fa8", "#9aa5b1"
WIDTH, LEFT, RIGHT, TOP = 520.0, 160.0, 150.0, 30.0
ROW, HEADING, AXIS, GAP = 18.0, 24.0, 30.0, 12.0


@dataclass(frozen=True, slots=True)
class CoefficientMark:
    """One dot on its interval; at most 1, NaN = undefined or without an interval."""

    name: str
    estimate: float
    low: float
    high: float


def agreement_floor(values: Iterable[float]) -> float:
    """Where an axis of agreement up to 1 begins: at 0, or at the next fifth below negative values, but not below -1.

    Parameters
    ----------
    values : iterable of float
        Estimates and lower limits; NaN is passed over.

    Examples
    --------
    >>> agreement_floor([0.5, 0.2]), agreement_floor([0.5, -0.25]), agreement_floor([-3.0])
    (0.0, -0.4, -1.0)
    """
    known = [value for value in values if not math.isnan(value)]
    return max(-1.0, min(0.0, math.floor(5 * min(known, default=0.0)) / 5))


def agreement_figure(questions: Mapping[str, Sequence[CoefficientMark]], *, title: str) -> str:
    """Coefficients with their intervals, one panel per question; an SVG document.

    Parameters
    ----------
    questions : mapping from question to sequence of CoefficientMark
        At least one question. An undefined coefficient keeps its line and has no dot.
    title : str
        Such as the name of the file.
    """
    low = agreement_floor(end for marks in questions.values() for mark in marks for end in (mark.estimate, mark.low))
    parts, top = [label(10, 18, title, bold=True, size=13)], TOP
    for question, marks in questions.items():
        bottom = top + HEADING + ROW * len(marks)
        parts.append(label(10, top + 15, question, bold=True, size=11.5))
        parts += _axis(low, top + HEADING, bottom)
        for number, mark in enumerate(marks):
            parts += _mark(mark, low, top + HEADING + (number + 0.5) * ROW)
        top = bottom + AXIS + GAP
    return document(WIDTH, top, parts, title=f"{title}: agreement with 95 % intervals over items")


def _across(value: float, low: float) -> float:
    return LEFT + (max(value, low) - low) / (1 - low) * (WIDTH - LEFT - RIGHT)


def _axis(low: float, top: float, bottom: float) -> Iterator[str]:
    for fifth in range(round(5 * low), 6):
        x = _across(fifth / 5, low)
        yield line((x, top), (x, bottom), colour="#dde3ea" if fifth else QUIET)
        yield label(x, bottom + 13, f"{fifth / 5:g}", anchor="middle", size=10)
    yield label((LEFT + WIDTH - RIGHT) / 2, bottom + 27, "agreement", anchor="middle", size=10.5)


def _mark(mark: CoefficientMark, low: float, y: float) -> Iterator[str]:
    yield label(LEFT - 8, y + 4, mark.name, anchor="end", size=11, colour=INK)
    if math.isnan(mark.estimate):
        yield label(WIDTH - RIGHT + 10, y + 4, "undefined", size=10.5)
        return
    text = f"{mark.estimate:.2f}"
    if not math.isnan(mark.low):
        yield line((_across(mark.low, low), y), (_across(mark.high, low), y), colour=COLOUR, width=2)
        text += f" [{mark.low:.2f}, {mark.high:.2f}]"
    yield circle(_across(mark.estimate, low), y, 4, colour=COLOUR)
    yield label(WIDTH - RIGHT + 10, y + 4, text, size=10.5)
