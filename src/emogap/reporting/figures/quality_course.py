"""Data quality of sessions over time: lost samples, precision and the longest gap, window by window."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emogap.reporting.figures.eye_trace import STEPS_S, time_ticks
from emogap.reporting.figures.svg import document, label, line, rectangle

__all__ = ["QualityRow", "quality_course"]

LEFT, TOP, WIDE, BETWEEN, BELOW = 96.0, 84.0, 240.0, 34.0, 44.0
GREY, GRID, COLOUR = "#5b6875", "#d5dbe1", "#1f5fa8"
HIGHEST, LOWEST, SPACE = 110.0, 20.0, 4.0
MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class QualityRow:
    """One session, one value per window; NaN = cannot be said.

    `loss_share` in [0, 1], `rms_s2s_deg` in degrees, `longest_gap_s` in s.
    """

    name: str
    loss_share: Sequence[float]
    rms_s2s_deg: Sequence[float]
    longest_gap_s: Sequence[float]


COLUMNS = (
    ("loss_share", "lost samples (share)"),
    ("rms_s2s_deg", "precision RMS-S2S (deg)"),
    ("longest_gap_s", "longest gap (s)"),
)


def quality_course(
    rows: Sequence[QualityRow], *, from_s: float, window_s: float, title: str, note: str = "", time_name: str
) -> str:
    """A row per session, a column per measure, a bar per window; an SVG document.

    Bars of one column share their scale, from zero to the greatest value of all sessions, which stands above it. A
    window in which a value cannot be said has a dot on the ground line.
    """
    high = min(HIGHEST, max(LOWEST, 360.0 / len(rows)))
    bottom = TOP + len(rows) * (high + SPACE)
    longest = max(len(row.loss_share) for row in rows)
    span_s = longest * window_s
    step = next((step for step in STEPS_S if span_s / step <= MOST_TICKS), STEPS_S[-1])
    parts = [label(8, 18, title, bold=True, size=13), label(8, 36, note, size=10.5, colour=GREY)]
    for column, (field, heading) in enumerate(COLUMNS):
        left = LEFT + column * (WIDE + BETWEEN)
        most = max((v for row in rows for v in getattr(row, field) if math.isfinite(v)), default=0.0)
        parts.append(label(left, TOP - 24, heading, bold=True, size=11.5))
        parts.append(label(left, TOP - 9, f"full height = {most:.3g}", size=10.5, colour=GREY))
        for number, row in enumerate(rows):
            ground = TOP + number * (high + SPACE) + high
            parts += _bars(getattr(row, field), left, ground, high, most, WIDE / longest)
        for tick in time_ticks(from_s, from_s + span_s, step):
            x = left + (tick - from_s) / span_s * WIDE
            parts.append(line((x, bottom), (x, bottom + 4), colour=GREY))
            parts.append(label(x, bottom + 16, f"{tick:g}", anchor="middle", size=10.5))
        parts.append(label(left + WIDE / 2, bottom + 33, time_name, anchor="middle", size=10.5))
    for number, row in enumerate(rows):
        parts.append(label(8, TOP + number * (high + SPACE) + high / 2 + 4, row.name, size=11))
    width = LEFT + len(COLUMNS) * WIDE + (len(COLUMNS) - 1) * BETWEEN + 16
    return document(width, bottom + BELOW, parts, title=title)


def _bars(values: Sequence[float], left: float, ground: float, high: float, most: float, wide: float) -> Iterator[str]:
    yield line((left, ground), (left + WIDE, ground), colour=GRID)
    for number, value in enumerate(values):
        x = left + number * wide
        if not math.isfinite(value):
            yield rectangle(x + wide / 2 - 0.75, ground - 1.5, 1.5, 1.5, colour=GREY)
        elif most > 0 and value > 0:
            tall = max(value / most * high, 0.6)
            yield rectangle(x, ground - tall, max(wide - 0.8, 0.8), tall, colour=COLOUR, opacity=0.85)
