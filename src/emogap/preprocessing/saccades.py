"""The paper's sweep correction: saccades replaced by straight lines."""

import numpy as np
from jaxtyping import Bool, Int
from numpy import ndarray

from emogap.preprocessing.interpolation import draw_lines, lines_over
from emogap.preprocessing.runs import find_runs, is_joined, mark_runs
from emogap.types import EyeEvents, GazeSeries

__all__ = ["correct_saccades", "samples_of"]


def samples_of(events: EyeEvents, kind: str, gaze: GazeSeries) -> Bool[ndarray, " T"]:
    """Which samples of `gaze` belong to an event of `kind`."""
    chosen = events.kind == kind
    start, stop = np.searchsorted(gaze.time_s, (events.onset_s[chosen], events.offset_s[chosen]))
    return mark_runs(start, stop, len(gaze.time_s))


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
    num_gaps = np.append(0, np.cumsum(~is_joined(gaze.time_s, gaze.rate_hz)))
    lines = {}
    for eye in range(len(gaze.eyes)):
        valid = gaze.valid[:, eye]
        resting = valid & ~saccade
        wanted = _between_rests(saccade & valid, resting, num_gaps)
        if wanted.any():
            lines[eye] = lines_over(wanted, resting, gaze.time_s)
    return draw_lines(gaze, lines, {})


def _between_rests(
    moving: Bool[ndarray, " T"], resting: Bool[ndarray, " T"], num_gaps: Int[ndarray, " T"]
) -> Bool[ndarray, " T"]:
    """The moving samples with a resting sample at both ends and no missing row (gap before a sample) in between."""
    start, stop = find_runs(moving)
    is_inside = (start > 0) & (stop < len(moving))
    start, stop = start[is_inside], stop[is_inside]
    is_whole = resting[start - 1] & resting[stop] & (num_gaps[start - 1] == num_gaps[stop])
    return mark_runs(start[is_whole], stop[is_whole], len(moving))
