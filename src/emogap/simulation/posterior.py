"""What the latent cues of a clip say of its labels: the posterior behind the ceiling.

Read :func:`label_posterior` first, then :func:`gap_posterior`; :mod:`emogap.simulation.ceiling` says what is assumed.
"""

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.special import ndtr, softmax

from emogap.errors import UsageError
from emogap.simulation.affect import (
    AROUSAL,
    EMOTIONS,
    EXPRESSIONS,
    EYE_FROM_AFFECT,
    EYE_FROM_EMOTION,
    NEUTRAL,
    SURPRISE,
    VALENCE,
    mask_probability,
)
from emogap.simulation.config import AffectConfig, SimulationConfig
from emogap.simulation.raters import confusion_matrix, tone_probability
from emogap.simulation.truth import Truth
from emogap.types import LabelView, vocabulary

__all__ = ["Cues", "Knowledge", "gap_posterior", "label_posterior", "voted_emotion", "voted_tone"]

Knowledge = Literal["neither", "stimulus", "both"]
"""What is known of a clip's person and stimulus beside its cues."""

Cues = Literal["all", "eyes", "face"]

SPACES = ("emotion7", "emotion3")

PRIOR_DRAWS = 4000
STRENGTH_GRID = np.linspace(0.0, 1.4, 29)


def label_posterior(
    truth: Truth, view: LabelView, space: str, *, knows: Knowledge = "neither", cues: Cues = "all"
) -> Float[ndarray, "N K"]:
    """Probability of each class given the cues, one row per clip of `truth`; see :func:`bayes_ceiling`.

    Notes
    -----
    With e the felt and s the shown emotion, x the eye and f the face cues:
    ``p(e, s | x, f) ~ p(e) p(s | e) p(x | e) p(f | s)``. All densities are Gaussian: x is linear in felt valence and
    arousal, f in the strength of the expression, and unknown effects of person and stimulus add to their covariances.
    p(e) averages over unknown effects by 4,000 seeded draws. The class "positive, negative, neutral" follows from
    valence, or strength, given e, or s, and the cues.
    """
    if view is LabelView.TARGET or space not in SPACES:
        raise UsageError(
            f"there is no ceiling for {view}/{space}",
            fix="ask for the view felt or shown, and the space emotion7 or emotion3",
        )
    seen = _Seen.of(truth, knows, cues)
    if view is LabelView.FELT:
        felt: Float[ndarray, "N 7"] = seen.posterior.sum(axis=2)
        return felt if space == "emotion7" else np.einsum("ne,nek->nk", felt, seen.felt_answer(space))
    shown = seen.posterior.sum(axis=1)
    return np.asarray(np.einsum("ns,nsk->nk", shown, seen.shown_majority(space)), dtype=np.float64)


def gap_posterior(
    truth: Truth, space: str, *, knows: Knowledge = "neither", cues: Cues = "all"
) -> Float[ndarray, " N"]:
    """Probability, given the cues, that the felt answer and the majority of the experts differ; one per clip.

    Parameters
    ----------
    truth : Truth
    space : str
        ``emotion7`` or ``emotion3``.
    knows, cues
        As in :func:`label_posterior`.

    Notes
    -----
    ``1 - sum_{e,s} p(e, s | x, f) sum_k p(answer k | e, x) p(majority k | s, f)``: given the felt and the shown emotion
    the answer and the votes have nothing more in common. Felt and shown themselves do: in most clips the shown emotion
    *is* the felt one, so ``1 - sum_k p(felt k | cues) p(shown k | cues)`` of the margins is another, larger number.

    Raises
    ------
    UsageError
        If the simulation has no such space.
    """
    if space not in SPACES:
        raise UsageError(f"there is no ceiling for {space}", fix="ask for the space emotion7 or emotion3")
    seen = _Seen.of(truth, knows, cues)
    return np.asarray(
        1 - np.einsum("nes,nek,nsk->n", seen.posterior, seen.felt_answer(space), seen.shown_majority(space)), np.float64
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """p(e, s | cues) of each clip, and the cues it came from; None = not seen."""

    truth: Truth
    knows: Knowledge
    posterior: Float[ndarray, "N 7 7"]
    eyes: "_EyeEvidence | None"
    face: "_FaceEvidence | None"

    @staticmethod
    def of(truth: Truth, knows: Knowledge, cues: Cues) -> "_Seen":
        joint = np.log(_felt_prior(truth, knows))[:, :, None] + np.log(
            np.maximum(mask_probability(truth.config.display_rules), 1e-300)
        )
        eyes = _EyeEvidence.of(truth, knows) if cues != "face" else None
        face = _FaceEvidence.of(truth, knows) if cues != "eyes" else None
        if eyes is not None:
            joint = joint + eyes.log_density[:, :, None]
        if face is not None:
            joint = joint + face.log_density[:, None, :]
        return _Seen(truth, knows, softmax(joint, axis=(1, 2)), eyes, face)

    def felt_answer(self, space: str) -> Float[ndarray, "N 7 K"]:
        """Probability of each answer of the participant given what was felt."""
        if space == "emotion3":
            return _felt_tones(self.truth, self.knows, self.eyes)
        return np.broadcast_to(np.eye(len(EMOTIONS)), self.posterior.shape)

    def shown_majority(self, space: str) -> Float[ndarray, "N 7 K"]:
        """Probability of each majority of the experts given what was shown."""
        if space == "emotion3":
            return _voted_tones(self.truth.config, self.face, len(self.posterior))
        return np.broadcast_to(voted_emotion(self.truth.config), self.posterior.shape)


@dataclass(frozen=True, slots=True, eq=False)
class _EyeEvidence:
    """log p(x | e), shape (N, 7), and mean and variance of valence given x and e, shapes (N, 7) and (7,)."""

    log_density: Float[ndarray, "N 7"]
    valence_mean: Float[ndarray, "N 7"]
    valence_variance: Float[ndarray, " 7"]

    @staticmethod
    def of(truth: Truth, knows: Knowledge) -> "_EyeEvidence":
        config = truth.config
        cue = truth.vectors("eye_cue") - _known_shift(truth, knows, "eye_cue")
        affect = config.affect
        unknown = _unknown_variance(
            config, knows, affect.eye_clip_sd, person_sd=affect.eye_person_sd, stimulus_sd=affect.eye_stimulus_sd
        )
        density, means, variances = [], [], []
        for emotion in range(len(EMOTIONS)):
            spread = np.diag([_valence_sd(affect, emotion) ** 2, affect.arousal_sd**2])
            loading = config.signal * EYE_FROM_AFFECT
            centre = np.array([VALENCE[emotion], AROUSAL[emotion]])
            away = cue - (loading @ centre + config.signal * EYE_FROM_EMOTION[emotion])
            covariance = loading @ spread @ loading.T + unknown * np.eye(cue.shape[1])
            gain = np.linalg.solve(covariance, loading @ spread[:, 0])
            density.append(_log_normal(away, covariance))
            means.append(VALENCE[emotion] + away @ gain)
            variances.append(spread[0, 0] - gain @ loading @ spread[:, 0])
        return _EyeEvidence(np.column_stack(density), np.column_stack(means), np.array(variances))


@dataclass(frozen=True, slots=True, eq=False)
class _FaceEvidence:
    """log p(f | s), shape (N, 7), and mean and variance of the strength given f and s, shapes (N, 7) and (7,)."""

    log_density: Float[ndarray, "N 7"]
    strength_mean: Float[ndarray, "N 7"]
    strength_variance: Float[ndarray, " 7"]

    @staticmethod
    def of(truth: Truth, knows: Knowledge) -> "_FaceEvidence":
        config = truth.config
        affect = config.affect
        cue = truth.vectors("face_cue") - _known_shift(truth, knows, "face_cue")
        unknown = _unknown_variance(
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
        return _FaceEvidence(np.column_stack(density), np.column_stack(means), np.array(variances))


def _known_shift(truth: Truth, knows: Knowledge, name: str) -> Float[ndarray, "N D"]:
    """The sum of the known effects on a cue."""
    shift = np.zeros_like(truth.vectors(name))
    if knows in ("stimulus", "both"):
        shift = shift + truth.vectors(f"stimulus_{name}")
    if knows == "both":
        shift = shift + truth.vectors(f"person_{name}")
    return shift


def _unknown_variance(
    config: SimulationConfig, knows: Knowledge, clip_sd: float, *, person_sd: float, stimulus_sd: float
) -> float:
    """Variance of what is not known of one number: the clip's own and that of unknown effects."""
    person = (config.person_effect * person_sd) ** 2 if knows != "both" else 0.0
    stimulus = (config.stimulus_effect * stimulus_sd) ** 2 if knows == "neither" else 0.0
    return clip_sd**2 + person + stimulus


def _felt_prior(truth: Truth, knows: Knowledge) -> Float[ndarray, "N 7"]:
    """p(e) before the cues are seen, one row per clip."""
    if knows == "both":
        return truth.vectors("felt_probability")
    config = truth.config
    affect, rng = config.affect, np.random.default_rng(PRIOR_DRAWS)
    target = truth.emotions("target_emotion7")
    person = config.person_effect * affect.person_felt_sd * rng.normal(size=(PRIOR_DRAWS, len(EMOTIONS)))
    stimulus = config.stimulus_effect * affect.stimulus_felt_sd * rng.normal(size=(PRIOR_DRAWS, len(EMOTIONS)))
    meant = affect.elicitation * np.eye(len(EMOTIONS))
    if knows == "neither":
        by_target = np.stack([softmax(person + stimulus + logit, axis=1).mean(axis=0) for logit in meant])
        return np.broadcast_to(by_target[target].mean(axis=0), (len(target), len(EMOTIONS)))
    _, first, which = np.unique(truth.columns["stimulus_id"].to_numpy(), return_index=True, return_inverse=True)
    logits = truth.vectors("stimulus_felt_logit")[first] + meant[target[first]]
    return np.stack([softmax(person + logit, axis=1).mean(axis=0) for logit in logits])[which]


def _felt_tones(truth: Truth, knows: Knowledge, eyes: _EyeEvidence | None) -> Float[ndarray, "N 7 3"]:
    """Probability of each answer to emotion3 given the felt emotion and the eye cues."""
    config = truth.config
    affect = config.affect
    if eyes is None:
        mean = np.broadcast_to(VALENCE, (truth.columns.height, len(EMOTIONS)))
        variance = np.array([_valence_sd(affect, emotion) ** 2 for emotion in range(len(EMOTIONS))])
    else:
        mean, variance = eyes.valence_mean, eyes.valence_variance
    bias = np.zeros(truth.columns.height)
    if knows in ("stimulus", "both"):
        bias = bias + truth.values("stimulus_valence_bias")
    if knows == "both":
        bias = bias + truth.values("person_valence_bias")
    spread = np.sqrt(
        variance
        + _unknown_variance(
            config,
            knows,
            affect.report_sd,
            person_sd=affect.person_report_sd,
            stimulus_sd=affect.stimulus_report_sd,
        )
    )
    said = mean + bias[:, None]
    positive = ndtr((said - affect.positive_from) / spread)
    negative = ndtr((affect.negative_below - said) / spread)
    return np.stack([positive, negative, 1 - positive - negative], axis=2)


def voted_emotion(config: SimulationConfig) -> Float[ndarray, "7 7"]:
    """Probability of each majority of the experts (columns) given the shown emotion (rows)."""
    answers = np.stack([confusion_matrix(accuracy) for accuracy in config.raters.expert_accuracy])
    return np.stack([_majority(answers[:, shown]) for shown in range(len(EMOTIONS))])


def _voted_tones(config: SimulationConfig, face: _FaceEvidence | None, num_clips: int) -> Float[ndarray, "N 7 3"]:
    """Probability of each majority on emotion3 given the shown emotion and the face cues."""
    raters, affect = config.raters, config.affect
    result = np.empty((num_clips, len(EMOTIONS), len(vocabulary("emotion3"))))
    for shown in range(len(EMOTIONS)):
        grid = np.zeros(1) if shown == NEUTRAL else STRENGTH_GRID
        tones = tone_probability(shown, grid, raters)
        voted = voted_tone(tones, len(raters.expert_accuracy))
        if face is None or shown == NEUTRAL:
            mean, variance = np.full(num_clips, affect.expression_mean), affect.expression_sd**2
        else:
            mean, variance = face.strength_mean[:, shown], float(face.strength_variance[shown])
        weight = softmax(-((grid - mean[:, None]) ** 2) / (2 * variance), axis=1)
        result[:, shown] = weight @ voted
    return result


def voted_tone(tones: Float[ndarray, "N 3"], num_experts: int) -> Float[ndarray, "N 3"]:
    """Probability of each majority on emotion3 when every expert says each class with the probabilities `tones`."""
    votes = np.array(list(product(range(tones.shape[1]), repeat=num_experts)))
    counts = (votes[:, :, None] == np.arange(tones.shape[1])).sum(axis=1)
    won = counts.argmax(axis=1)[:, None] == np.arange(tones.shape[1])
    result: Float[ndarray, "N 3"] = tones[:, votes].prod(axis=2) @ won
    return result


def _majority(answer: Float[ndarray, "A K"]) -> Float[ndarray, " K"]:
    """Probability that each class wins the vote of independent annotators; ties go to the first class."""
    num_annotators, num_classes = answer.shape
    votes = np.array(list(product(range(num_classes), repeat=num_annotators)))
    probability = np.prod(answer[np.arange(num_annotators), votes], axis=1)
    counts = (votes[:, :, None] == np.arange(num_classes)).sum(axis=1)
    winner: Float[ndarray, " K"] = np.bincount(counts.argmax(axis=1), weights=probability, minlength=num_classes)
    return winner


def _valence_sd(affect: AffectConfig, emotion: int) -> float:
    return affect.surprise_valence_sd if emotion == SURPRISE else affect.valence_sd


def _log_normal(away: Float[ndarray, "N D"], covariance: Float[ndarray, "D D"]) -> Float[ndarray, " N"]:
    """Log density of N(0, covariance) at each row."""
    lower = np.linalg.cholesky(covariance)
    white = np.linalg.solve(lower, away.T)
    constant = away.shape[1] * np.log(2 * np.pi) / 2 + np.log(np.diag(lower)).sum()
    density: Float[ndarray, " N"] = -(white**2).sum(axis=0) / 2 - constant
    return density
