"""How two clocks were brought together: the events of both on one axis, and what is left over."""

from typing import TYPE_CHECKING

from jaxtyping import Float
from numpy import ndarray

from emogap.reporting.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["alignment_figure"]

GAZE, FACE, PALE = "#1f6f8b", "#c8553d", "#9aa5b1"
SIZE_INCHES = (9.0, 4.6)


def alignment_figure(
    *,
    gaze_s: Float[ndarray, " N"],
    face_s: Float[ndarray, " N"],
    gaze_alone_s: Float[ndarray, " A"],
    face_alone_s: Float[ndarray, " B"],
    span_s: Float[ndarray, " K"],
    half_width_ms: Float[ndarray, " K"],
    limit_ms: float | None,
    title: str,
) -> "Figure":
    """Above: every event of the tracker and of the face video on the gaze clock; below: their residuals.

    Parameters
    ----------
    gaze_s, face_s : float64 array, shape (N,)
        Matched events: on the gaze clock, and those of the video as the estimated line puts them there, in s.
    gaze_alone_s, face_alone_s : float64 array, shapes (A,) and (B,)
        Events without a partner, likewise on the gaze clock.
    span_s, half_width_ms : float64 array, shape (K,)
        Half the width of the line's 95 % interval in ms, at times of the gaze clock in s.
    limit_ms : float or None
        Drawn as dashed lines.
    title : str
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 1.7))
    _draw_events(above, gaze_s, face_s, gaze_alone_s, face_alone_s)
    above.set_title(title, fontsize=10, loc="left", color=INK)
    below.fill_between(span_s, -half_width_ms, half_width_ms, color=PALE, alpha=0.35, lw=0, label="95 % of the line")
    below.plot(gaze_s, 1000 * (gaze_s - face_s), "o", color=INK, ms=5, label="matched event")
    for side in (-1, 1) if limit_ms is not None else ():
        label = f"limit {limit_ms:.0f} ms" if side == 1 else None
        below.axhline(side * (limit_ms or 0), color=FACE, ls="--", lw=1, label=label)
    below.axhline(0, color=PALE, lw=0.8)
    below.set_ylabel("gaze clock minus video (ms)")
    below.set_xlabel("gaze clock (s)")
    below.legend(loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=3, frameon=False, fontsize=8)
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_events(
    axes: "Axes",
    gaze_s: Float[ndarray, " N"],
    face_s: Float[ndarray, " N"],
    gaze_alone_s: Float[ndarray, " A"],
    face_alone_s: Float[ndarray, " B"],
) -> None:
    """Two rows of strokes; matched ones are joined, those without a partner are pale."""
    for place, colour, matched, alone in ((1, GAZE, gaze_s, gaze_alone_s), (0, FACE, face_s, face_alone_s)):
        axes.eventplot(matched, lineoffsets=place, linelengths=0.5, colors=colour, linewidths=1.8)
        axes.eventplot(alone, lineoffsets=place, linelengths=0.5, colors=PALE, linewidths=1.4)
    for tracker_s, video_s in zip(gaze_s.tolist(), face_s.tolist(), strict=True):
        axes.plot([video_s, tracker_s], [0.25, 0.75], color=PALE, lw=0.7)
    num_alone = len(gaze_alone_s) + len(face_alone_s)
    axes.set_yticks([0, 1], ["face video", "tracker"])
    axes.set_ylim(-0.45, 1.45)
    if num_alone:
        axes.text(
            1,
            1.0,
            f"pale: {num_alone} without a partner",
            transform=axes.transAxes,
            ha="right",
            va="bottom",
            fontsize=8,
        )
