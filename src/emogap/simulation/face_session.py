"""The face of one session, frame by frame: expression, lids and gaze at the video's own clock."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, UInt8
from numpy import ndarray
from scipy.signal import lfilter

from emogap.simulation.affect import EXPRESSIONS
from emogap.simulation.blinks import lid_opening
from emogap.simulation.cohort import Clip, Cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.eye_movements import LIMIT_DEG, position_deg
from emogap.simulation.face import FaceExpression, FaceIdentity, HeadPose, add_camera_noise, draw_face, sample_identity
from emogap.simulation.randomness import stream
from emogap.simulation.session import FLASH_S, Eyes, Timeline

__all__ = ["FRAME_RATE_HZ", "FaceClock", "draw_clock", "expression_weights", "face_frames"]

FRAME_RATE_HZ = 25
ONSET_LATENCY_S = (0.3, 1.0)
RISE_S = 0.5
DECAY_S = 0.4
FLUCTUATION_SD = 0.10
FLUCTUATION_TAU_S = 1.0
SWAY_TAU_S = 4.0
CAMERA_NOISE_SD = 2.0
FLASH_GAIN = 1.15
"""How much brighter a face is while the screen flashes. Choice."""


@dataclass(frozen=True, slots=True)
class FaceClock:
    """How the video's clock relates to the gaze clock: gaze_s = offset_s + face_s * (1 + drift_ppm * 1e-6)."""

    offset_s: float
    drift_ppm: float

    def to_gaze_s(self, face_s: Float[ndarray, " F"]) -> Float[ndarray, " F"]:
        """Times of the video as times of the gaze clock."""
        return self.offset_s + face_s * (1 + self.drift_ppm * 1e-6)

    def to_face_s(self, gaze_s: float) -> float:
        """A time of the gaze clock as a time of the video."""
        return (gaze_s - self.offset_s) / (1 + self.drift_ppm * 1e-6)


def draw_clock(config: SimulationConfig, rng: np.random.Generator) -> FaceClock:
    """A camera that was started 0.2 to 0.8 s before the tracker, with a drift of some ten ppm, or as configured."""
    offset_s, drift_ppm = float(-rng.uniform(0.2, 0.8)), float(rng.normal(0, 15))
    if config.video_offset_s is not None:
        offset_s = config.video_offset_s
    if config.video_drift_ppm is not None:
        drift_ppm = config.video_drift_ppm
    return FaceClock(offset_s=offset_s, drift_ppm=drift_ppm)


def face_frames(
    cohort: Cohort, person_number: int, timeline: Timeline, eyes: Eyes, clock: FaceClock
) -> Iterator[UInt8[ndarray, "256 256 3"]]:
    """The frames of one session's video, drawn one at a time, until the end of the gaze recording."""
    config, person = cohort.config, cohort.people[person_number]
    rng = stream(config.seed, "face", person_number)
    identity = _identity(config, person_number, has_glasses=person.has_glasses)
    num_frames = int(np.ceil(clock.to_face_s(timeline.length_s) * FRAME_RATE_HZ)) + 1
    gaze_s = clock.to_gaze_s(np.arange(num_frames) / FRAME_RATE_HZ)
    weights = expression_weights(cohort.clips[person_number], timeline, gaze_s, rng)
    lids = lid_opening(eyes.blinks, gaze_s, config.blinks)
    looking = np.clip(position_deg(eyes.path, gaze_s, config.oculomotor) / LIMIT_DEG, -1, 1)
    sway = _slow_noise(num_frames, 4, SWAY_TAU_S, rng)
    is_lit = _is_lit(timeline, gaze_s)
    for frame in range(num_frames):
        expression = FaceExpression(
            (*(float(weight) for weight in weights[frame]), 0.0),
            eyelid_opening=float(lids[frame]),
            gaze_xy=(-float(looking[frame, 0]), float(looking[frame, 1])),
        )
        right, down, roll, size = sway[frame]
        pose = HeadPose((2.0 * float(right), 1.5 * float(down)), 1.0 * float(roll), 1 + 0.008 * float(size))
        face = draw_face(identity, expression, pose=pose)
        if is_lit[frame]:
            face = np.clip(face * FLASH_GAIN, 0, 255).astype(np.uint8)
        yield add_camera_noise(face, rng, noise_sd=CAMERA_NOISE_SD)


def _is_lit(timeline: Timeline, gaze_s: Float[ndarray, " F"]) -> Bool[ndarray, " F"]:
    """Which frames are taken while the screen flashes."""
    lit = np.zeros(len(gaze_s), bool)
    for flash_s in timeline.flashes_s:
        lit |= (gaze_s >= flash_s) & (gaze_s < flash_s + FLASH_S)
    return lit


def expression_weights(
    clips: tuple[Clip, ...], timeline: Timeline, gaze_s: Float[ndarray, " F"], rng: np.random.Generator
) -> Float[ndarray, "F 6"]:
    """Weight of each expression (``affect.EXPRESSIONS``) at each frame, in [0, 1], with a sum of at most 1.

    Notes
    -----
    In each clip the face cues, cut at 0, appear after a latency, waver, and fade in the pause; where their sum exceeds
    1 they are divided by it. What a cue says below 0 cannot be drawn.
    """
    weights = np.zeros((len(gaze_s), len(EXPRESSIONS)))
    wavering = 1 + FLUCTUATION_SD * _slow_noise(len(gaze_s), 1, FLUCTUATION_TAU_S, rng)[:, 0]
    for trial in timeline.trials:
        start_s = trial.onset_s + rng.uniform(*ONSET_LATENCY_S)
        rise = np.clip((gaze_s - start_s) / RISE_S, 0, 1)
        fade = np.clip(1 - (gaze_s - trial.offset_s) / DECAY_S, 0, 1)
        weights += (rise * fade * wavering)[:, None] * np.clip(clips[trial.stimulus].face_cue, 0, None)
    weights = np.clip(weights, 0, None)
    drawn: Float[ndarray, "F 6"] = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1)
    return drawn


def _identity(config: SimulationConfig, person_number: int, *, has_glasses: bool) -> FaceIdentity:
    """The look of one person; without a person effect everybody is the average face."""
    if config.person_effect == 0:
        return FaceIdentity()
    return sample_identity(stream(config.seed, "face", person_number, 1), has_glasses=has_glasses)


def _slow_noise(num_frames: int, num_columns: int, tau_s: float, rng: np.random.Generator) -> Float[ndarray, "F C"]:
    """Ornstein-Uhlenbeck noise of unit SD."""
    keep = np.exp(-1 / (FRAME_RATE_HZ * tau_s))
    push = np.sqrt(1 - keep**2) * rng.normal(size=(num_frames, num_columns))
    result: Float[ndarray, "F C"] = lfilter([1.0], [1.0, -keep], push, axis=0)
    return result
