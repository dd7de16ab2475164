"""The scanpath on the screen: fixations as circles in their order, joined where the eye went from one to the next."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.reporting.figures.screen_view import GREY, LEFT, ScreenView
from emogap.reporting.figures.svg import INK, circle, document, label, line, ring
from emogap.types import EyeEvents

__all__ = ["scanpath_figure"]

COLOUR, PAPER = "#1f5fa8", "#ffffff"
SECOND = 26.0
"""Radius of the circle of a fixation of one second; areas, not radii, go with time."""

LEAST = 3.5
KEY_S = 0.2
EVERY_NUMBER = 120
"""Of more fixations only every tenth has its number."""


def scanpath_figure(
    view: ScreenView,
    events: EyeEvents,
    *,
    losses: Float[ndarray, "N 2"],
    from_s: float,
    to_s: float,
    title: str,
    note: str = "",
) -> str:
    """An SVG document.

    Parameters
    ----------
    view : ScreenView
    events : EyeEvents
        In degrees from the centre of the screen. Fixations with a part in the window are drawn.
    losses : float64 array, shape (N, 2)
        Onset and offset of stretches without a measured sample, in s: there the way of the eye is not known.
    from_s, to_s : float
        The window, in s of the clock of `events`.
    title : str
    note : str
        A second line, such as who the people are.

    Raises
    ------
    UsageError
        If the events are not in degrees.
    """
    if events.frame != "deg":
        raise UsageError(
            f"fixations are drawn in degrees, but these events ({events.method}) are in {events.frame}",
            fix="use the events that preprocessing.clean adds, method 'ivt'",
        )
    chosen = (events.kind == "fixation") & (events.onset_s < to_s) & (events.offset_s > from_s)
    onset_s, offset_s = np.maximum(events.onset_s[chosen], from_s), np.minimum(events.offset_s[chosen], to_s)
    place = view.place(events.centre[chosen])
    left, top = view.place(np.array([-view.extent_deg[0], view.extent_deg[1]]) / 2)
    beyond = (place < [left, top]) | (place > np.array([left, top]) + view.size)
    inside = np.asarray(~beyond.any(axis=1))
    lost = _is_lost_between(events.offset_s[chosen], events.onset_s[chosen], losses)
    parts = [label(LEFT, 18, title, bold=True, size=13), label(LEFT, 36, note, size=10.5, colour=GREY), *view.ground()]
    points = [(float(x), float(y)) for x, y in place.tolist()]
    for number, (start, stop) in enumerate(pairwise(points)):
        if inside[number] and inside[number + 1]:
            parts += _ways(start, stop, is_lost=bool(lost[number]))
    for number in np.flatnonzero(inside).tolist():
        parts += _fixation(*points[number], float(offset_s[number] - onset_s[number]))
    step = 1 if inside.sum() <= EVERY_NUMBER else 10
    for number in np.flatnonzero(inside).tolist():
        if number % step == 0:
            x, y = points[number]
            parts.append(label(x, y + 3.6, str(number + 1), anchor="middle", size=10, bold=True, colour=INK))
    bottom = view.bottom
    parts.append(label(LEFT, bottom + 14, _foot(inside, offset_s - onset_s), size=10.5, colour=GREY))
    width = LEFT + view.size[0] + 14
    parts += _key(width, bottom + 14)
    return document(width, bottom + 24, parts, title=title)


def _is_lost_between(
    offset_s: Float[ndarray, " N"], onset_s: Float[ndarray, " N"], losses: Float[ndarray, "M 2"]
) -> ndarray:
    """Whether nothing was measured for a while between each fixation and the next."""
    begun = np.searchsorted(losses[:, 0], onset_s[1:] - 1e-9)
    ended = np.searchsorted(losses[:, 1], offset_s[:-1] + 1e-9)
    return np.asarray(begun > ended)


def _ways(start: tuple[float, float], stop: tuple[float, float], *, is_lost: bool) -> Iterator[str]:
    yield line(start, stop, colour=PAPER, width=3.2)
    yield line(start, stop, colour=COLOUR, width=1.3, is_dashed=is_lost)


def _fixation(x: float, y: float, seconds: float) -> Iterator[str]:
    radius = max(LEAST, SECOND * float(np.sqrt(seconds)))
    yield circle(x, y, round(radius, 2), colour=PAPER, opacity=0.55)
    yield ring(x, y, radius, colour=COLOUR, opacity=0.3)


def _foot(inside: ndarray, seconds: Float[ndarray, " N"]) -> str:
    if not len(inside):
        return "no fixation was found"
    off = f", {int((~inside).sum())} of them off the screen and not drawn" if not inside.all() else ""
    return f"{counted(len(inside), 'fixation')}{off}; longest {seconds.max():.2f} s, together {seconds.sum():.1f} s"


def _key(right: float, y: float) -> Iterator[str]:
    """How large a second is, and what a broken line means."""
    x = right - 14
    yield label(x, y, "gaze lost between", anchor="end", size=10.5, colour=GREY)
    yield line((x - 128, y - 4), (x - 100, y - 4), colour=COLOUR, width=1.3, is_dashed=True)
    radius = SECOND * float(np.sqrt(KEY_S))
    yield ring(x - 190, y - 4, radius, colour=COLOUR, opacity=0.3)
    yield label(x - 187 + radius, y, f"{KEY_S:g} s", size=10.5, colour=GREY)
