"""What the majority of the experts says: the class with most votes, ties to the first."""

from itertools import product

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.simulation.affect import EMOTIONS
from emogap.simulation.config import SimulationConfig
from emogap.simulation.raters import confusion_matrix

__all__ = ["voted_emotion", "voted_tone"]


def voted_emotion(config: SimulationConfig) -> Float[ndarray, "7 7"]:
    """Probability of each majority of the experts (columns) given the shown emotion (rows)."""
    answers = np.stack([confusion_matrix(accuracy) for accuracy in config.raters.expert_accuracy])
    return np.stack([_majority(answers[:, shown]) for shown in range(len(EMOTIONS))])


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
