"""Raw gaze as a slower tracker would have recorded it: fewer of the recorded samples, and no others."""

import dataclasses

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap import __version__
from emogap.errors import UsageError
from emogap.preprocessing.nearest import nearest_samples
from emogap.preprocessing.runs import LONGEST_STEP
from emogap.preprocessing.trim import chosen_samples
from emogap.types import Recording, Step

__all__ = ["kept_samples", "thin"]

SAME_RATE = 0.01
"""Relative difference up to which two rates are one: 119.9 samples a second are 120."""


def thin(recording: Recording, *, rate_hz: float) -> Recording:
    """The recording with the gaze that a tracker of `rate_hz` would have recorded of the same eyes.

    Parameters
    ----------
    recording : Recording
        As read: what is lost is still lost. Head, face and messages are not of the eye tracker and stay.
    rate_hz : float
        In Hz.

    Returns
    -------
    Recording
        With the samples of :func:`kept_samples`, unchanged, a step ``thin`` that names both rates, and a doubt that
        no such tracker was there. Events in the file are gone: they were found at the rate of the file. A recording
        that has this rate already keeps all its samples.

    Raises
    ------
    UsageError
        If the sampling rate of the recording is unknown, or below `rate_hz`, or so little above it that the samples
        kept would lie one or two recorded ones apart, and look like losses.

    Notes
    -----
    A tracker that measures every tick with the same exposure gives the same sample, with the same noise, whatever its
    rate. One that exposes longer, or averages, gives less noise than what is kept here.
    """
    gaze = recording.gaze
    if gaze is None:
        return recording
    _require_slower(gaze.rate_hz, rate_hz, where=recording.recording_id)
    step = Step("thin", {"rate_hz": float(rate_hz), "recorded_hz": round(float(gaze.rate_hz), 2)}, __version__)
    recording = dataclasses.replace(recording, events=(), steps=(*recording.steps, step))
    if _is_same(gaze.rate_hz, rate_hz):
        return recording
    kept = chosen_samples(gaze, kept_samples(gaze.time_s, recorded_hz=gaze.rate_hz, rate_hz=rate_hz))
    doubt = f"gaze was recorded at {gaze.rate_hz:g} Hz and thinned to {rate_hz:g} Hz before cleaning"
    ratio = gaze.rate_hz / rate_hz
    if abs(ratio - round(ratio)) > SAME_RATE * ratio:
        doubt += f"; what is kept lies {int(ratio)} or {int(ratio) + 1} recorded samples apart"
    return dataclasses.replace(
        recording, gaze=dataclasses.replace(kept, rate_hz=float(rate_hz)), doubts=(*recording.doubts, doubt)
    )


def kept_samples(time_s: Float[ndarray, " T"], *, recorded_hz: float, rate_hz: float) -> Int[ndarray, " K"]:
    """Index of the sample nearest to each tick of `rate_hz`, the first tick being the first sample; int64.

    A tick has no sample where rows are missing: where the nearest lies further away than it can between two samples
    that follow each other, 0.75 recorded intervals. A sample at which the eyes were lost is one like any other.

    Examples
    --------
    >>> kept_samples(np.arange(10) / 120, recorded_hz=120, rate_hz=30).tolist()
    [0, 4, 8]
    """
    if not len(time_s):
        return np.zeros(0, np.int64)
    reach_s = LONGEST_STEP / 2 / recorded_hz
    num_ticks = int(np.floor((time_s[-1] - time_s[0] + reach_s) * rate_hz)) + 1
    tick_s = time_s[0] + np.arange(num_ticks) / rate_hz
    nearest = nearest_samples(time_s, tick_s)
    return np.unique(nearest[np.abs(time_s[nearest] - tick_s) <= reach_s])


def _is_same(recorded_hz: float, rate_hz: float) -> bool:
    return abs(recorded_hz / rate_hz - 1) <= SAME_RATE


def _require_slower(recorded_hz: float, rate_hz: float, *, where: str) -> None:
    if not np.isfinite(recorded_hz):
        raise UsageError(
            f"the sampling rate is unknown, so that nothing can be thinned to {rate_hz:g} Hz",
            where=where,
            fix="export it with real time stamps; 'emogap look' says what is wrong with these",
        )
    if _is_same(recorded_hz, rate_hz):
        return
    if recorded_hz < rate_hz:
        raise UsageError(
            f"it was recorded at {recorded_hz:g} Hz, and {rate_hz:g} Hz are more: samples are left out, never made",
            where=where,
            fix=f"give a rate of at most {recorded_hz:g} Hz",
        )
    ratio = recorded_hz / rate_hz
    if np.ceil(ratio) > LONGEST_STEP * ratio:
        raise UsageError(
            f"{rate_hz:g} Hz cannot be made of {recorded_hz:g} Hz without interpolation: what is kept would lie 1 or 2"
            " samples apart, and every second one would look like a loss",
            where=where,
            fix=f"give {recorded_hz / 2:g} Hz or another whole part of {recorded_hz:g} Hz",
        )
