"""Scores of single participants: how far people differ, without saying who comes first."""

from collections.abc import Sequence

from emogap.reporting.figures.svg import circle, document, label, line
from emogap.reporting.numbers import plain
from emogap.types.scores import ScoreRow

__all__ = ["people_strip"]

WIDTH, LEFT, RIGHT, TOP, ROW = 400.0, 116.0, 14.0, 12.0, 26.0


def people_strip(rows: Sequence[ScoreRow], *, title: str, colour: str, most: float | None = None) -> str:
    """One dot per participant in each model's line, a bar at the median; an SVG document.

    Parameters
    ----------
    rows : sequence of ScoreRow
        Those with scores of single participants.
    title : str
        What a score is, for the axis.
    colour : str
    most : float, optional
        Right end of the axis, which starts at 0; the largest score if None.
    """
    scores = {row["model"]: [p["score"] for p in row["per_person"] if p["score"] is not None] for row in rows}
    right = most or max([0.1, *(score for known in scores.values() for score in known)])
    height = TOP + len(scores) * ROW + 38

    def across(value: float) -> float:
        return LEFT + value / right * (WIDTH - LEFT - RIGHT)

    parts = []
    for position, (model, known) in enumerate(scores.items()):
        y = TOP + (position + 0.5) * ROW
        parts.append(label(6, y + 4, model, size=11.5))
        parts.append(line((LEFT, y), (WIDTH - RIGHT, y), colour="#d5dbe1"))
        for number, score in enumerate(known):
            # Neighbours in the order of ids lie at different heights, so that equal scores stay visible.
            parts.append(circle(across(score), y + (number % 5 - 2) * 3.2, 3, colour=colour, opacity=0.55))
        if known:
            x = across(_median(known))
            parts.append(line((x, y - 10), (x, y + 10), width=2.2))
    bottom = TOP + len(scores) * ROW + 4
    parts.append(line((LEFT, bottom), (WIDTH - RIGHT, bottom), colour="#5b6875"))
    for tick in range(6):
        x = across(right * tick / 5)
        parts.append(line((x, bottom), (x, bottom + 4), colour="#5b6875"))
        parts.append(label(x, bottom + 15, plain(right * tick / 5), anchor="middle", size=10.5))
    parts.append(label((LEFT + WIDTH - RIGHT) / 2, bottom + 29, title, anchor="middle", size=11))
    return document(WIDTH, height, parts, title=f"{title}, one dot per participant")


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
