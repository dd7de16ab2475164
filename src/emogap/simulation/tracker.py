"""What a remote eye tracker makes of the eyes: noise, constant error, lost track, and the edges of blinks."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from scipy.signal import lfilter

from emogap.simulation.blinks import COVERED_BELOW
from emogap.simulation.cohort import Person
from emogap.simulation.config import SimulationConfig
from emogap.simulation.session import SCREEN_DISTANCE_MM, SCREEN_MM, Eyes

__all__ = ["FIXATION", "LOST", "SACCADE", "Measured", "measure", "to_screen_mm"]

INTEROCULAR_MM = 62.0
COVERED_PUPIL_SHARE = 0.3
"""How much narrower a pupil is measured when the lid is at its edge."""
COVERED_GAZE_DEG = 1.5
"""How much lower gaze is measured then: the visible part of the pupil has its centre lower."""
HEAD_SWAY_MM = 4.0
HEAD_SWAY_TAU_S = 8.0

FIXATION, SACCADE, LOST = 0, 1, 2
"""Kinds of eye movement in :class:`Measured`."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The samples of a session; axis E is left, right.

    Attributes
    ----------
    time_us : int64 array (T,)
        Microseconds since the first sample.
    gaze_mm : float64 array (T, E, 2)
        On the screen, x right, y up from its bottom left; NaN where lost.
    pupil_mm : float64 array (T, E)
        NaN where lost.
    origin_mm : float64 array (T, E, 3)
        Position of each eye, z to the viewer; NaN where lost.
    valid : bool array (T, E)
    kind : int64 array (T,)
        FIXATION, SACCADE or LOST: what the eyes did, where at least one of them was tracked.
    event : int64 array (T,)
        Number of the stretch of equal kind and equal fixation or saccade that a sample belongs to.
    """

    time_us: Int[ndarray, " T"]
    gaze_mm: Float[ndarray, "T E 2"]
    pupil_mm: Float[ndarray, "T E"]
    origin_mm: Float[ndarray, "T E 3"]
    valid: Bool[ndarray, "T E"]
    kind: Int[ndarray, " T"]
    event: Int[ndarray, " T"]


def measure(eyes: Eyes, person: Person, config: SimulationConfig, rng: np.random.Generator) -> Measured:
    """The tracker's samples of `eyes`.

    Notes
    -----
    A pupil that the lid begins to cover is measured too narrow and too low; one that is covered is lost. Bursts of
    lost track come at random, more often with glasses, and sometimes in one eye alone. Constant error and noise are
    added to the visual angle of each eye.
    """
    tracker, num_samples = config.tracker, len(eyes.time_s)
    covered = np.clip((1 - eyes.lid_opening) / (1 - COVERED_BELOW), 0, 1)
    noise = tracker.noise_sd_deg * np.exp(person.log_noise) * rng.normal(size=(num_samples, 2, 2))
    gaze_deg = eyes.gaze_deg[:, None, :] + person.accuracy_deg + noise
    gaze_deg[..., 1] -= COVERED_GAZE_DEG * covered[:, None] ** 2
    halves = np.array([0.5, -0.5]) * person.anisocoria_mm
    pupil = (eyes.pupil_mm[:, None] + halves) * (1 - COVERED_PUPIL_SHARE * covered[:, None] ** 2)
    pupil += tracker.pupil_noise_sd_mm * rng.normal(size=(num_samples, 2))
    valid = (eyes.lid_opening > COVERED_BELOW)[:, None] & ~_lost_track(eyes.time_s, person, config, rng)
    lost = ~valid
    origin = _eye_origins(num_samples, person, config, rng)
    time_us = np.rint(eyes.time_s * 1e6 + rng.normal(0, 12.0, size=num_samples)).astype(np.int64)
    time_us[0] = 0
    kind, event = _vendor_events(eyes, valid)
    return Measured(
        time_us=time_us,
        gaze_mm=np.where(lost[..., None], np.nan, to_screen_mm(gaze_deg)),
        pupil_mm=np.where(lost, np.nan, pupil),
        origin_mm=np.where(lost[..., None], np.nan, origin),
        valid=valid,
        kind=kind,
        event=event,
    )


def to_screen_mm(position_deg: Float[ndarray, "*N 2"]) -> Float[ndarray, "*N 2"]:
    """Degrees from the centre of the screen, seen from the nominal distance, as mm from its bottom left, y up."""
    offset = SCREEN_DISTANCE_MM * np.tan(np.radians(position_deg))
    result: Float[ndarray, "*N 2"] = offset + np.array(SCREEN_MM) / 2
    return result


def _lost_track(
    time_s: Float[ndarray, " T"], person: Person, config: SimulationConfig, rng: np.random.Generator
) -> Bool[ndarray, "T E"]:
    tracker = config.tracker
    rate_hz = tracker.loss_rate_per_min / 60 * np.exp(person.log_loss_rate)
    if person.has_glasses:
        rate_hz *= tracker.glasses_factor**config.person_effect
    number = int(rng.poisson(rate_hz * time_s[-1]))
    starts = rng.uniform(0, time_s[-1], size=number)
    lengths = rng.exponential(tracker.loss_mean_s, size=number)
    alone = rng.random(number) < tracker.one_eye_share
    which = rng.integers(0, 2, size=number)
    lost = np.zeros((len(time_s), 2), bool)
    for start_s, length_s, one_eye, eye in zip(starts, lengths, alone, which, strict=True):
        here = slice(*np.searchsorted(time_s, [start_s, start_s + length_s]))
        lost[here, eye if one_eye else slice(None)] = True
    return lost


def _eye_origins(
    num_samples: int, person: Person, config: SimulationConfig, rng: np.random.Generator
) -> Float[ndarray, "T E 3"]:
    """Where the eyes are: the person's place plus a slow sway of the head."""
    keep = np.exp(-1 / (config.rate_hz * HEAD_SWAY_TAU_S))
    push = HEAD_SWAY_MM * np.sqrt(1 - keep**2) * rng.normal(size=(num_samples, 3))
    middle = person.eye_origin_mm + lfilter([1.0], [1.0, -keep], push, axis=0)
    apart = np.array([[-INTEROCULAR_MM / 2, 0, 0], [INTEROCULAR_MM / 2, 0, 0]])
    origin: Float[ndarray, "T E 3"] = middle[:, None, :] + apart
    return origin


def _vendor_events(eyes: Eyes, valid: Bool[ndarray, "T E"]) -> tuple[Int[ndarray, " T"], Int[ndarray, " T"]]:
    """Kind and number of the eye movement at each sample, as a classifier without error would give them."""
    path = eyes.path
    current = np.searchsorted(path.fixation_onset_s, eyes.time_s, side="right") - 1
    moving = eyes.time_s >= path.fixation_offset_s[current]
    kind = np.where(valid.any(axis=1), np.where(moving, SACCADE, FIXATION), LOST)
    change = (np.diff(kind) != 0) | ((np.diff(current) != 0) & (kind[1:] != LOST))
    event = np.concatenate([[0], np.cumsum(change)])
    return kind.astype(np.int64), event.astype(np.int64)
