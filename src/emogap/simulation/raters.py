"""How experts and a machine judge the shown expression, and what they are known to mix up.

The confusion matrices are exact: :func:`confusion_matrix` is what ratings are drawn from and what
:mod:`emogap.simulation.ceiling` reasons with.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.special import ndtr

from emogap.simulation.affect import AROUSAL, EMOTIONS, SURPRISE, VALENCE
from emogap.simulation.cohort import Clip, Cohort
from emogap.simulation.config import RaterConfig
from emogap.simulation.randomness import stream
from emogap.types import vocabulary

__all__ = ["MACHINE", "RatingRow", "confusion_matrix", "expert_names", "rate", "tone_probability"]

MACHINE = "machine-simulated"

LIKENESS = np.array(
    [
        [0, 1, 1, 3, 1, 1, 3],
        [1, 0, 2, 1, 2, 1, 4],
        [1, 2, 0, 5, 2, 1, 1],
        [2, 1, 5, 0, 1, 1, 1],
        [1, 2, 1, 1, 0, 5, 1],
        [1, 2, 1, 1, 5, 0, 3],
        [2, 4, 1, 1, 1, 2, 0],
    ],
    dtype=float,
)
"""How often the expression of a row is taken for that of a column, relative to the other errors of the row.

Fear and surprise, disgust and anger, sadness and neutral are mixed up most: Calvo & Lundqvist (2008),
doi:10.3758/BRM.40.1.109. The weights are choices."""


@dataclass(frozen=True, slots=True)
class RatingRow:
    """One answer; `item` is ``<participant_id>/<stimulus_id>``."""

    item: str
    annotator: str
    question: str
    rating: str


def confusion_matrix(accuracy: float) -> Float[ndarray, "7 7"]:
    """Probability of each answer (columns) given the shown emotion (rows); the diagonal is `accuracy`.

    Examples
    --------
    >>> confusion_matrix(0.8).sum(axis=1).round(12).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    errors = (1 - accuracy) * LIKENESS / LIKENESS.sum(axis=1, keepdims=True)
    matrix: Float[ndarray, "7 7"] = errors + accuracy * np.eye(len(EMOTIONS))
    return matrix


def tone_probability(shown: int, strength: Float[ndarray, " S"], config: RaterConfig) -> Float[ndarray, "S 3"]:
    """Probability that an expert calls an expression positive, negative or neutral, by its strength.

    Notes
    -----
    An expert sees the valence ``V * strength + noise`` and says "positive" above the limit, "negative" below its
    negative, "neutral" in between.
    """
    mean = VALENCE[shown] * np.asarray(strength)
    spread = config.surprise_tone_sd if shown == SURPRISE else config.tone_sd
    positive = ndtr((mean - config.tone_limit) / spread)
    negative = ndtr((-config.tone_limit - mean) / spread)
    return np.column_stack([positive, negative, 1 - positive - negative])


def expert_names(config: RaterConfig) -> tuple[str, ...]:
    """Ids of the experts: ``expert-1`` and so on."""
    return tuple(f"expert-{number + 1}" for number in range(len(config.expert_accuracy)))


def rate(cohort: Cohort) -> dict[str, tuple[RatingRow, ...]]:
    """Every answer of every annotator, by annotator: all experts, and the machine, judge all clips that were shown."""
    raters = cohort.config.raters
    accuracies = [*raters.expert_accuracy, raters.machine_accuracy]
    names = (*expert_names(raters), MACHINE)
    return {
        name: tuple(_rate_all(cohort, name, confusion_matrix(accuracy), stream(cohort.config.seed, "ratings", number)))
        for number, (name, accuracy) in enumerate(zip(names, accuracies, strict=True))
    }


def _rate_all(
    cohort: Cohort, annotator: str, confusion: Float[ndarray, "7 7"], rng: np.random.Generator
) -> Iterator[RatingRow]:
    for person, stimulus, clip in cohort.shown():
        item = f"{person.participant_id}/{stimulus.stimulus_id}"
        for question, rating in _answers(clip, confusion, cohort.config.raters, rng).items():
            yield RatingRow(item, annotator, question, rating)


def _answers(
    clip: Clip, confusion: Float[ndarray, "7 7"], config: RaterConfig, rng: np.random.Generator
) -> dict[str, str]:
    """The five answers of one annotator to one clip."""
    emotion = EMOTIONS[int(rng.choice(len(EMOTIONS), p=confusion[clip.shown7]))]
    tones = tone_probability(clip.shown7, np.array([clip.strength]), config)[0]
    tone = vocabulary("emotion3")[int(rng.choice(len(tones), p=tones))]
    valence, arousal = np.array([VALENCE[clip.shown7], AROUSAL[clip.shown7]]) * clip.strength
    noisy = np.clip(np.array([valence, arousal]) + config.scale_sd * rng.normal(size=2), -1, 1)
    intensity = int(np.clip(np.rint(3 * clip.strength + config.intensity_sd * rng.normal()), 0, 3))
    return {
        "emotion7": emotion,
        "emotion3": tone,
        "valence": f"{noisy[0]:.2f}",
        "arousal": f"{noisy[1]:.2f}",
        "intensity": str(intensity),
    }
