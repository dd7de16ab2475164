"""One gaze from two eyes."""

import dataclasses
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.errors import UsageError
from emogap.preprocessing.runs import any_eye
from emogap.types import GazeSeries

__all__ = ["EyeSelection", "cyclopean", "merge_eyes"]

EyeSelection = Literal["average", "strict_average", "left", "right"]
"""``average``: mean of the eyes there are. ``strict_average``: only where every eye is there. Or one eye alone."""


def cyclopean(gaze: GazeSeries) -> tuple[Float[ndarray, "T 2"], Bool[ndarray, " T"]]:
    """Point of gaze between the eyes, and where there is one.

    Returns
    -------
    position : float64 array, shape (T, 2)
        In the frame of `gaze`; NaN where no eye has a point of gaze.
    valid : bool array, shape (T,)

    Notes
    -----
    The mean of the eyes that are valid. Interpolated is not measured: where one eye was measured and the other
    was altered, the measured one speaks alone.
    """
    use = _eyes_to_use(gaze)
    return _mean_over_eyes(gaze.position, use), any_eye(use)


def _eyes_to_use(gaze: GazeSeries) -> Bool[ndarray, "T E"]:
    measured = gaze.valid & ~gaze.altered
    return np.where(any_eye(measured)[:, None], measured, gaze.valid)


def _mean_over_eyes(values: Float[ndarray, "T E C"], use: Bool[ndarray, "T E"]) -> Float[ndarray, "T C"]:
    count = use.sum(axis=1)
    total = np.where(use[..., None], values, 0.0).sum(axis=1)
    mean = np.full(total.shape, np.nan)
    some = count > 0
    mean[some] = total[some] / count[some, None]
    return mean


def merge_eyes(gaze: GazeSeries, *, eyes: EyeSelection = "average") -> GazeSeries:
    """A series with one eye, named ``cyclopean`` for the averages.

    Parameters
    ----------
    gaze : GazeSeries
    eyes : EyeSelection
        As in Tobii's fixation filter; ``average`` is its default and ours.

    Returns
    -------
    GazeSeries
        Position, direction, origin and pupil are merged by the same rule; a sample is altered if an eye that
        speaks in it was.

    Raises
    ------
    UsageError
        If an eye is asked for that was not recorded.

    References
    ----------
    Olsen (2012), The Tobii I-VT fixation filter: algorithm description, section 3.1.2.
    """
    if eyes in ("left", "right"):
        return _one_eye(gaze, eyes)
    use = _eyes_to_use(gaze)
    if eyes == "strict_average":
        use = np.repeat(gaze.valid.all(axis=1, keepdims=True), len(gaze.eyes), axis=1)
    pupil = pupil_altered = None
    if gaze.pupil is not None and gaze.pupil_altered is not None:
        there = np.isfinite(gaze.pupil)
        if eyes == "strict_average":
            there &= there.all(axis=1, keepdims=True)
        pupil = _mean_over_eyes(gaze.pupil[..., None], there)
        pupil_altered = any_eye(gaze.pupil_altered & there)[:, None]
    direction = None if gaze.direction is None else _mean_of_known(gaze.direction, use)
    if direction is not None:
        direction /= np.linalg.norm(direction, axis=2, keepdims=True)
    return dataclasses.replace(
        gaze,
        position=_mean_over_eyes(gaze.position, use)[:, None],
        valid=any_eye(use)[:, None],
        altered=any_eye(gaze.altered & (use | ~any_eye(use)[:, None]))[:, None],
        eyes=("cyclopean",),
        pupil=pupil,
        pupil_altered=pupil_altered,
        direction=direction,
        origin_mm=None if gaze.origin_mm is None else _mean_of_known(gaze.origin_mm, use),
        confidence=None if gaze.confidence is None else _mean_share(gaze.confidence),
        openness=None if gaze.openness is None else _mean_share(gaze.openness),
    )


def _mean_share(share: Float[ndarray, "T E"]) -> Float[ndarray, "T 1"]:
    return _mean_over_eyes(share[..., None], np.isfinite(share))


def _mean_of_known(vectors: Float[ndarray, "T E 3"], use: Bool[ndarray, "T E"]) -> Float[ndarray, "T 1 3"]:
    return _mean_over_eyes(vectors, use & np.isfinite(vectors).all(axis=2))[:, None]


def _one_eye(gaze: GazeSeries, eye: Literal["left", "right"]) -> GazeSeries:
    if eye not in gaze.eyes:
        raise UsageError(
            f"the {eye} eye was not recorded; there is: {', '.join(gaze.eyes)}",
            fix="choose eyes='average', or one of the eyes there are",
        )
    index = [gaze.eyes.index(eye)]
    return dataclasses.replace(
        gaze,
        eyes=(eye,),
        **{name: getattr(gaze, name)[:, index] for name in ("position", "valid", "altered")},
        **{
            name: getattr(gaze, name)[:, index]
            for name in ("pupil", "pupil_altered", "direction", "origin_mm", "confidence", "openness")
            if getattr(gaze, name) is not None
        },
    )
