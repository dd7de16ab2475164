"""Which windows of a segment are good: long enough, valid enough, not frozen."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.datasets.gaze_index.config import IndexConfig

__all__ = ["FROZEN", "TOO_LITTLE_VALID", "GoodWindows", "good_windows"]

TOO_LITTLE_VALID = "too little valid gaze in the past or the future"
FROZEN = "frozen gaze in the past or the future"

SAME_SHARE = 5e-7
SAME_VALUE = 1e-8
"""Relative and absolute difference up to which two values are one: less than the last digit that OpenFace writes."""

SLACK = 1e-9
"""In frames: a share of 0.7 of 10 frames is 7, whatever the product of the two numbers rounds to."""


@dataclass(frozen=True, slots=True, eq=False)
class GoodWindows:
    """`starts`, int64 (K,): first frame of every good window; `dropped`: how many were not good, by reason."""

    starts: Int[ndarray, " K"]
    dropped: dict[str, int]


def good_windows(values: Float[ndarray, "N D"], valid: Bool[ndarray, " N"], config: IndexConfig) -> GoodWindows:
    """The good windows among those that begin at every `stride_frames`-th frame and end within the segment.

    Parameters
    ----------
    values : float32 array, shape (N, D)
    valid : bool array, shape (N,)
    config : IndexConfig

    Notes
    -----
    A window is good if past and future, each for itself, have at least `min_valid_share` of their frames valid, and
    if fewer than `max_repeated_share` of the frames that follow a valid frame, and are valid themselves, equal it.
    The authors' code draws five frames of the window at random and drops it if 80 % of them equal the first; here
    every frame counts, so that the same recording gives the same windows and gaze that freezes in between is seen.
    """
    past, future = config.past_frames, config.future_frames
    starts = np.arange(0, len(valid) - past - future + 1, config.stride_frames, dtype=np.int64)
    follows = np.zeros(len(valid), bool)
    follows[1:] = valid[1:] & valid[:-1]
    repeats = follows.copy()
    repeats[1:] &= np.isclose(values[1:], values[:-1], rtol=SAME_SHARE, atol=SAME_VALUE).all(axis=1)
    valid_before, follows_before, repeats_before = (_counted(marks) for marks in (valid, follows, repeats))
    is_valid = np.ones(len(starts), bool)
    is_frozen = np.zeros(len(starts), bool)
    for first, length in ((starts, past), (starts + past, future)):
        num_valid = valid_before[first + length] - valid_before[first]
        is_valid &= num_valid >= config.min_valid_share * length - SLACK
        num_follows = follows_before[first + length] - follows_before[first + 1]
        num_repeats = repeats_before[first + length] - repeats_before[first + 1]
        is_frozen |= (num_follows > 0) & (num_repeats >= config.max_repeated_share * num_follows - SLACK)
    dropped = {TOO_LITTLE_VALID: int(np.sum(~is_valid)), FROZEN: int(np.sum(is_valid & is_frozen))}
    return GoodWindows(starts[is_valid & ~is_frozen], dropped)


def _counted(marks: Bool[ndarray, " N"]) -> Int[ndarray, " N+1"]:
    """How many marks there are before each frame."""
    return np.concatenate([[0], np.cumsum(marks)])
