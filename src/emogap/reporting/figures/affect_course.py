"""Values told along a recording: a panel each, with the interval of the seeds."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from emogap.reporting.figures.svg import circle, document, label, line, polygon

__all__ = ["CoursePanel", "affect_course"]

COLOUR = "#1f5fa8"
AXIS = "#5b6875"
GRID = "#d5dbe1"

WIDTH, HEIGHT = 660.0, 110.0
LEFT, TOP, GAP, BELOW = 70.0, 44.0, 26.0, 44.0
MOST_TICKS = 8
STEPS_S = (5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)


@dataclass(frozen=True, slots=True)
class CoursePanel:
    """One value over time; NaN = nothing told, or no interval."""

    name: str
    told: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def affect_course(
    panels: Sequence[CoursePanel], time_s: Sequence[float], *, limits: tuple[float, float], title: str
) -> str:
    """One panel below the other over a common time; an SVG document. A gap in the line is a window without gaze."""
    height = TOP + len(panels) * (HEIGHT + GAP) + BELOW
    span = min(time_s), max(max(time_s), min(time_s) + 1.0)
    parts = [label(LEFT, 20, title, size=13, bold=True)]
    for place, panel in enumerate(panels):
        parts += _panel(panel, time_s, TOP + place * (HEIGHT + GAP), span, limits)
    bottom = TOP + len(panels) * (HEIGHT + GAP) - GAP
    step = next((step for step in STEPS_S if (span[1] - span[0]) / step <= MOST_TICKS), STEPS_S[-1])
    for tick in range(math.ceil(span[0] / step) * step, math.floor(span[1]) + 1, step):
        x = _across(tick, span)
        parts += [line((x, bottom), (x, bottom + 4), colour=AXIS)]
        parts += [label(x, bottom + 16, f"{tick}", anchor="middle", size=10.5)]
    parts.append(label(LEFT + WIDTH / 2, bottom + 34, "end of the window (s)", anchor="middle", size=11))
    return document(LEFT + WIDTH + 20, height, parts, title=title)


def _panel(
    panel: CoursePanel, time_s: Sequence[float], top: float, span: tuple[float, float], limits: tuple[float, float]
) -> Iterator[str]:
    yield label(LEFT, top - 6, panel.name, size=11.5, bold=True)
    for value in (limits[0], sum(limits) / 2, limits[1]):
        y = _up(value, top, limits)
        yield line((LEFT, y), (LEFT + WIDTH, y), colour=GRID)
        yield label(LEFT - 6, y + 4, f"{value:g}", anchor="end", size=10.5)
    for stretch in _stretches(panel.told):
        points = [(_across(time_s[i], span), _up(panel.told[i], top, limits)) for i in stretch]
        if all(math.isfinite(panel.low[i]) for i in stretch):
            upper = [(_across(time_s[i], span), _up(panel.high[i], top, limits)) for i in stretch]
            lower = [(_across(time_s[i], span), _up(panel.low[i], top, limits)) for i in reversed(stretch)]
            yield polygon([*upper, *lower], colour=COLOUR, opacity=0.2, outline=0)
        for start, stop in pairwise(points):
            yield line(start, stop, colour=COLOUR, width=1.8)
        for x, y in points:
            yield circle(x, y, 2.2, colour=COLOUR)


def _stretches(told: Sequence[float]) -> list[list[int]]:
    """Places of values that follow each other without a gap."""
    stretches: list[list[int]] = [[]]
    for place, value in enumerate(told):
        if math.isfinite(value):
            stretches[-1].append(place)
        elif stretches[-1]:
            stretches.append([])
    return [stretch for stretch in stretches if stretch]


def _across(time_s: float, span: tuple[float, float]) -> float:
    return LEFT + (time_s - span[0]) / (span[1] - span[0]) * WIDTH


def _up(value: float, top: float, limits: tuple[float, float]) -> float:
    return top + (limits[1] - value) / (limits[1] - limits[0]) * HEIGHT
