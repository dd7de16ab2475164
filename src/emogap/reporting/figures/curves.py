"""Scores as they fall with the size of a disturbance: one panel for each kind, one line for each model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from math import floor as floor_of

from emogap.reporting.figures.svg import INK, circle, document, label, line, text_room

__all__ = ["CurvePanel", "CurvePoint", "curves"]

PANEL, HIGH, LEFT, TOP, GAP = 210.0, 150.0, 44.0, 80.0, 44.0
COLUMNS = 3
BETWEEN = 70.0
"""Room between two rows of panels, for the axis of the upper one and the title of the lower one."""

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
MOST_TICKS = 6
GREY, GRID = "#5b6875", "#dfe5ea"
COLOURS = ("#1f6f8b", "#c2571a", "#5a3d8a", "#2e7d4f", "#a8325c", "#7a6a10")
"""Of the models, in their order; told apart by those who see no red or green."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A score under one level of a disturbance; `low` and `high` are None where there is no interval."""

    level: float
    score: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CurvePanel:
    """One kind of disturbance.

    Attributes
    ----------
    title : str
    unit : str
        Of the level, below its axis.
    curves : mapping from model to sequence of CurvePoint
        By rising level.
    """

    title: str
    unit: str
    curves: Mapping[str, Sequence[CurvePoint]]


def curves(panels: Sequence[CurvePanel], *, title: str, metric: str, floor: float | None, is_simulated: bool) -> str:
    """All panels with one vertical axis; an SVG document.

    Parameters
    ----------
    panels : sequence of CurvePanel
    title : str
    metric : str
        What the vertical axis says.
    floor : float or None
        Score of a model that looks at no stream: a dashed line.
    is_simulated : bool

    Notes
    -----
    Levels stand at even distances in their order, so that 0.01 and 0.1 are both to be seen. Bars are 95 % intervals.
    """
    models = list(dict.fromkeys(model for panel in panels for model in panel.curves))
    least, most = _limits(panels, floor)
    columns = min(COLUMNS, max(1, len(panels)))
    rows = -(-len(panels) // columns)
    said = ("SIMULATED people; " if is_simulated else "") + f"{metric}, bars are 95 % intervals"
    parts = [label(LEFT, 14, title, bold=True, size=13), label(LEFT, 30, said, size=10.5, colour=GREY)]
    parts += _legend(models, with_floor=floor is not None)
    for number, panel in enumerate(panels):
        x = LEFT + number % columns * (PANEL + GAP)
        y = TOP + number // columns * (HIGH + BETWEEN)
        parts += _panel(panel, models, x, y, least, most, floor)
    texts = max(text_room(title, size=13, bold=True), text_room(said, size=10.5))
    width = LEFT + max(columns * (PANEL + GAP), texts + 4)
    return document(width, TOP + rows * (HIGH + BETWEEN), parts, title=title)


def _limits(panels: Sequence[CurvePanel], floor: float | None) -> tuple[float, float]:
    points = [point for panel in panels for curve in panel.curves.values() for point in curve]
    known = [value for point in points for value in (point.score, point.low, point.high) if value is not None]
    known += [] if floor is None else [floor]
    least, most = (min(known), max(known)) if known else (0.0, 1.0)
    margin = 0.06 * (most - least) or 0.05
    return least - margin, most + margin


def _ticks(least: float, most: float) -> list[float]:
    """Round values in between, as many as there is room for."""
    step = next((step for step in STEPS if (most - least) / step <= MOST_TICKS), STEPS[-1])
    first, last = ceil(least / step), floor_of(most / step)
    return [number * step for number in range(first, last + 1)]


def _legend(models: Sequence[str], *, with_floor: bool) -> Iterator[str]:
    x = LEFT
    for number, model in enumerate(models):
        yield circle(x + 4, 42, 4, colour=COLOURS[number % len(COLOURS)])
        yield label(x + 12, 46, model, size=10.5)
        x += 24 + 6.4 * len(model)
    if with_floor:
        yield line((x, 42), (x + 16, 42), colour=GREY, is_dashed=True)
        yield label(x + 20, 46, "majority (floor)", size=10.5)


def _panel(
    panel: CurvePanel,
    models: Sequence[str],
    x: float,
    y: float,
    least: float,
    most: float,
    floor: float | None,
) -> Iterator[str]:
    levels = sorted({point.level for curve in panel.curves.values() for point in curve})

    def across(level: float) -> float:
        return x + PANEL * (levels.index(level) + 0.5) / len(levels)

    def up(value: float) -> float:
        return y + HIGH * (1 - (value - least) / (most - least))

    yield label(x, y - 8, panel.title, bold=True, size=11)
    for value in _ticks(least, most):
        yield line((x, up(value)), (x + PANEL, up(value)), colour=GRID)
        yield label(x - 5, up(value) + 4, f"{value:.2f}", anchor="end", size=9.5, colour=GREY)
    yield line((x, y + HIGH), (x + PANEL, y + HIGH), colour=INK)
    for level in levels:
        yield label(across(level), y + HIGH + 14, f"{level:g}", anchor="middle", size=9.5)
    yield label(x + PANEL / 2, y + HIGH + 28, panel.unit, anchor="middle", size=9.5, colour=GREY)
    if floor is not None:
        yield line((x, up(floor)), (x + PANEL, up(floor)), colour=GREY, is_dashed=True)
    for model, curve in panel.curves.items():
        number = models.index(model)
        colour = COLOURS[number % len(COLOURS)]
        aside = 5.0 * (number - (len(models) - 1) / 2)
        places = [(across(point.level) + aside, up(point.score)) for point in curve]
        yield from (line(one, two, colour=colour, width=1.4) for one, two in pairwise(places))
        for point, (at, height) in zip(curve, places, strict=True):
            if point.low is not None and point.high is not None:
                yield line((at, up(point.low)), (at, up(point.high)), colour=colour, width=1.2)
            yield circle(at, height, 3.2, colour=colour)
