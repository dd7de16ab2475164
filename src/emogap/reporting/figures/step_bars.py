"""Numbers of every step of every stream: a row of bars for each question, a column for each stream."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.reporting.figures.svg import document, label, line, rectangle

__all__ = ["StepRow", "step_bars"]

COLOURS = ("#1f5fa8", "#b8500f", "#1f7a5c")
GREY, AXIS, CONTROL = "#5b6875", "#9aa5b1", "#3d4752"
LEFT, WIDTH, GAP, TOP, HIGH, ROW, FOOT = 66.0, 690.0, 18.0, 74.0, 70.0, 108.0, 18.0


@dataclass(frozen=True, slots=True, eq=False)
class StepRow:
    """One number per step of all streams in order; `control` is the same of networks with random weights."""

    title: str
    values: Float[ndarray, " S"]
    control: Float[ndarray, " S"]


def step_bars(rows: Sequence[StepRow], *, streams: Mapping[str, int], title: str, explanation: str) -> str:
    """Bars from zero for each step, and a dark tick where the control is; an SVG document.

    Parameters
    ----------
    rows : sequence of StepRow
        Each with a scale of its own, whose end is printed; NaN = no clip has the step.
    streams : mapping from name to number of steps
        In the order of the values.
    title, explanation : str
    """
    parts = [
        label(10, 20, title, bold=True, size=13),
        label(10, 38, explanation, size=10.5, colour=GREY),
    ]
    places = _places(streams)
    for (name, steps), x in zip(streams.items(), places, strict=True):
        parts.append(label(x[0], TOP - 16, f"{name}, {counted(steps, 'step')} in time", size=11, bold=True))
    for number, row in enumerate(rows):
        parts += _row(row, TOP + number * ROW, places, colour=COLOURS[number % len(COLOURS)])
    return document(LEFT + WIDTH + 12, TOP + len(rows) * ROW + FOOT, parts, title=title)


def _places(streams: Mapping[str, int]) -> list[Float[ndarray, " T"]]:
    """Left edge of every step; streams lie side by side, each as wide as the others."""
    wide = (WIDTH - GAP * (len(streams) - 1)) / len(streams)
    return [
        LEFT + number * (wide + GAP) + np.arange(steps) * wide / steps for number, steps in enumerate(streams.values())
    ]


def _row(row: StepRow, top: float, places: Sequence[Float[ndarray, " T"]], *, colour: str) -> Iterator[str]:
    known = np.concatenate([row.values, row.control])
    known = known[np.isfinite(known)]
    most = float(np.abs(known).max()) if len(known) else 0.0
    has_negative = bool((known < 0).any())
    zero = top + 14 + (HIGH / 2 if has_negative else HIGH)
    scale = (HIGH / 2 if has_negative else HIGH) / most if most > 0 else 0.0
    yield label(10, top + 8, row.title, size=11, colour=colour, bold=True)
    for value in (most, 0.0, -most) if has_negative else (most, 0.0):
        yield label(LEFT - 6, zero - value * scale + 4, f"{value:.2g}", anchor="end", size=9.5, colour=GREY)
    at = 0
    for left in places:
        wide = float(left[1] - left[0]) if len(left) > 1 else 20.0
        yield line((float(left[0]), zero), (float(left[-1]) + wide, zero), colour=AXIS, width=0.8)
        for x in left.tolist():
            value, control = float(row.values[at]), float(row.control[at])
            if np.isfinite(value):
                yield rectangle(
                    x + 0.1 * wide, zero - max(value, 0) * scale, 0.8 * wide, abs(value) * scale, colour=colour
                )
            if np.isfinite(control):
                y = zero - control * scale
                yield line((x + 0.1 * wide, y), (x + 0.9 * wide, y), colour=CONTROL, width=1.4)
            at += 1
