"""What a detector answers, and how often that is right: one stacked bar per detector."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emogap.reporting.figures.svg import document, label, line, rectangle

__all__ = ["ANSWERS", "AnswerBar", "answer_bars"]

ANSWERS = {
    "gap, and there is": "#1f5fa8",
    "gap, and there is none": "#e08a3c",
    "no gap, and there is none": "#9cc3e6",
    "no gap, and there is": "#b8500f",
    "abstains": "#dde3ea",
    "no answer": "#9aa5b1",
}
"""The parts of a bar from left to right, and their colours: blue is right, orange wrong, grey says nothing."""

WIDTH, LEFT, RIGHT, TOP, ROW, BAR, HEADING = 760.0, 190.0, 24.0, 78.0, 26.0, 17.0, 22.0


@dataclass(frozen=True, slots=True)
class AnswerBar:
    """One detector: the share of clips of each of :data:`ANSWERS`, summing to 1, and the heading it stands under."""

    group: str
    name: str
    shares: tuple[float, ...]


def answer_bars(bars: Sequence[AnswerBar], *, title: str) -> str:
    """Stacked bars with a legend; an SVG document.

    Parameters
    ----------
    bars : sequence of AnswerBar
        At least one, those of a group together.
    title : str
    """
    parts, top, group = [label(10, 20, title, bold=True, size=13), *_legend()], TOP, None
    for bar in bars:
        if bar.group != group:
            group = bar.group
            parts.append(label(10, top + 13, group, bold=True, size=11))
            top += HEADING
        parts += _bar(bar, top)
        top += ROW
    for tenth in range(0, 11, 2):
        x = LEFT + tenth / 10 * (WIDTH - LEFT - RIGHT)
        parts.append(line((x, TOP), (x, top), colour="#ffffff", width=0.6))
        parts.append(label(x, top + 14, f"{10 * tenth} %", anchor="middle", size=10))
    return document(WIDTH, top + 26, parts, title=title)


def _legend() -> Iterator[str]:
    for number, (name, colour) in enumerate(ANSWERS.items()):
        x, y = LEFT + (number % 3) * 180, 32 + (number // 3) * 17
        yield rectangle(x, y, 11, 11, colour=colour)
        yield label(x + 16, y + 10, name, size=10.5)


def _bar(bar: AnswerBar, top: float) -> Iterator[str]:
    yield label(LEFT - 8, top + 13, bar.name, anchor="end", size=11)
    x = LEFT
    for share, colour in zip(bar.shares, ANSWERS.values(), strict=True):
        width = share * (WIDTH - LEFT - RIGHT)
        if width > 0:
            yield rectangle(x, top, width, BAR, colour=colour)
        x += width
