"""The paper's sweep correction: saccades replaced by straight lines."""

import dataclasses

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from emogap.preprocessing.interpolation import copied_vectors, interpolate_eye, replace_vectors
from emogap.preprocessing.runs import find_losses, is_joined, samples_in
from emogap.types import EyeEvents, GazeSeries

__all__ = ["correct_saccades", "samples_of"]


def samples_of(events: EyeEvents, kind: str, gaze: GazeSeries) -> Bool[ndarray, " T"]:
    """Which samples of `gaze` belong to an event of `kind`."""
    chosen = events.kind == kind
    onset_s, offset_s = events.onset_s[chosen], events.offset_s[chosen]
    last = np.searchsorted(onset_s, gaze.time_s, side="right") - 1
    return (last >= 0) & (gaze.time_s < np.append(offset_s, -np.inf)[last])


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
    arrays = copied_vectors(gaze)
    altered = gaze.altered.copy()
    for eye in range(len(gaze.eyes)):
        wanted = _bridgeable(gaze, saccade & gaze.valid[:, eye], gaze.valid[:, eye])
        if wanted.any():
            known = gaze.valid[:, eye] & ~saccade
            for name, values in interpolate_eye(gaze, eye, known=known, wanted=wanted).items():
                arrays[name][:, eye] = values
            altered[:, eye] |= wanted
    return replace_vectors(dataclasses.replace(gaze, altered=altered), arrays, gaze.valid)


def _bridgeable(gaze: GazeSeries, moving: Bool[ndarray, " T"], valid: Bool[ndarray, " T"]) -> Bool[ndarray, " T"]:
    """The moving samples with a resting sample at both ends and nothing missing in between."""
    stretches = find_losses(valid & ~moving, gaze.time_s, gaze.rate_hz)
    inside = (stretches.before >= 0) & (stretches.after < len(gaze.time_s))
    stretches = stretches.chosen(inside)
    missing = np.concatenate([[0], np.cumsum(~valid)])
    broken = np.concatenate([[0], np.cumsum(~is_joined(gaze.time_s, gaze.rate_hz))])
    unbroken = (missing[stretches.after] == missing[stretches.before]) & (
        broken[stretches.after] == broken[stretches.before]
    )
    return samples_in(stretches.chosen(unbroken), len(gaze.time_s))
