"""Fine-tuned networks applied along a recording: values every 2.5 s, with an interval from the seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from scipy.stats import t as student

from emogap.counted_nouns import counted
from emogap.datasets.gaze_index.config import CHANNELS, ChannelSet, IndexConfig
from emogap.datasets.gaze_index.frames import to_frames
from emogap.errors import DataError, MismatchError
from emogap.learning.finetuning.checkpoint import Finetuned
from emogap.learning.finetuning.index_windows import STEP_S, window_ends
from emogap.types import Recording

__all__ = ["MIN_VALID_SHARE", "Course", "channel_set_of", "course_of", "spread_of_seeds"]

MIN_VALID_SHARE = 0.7
"""Least share of valid frames of a window of which something is told; as in the authors' code (arXiv 2601.12534)."""

LEVEL = 0.95

SLACK = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What is told of a recording at N moments.

    Attributes
    ----------
    recording : str
        Its id.
    outputs : tuple of str, length O
    scale : (float, float)
        Ends of the scale of the values.
    time_s : float64 array, shape (N,)
        End of each window, on the clock of the recording.
    told : float64 array, shape (N, O)
        Mean over the fits, on the scale; NaN where a window has too little valid gaze.
    low, high : float64 array, shape (N, O)
        Limits of 95 % for one more fit, see :func:`spread_of_seeds`; NaN for a single fit too.
    valid_share : float64 array, shape (N,)
        Of the frames of the window.
    num_fits : int
    source_rate_hz : float
        Of the recording.
    is_resampled : bool
        Whether that is another rate than the network's, so that frames were computed.
    measured_from : str
        What the gaze is measured from.
    """

    recording: str
    outputs: tuple[str, ...]
    scale: tuple[float, float]
    time_s: Float[ndarray, " N"]
    told: Float[ndarray, "N O"]
    low: Float[ndarray, "N O"]
    high: Float[ndarray, "N O"]
    valid_share: Float[ndarray, " N"]
    num_fits: int
    source_rate_hz: float
    is_resampled: bool
    measured_from: str


def spread_of_seeds(
    told: Float[ndarray, "fits N O"],
) -> tuple[Float[ndarray, "N O"], Float[ndarray, "N O"]]:
    """Limits within which one more fit with another seed would lie in 95 of 100 cases; NaN for a single fit.

    Notes
    -----
    ``m +- t s sqrt(1 + 1 / n)`` with mean m and SD s (n - 1) of n fits and Student's t of n - 1 degrees of freedom.
    It says how much of a value hangs on the seed. It does not say how far the value is from what somebody felt: that
    is for the scores on test people.

    Examples
    --------
    >>> low, high = spread_of_seeds(np.array([[[0.4]], [[0.6]]]))
    >>> round(float((high - low)[0, 0]), 2)
    4.4
    """
    num_fits = len(told)
    if num_fits < 2:
        missing = np.full(told.shape[1:], np.nan)
        return missing, missing
    mean, sd = told.mean(axis=0), told.std(axis=0, ddof=1)
    reach = student.ppf((1 + LEVEL) / 2, num_fits - 1) * sd * np.sqrt(1 + 1 / num_fits)
    return mean - reach, mean + reach


def course_of(fits: Sequence[Finetuned], recording: Recording, *, assumed_rate_hz: float | None = None) -> Course:
    """What the fits say along a recording, its trials and pauses alike.

    Parameters
    ----------
    fits : sequence of Finetuned
        Of one question and one kind of gaze, such as the seeds of one fine-tuning.
    recording : Recording
        As it was read; gaze at another rate is resampled.
    assumed_rate_hz : float, optional
        Rate of a recording whose clock is none; its time then begins at 0.

    Raises
    ------
    MismatchError
        If the fits tell classes, or differ in what they read or tell.
    DataError
        If the recording has no such gaze, is shorter than a window, or has no window with enough valid gaze; if its
        clock is none and no rate is assumed.
    """
    first = fits[0]
    _require_agreement(fits)
    config = IndexConfig.model_validate({"rate_hz": first.rate_hz, "assumed_rate_hz": assumed_rate_hz})
    frames = to_frames(recording, channel_set_of(first), config)
    num_frames, window = len(frames.valid), first.num_frames
    ends = window_ends(num_frames, window, first.rate_hz)
    if not ends:
        raise DataError(
            f"the recording lasts {num_frames / first.rate_hz:.2f} s; the first window, of"
            f" {window / first.rate_hz:g} s, ends after {_first_end_s(window, first.rate_hz):g} s",
            where=recording.source,
            fix="give a longer recording, or a network that was trained on shorter windows",
        )
    gaze = np.stack([frames.values[end - window : end] for end in ends])
    valid: Bool[ndarray, "N T"] = np.stack([frames.valid[end - window : end] for end in ends])
    valid_share = valid.mean(axis=1)
    is_enough = valid_share >= MIN_VALID_SHARE - SLACK
    if not is_enough.any():
        raise DataError(
            f"none of {counted(len(ends), 'window')} has {MIN_VALID_SHARE:.0%} of its frames valid; the best has"
            f" {valid_share.max():.0%}",
            where=recording.source,
            fix="record again, or look at the data loss with 'emogap look'",
        )
    every = np.full((len(fits), len(ends), len(first.question.outputs)), np.nan)
    for number, fit in enumerate(fits):
        every[number, is_enough] = fit.told(gaze[is_enough], valid[is_enough])
    low, high = spread_of_seeds(every)
    scale = (first.question.low, first.question.high)
    return Course(
        recording=recording.recording_id,
        outputs=first.question.outputs,
        scale=scale,
        time_s=_start_s(recording) + np.array(ends) / first.rate_hz,
        told=every.mean(axis=0),
        low=np.clip(low, *scale),
        high=np.clip(high, *scale),
        valid_share=valid_share,
        num_fits=len(fits),
        source_rate_hz=frames.source_rate_hz,
        is_resampled=frames.is_resampled,
        measured_from=frames.measured_from,
    )


def _require_agreement(fits: Sequence[Finetuned]) -> None:
    first = fits[0]
    if first.question.kind != "values":
        raise MismatchError(
            f"the network tells classes ({', '.join(first.question.outputs)}), not values over time",
            fix="give one that was fine-tuned to vad, or to valence and arousal",
        )
    for fit in fits[1:]:
        if (fit.question, fit.channels, fit.rate_hz, fit.num_frames) != (
            first.question,
            first.channels,
            first.rate_hz,
            first.num_frames,
        ):
            raise MismatchError(
                "the networks differ in what they read or tell", fix="give the seeds of one 'emogap finetune'"
            )


def _first_end_s(window_frames: int, rate_hz: float) -> float:
    """The first moment on the grid that has a whole window before it."""
    return math.ceil(window_frames / rate_hz / STEP_S - SLACK) * STEP_S


def channel_set_of(fit: Finetuned) -> ChannelSet:
    """The channels of a gaze index that a network reads.

    Raises
    ------
    MismatchError
        If no index has such channels.
    """
    for name, channels in CHANNELS.items():
        if tuple(channel.name for channel in channels) == fit.channels:
            return name
    raise MismatchError(
        f"no channels of a gaze index are called {', '.join(fit.channels)}", fix="fine-tune on an index of gaze"
    )


def _start_s(recording: Recording) -> float:
    """The first moment of the gaze, or of the head where there is none, on the recording's clock; 0 without a clock."""
    if recording.gaze is not None:
        return float(recording.gaze.time_s[0]) if np.isfinite(recording.gaze.rate_hz) else 0.0
    assert recording.head is not None
    return float(recording.head.time_s[0])
