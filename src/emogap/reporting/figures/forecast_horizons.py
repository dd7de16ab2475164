"""How good forecasts are, the further they reach: a panel per data set, a line per forecast."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from emogap.reporting.figures.svg import circle, diamond, document, label, line, polygon, rectangle

__all__ = ["ForecastPanel", "HorizonLine", "forecast_horizons"]

COLOURS = ("#1f5fa8", "#b8500f", "#5b6875")
"""First, second and third forecast; told apart by the mark too."""

AXIS, GRID = "#5b6875", "#d5dbe1"
LEFT, TOP, PANEL_WIDTH, PANEL_HEIGHT, GAP, BELOW = 48.0, 78.0, 230.0, 170.0, 26.0, 46.0
LEGEND_GAP, LETTER = 36.0, 6.4
STEPS_S = (0.25, 0.5, 1.0, 2.0, 5.0)
MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class HorizonLine:
    """One forecast of one panel: its score at each `time_s`, with limits; NaN limits = no interval."""

    forecast: str
    time_s: Sequence[float]
    estimate: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True, slots=True)
class ForecastPanel:
    """One data set; its lines stand in the same order in every panel, at most three."""

    title: str
    end_s: float
    lines: tuple[HorizonLine, ...]


def forecast_horizons(panels: Sequence[ForecastPanel], *, limits: tuple[float, float], title: str) -> str:
    """Panels beside each other; an SVG document.

    Parameters
    ----------
    panels : sequence of ForecastPanel
        The interval of the first line of each is drawn as a band.
    limits : (float, float)
        Ends of the vertical axis, multiples of 0.2; what lies beyond is drawn at the end.
    title : str
    """
    width = LEFT + len(panels) * (PANEL_WIDTH + GAP)
    parts = [label(LEFT, 20, title, size=13, bold=True)]
    x = LEFT + 5
    for place, name in enumerate(dict.fromkeys(each.forecast for panel in panels for each in panel.lines)):
        parts += [*_mark(x, 38, place), label(x + 12, 42, name)]
        x += LEGEND_GAP + LETTER * len(name)
    for place, panel in enumerate(panels):
        parts += _panel(panel, LEFT + place * (PANEL_WIDTH + GAP), limits, is_first=place == 0)
    middle = LEFT + (width - LEFT - GAP) / 2
    bottom = TOP + PANEL_HEIGHT + BELOW
    parts.append(label(middle, bottom - 10, "time from the end of the past (s)", anchor="middle"))
    return document(width, bottom, parts, title=title)


def _panel(panel: ForecastPanel, left: float, limits: tuple[float, float], *, is_first: bool) -> Iterator[str]:
    low, high = limits
    bottom = TOP + PANEL_HEIGHT

    def at(time_s: float, value: float) -> tuple[float, float]:
        height = (min(max(value, low), high) - low) / (high - low)
        return left + time_s / panel.end_s * PANEL_WIDTH, bottom - height * PANEL_HEIGHT

    yield label(left, TOP - 10, panel.title, size=11.5, bold=True)
    for number in range(round(low / 0.2), round(high / 0.2) + 1):
        y = at(0, 0.2 * number)[1]
        yield line((left, y), (left + PANEL_WIDTH, y), colour=GRID if number else AXIS)
        if is_first:
            yield label(left - 6, y + 4, f"{0.2 * number:.1f}", anchor="end", size=10.5)
    step = next((step for step in STEPS_S if panel.end_s / step <= MOST_TICKS), STEPS_S[-1])
    for number in range(math.floor(panel.end_s / step + 1e-9) + 1):
        x = at(number * step, low)[0]
        yield line((x, bottom), (x, bottom + 4), colour=AXIS)
        yield label(x, bottom + 16, f"{number * step:g}", anchor="middle", size=10.5)
    first = panel.lines[0]
    if not any(math.isnan(value) for value in (*first.low, *first.high)):
        upper = [at(x, y) for x, y in zip(first.time_s, first.high, strict=True)]
        lower = [at(x, y) for x, y in zip(first.time_s, first.low, strict=True)]
        yield polygon([*upper, *reversed(lower)], colour=COLOURS[0], opacity=0.18, outline=0)
    for place, each in reversed(list(enumerate(panel.lines))):
        points = [at(x, y) for x, y in zip(each.time_s, each.estimate, strict=True)]
        for start, stop in pairwise(points):
            yield line(start, stop, colour=COLOURS[place], width=1.8)
        for x, y in points:
            yield from _mark(x, y, place)


def _mark(x: float, y: float, place: int) -> Iterator[str]:
    """A circle, a diamond or a square."""
    if place == 2:
        yield rectangle(x - 3, y - 3, 6, 6, colour=COLOURS[place])
    else:
        yield (circle, diamond)[place](x, y, 3.6, colour=COLOURS[place])
