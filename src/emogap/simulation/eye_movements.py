"""Where the eyes point: fixations joined by saccades on the main sequence, with drift and microsaccades.

Read in this order: :class:`Scene` (what is on the screen), :class:`GazePath` (what the eyes did), :func:`move_eyes`,
:func:`position_deg`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.optimize import brentq
from scipy.signal import lfilter
from scipy.special import beta, betainc

from emogap.simulation.config import OculomotorConfig

__all__ = ["GazePath", "Scene", "drift_deg", "move_eyes", "position_deg", "saccade_duration_s", "saccade_peak_deg_s"]

LIMIT_DEG = np.array([20.0, 11.0])
"""How far from the centre of the screen gaze goes: its edges at 650 mm are at 22 and 13 deg."""

STAY_SHARE = 0.3
"""Share of saccades that explore the place that is looked at, rather than go to another one."""

DURATION_PER_CUE = 0.18
BREADTH_PER_CUE = 0.20
HEIGHT_DEG_PER_CUE = 0.9
MICROSACCADE_RETURN_S = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What is on the screen from `onset_s` to `offset_s`, and how the viewer looks at it.

    Attributes
    ----------
    onset_s, offset_s : float
    attractor_deg : float64 array (A, 2)
        Places that draw the gaze.
    attractor_phase, attractor_hz : float64 array (A,)
        The pull of place a is ``exp(2.0 * sin(2 pi hz_a t + phase_a))``, t from the onset.
    place_sd_deg : float
        Spread of fixations around a place.
    duration_cue, breadth_cue, height_cue : float
        Eye cues in clip SD: log fixation duration, log distance from the centre, height of gaze.
    """

    onset_s: float
    offset_s: float
    attractor_deg: Float[ndarray, "A 2"]
    attractor_phase: Float[ndarray, " A"]
    attractor_hz: Float[ndarray, " A"]
    place_sd_deg: float = 1.2
    duration_cue: float = 0.0
    breadth_cue: float = 0.0
    height_cue: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class GazePath:
    """What the eyes did: M fixations with M - 1 saccades between them, and Q microsaccades.

    Attributes
    ----------
    fixation_onset_s, fixation_offset_s : float64 array (M,)
        A saccade lasts from one fixation's offset to the next one's onset. The last fixation begins at or after the
        end, so that the saccade before it is whole.
    fixation_deg : float64 array (M, 2)
        From the centre of the screen, x right, y up.
    microsaccade_s : float64 array (Q,)
    microsaccade_deg : float64 array (Q, 2)
        Displacement; gaze returns slowly afterwards.
    """

    fixation_onset_s: Float[ndarray, " M"]
    fixation_offset_s: Float[ndarray, " M"]
    fixation_deg: Float[ndarray, "M 2"]
    microsaccade_s: Float[ndarray, " Q"]
    microsaccade_deg: Float[ndarray, "Q 2"]


def saccade_peak_deg_s(
    amplitude_deg: Float[ndarray, "..."], config: OculomotorConfig, *, log_velocity: float = 0.0
) -> Float[ndarray, "..."]:
    """Peak velocity of saccades in deg/s: the main sequence ``V (1 - exp(-A / c))``.

    References
    ----------
    Bahill, Clark & Stark (1975), Math. Biosci. 24, 191-204, doi:10.1016/0025-5564(75)90075-9.

    Examples
    --------
    >>> float(saccade_peak_deg_s(np.array(11.0), OculomotorConfig()).round(1))
    347.7
    """
    fastest = config.peak_velocity_max_deg_s * np.exp(log_velocity)
    peak: Float[ndarray, ...] = fastest * -np.expm1(-np.asarray(amplitude_deg) / config.peak_velocity_scale_deg)
    return peak


def saccade_duration_s(
    amplitude_deg: Float[ndarray, "..."], config: OculomotorConfig, *, log_velocity: float = 0.0
) -> Float[ndarray, "..."]:
    """Duration of saccades in s: amplitude over mean velocity, the mean being the peak over ``peak_over_mean``.

    Examples
    --------
    >>> float(saccade_duration_s(np.array(10.0), OculomotorConfig()).round(3))
    0.05
    """
    peak = saccade_peak_deg_s(amplitude_deg, config, log_velocity=log_velocity)
    duration: Float[ndarray, ...] = config.peak_over_mean * np.asarray(amplitude_deg) / peak
    return duration


def move_eyes(
    scenes: Sequence[Scene], config: OculomotorConfig, rng: np.random.Generator, *, log_velocity: float = 0.0
) -> GazePath:
    """A scanpath over `scenes`, which follow each other without a gap.

    Parameters
    ----------
    scenes : sequence of Scene
    config : OculomotorConfig
    rng : numpy Generator
    log_velocity : float
        Log factor on the peak velocity of this person.
    """
    time_s, place = scenes[0].onset_s, np.zeros(2)
    attractor = 0
    onsets, offsets, places = [], [], []
    scene_number = 0
    while time_s < scenes[-1].offset_s:
        while time_s >= scenes[scene_number].offset_s:
            scene_number += 1
        scene = scenes[scene_number]
        length = _fixation_duration_s(scene, config, rng)
        onsets.append(time_s)
        offsets.append(time_s + length)
        places.append(place)
        following = scenes[min(scene_number + (time_s + length >= scene.offset_s), len(scenes) - 1)]
        attractor, target = _next_place(following, time_s + length, attractor, rng)
        amplitude = np.maximum(np.hypot(*(target - place)), 1e-3)
        time_s += length + float(saccade_duration_s(amplitude, config, log_velocity=log_velocity))
        place = target
    onsets.append(time_s)
    offsets.append(time_s + config.fixation_median_s)
    places.append(place)
    micro_s, micro_deg = _microsaccades(scenes[0].onset_s, scenes[-1].offset_s, config, rng)
    return GazePath(np.array(onsets), np.array(offsets), np.array(places), micro_s, micro_deg)


def position_deg(path: GazePath, time_s: Float[ndarray, " T"], config: OculomotorConfig) -> Float[ndarray, "T 2"]:
    """Point of gaze at `time_s` without drift, deg from the centre of the screen, float64 (T, 2).

    Notes
    -----
    Within a saccade the eye has covered the share ``I_tau(n + 1, n + 1)`` (regularised incomplete beta function) of
    its way, tau being the share of its duration. The velocity is then proportional to ``(tau (1 - tau))^n``, and n is
    chosen so that peak over mean velocity is ``peak_over_mean``.
    """
    last = len(path.fixation_onset_s) - 1
    current = np.clip(np.searchsorted(path.fixation_onset_s, time_s, side="right") - 1, 0, last)
    following = np.minimum(current + 1, last)
    start_s, stop_s = path.fixation_offset_s[current], path.fixation_onset_s[following]
    length_s = np.where(following > current, stop_s - start_s, 1.0)
    exponent = _shape_exponent(config.peak_over_mean)
    share = betainc(exponent + 1, exponent + 1, np.clip((time_s - start_s) / length_s, 0, 1))
    way = path.fixation_deg[following] - path.fixation_deg[current]
    position: Float[ndarray, "T 2"] = path.fixation_deg[current] + share[:, None] * way
    position += _microsaccade_offset(path, time_s, config)
    return position


def drift_deg(
    num_samples: int, rate_hz: float, config: OculomotorConfig, rng: np.random.Generator
) -> Float[ndarray, "T 2"]:
    """Fixational drift at `rate_hz`, an Ornstein-Uhlenbeck process, deg, float64 (T, 2).

    Notes
    -----
    ``dx = -x / tau dt + sqrt(2 D) dW``, sampled exactly. For times much shorter than tau it is the Brownian motion of
    Kuang et al. (2012), doi:10.1016/j.cub.2012.01.050, with the diffusion constant D; the pull keeps fixation.
    """
    keep = np.exp(-1 / (rate_hz * config.drift_tau_s))
    stationary_sd = np.sqrt(config.drift_deg2_s * config.drift_tau_s)
    push = stationary_sd * np.sqrt(1 - keep**2) * rng.normal(size=(num_samples, 2))
    result: Float[ndarray, "T 2"] = lfilter([1.0], [1.0, -keep], push, axis=0)
    return result


def _fixation_duration_s(scene: Scene, config: OculomotorConfig, rng: np.random.Generator) -> float:
    median = config.fixation_median_s * np.exp(DURATION_PER_CUE * scene.duration_cue)
    return float(np.maximum(median * np.exp(config.fixation_log_sd * rng.normal()), config.fixation_min_s))


def _next_place(
    scene: Scene, time_s: float, attractor: int, rng: np.random.Generator
) -> tuple[int, Float[ndarray, " 2"]]:
    """Which attractor is looked at next, and where exactly."""
    turn = 2 * np.pi * scene.attractor_hz * (time_s - scene.onset_s) + scene.attractor_phase
    pull = np.exp(2.0 * np.sin(turn))
    draw, stay = rng.random(2)
    if stay > STAY_SHARE or attractor >= len(pull):
        attractor = min(int(np.searchsorted(np.cumsum(pull) / pull.sum(), draw)), len(pull) - 1)
    place = scene.attractor_deg[attractor] + scene.place_sd_deg * rng.normal(size=2)
    place = place * np.exp(BREADTH_PER_CUE * scene.breadth_cue)
    place = place + np.array([0.0, HEIGHT_DEG_PER_CUE * scene.height_cue])
    return attractor, np.clip(place, -LIMIT_DEG, LIMIT_DEG)


def _microsaccades(
    onset_s: float, offset_s: float, config: OculomotorConfig, rng: np.random.Generator
) -> tuple[Float[ndarray, " Q"], Float[ndarray, "Q 2"]]:
    """Times and displacements: a Poisson process, mostly horizontal (Engbert & Kliegl 2003)."""
    number = int(rng.poisson(config.microsaccade_rate_hz * (offset_s - onset_s)))
    times = np.sort(rng.uniform(onset_s, offset_s, size=number))
    amplitude = config.microsaccade_median_deg * np.exp(config.microsaccade_log_sd * rng.normal(size=number))
    angle = np.pi * rng.integers(0, 2, size=number) + 0.4 * rng.normal(size=number)
    return times, amplitude[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def _microsaccade_offset(
    path: GazePath, time_s: Float[ndarray, " T"], config: OculomotorConfig
) -> Float[ndarray, "T 2"]:
    """Sum of all microsaccades: each a step on the main sequence, from which gaze returns exponentially."""
    offset = np.zeros((len(time_s), 2))
    exponent = _shape_exponent(config.peak_over_mean)
    lengths_s = saccade_duration_s(np.hypot(*path.microsaccade_deg.T), config)
    for onset_s, step, length_s in zip(path.microsaccade_s, path.microsaccade_deg, lengths_s, strict=True):
        here = slice(*np.searchsorted(time_s, [onset_s, onset_s + 6 * MICROSACCADE_RETURN_S]))
        since_s = time_s[here] - onset_s
        rise = betainc(exponent + 1, exponent + 1, np.clip(since_s / length_s, 0, 1))
        offset[here] += (rise * np.exp(-since_s / MICROSACCADE_RETURN_S))[:, None] * step
    return offset


def _shape_exponent(peak_over_mean: float) -> float:
    """The n for which the velocity profile ``(tau (1 - tau))^n`` has this ratio of peak to mean.

    The ratio is ``4^-n / B(n + 1, n + 1)``; it grows with n, from 1 at n = 0, 1.5 at 1 and 1.875 at 2.
    """
    return float(brentq(lambda n: 4.0**-n / beta(n + 1, n + 1) - peak_over_mean, 0.1, 20))
