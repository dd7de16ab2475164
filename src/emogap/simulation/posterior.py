"""What the latent cues of a clip say of its labels: the posterior behind the ceiling.

Read :func:`label_posterior` first, then :func:`gap_posterior`; :mod:`emogap.simulation.ceiling` says what is assumed,
:mod:`emogap.simulation.cue_evidence` how likely cues are, and :mod:`emogap.simulation.votes` what experts make of it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.special import ndtr, softmax

from emogap.errors import UsageError
from emogap.simulation.affect import EMOTIONS, NEUTRAL, VALENCE, mask_probability
from emogap.simulation.config import SimulationConfig
from emogap.simulation.cue_evidence import EyeEvidence, FaceEvidence, Knowledge, unknown_variance, valence_sd
from emogap.simulation.raters import tone_probability
from emogap.simulation.truth import Truth
from emogap.simulation.votes import voted_emotion, voted_tone
from emogap.types import LabelView, vocabulary

__all__ = ["Cues", "gap_posterior", "label_posterior"]

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
    eyes: EyeEvidence | None
    face: FaceEvidence | None

    @staticmethod
    def of(truth: Truth, knows: Knowledge, cues: Cues) -> "_Seen":
        joint = np.log(_felt_prior(truth, knows))[:, :, None] + np.log(
            np.maximum(mask_probability(truth.config.display_rules), 1e-300)
        )
        eyes = EyeEvidence.of(truth, knows) if cues != "face" else None
        face = FaceEvidence.of(truth, knows) if cues != "eyes" else None
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


def _felt_tones(truth: Truth, knows: Knowledge, eyes: EyeEvidence | None) -> Float[ndarray, "N 7 3"]:
    """Probability of each answer to emotion3 given the felt emotion and the eye cues."""
    config = truth.config
    affect = config.affect
    if eyes is None:
        mean = np.broadcast_to(VALENCE, (truth.columns.height, len(EMOTIONS)))
        variance = np.array([valence_sd(affect, emotion) ** 2 for emotion in range(len(EMOTIONS))])
    else:
        mean, variance = eyes.valence_mean, eyes.valence_variance
    bias = np.zeros(truth.columns.height)
    if knows in ("stimulus", "both"):
        bias = bias + truth.values("stimulus_valence_bias")
    if knows == "both":
        bias = bias + truth.values("person_valence_bias")
    spread = np.sqrt(
        variance
        + unknown_variance(
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


def _voted_tones(config: SimulationConfig, face: FaceEvidence | None, num_clips: int) -> Float[ndarray, "N 7 3"]:
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
