"""How likely the latent cues of a clip are under each emotion, for who knows its person and stimulus, or not."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.simulation.affect import (
    AROUSAL,
    EMOTIONS,
    EXPRESSIONS,
    EYE_FROM_AFFECT,
    EYE_FROM_EMOTION,
    NEUTRAL,
    SURPRISE,
    VALENCE,
)
from emogap.simulation.config import AffectConfig, SimulationConfig
from emogap.simulation.truth import Truth

__all__ = ["EyeEvidence", "FaceEvidence", "Knowledge", "unknown_variance", "valence_sd"]

Knowledge = Literal["neither", "stimulus", "both"]
"""What is known of a clip's person and stimulus beside its cues."""


@dataclass(frozen=True, slots=True, eq=False)
class EyeEvidence:
    """log p(x | e), shape (N, 7), and mean and variance of valence given x and e, shapes (N, 7) and (7,)."""

    log_density: Float[ndarray, "N 7"]
    valence_mean: Float[ndarray, "N 7"]
    valence_variance: Float[ndarray, " 7"]

    @staticmethod
    def of(truth: Truth, knows: Knowledge) -> "EyeEvidence":
        """The evidence of the eye cues of each clip, given what is known of its person and stimulus."""
        config = truth.config
        cue = truth.vectors("eye_cue") - _known_shift(truth, knows, "eye_cue")
        affect = config.affect
        unknown = unknown_variance(
            config, knows, affect.eye_clip_sd, person_sd=affect.eye_person_sd, stimulus_sd=affect.eye_stimulus_sd
        )
        density, means, variances = [], [], []
        for emotion in range(len(EMOTIONS)):
            spread = np.diag([valence_sd(affect, emotion) ** 2, affect.arousal_sd**2])
            loading = config.signal * EYE_FROM_AFFECT
            centre = np.array([VALENCE[emotion], AROUSAL[emotion]])
            away = cue - (loading @ centre + config.signal * EYE_FROM_EMOTION[emotion])
            covariance = loading @ spread @ loading.T + unknown * np.eye(cue.shape[1])
            gain = np.linalg.solve(covariance, loading @ spread[:, 0])
            density.append(_log_normal(away, covariance))
            means.append(VALENCE[emotion] + away @ gain)
            variances.append(spread[0, 0] - gain @ loading @ spread[:, 0])
        return EyeEvidence(np.column_stack(density), np.column_stack(means), np.array(variances))


@dataclass(frozen=True, slots=True, eq=False)
class FaceEvidence:
    """log p(f | s), shape (N, 7), and mean and variance of the strength given f and s, shapes (N, 7) and (7,)."""

    log_density: Float[ndarray, "N 7"]
    strength_mean: Float[ndarray, "N 7"]
    strength_variance: Float[ndarray, " 7"]

    @staticmethod
    def of(truth: Truth, knows: Knowledge) -> "FaceEvidence":
        """The evidence of the face cues of each clip, given what is known of its person and stimulus."""
        config = truth.config
        affect = config.affect
        cue = truth.vectors("face_cue") - _known_shift(truth, knows, "face_cue")
        unknown = unknown_variance(
            config, knows, affect.face_clip_sd, person_sd=affect.face_person_sd, stimulus_sd=affect.face_stimulus_sd
        )
        density, means, variances = [], [], []
        for emotion in range(len(EMOTIONS)):
            shown = 0.0 if emotion == NEUTRAL else 1.0
            loading = np.zeros(len(EXPRESSIONS))
            if shown:
                loading[emotion] = config.signal * affect.face_gain
            mean, variance = shown * affect.expression_mean, shown * affect.expression_sd**2
            away = cue - loading * mean
            covariance = variance * np.outer(loading, loading) + unknown * np.eye(len(EXPRESSIONS))
            gain = variance * np.linalg.solve(covariance, loading)
            density.append(_log_normal(away, covariance))
            means.append(mean + away @ gain)
            variances.append(variance - variance * gain @ loading)
        return FaceEvidence(np.column_stack(density), np.column_stack(means), np.array(variances))


def unknown_variance(
    config: SimulationConfig, knows: Knowledge, clip_sd: float, *, person_sd: float, stimulus_sd: float
) -> float:
    """Variance of what is not known of one number: the clip's own and that of unknown effects."""
    person = (config.person_effect * person_sd) ** 2 if knows != "both" else 0.0
    stimulus = (config.stimulus_effect * stimulus_sd) ** 2 if knows == "neither" else 0.0
    return clip_sd**2 + person + stimulus


def valence_sd(affect: AffectConfig, emotion: int) -> float:
    """Standard deviation of felt valence within an emotion; surprise may be pleasant or not."""
    return affect.surprise_valence_sd if emotion == SURPRISE else affect.valence_sd


def _known_shift(truth: Truth, knows: Knowledge, name: str) -> Float[ndarray, "N D"]:
    """The sum of the known effects on a cue."""
    shift = np.zeros_like(truth.vectors(name))
    if knows in ("stimulus", "both"):
        shift = shift + truth.vectors(f"stimulus_{name}")
    if knows == "both":
        shift = shift + truth.vectors(f"person_{name}")
    return shift


def _log_normal(away: Float[ndarray, "N D"], covariance: Float[ndarray, "D D"]) -> Float[ndarray, " N"]:
    """Log density of N(0, covariance) at each row."""
    lower = np.linalg.cholesky(covariance)
    white = np.linalg.solve(lower, away.T)
    constant = away.shape[1] * np.log(2 * np.pi) / 2 + np.log(np.diag(lower)).sum()
    density: Float[ndarray, " N"] = -(white**2).sum(axis=0) / 2 - constant
    return density
