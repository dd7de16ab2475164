"""When the eyes close, and how far the lids are open in between."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.simulation.config import BlinkConfig

__all__ = ["COVERED_BELOW", "BlinkSpan", "Blinks", "draw_blinks", "lid_opening"]

COVERED_BELOW = 0.45
"""Lid opening below which the pupil is covered and a tracker loses the eye."""

RATE_PER_CUE = 0.30


@dataclass(frozen=True, slots=True)
class BlinkSpan:
    """A stretch of time with one blink rate; `rate_cue` is the eye cue in clip SD."""

    onset_s: float
    offset_s: float
    rate_cue: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Blinks:
    """B blinks: when the pupil is covered, float64 (B,) each; the lids start before and end after."""

    onset_s: Float[ndarray, " B"]
    offset_s: Float[ndarray, " B"]


def draw_blinks(
    spans: Sequence[BlinkSpan], config: BlinkConfig, rng: np.random.Generator, *, log_rate: float = 0.0
) -> Blinks:
    """The blinks of a session.

    Parameters
    ----------
    spans : sequence of BlinkSpan
        Follow each other without a gap.
    config : BlinkConfig
    rng : numpy Generator
    log_rate : float
        Log factor on the blink rate of this person.

    Notes
    -----
    A Poisson process whose rate is ``rate_per_min * exp(log_rate + 0.3 cue)``, from which blinks nearer than the
    refractory time to the one before are dropped. The time covered is log-normal, cut to its limits.
    """
    starts = np.concatenate([_starts(span, config, rng, log_rate) for span in spans])
    duration = config.loss_median_s * np.exp(config.loss_log_sd * rng.normal(size=len(starts)))
    duration = np.clip(duration, config.loss_min_s, config.loss_max_s)
    kept: list[int] = []
    free_from_s = spans[0].onset_s + config.closing_s
    for number, (start_s, length_s) in enumerate(zip(starts, duration, strict=True)):
        if start_s >= free_from_s and start_s + length_s + config.opening_s < spans[-1].offset_s:
            kept.append(number)
            free_from_s = start_s + length_s + config.refractory_s
    return Blinks(starts[kept], starts[kept] + duration[kept])


def lid_opening(blinks: Blinks, time_s: Float[ndarray, " T"], config: BlinkConfig) -> Float[ndarray, " T"]:
    """How far the lids are open at `time_s`: 1 = open, 0 = closed, float64 (T,).

    Notes
    -----
    Straight lines: down to the edge of the pupil in `closing_s`, covering it at the onset, shut for the middle half of
    the blink, uncovering it at the offset, open again after `opening_s`.
    """
    quarter = (blinks.offset_s - blinks.onset_s) / 4
    knots = np.column_stack(
        [
            blinks.onset_s - config.closing_s,
            blinks.onset_s,
            blinks.onset_s + quarter,
            blinks.offset_s - quarter,
            blinks.offset_s,
            blinks.offset_s + config.opening_s,
        ]
    ).ravel()
    heights = np.tile([1.0, COVERED_BELOW, 0.0, 0.0, COVERED_BELOW, 1.0], len(quarter))
    return np.interp(time_s, knots, heights) if len(knots) else np.ones(len(time_s))


def _starts(span: BlinkSpan, config: BlinkConfig, rng: np.random.Generator, log_rate: float) -> Float[ndarray, " B"]:
    rate_hz = config.rate_per_min / 60 * np.exp(log_rate + RATE_PER_CUE * span.rate_cue)
    number = rng.poisson(rate_hz * (span.offset_s - span.onset_s))
    return np.sort(rng.uniform(span.onset_s, span.offset_s, size=number))
