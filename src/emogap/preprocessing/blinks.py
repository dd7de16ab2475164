"""Blinks as losses of the right length, and the paper's blink correction.

``detect_blinks`` says when the eyes were shut; ``correct_blinks`` fills every other loss and leaves the blinks
missing: what a shut eye looks at is unknown.
"""

import dataclasses
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field

from emogap.preprocessing.interpolation import fill_losses
from emogap.preprocessing.runs import ROUNDING_S, Losses, any_eye, find_losses, find_runs
from emogap.preprocessing.velocity import window_velocity
from emogap.types import GazeSeries

__all__ = ["BlinkConfig", "correct_blinks", "detect_blinks", "remove_blink_edges"]


class BlinkConfig(BaseModel):
    """What counts as a blink, and how much around it is not trusted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shortest_s: float = Field(
        default=0.075, ge=0, description="A shorter loss is no blink (EMER, arXiv 2512.16485, III.C)."
    )
    longest_s: float = Field(
        default=0.425, gt=0, description="A longer loss is no blink (EMER, arXiv 2512.16485, III.C)."
    )
    edges: Literal["loss", "pupil_velocity"] = Field(
        default="loss",
        description="Where a blink begins and ends: at the loss, or where the lid begins and ceases to hide the pupil.",
    )
    speed_factor: float = Field(
        default=16.0,
        gt=0,
        description="A pupil faster than the median by so many median absolute deviations is hidden by the lid "
        "(Kret and Sjak-Shie 2019, doi:10.3758/s13428-018-1075-y).",
    )
    search_s: float = Field(default=0.1, ge=0, description="How far from the loss a moving lid is looked for, in s.")
    padding_s: float = Field(
        default=0.0,
        ge=0,
        description="Taken away on either side of a blink, in s (0.05 is usual; the paper takes nothing).",
    )


def detect_blinks(
    gaze: GazeSeries, config: BlinkConfig | None = None
) -> tuple[Float[ndarray, " N"], Float[ndarray, " N"]]:
    """Onset and offset of every blink, in s.

    Parameters
    ----------
    gaze : GazeSeries
        As measured: an interpolated loss is no longer a loss.
    config : BlinkConfig, optional

    Returns
    -------
    onset_s, offset_s : float64 array, shape (N,)

    Notes
    -----
    A blink is a loss of all eyes at once that lasts from ``shortest_s`` to ``longest_s``, both included. What is lost
    is the point of gaze; in the recording of a device that gives none at all (lids and pupils only), the pupil. A loss
    at either end of the recording counts by what is seen of it. With ``edges="pupil_velocity"`` a blink is
    widened over the samples next to it at which the pupil changes faster than
    ``median(s) + speed_factor * MAD(s)``, s being the absolute change over 20 ms; ``padding_s`` is added after that.

    References
    ----------
    EMER: arXiv 2512.16485, section III.C (75 and 425 ms). Pupil velocity at the edges: Mathot (2013), A simple
    way to reconstruct pupil size during eye blinks, doi:10.6084/m9.figshare.688001; the threshold: Kret and
    Sjak-Shie (2019), doi:10.3758/s13428-018-1075-y.
    """
    config = config or BlinkConfig()
    losses = find_losses(any_eye(_is_seen(gaze)), gaze.time_s, gaze.rate_hz)
    blinks = losses.chosen(_is_blink(losses, config))
    onset_s, offset_s = blinks.onset_s, blinks.offset_s
    if config.edges == "pupil_velocity" and gaze.pupil is not None:
        onset_s, offset_s = _widen_over_moving_lid(gaze, blinks, config)
    if config.padding_s:
        onset_s, offset_s = _padded(onset_s, offset_s, config.padding_s)
    return onset_s, offset_s


def _is_seen(gaze: GazeSeries) -> Bool[ndarray, "T E"]:
    """Where each eye has a point of gaze; where it has a pupil, if the device gives no point of gaze at all."""
    return gaze.valid if gaze.pupil is None or gaze.valid.any() else np.isfinite(gaze.pupil)


def _is_blink(losses: Losses, config: BlinkConfig) -> Bool[ndarray, " R"]:
    duration_s = losses.duration_s
    return (duration_s >= config.shortest_s - ROUNDING_S) & (duration_s <= config.longest_s + ROUNDING_S)


def _widen_over_moving_lid(
    gaze: GazeSeries, blinks: Losses, config: BlinkConfig
) -> tuple[Float[ndarray, " N"], Float[ndarray, " N"]]:
    assert gaze.pupil is not None
    fast = _is_fast(gaze, config)
    start, stop = find_runs(fast)
    onset_s, offset_s = blinks.onset_s.copy(), blinks.offset_s.copy()
    for blink, (before, after) in enumerate(zip(blinks.before, blinks.after, strict=True)):
        closing = np.flatnonzero((start <= before) & (before < stop))
        if len(closing):
            onset_s[blink] = max(gaze.time_s[start[closing[0]]], onset_s[blink] - config.search_s)
        opening = np.flatnonzero((start <= after) & (after < stop))
        if len(opening):
            last = stop[opening[0]]
            until_s = gaze.time_s[last] if last < len(gaze.time_s) else np.inf
            offset_s[blink] = min(until_s, offset_s[blink] + config.search_s)
    return onset_s, offset_s


def _is_fast(gaze: GazeSeries, config: BlinkConfig) -> Bool[ndarray, " T"]:
    assert gaze.pupil is not None
    fast = np.zeros(len(gaze.time_s), bool)
    for eye in range(len(gaze.eyes)):
        speed = np.abs(window_velocity(gaze.pupil[:, [eye]], gaze.time_s, window_s=0.02, rate_hz=gaze.rate_hz)[:, 0])
        known = speed[np.isfinite(speed)]
        if len(known):
            median = np.median(known)
            limit = median + config.speed_factor * np.median(np.abs(known - median))
            fast |= np.nan_to_num(speed) > limit
    return fast


def _padded(
    onset_s: Float[ndarray, " N"], offset_s: Float[ndarray, " N"], padding_s: float
) -> tuple[Float[ndarray, " N"], Float[ndarray, " N"]]:
    """Widened on both sides; where two blinks would overlap they meet half way."""
    onset_s, offset_s = onset_s - padding_s, offset_s + padding_s
    middle_s = (onset_s[1:] + offset_s[:-1]) / 2
    overlap = onset_s[1:] < offset_s[:-1]
    onset_s[1:][overlap] = middle_s[overlap]
    offset_s[:-1][overlap] = middle_s[overlap]
    return onset_s, offset_s


def remove_blink_edges(gaze: GazeSeries, onset_s: Float[ndarray, " N"], offset_s: Float[ndarray, " N"]) -> GazeSeries:
    """Gaze and pupil without the samples inside the blinks, which are marked as altered.

    Parameters
    ----------
    gaze : GazeSeries
    onset_s, offset_s : float64 array, shape (N,)
        From :func:`detect_blinks`; wider than the losses where a moving lid or padding is taken away.
    """
    inside = _inside(gaze.time_s, onset_s, offset_s)[:, None]
    removed = gaze.valid & inside
    gaze = dataclasses.replace(
        gaze,
        position=np.where(removed[..., None], np.nan, gaze.position),
        direction=None if gaze.direction is None else np.where(removed[..., None], np.nan, gaze.direction),
        valid=gaze.valid & ~inside,
        altered=gaze.altered | removed,
    )
    if gaze.pupil is None or gaze.pupil_altered is None:
        return gaze
    hidden = np.isfinite(gaze.pupil) & inside
    return dataclasses.replace(
        gaze, pupil=np.where(hidden, np.nan, gaze.pupil), pupil_altered=gaze.pupil_altered | hidden
    )


def _inside(
    time_s: Float[ndarray, " T"], onset_s: Float[ndarray, " N"], offset_s: Float[ndarray, " N"]
) -> Bool[ndarray, " T"]:
    """Which samples lie in one of the intervals; they are in order and do not overlap."""
    last = np.searchsorted(onset_s - ROUNDING_S, time_s, side="right") - 1
    inside: Bool[ndarray, " T"] = (last >= 0) & (time_s < np.append(offset_s - ROUNDING_S, -np.inf)[last])
    return inside


def correct_blinks(
    gaze: GazeSeries, config: BlinkConfig | None = None, *, max_fill_s: float | None = None
) -> GazeSeries:
    """The paper's blink correction: straight lines over every loss that is not a blink; blinks stay missing.

    Parameters
    ----------
    gaze : GazeSeries
        In any frame, as measured.
    config : BlinkConfig, optional
    max_fill_s : float, optional
        Losses longer than this stay missing too, in s. The paper has no such limit, and neither has the
        default: after a loss of 10 s, 10 s of gaze are invented (and marked as altered).

    Returns
    -------
    GazeSeries
        Each eye, and its pupil, is filled from its own samples: a loss shorter than ``shortest_s`` or longer than
        ``longest_s``, and not touching a blink of both eyes. A loss at either end of the recording stays.

    References
    ----------
    EMER: arXiv 2512.16485, section III.C: blinks "outside the range of 75 ms and 425 ms" are invalid, and
    linear interpolation corrects them.
    """
    config = config or BlinkConfig()
    onset_s, offset_s = detect_blinks(gaze, config)
    is_widened = config.edges != "loss" or config.padding_s > 0
    opened = remove_blink_edges(gaze, onset_s, offset_s) if is_widened else gaze

    def is_invalid(losses: Losses) -> Bool[ndarray, " R"]:
        invalid: Bool[ndarray, " R"] = ~_is_blink(losses, config) & ~_touches(losses, onset_s, offset_s)
        if max_fill_s is not None:
            invalid &= losses.duration_s <= max_fill_s
        return invalid

    return fill_losses(opened, is_invalid)


def _touches(losses: Losses, onset_s: Float[ndarray, " N"], offset_s: Float[ndarray, " N"]) -> Bool[ndarray, " R"]:
    """Which losses share time with one of the blinks."""
    first = np.searchsorted(offset_s, losses.onset_s, side="right")
    touches: Bool[ndarray, " R"] = np.append(onset_s, np.inf)[first] < losses.offset_s
    return touches
