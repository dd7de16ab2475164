"""Straight lines over lost samples. Interpolated is not measured: every filled sample is marked.

``interpolate`` draws the lines, ``fill_losses`` decides per eye which losses get one, ``fill_gaps`` is the
usual choice: the short ones.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.preprocessing.runs import ROUNDING_S, Losses, find_losses, samples_in
from emogap.types import GazeSeries

__all__ = ["copied_vectors", "fill_gaps", "fill_losses", "interpolate", "interpolate_eye", "replace_vectors"]

MAX_GAP_S = 0.075
"""Olsen (2012), The Tobii I-VT fixation filter, section 3.1.1: shorter than any blink."""


def interpolate(
    values: Float[ndarray, "T C"],
    time_s: Float[ndarray, " T"],
    *,
    known: Bool[ndarray, " T"],
    wanted: Bool[ndarray, " T"],
) -> Float[ndarray, "T C"]:
    """A copy of `values` with the `wanted` samples on the line between the nearest known ones in time.

    Parameters
    ----------
    values : float64 array, shape (T, C)
    time_s : float64 array, shape (T,)
    known : bool array, shape (T,)
        Samples the lines start and end at; a known sample is never changed.
    wanted : bool array, shape (T,)
        Samples to fill; each must have a known sample on both sides.
    """
    filled = values.copy()
    if wanted.any():
        for column in range(values.shape[1]):
            filled[wanted, column] = np.interp(time_s[wanted], time_s[known], values[known, column])
    return filled


def interpolate_eye(
    gaze: GazeSeries, eye: int, *, known: Bool[ndarray, " T"], wanted: Bool[ndarray, " T"]
) -> dict[str, Float[ndarray, "T C"]]:
    """Position, direction and origin of one eye, all three on straight lines at the `wanted` samples.

    A direction is scaled back to length 1; where direction or origin is unknown at the ends of a line, it stays NaN.
    """
    filled = {"position": interpolate(gaze.position[:, eye], gaze.time_s, known=known, wanted=wanted)}
    for name in ("direction", "origin_mm"):
        vectors: Float[ndarray, "T E 3"] | None = getattr(gaze, name)
        if vectors is not None:
            filled[name] = interpolate(vectors[:, eye], gaze.time_s, known=known, wanted=wanted)
    if "direction" in filled:
        direction = filled["direction"]
        direction[wanted] /= np.linalg.norm(direction[wanted], axis=1, keepdims=True)
    return filled


def fill_losses(
    gaze: GazeSeries,
    choose: Callable[[Losses], Bool[ndarray, " R"]],
) -> GazeSeries:
    """Gaze and pupil with straight lines over the chosen losses, eye by eye; filled samples are marked.

    Parameters
    ----------
    gaze : GazeSeries
    choose : function
        From the losses of one signal of one eye to which of them are filled. A loss at either end of the
        recording has nothing to be filled from and stays.
    """
    arrays = copied_vectors(gaze)
    valid, altered = gaze.valid.copy(), gaze.altered.copy()
    for eye in range(len(gaze.eyes)):
        wanted = _wanted(gaze, gaze.valid[:, eye], choose)
        if wanted.any():
            for name, values in interpolate_eye(gaze, eye, known=gaze.valid[:, eye], wanted=wanted).items():
                arrays[name][:, eye] = values
            valid[:, eye] |= wanted
            altered[:, eye] |= wanted
    filled = replace_vectors(dataclasses.replace(gaze, altered=altered), arrays, valid)
    return _fill_pupil(filled, choose)


def copied_vectors(gaze: GazeSeries) -> dict[str, Float[ndarray, "T E C"]]:
    """Copies of position, direction and origin, as far as they are there, to be written to."""
    vectors = {"position": gaze.position, "direction": gaze.direction, "origin_mm": gaze.origin_mm}
    return {name: array.copy() for name, array in vectors.items() if array is not None}


def replace_vectors(
    gaze: GazeSeries, vectors: dict[str, Float[ndarray, "T E C"]], valid: Bool[ndarray, "T E"]
) -> GazeSeries:
    """The series with the vectors of :func:`copied_vectors`, and where there is a point of gaze."""
    return dataclasses.replace(
        gaze,
        position=vectors["position"],
        direction=vectors.get("direction"),
        origin_mm=vectors.get("origin_mm"),
        valid=valid,
    )


def _fill_pupil(gaze: GazeSeries, choose: Callable[[Losses], Bool[ndarray, " R"]]) -> GazeSeries:
    if gaze.pupil is None or gaze.pupil_altered is None:
        return gaze
    pupil, altered = gaze.pupil.copy(), gaze.pupil_altered.copy()
    for eye in range(len(gaze.eyes)):
        known = np.isfinite(gaze.pupil[:, eye])
        wanted = _wanted(gaze, known, choose)
        pupil[:, [eye]] = interpolate(gaze.pupil[:, [eye]], gaze.time_s, known=known, wanted=wanted)
        altered[:, eye] |= wanted
    return dataclasses.replace(gaze, pupil=pupil, pupil_altered=altered)


def _wanted(
    gaze: GazeSeries, known: Bool[ndarray, " T"], choose: Callable[[Losses], Bool[ndarray, " R"]]
) -> Bool[ndarray, " T"]:
    losses = find_losses(known, gaze.time_s, gaze.rate_hz)
    inside = (losses.before >= 0) & (losses.after < len(gaze.time_s))
    return samples_in(losses.chosen(inside & choose(losses)), len(gaze.time_s))


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
