"""Scores with their intervals, one line per model and split, with the floor and the best possible scores."""

import math
from collections.abc import Callable, Iterator

from emogap.reporting.ceilings import BEST_POSSIBLE, ceiling_under
from emogap.reporting.figures.svg import INK, circle, diamond, document, label, line, rectangle
from emogap.reporting.numbers import METRIC_TITLES, plain
from emogap.types.scores import ScoreRow, ScoreTable, SplitScores

__all__ = ["SPLIT_COLOURS", "forest"]

SPLIT_COLOURS = {"person": "#1f5fa8", "person+stimulus": "#b8500f", "official": "#4f7318"}
"""Told apart by lightness too, and in either common kind of colour blindness."""

FLOOR_COLOUR = "#7a8794"
CEILING_COLOUR = "#a3157a"

Across = Callable[[float], float]
"""Where a score lies from left to right."""

WIDTH, LEFT, RIGHT = 400.0, 116.0, 14.0
TOP, ROW, GAP = 40.0, 13.0, 9.0


def forest(table: ScoreTable) -> str:
    """The primary metric of every row under every split; an SVG document."""
    splits = table["splits"]
    names = list(dict.fromkeys(row["model"] for split in splits for row in split["rows"]))
    names += [BEST_POSSIBLE] if table["ceiling"] else []
    height = TOP + len(names) * (len(splits) * ROW + GAP) + 34
    low, high = _limits(table)
    primary = METRIC_TITLES[table["primary"]]

    def across(value: float) -> float:
        return LEFT + (min(max(value, low), high) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts = [*_legend(splits), *_axis(low, high, across, bottom=height - 34, title=primary)]
    for name, value, colour in _references(table):
        x = across(value)
        parts += [line((x, TOP - 8), (x, height - 34), colour=colour, is_dashed=True)]
        parts += [label(x, TOP - 11, f"{name} {plain(value)}", anchor="middle", colour=colour, size=10)]
    for position, name in enumerate(names):
        top = TOP + position * (len(splits) * ROW + GAP)
        middle = top + len(splits) * ROW / 2
        if position % 2 == 0:
            parts.append(rectangle(0, top - GAP / 2, WIDTH, len(splits) * ROW + GAP, colour="#8899aa", opacity=0.07))
        parts.append(label(6, middle + 4, name, size=11.5, colour=CEILING_COLOUR if name == BEST_POSSIBLE else INK))
        for offset, split in enumerate(splits):
            best = ceiling_under(table, split["split"]).get(table["primary"])
            if name == BEST_POSSIBLE and best is not None:
                parts.append(diamond(across(best), top + (offset + 0.5) * ROW, 5, colour=CEILING_COLOUR))
            row = next((row for row in split["rows"] if row["model"] == name), None)
            if row is not None:
                parts += _mark(row, split["split"], table["primary"], top + (offset + 0.5) * ROW, across)
    return document(WIDTH, height, parts, title=f"{table['protocol']}: {primary} of every model with its interval")


def _mark(row: ScoreRow, split: str, metric: str, y: float, across: Across) -> Iterator[str]:
    pooled = row["metrics"][metric]["pooled"]
    if pooled["estimate"] is None:
        return
    colour = SPLIT_COLOURS[split]
    if pooled["low"] is not None and pooled["high"] is not None:
        yield line((across(pooled["low"]), y), (across(pooled["high"]), y), colour=colour, width=2)
    radius = 4.2 if row["role"] == "model" else 2.8
    yield circle(across(pooled["estimate"]), y, radius, colour=colour)


def _legend(splits: list[SplitScores]) -> Iterator[str]:
    x = 6.0
    for split in splits:
        yield circle(x + 4, 11, 4, colour=SPLIT_COLOURS[split["split"]])
        text = f"unseen {split['split']}" if split["split"] != "official" else "official folds"
        yield label(x + 13, 15, text, size=11)
        x += 13 + 7 * len(text)


def _axis(low: float, high: float, across: Across, *, bottom: float, title: str) -> Iterator[str]:
    step = next(step for step in (0.05, 0.1, 0.2, 0.5) if (high - low) / step <= 6)
    yield line((LEFT, bottom), (WIDTH - RIGHT, bottom), colour="#5b6875")
    for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        x = across(number * step)
        yield line((x, bottom), (x, bottom + 4), colour="#5b6875")
        yield label(x, bottom + 15, plain(number * step), anchor="middle", size=10.5)
    yield label((LEFT + WIDTH - RIGHT) / 2, bottom + 29, title, anchor="middle", size=11)


def _limits(table: ScoreTable) -> tuple[float, float]:
    if table["space"] is not None:
        return 0.0, 1.0
    records = [row["metrics"][table["primary"]]["pooled"] for split in table["splits"] for row in split["rows"]]
    limits = [record[end] for record in records for end in ("low", "high", "estimate")]
    known = [limit for limit in limits if limit is not None]
    low, high = min([-0.1, *known]), max([0.3, *known])
    return max(-1.0, math.floor(low * 10) / 10), min(1.0, math.ceil(high * 10) / 10)


def _references(table: ScoreTable) -> Iterator[tuple[str, float, str]]:
    first = table["splits"][0]["rows"] if table["splits"] else []
    majority = next((row for row in first if row["model"] == "majority"), None)
    floor = majority["metrics"][table["primary"]]["pooled"]["estimate"] if majority else None
    if floor is not None:
        yield "floor", floor, FLOOR_COLOUR
