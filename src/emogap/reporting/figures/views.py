"""Labels of two views beside each other: how often each class was felt and shown, and which was shown for which."""

from collections.abc import Sequence

from emogap.reporting.figures.svg import INK, document, label, line, rectangle, text_room
from emogap.types import LabelView

__all__ = ["FELT", "SHOWN", "felt_against_shown", "label_distribution", "view_distribution"]

FELT, SHOWN, PALE = "#1f6f8b", "#c8553d", "#5b6875"
LEFT, RIGHT, TOP, HEIGHT = 44.0, 14.0, 58.0, 170.0


def label_distribution(felt: Sequence[float], shown: Sequence[float], classes: Sequence[str], *, title: str) -> str:
    """Share of each class among self-reports (ER) and among votes (FER), side by side; an SVG document.

    Parameters
    ----------
    felt, shown : sequence of K floats
        Shares in [0, 1].
    classes : sequence of str
        K names.
    title : str
    """
    return _distribution(
        ((felt, "self-reported (ER)", FELT), (shown, "judged expression (FER)", SHOWN)), classes, title=title
    )


def view_distribution(shares: Sequence[float], classes: Sequence[str], *, view: LabelView, title: str) -> str:
    """Share of each class in one view, where there is no other; an SVG document. As :func:`label_distribution`."""
    name, colour = {
        LabelView.FELT: ("self-reported (ER)", FELT),
        LabelView.SHOWN: ("judged expression (FER)", SHOWN),
        LabelView.TARGET: ("meant by the stimulus", PALE),
    }[view]
    return _distribution(((shares, name, colour),), classes, title=title)


def _distribution(views: Sequence[tuple[Sequence[float], str, str]], classes: Sequence[str], *, title: str) -> str:
    """Bars of one view, or of two side by side: shares, name and colour of each."""
    wide = 76.0
    width = LEFT + wide * len(classes) + RIGHT
    most = max(0.1, *(share for shares, _, _ in views for share in shares))
    bottom = TOP + HEIGHT
    parts = [label(8, 16, title, bold=True, size=13)]
    for position, (_, name, colour) in enumerate(views):
        parts.append(rectangle(8 + 150 * position, 25, 10, 10, colour=colour))
        parts.append(label(22 + 150 * position, 34, name, size=11))
    parts.append(line((LEFT, bottom), (width - RIGHT, bottom), colour=PALE))
    for number, name in enumerate(classes):
        middle = LEFT + (number + 0.5) * wide
        for position, (shares, _, colour) in enumerate(views):
            left = middle + 28 * (position - len(views) / 2)
            tall = shares[number] / most * (HEIGHT - 16)
            parts.append(rectangle(left, bottom - tall, 27, tall, colour=colour))
            percent = f"{100 * shares[number]:.0f} %"
            parts.append(label(left + 13.5, bottom - tall - 4, percent, anchor="middle", size=10))
        parts.append(label(middle, bottom + 16, name, anchor="middle", size=11))
    parts.append(label(LEFT - 6, bottom + 3, "0", anchor="end", size=10.5, colour=PALE))
    return document(max(width, 16 + text_room(title, size=13, bold=True)), bottom + 26, parts, title=title)


def felt_against_shown(views: Sequence[Sequence[float]], classes: Sequence[str], *, title: str) -> str:
    """Joint share of felt (rows) and shown class (columns) in percent of all clips; an SVG document.

    Off the diagonal is the gap; shading is by the share of the row.

    Parameters
    ----------
    views : K rows of K floats
        Summing to 1.
    classes : sequence of str
        K names.
    title : str
    """
    cell = 66.0
    left, top = 112.0, 76.0
    explanation = "percent of all clips; rows: felt, columns: shown; off the diagonal is the gap"
    parts = [
        label(8, 16, title, bold=True, size=13),
        label(8, 33, explanation, size=11),
    ]
    for column, name in enumerate(classes):
        parts.append(label(left + (column + 0.5) * cell, top - 8, name, anchor="middle", size=11, colour=SHOWN))
    for row, (name, shares) in enumerate(zip(classes, views, strict=True)):
        y = top + row * cell * 0.6
        parts.append(label(left - 8, y + cell * 0.3 + 4, name, anchor="end", size=11, colour=FELT))
        total = sum(shares)
        for column, share in enumerate(shares):
            x = left + column * cell
            weight = share / total if total else 0.0
            parts.append(rectangle(x + 1, y + 1, cell - 2, cell * 0.6 - 2, colour="#e9edf1"))
            colour = "#7a8794" if row == column else SHOWN
            parts.append(rectangle(x + 1, y + 1, cell - 2, cell * 0.6 - 2, colour=colour, opacity=weight))
            ink = "#ffffff" if weight > 0.65 else INK
            parts.append(
                label(x + cell / 2, y + cell * 0.3 + 4, f"{100 * share:.1f}", anchor="middle", size=11.5, colour=ink)
            )
    texts = max(text_room(title, size=13, bold=True), text_room(explanation, size=11))
    width = max(left + len(classes) * cell, texts + 8) + 8
    return document(width, top + len(classes) * cell * 0.6 + 8, parts, title=title)
