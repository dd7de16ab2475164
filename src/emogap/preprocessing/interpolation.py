"""Straight lines over lost samples. Interpolated is not measured: every filled sample is marked.

``Lines`` draws them, ``fill_losses`` decides eye by eye which losses get one, ``fill_gaps`` is the usual choice:
the short ones.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.preprocessing.runs import ROUNDING_S, Losses, find_losses, samples_in
from emogap.types import GazeSeries

__all__ = ["Lines", "draw_lines", "fill_gaps", "fill_losses", "lines_over"]

MAX_GAP_S = 0.075
"""Olsen (2012), The Tobii I-VT fixation filter, section 3.1.1: shorter than any blink."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Samples of one eye to be put on straight lines, and the known samples each line joins.

    Attributes
    ----------
    wanted : int64 array, shape (W,)
        Indices of the samples to fill.
    before, after : int64 array, shape (W,)
        Nearest known sample on either side of each.
    share : float64 array, shape (W,)
        Where on the line each lies, from 0 (before) to 1 (after).
    """

    wanted: Int[ndarray, " W"]
    before: Int[ndarray, " W"]
    after: Int[ndarray, " W"]
    share: Float[ndarray, " W"]

    def points(self, values: Float[ndarray, "T ..."]) -> Float[ndarray, "W ..."]:
        """What `values`, shape (T, ...), are at the wanted samples if they change along the lines."""
        share = self.share if values.ndim == 1 else self.share[:, None]
        start = values[self.before]
        points: Float[ndarray, "W ..."] = start + (values[self.after] - start) * share
        return points


def lines_over(wanted: Bool[ndarray, " T"], known: Bool[ndarray, " T"], time_s: Float[ndarray, " T"]) -> Lines:
    """Lines over the `wanted` samples, each between the nearest `known` ones; there must be one on either side."""
    anchors = np.flatnonzero(known)
    index = np.flatnonzero(wanted)
    following = np.searchsorted(anchors, index)
    before, after = anchors[following - 1], anchors[following]
    return Lines(index, before, after, (time_s[index] - time_s[before]) / (time_s[after] - time_s[before]))


def draw_lines(gaze: GazeSeries, lines: dict[int, Lines], pupil_lines: dict[int, Lines]) -> GazeSeries:
    """The series with the lines drawn, and their samples valid and marked as altered.

    Parameters
    ----------
    gaze : GazeSeries
    lines : mapping from index of the eye to Lines
        For position, direction and origin, which move together; a direction is scaled back to length 1. Where
        direction or origin are unknown at an end of a line, they stay unknown on it.
    pupil_lines : mapping from index of the eye to Lines
        For the pupil.

    Returns
    -------
    GazeSeries
        `gaze` itself if there is no line.
    """
    if not lines and not pupil_lines:
        return gaze
    position, valid, altered = gaze.position.copy(), gaze.valid.copy(), gaze.altered.copy()
    direction, origin_mm, pupil, pupil_altered = (
        None if array is None else array.copy()
        for array in (gaze.direction, gaze.origin_mm, gaze.pupil, gaze.pupil_altered)
    )
    for eye, line in lines.items():
        position[line.wanted, eye] = line.points(position[:, eye])
        valid[line.wanted, eye] = altered[line.wanted, eye] = True
        if origin_mm is not None:
            origin_mm[line.wanted, eye] = line.points(origin_mm[:, eye])
        if direction is not None:
            between = line.points(direction[:, eye])
            direction[line.wanted, eye] = between / np.linalg.norm(between, axis=1, keepdims=True)
    if pupil is not None and pupil_altered is not None:
        for eye, line in pupil_lines.items():
            pupil[line.wanted, eye] = line.points(pupil[:, eye])
            pupil_altered[line.wanted, eye] = True
    return dataclasses.replace(
        gaze,
        position=position,
        valid=valid,
        altered=altered,
        direction=direction,
        origin_mm=origin_mm,
        pupil=pupil,
        pupil_altered=pupil_altered,
    )


def fill_losses(gaze: GazeSeries, choose: Callable[[Losses], Bool[ndarray, " R"]]) -> GazeSeries:
    """Gaze and pupil with straight lines over the chosen losses, eye by eye; filled samples are marked.

    Parameters
    ----------
    gaze : GazeSeries
    choose : function
        From the losses of one signal of one eye to which of them are filled. A loss at either end of the
        recording has nothing to be filled from and stays.
    """
    lines, pupil_lines = {}, {}
    for eye in range(len(gaze.eyes)):
        line = _lines_over_losses(gaze, gaze.valid[:, eye], choose)
        if line is not None:
            lines[eye] = line
        if gaze.pupil is not None:
            seen = np.isfinite(gaze.pupil[:, eye])
            is_same = bool((seen == gaze.valid[:, eye]).all())
            pupil_line = line if is_same else _lines_over_losses(gaze, seen, choose)
            if pupil_line is not None:
                pupil_lines[eye] = pupil_line
    return draw_lines(gaze, lines, pupil_lines)


def _lines_over_losses(
    gaze: GazeSeries, known: Bool[ndarray, " T"], choose: Callable[[Losses], Bool[ndarray, " R"]]
) -> Lines | None:
    """Lines over the chosen losses; None where there is no sample to fill."""
    if known.all():
        return None
    losses = find_losses(known, gaze.time_s, gaze.rate_hz)
    inside = (losses.before >= 0) & (losses.after < len(gaze.time_s))
    wanted = samples_in(losses.chosen(inside & choose(losses)), len(gaze.time_s))
    return lines_over(wanted, known, gaze.time_s) if wanted.any() else None


def fill_gaps(gaze: GazeSeries, *, max_gap_s: float = MAX_GAP_S) -> GazeSeries:
    """Gaze and pupil with straight lines over losses shorter than `max_gap_s`, each eye by itself.

    Parameters
    ----------
    gaze : GazeSeries
        In any frame.
    max_gap_s : float
        In s. The default is that of Tobii's fixation filter: shorter than a blink, so that no blink is
        painted over.

    References
    ----------
    Olsen (2012), The Tobii I-VT fixation filter: algorithm description, section 3.1.1.
    """
    return fill_losses(gaze, lambda losses: losses.duration_s < max_gap_s - ROUNDING_S)
