"""Pupil samples that changed faster than a pupil can, and those beside a loss."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field

from emogap import __version__
from emogap.preprocessing.runs import ROUNDING_S, find_losses, is_joined, mark_runs
from emogap.types import GazeSeries, Recording, Step

__all__ = ["OutlierConfig", "dilation_speed", "find_pupil_outliers", "remove_pupil_outliers"]


class OutlierConfig(BaseModel):
    """Limits of Kret and Sjak-Shie (2019), doi:10.3758/s13428-018-1075-y, with the defaults of their code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speed_factor: float = Field(
        default=16.0, gt=0, description="Faster than the median by so many median absolute deviations is an outlier."
    )
    padded_gap_s: float = Field(
        default=0.075, gt=0, description="Beside losses at least so long samples are taken away: the lid was moving."
    )
    padding_s: float = Field(default=0.05, ge=0, description="So far on either side of such a loss, in s.")


def dilation_speed(pupil: Float[ndarray, " T"], time_s: Float[ndarray, " T"], rate_hz: float) -> Float[ndarray, " T"]:
    """Speed of a pupil at each sample, in its unit per second; NaN where no neighbour is known.

    Notes
    -----
    The greater of the speeds to the sample before and to the sample after; never over a missing row.

    References
    ----------
    Kret and Sjak-Shie (2019), doi:10.3758/s13428-018-1075-y, equation 1.

    Examples
    --------
    >>> dilation_speed(np.array([3.0, 3.0, 3.5, 3.0]), np.arange(4) / 100, 100.0).round().tolist()
    [0.0, 50.0, 50.0, 50.0]
    """
    step = np.full(len(pupil) + 1, np.nan)
    if len(pupil) > 1:
        step[1:-1] = np.where(is_joined(time_s, rate_hz), np.abs(np.diff(pupil)) / np.diff(time_s), np.nan)
    speed: Float[ndarray, " T"] = np.fmax(step[:-1], step[1:])
    return speed


def find_pupil_outliers(gaze: GazeSeries, config: OutlierConfig | None = None) -> tuple[ndarray, ndarray]:
    """Which samples of the pupil are too fast, and which lie beside a loss.

    Parameters
    ----------
    gaze : GazeSeries
        With a pupil, as measured: an interpolated loss is no longer a loss.
    config : OutlierConfig, optional

    Returns
    -------
    too_fast, beside_loss : bool array, shape (T, E)
        Both hold for no sample that is missing; each eye by itself. The second is looked for after the too fast
        samples are gone.

    Notes
    -----
    The limit is ``median(v) + speed_factor * median(|v - median(v)|)``, v from :func:`dilation_speed`. Where more than
    half the speeds are equal (a coarse pupil at a high rate), the second median is 0 and nothing is called too fast.

    References
    ----------
    Kret and Sjak-Shie (2019), doi:10.3758/s13428-018-1075-y, equations 1 to 3, and "Trimming the edges of gaps".
    """
    config = config or OutlierConfig()
    assert gaze.pupil is not None
    too_fast = np.zeros(gaze.pupil.shape, bool)
    beside = np.zeros(gaze.pupil.shape, bool)
    for eye in range(len(gaze.eyes)):
        pupil = gaze.pupil[:, eye]
        speed = dilation_speed(pupil, gaze.time_s, gaze.rate_hz)
        known = speed[np.isfinite(speed)]
        if len(known):
            median = np.median(known)
            deviation = np.median(np.abs(known - median))
            too_fast[:, eye] = np.isfinite(speed) & (speed > median + config.speed_factor * deviation) & (deviation > 0)
        seen = np.isfinite(pupil) & ~too_fast[:, eye]
        beside[:, eye] = seen & _beside_losses(seen, gaze, config)
    return too_fast, beside


def _beside_losses(seen: Bool[ndarray, " T"], gaze: GazeSeries, config: OutlierConfig) -> Bool[ndarray, " T"]:
    losses = find_losses(seen, gaze.time_s, gaze.rate_hz)
    losses = losses.chosen(losses.duration_s >= config.padded_gap_s - ROUNDING_S)
    start = np.searchsorted(gaze.time_s, losses.onset_s - config.padding_s - ROUNDING_S)
    stop = np.searchsorted(gaze.time_s, losses.offset_s + config.padding_s - ROUNDING_S)
    return mark_runs(start, stop, len(gaze.time_s))


def remove_pupil_outliers(recording: Recording, config: OutlierConfig | None = None) -> Recording:
    """The recording without pupil samples that are too fast or lie beside a loss.

    Parameters
    ----------
    recording : Recording
        Without a pupil it is returned as it is.
    config : OutlierConfig, optional

    Returns
    -------
    Recording
        What was removed is NaN and marked in ``pupil_altered``; gaze stays. The step ``remove_pupil_outliers`` holds
        the shares of the pupil's samples that went, per eye.

    References
    ----------
    Kret and Sjak-Shie (2019), doi:10.3758/s13428-018-1075-y.
    """
    config = config or OutlierConfig()
    gaze = recording.gaze
    if gaze is None or gaze.pupil is None or gaze.pupil_altered is None:
        return recording
    too_fast, beside = find_pupil_outliers(gaze, config)
    gone = too_fast | beside
    cleaned = dataclasses.replace(
        gaze, pupil=np.where(gone, np.nan, gaze.pupil), pupil_altered=gaze.pupil_altered | gone
    )
    measured = np.maximum(np.isfinite(gaze.pupil).sum(axis=0), 1)
    step = Step(
        "remove_pupil_outliers",
        {
            **config.model_dump(),
            "too_fast_share": tuple((too_fast.sum(axis=0) / measured).tolist()),
            "beside_loss_share": tuple((beside.sum(axis=0) / measured).tolist()),
        },
        __version__,
    )
    return dataclasses.replace(recording, gaze=cleaned, steps=(*recording.steps, step))
