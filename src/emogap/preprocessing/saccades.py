"""The paper's sweep correction: saccades replaced by straight lines."""

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from emogap.preprocessing.interpolation import draw_lines, lines_over
from emogap.preprocessing.runs import find_runs, is_joined
from emogap.types import EyeEvents, GazeSeries

__all__ = ["correct_saccades", "samples_of"]


def samples_of(events: EyeEvents, kind: str, gaze: GazeSeries) -> Bool[ndarray, " T"]:
    """Which samples of `gaze` belong to an event of `kind`."""
    chosen = events.kind == kind
    inside = np.zeros(len(gaze.time_s), bool)
    first = np.searchsorted(gaze.time_s, events.onset_s[chosen])
    stop = np.searchsorted(gaze.time_s, events.offset_s[chosen])
    for start, end in zip(first.tolist(), stop.tolist(), strict=True):
        inside[start:end] = True
    return inside


def correct_saccades(gaze: GazeSeries, events: EyeEvents) -> GazeSeries:
    """Gaze with a straight line from the sample before each saccade to the sample after it.

    Parameters
    ----------
    gaze : GazeSeries
        In any frame.
    events : EyeEvents
        Where the saccades are, on the same clock.

    Returns
    -------
    GazeSeries
        The samples of saccades are marked as altered; all others, and the pupil, are as they were. A saccade
        that begins or ends at a loss, a missing row or the end of the recording has no second point for the
        line and stays as measured.

    References
    ----------
    EMER: arXiv 2512.16485, section III.C ("in sweep correction, linear interpolation is also used").
    """
    saccade = samples_of(events, "saccade", gaze)
    lines = {}
    for eye in range(len(gaze.eyes)):
        valid = gaze.valid[:, eye]
        resting = valid & ~saccade
        wanted = _between_rests(gaze, saccade & valid, resting)
        if wanted.any():
            lines[eye] = lines_over(wanted, resting, gaze.time_s)
    return draw_lines(gaze, lines, {})


def _between_rests(gaze: GazeSeries, moving: Bool[ndarray, " T"], resting: Bool[ndarray, " T"]) -> Bool[ndarray, " T"]:
    """The moving samples with a resting sample at both ends and no missing row in between."""
    wanted = np.zeros(len(moving), bool)
    joined = is_joined(gaze.time_s, gaze.rate_hz)
    start, stop = find_runs(moving)
    for first, last in zip(start.tolist(), stop.tolist(), strict=True):
        is_inside = first > 0 and last < len(moving)
        if is_inside and resting[first - 1] and resting[last] and joined[first - 1 : last].all():
            wanted[first:last] = True
    return wanted
