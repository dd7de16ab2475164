"""Gaze, pupil and events along time: as measured, with what cleaning changed in another colour."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.reporting.figures.svg import document, label, line, polyline, rectangle
from emogap.types import StimulusInterval

__all__ = ["TraceRow", "time_ticks", "trace_figure"]

LEFT, TOP, WIDTH, HIGH, GAP, STRIP = 92.0, 66.0, 800.0, 92.0, 16.0, 15.0
GREY, GRID, MEASURED, ALTERED = "#5b6875", "#e3e7eb", "#1f5fa8", "#c2410c"
EVENTS = {"fixation": "#4f7318", "saccade": "#7a5c00", "blink": "#a3157a", "loss": "#b03a2e"}
STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
MOST_TICKS = 11
LEAST_APART = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class TraceRow:
    """One signal as the lowest and highest value of equal cells of time; NaN = none.

    `start_s` and `step_s` say where the cells lie; the altered values are those that cleaning put in.
    """

    name: str
    unit: str
    start_s: float
    step_s: float
    low: Float[ndarray, " C"]
    high: Float[ndarray, " C"]
    altered_low: Float[ndarray, " C"]
    altered_high: Float[ndarray, " C"]


def trace_figure(
    rows: Sequence[TraceRow],
    intervals: Mapping[str, Float[ndarray, "N 2"]],
    *,
    stimuli: Sequence[StimulusInterval],
    from_s: float,
    to_s: float,
    title: str,
    note: str = "",
    time_name: str = "time (s)",
) -> str:
    """One panel per signal, a strip per kind of event, one axis of time; an SVG document.

    Parameters
    ----------
    rows : sequence of TraceRow
    intervals : mapping from fixation, saccade, blink, loss to float64 array, shape (N, 2)
        Onset and offset in s.
    stimuli : sequence of StimulusInterval
        Shaded, with their names.
    from_s, to_s : float
    title, note, time_name : str
    """
    span = (from_s, to_s)
    bottom = TOP + len(rows) * (HIGH + GAP) + len(intervals) * STRIP
    parts = [label(LEFT, 18, title, bold=True, size=13), label(LEFT, 36, note, size=10.5, colour=GREY), *_key()]
    for stimulus in stimuli:
        parts += _shade(stimulus, span, bottom)
    step = next((step for step in STEPS_S if (to_s - from_s) / step <= MOST_TICKS), STEPS_S[-1])
    ticks = time_ticks(from_s, to_s, step)
    for tick in ticks:
        parts.append(line((_across(tick, span), TOP), (_across(tick, span), bottom), colour=GRID))
    for number, row in enumerate(rows):
        parts += _panel(row, TOP + number * (HIGH + GAP), span)
    for number, (kind, each) in enumerate(intervals.items()):
        parts += _strip(kind, each, TOP + len(rows) * (HIGH + GAP) + number * STRIP, span)
    for tick in ticks:
        parts.append(label(_across(tick, span), bottom + 16, f"{tick:g}", anchor="middle", size=10.5))
    parts.append(label(LEFT + WIDTH / 2, bottom + 34, time_name, anchor="middle", size=11))
    return document(LEFT + WIDTH + 18, bottom + 44, parts, title=title)


def time_ticks(from_s: float, to_s: float, step_s: float) -> list[float]:
    """Multiples of `step_s` within the window.

    Examples
    --------
    >>> time_ticks(0.4, 2.0, 0.5)
    [0.5, 1.0, 1.5, 2.0]
    """
    first, last = math.ceil(from_s / step_s - 1e-9), math.floor(to_s / step_s + 1e-9)
    return [round(number * step_s, 6) for number in range(first, last + 1)]


def _across(time_s: float, span: tuple[float, float]) -> float:
    return LEFT + (min(max(time_s, span[0]), span[1]) - span[0]) / (span[1] - span[0]) * WIDTH


def _key() -> Iterator[str]:
    x = LEFT + WIDTH - 172
    for name, colour, place in (("measured", MEASURED, x), ("altered by cleaning", ALTERED, x + 68)):
        yield line((place - 16, 14), (place - 3, 14), colour=colour, width=2.2)
        yield label(place, 18, name, size=10.5)


def _shade(stimulus: StimulusInterval, span: tuple[float, float], bottom: float) -> Iterator[str]:
    left, right = _across(stimulus.onset_s, span), _across(stimulus.offset_s, span)
    if right - left < 0.5:
        return
    yield rectangle(left, TOP - 14, right - left, bottom - TOP + 14, colour="#eef2f6")
    if right - left > 7 * len(stimulus.stimulus_id):
        yield label(left + 4, TOP - 4, stimulus.stimulus_id, size=10, colour=GREY)


def _panel(row: TraceRow, top: float, span: tuple[float, float]) -> Iterator[str]:
    seen = np.concatenate([row.low, row.high, row.altered_low, row.altered_high])
    seen = seen[np.isfinite(seen)]
    yield line((LEFT, top + HIGH), (LEFT + WIDTH, top + HIGH), colour=GREY)
    yield label(8, top + HIGH / 2 - 3, row.name, size=11.5, bold=True)
    yield label(8, top + HIGH / 2 + 12, row.unit, size=10.5, colour=GREY)
    if not len(seen):
        yield label(LEFT + WIDTH / 2, top + HIGH / 2, "nothing was measured", anchor="middle", size=10.5, colour=GREY)
        return
    low, high = float(seen.min()), float(seen.max())
    middle, half = (low + high) / 2, max((high - low) / 2, 1e-6) * 1.06

    def up(value: float) -> float:
        return top + HIGH * (0.5 - (value - middle) / (2 * half))

    for value in (low, high):
        yield label(LEFT - 6, up(value) + 4, f"{value:.3g}", anchor="end", size=10)
        yield line((LEFT - 4, up(value)), (LEFT, up(value)), colour=GREY)
    for lows, highs, colour in ((row.low, row.high, MEASURED), (row.altered_low, row.altered_high, ALTERED)):
        for first, stop in _stretches(np.isfinite(lows)):
            points: list[tuple[float, float]] = []
            for cell in range(first, stop):
                x = _across(row.start_s + (cell + 0.5) * row.step_s, span)
                points += [(x, up(float(lows[cell])))]
                if highs[cell] > lows[cell]:
                    points += [(x, up(float(highs[cell])))]
            if len(points) == 1:
                points.append((points[0][0] + 0.8, points[0][1]))
            yield polyline(points, colour=colour, width=1.2)


def _stretches(known: ndarray) -> list[tuple[int, int]]:
    """First and one past the last place of every run of True."""
    edges = np.flatnonzero(np.diff(np.r_[False, known, False].astype(np.int8)))
    return [(int(first), int(stop)) for first, stop in edges.reshape(-1, 2)]


def _strip(kind: str, intervals: Float[ndarray, "N 2"], top: float, span: tuple[float, float]) -> Iterator[str]:
    inside = intervals[(intervals[:, 1] > span[0]) & (intervals[:, 0] < span[1])]
    yield label(8, top + 11, f"{kind}", size=10.5, colour=EVENTS[kind], bold=True)
    yield label(LEFT - 6, top + 11, f"{len(inside)}", anchor="end", size=10)
    drawn: list[tuple[float, float]] = []
    for onset_s, offset_s in inside.tolist():
        left, right = _across(onset_s, span), max(_across(offset_s, span), _across(onset_s, span) + 0.8)
        # Events that a reader could not tell apart are one box: two hours hold twenty thousand of them.
        if drawn and left - drawn[-1][1] < LEAST_APART:
            drawn[-1] = (drawn[-1][0], max(drawn[-1][1], right))
        else:
            drawn.append((left, right))
    for left, right in drawn:
        yield rectangle(left, top + 2, right - left, STRIP - 4, colour=EVENTS[kind])
    yield line((LEFT, top + STRIP), (LEFT + WIDTH, top + STRIP), colour=GRID)
