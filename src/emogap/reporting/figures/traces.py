"""Continuous ratings over time: mean traces with intervals, and cross-correlations of people with the others."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emogap.reporting.figures.svg import circle, document, label, line, polygon, rectangle

__all__ = ["LagCurve", "TraceBand", "lag_curves", "mean_traces"]

COLOURS = ("#1f5fa8", "#b8500f")
"""First and second question; told apart by lightness too."""

AXIS = "#5b6875"
GRID = "#d5dbe1"

PANEL_WIDTH, PANEL_HEIGHT = 190.0, 130.0
LEFT, TOP, GAP_X, GAP_Y = 44.0, 66.0, 20.0, 44.0
COLUMNS = 4


@dataclass(frozen=True, slots=True)
class TraceBand:
    """One line of one panel: `panel` and `question` name it; values in units of the scale, NaN = none."""

    panel: str
    question: str
    time_s: Sequence[float]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True, slots=True)
class LagCurve:
    """Correlation of one person with the others at each lag in s, and the peak; NaN = no peak."""

    person: str
    lags_s: Sequence[float]
    r: Sequence[float]
    lag_s: float
    low_s: float
    high_s: float


def mean_traces(bands: Sequence[TraceBand], *, limits: tuple[float, float], title: str) -> str:
    """Small panels, one per film, with mean and interval of each question; an SVG document."""
    panels = list(dict.fromkeys(band.panel for band in bands))
    questions = list(dict.fromkeys(band.question for band in bands))
    rows = math.ceil(len(panels) / COLUMNS)
    width = LEFT + min(COLUMNS, len(panels)) * (PANEL_WIDTH + GAP_X)
    height = TOP + rows * (PANEL_HEIGHT + GAP_Y) + 12
    parts = [label(LEFT, 18, title, size=13, bold=True)]
    for place, question in enumerate(questions):
        x = LEFT + place * 110
        parts.append(rectangle(x, 27, 16, 8, colour=COLOURS[place], opacity=0.8))
        parts.append(label(x + 22, 35, question))
    for place, panel in enumerate(panels):
        left = LEFT + place % COLUMNS * (PANEL_WIDTH + GAP_X)
        top = TOP + place // COLUMNS * (PANEL_HEIGHT + GAP_Y)
        end_s = max(max(band.time_s) for band in bands)
        parts += _frame(panel, left, top, limits, end_s, is_first=place % COLUMNS == 0)
        for band in bands:
            if band.panel == panel:
                parts += _band(band, left, top, limits, end_s, COLOURS[questions.index(band.question)])
    parts.append(label(LEFT + (width - LEFT) / 2, height - 4, "time from the start of the film (s)", anchor="middle"))
    return document(width, height, parts, title=title)


def lag_curves(curves: Sequence[LagCurve], *, title: str, others: str = "mean of the others") -> str:
    """Cross-correlations of all people, and below them each person's lag with its interval; an SVG document."""
    width, left, right, curve_height, row = 640.0, 66.0, 18.0, 220.0, 15.0
    lags = curves[0].lags_s
    known = [value for curve in curves for value in curve.r if math.isfinite(value)]
    low, high = math.floor(min([0.0, *known]) * 5) / 5, math.ceil(max([0.2, *known]) * 5) / 5
    top, below = 34.0, 34.0 + curve_height + 40

    def across(lag_s: float) -> float:
        return left + (lag_s - lags[0]) / (lags[-1] - lags[0]) * (width - left - right)

    def up(r: float) -> float:
        return top + (high - r) / (high - low) * curve_height

    bottom = below + len(curves) * row + 6
    parts = [label(left, 18, title, size=13, bold=True)]
    for step in range(round((high - low) / 0.2) + 1):
        r = low + 0.2 * step
        parts += [line((left, up(r)), (width - right, up(r)), colour=GRID)]
        parts += [label(left - 6, up(r) + 4, f"{r:.1f}", anchor="end", size=10.5)]
    parts.append(label(left - 6, top - 8, "r", anchor="end", size=11))
    parts += [line((across(0), top), (across(0), bottom), colour=AXIS, is_dashed=True)]
    for curve in curves:
        points = [(across(x), up(y)) for x, y in zip(curve.lags_s, curve.r, strict=True) if math.isfinite(y)]
        parts.append(_polyline(points, colour=COLOURS[0], width=1, opacity=0.45))
    parts.append(label(left, below - 14, "lag of each person, and 95 % when other films are drawn", size=11))
    for place, curve in enumerate(curves):
        y = below + (place + 0.5) * row
        parts.append(label(left - 6, y + 4, curve.person, anchor="end", size=10))
        if math.isfinite(curve.low_s):
            parts.append(line((across(curve.low_s), y), (across(curve.high_s), y), colour=COLOURS[0], width=1.6))
        if math.isfinite(curve.lag_s):
            parts.append(circle(across(curve.lag_s), y, 3.4, colour=COLOURS[0]))
    parts.append(line((left, bottom), (width - right, bottom), colour=AXIS))
    for lag_s in range(math.ceil(lags[0] / 5) * 5, math.floor(lags[-1]) + 1, 5):
        parts.append(line((across(lag_s), bottom), (across(lag_s), bottom + 4), colour=AXIS))
        parts.append(label(across(lag_s), bottom + 16, f"{lag_s}", anchor="middle", size=10.5))
    middle = (left + width - right) / 2
    parts.append(label(middle, bottom + 32, f"lag against the {others} (s); right = later", anchor="middle", size=11))
    return document(width, bottom + 40, parts, title=title)


def _frame(
    panel: str, left: float, top: float, limits: tuple[float, float], end_s: float, *, is_first: bool
) -> Iterator[str]:
    middle = sum(limits) / 2
    for value in (limits[0], middle, limits[1]):
        y = _up(value, top, limits)
        yield line((left, y), (left + PANEL_WIDTH, y), colour=GRID, is_dashed=value == middle)
        if is_first:
            yield label(left - 6, y + 4, f"{value:g}", anchor="end", size=10.5)
    yield label(left, top - 6, panel, size=11.5, bold=True)
    step = 20 if end_s > 30 else 5
    for tick in range(0, math.floor(end_s) + 1, step):
        x = left + tick / end_s * PANEL_WIDTH
        yield line((x, top + PANEL_HEIGHT), (x, top + PANEL_HEIGHT + 4), colour=AXIS)
        yield label(x, top + PANEL_HEIGHT + 16, f"{tick}", anchor="middle", size=10.5)


def _band(
    band: TraceBand, left: float, top: float, limits: tuple[float, float], end_s: float, colour: str
) -> Iterator[str]:
    def at(time_s: float, value: float) -> tuple[float, float]:
        return left + time_s / end_s * PANEL_WIDTH, _up(min(max(value, limits[0]), limits[1]), top, limits)

    limits_known = [
        (time_s, low, high)
        for time_s, low, high in zip(band.time_s, band.low, band.high, strict=True)
        if math.isfinite(low)
    ]
    upper = [at(time_s, high) for time_s, _, high in limits_known]
    lower = [at(time_s, low) for time_s, low, _ in reversed(limits_known)]
    yield polygon([*upper, *lower], colour=colour, opacity=0.22, outline=0)
    points = [at(x, y) for x, y in zip(band.time_s, band.mean, strict=True) if math.isfinite(y)]
    yield _polyline(points, colour=colour, width=1.8)


def _up(value: float, top: float, limits: tuple[float, float]) -> float:
    return top + (limits[1] - value) / (limits[1] - limits[0]) * PANEL_HEIGHT


def _polyline(points: Sequence[tuple[float, float]], *, colour: str, width: float, opacity: float = 1.0) -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
        f' stroke-opacity="{opacity:g}"/>'
    )
