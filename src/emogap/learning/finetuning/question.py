"""What a fine-tuned network is asked: some values on a scale, or one class of several."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["LABEL_FILE_QUESTIONS", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """The problem; it travels with the checkpoint.

    Attributes
    ----------
    name : str
        ``vad``, ``behaviour``, or a protocol such as ``felt-va``.
    kind : "values" or "classes"
    outputs : tuple of str, length O
        Names of the values, or of the classes.
    low, high : float
        Ends of the scale of the values; 0 and 1 for the shares of classes.
    """

    name: str
    kind: Literal["values", "classes"]
    outputs: tuple[str, ...]
    low: float = 0.0
    high: float = 1.0

    def given(self, raw: Float[ndarray, "N O"]) -> Float[ndarray, "N O"]:
        """What a network puts out as what is told: values within the scale, or probabilities; float64.

        A network gives values as a share of the scale, 0 at its low end and 1 at its high one, and classes as logits.
        """
        if self.kind == "values":
            return self.low + (self.high - self.low) * np.clip(raw.astype(np.float64), 0.0, 1.0)
        weight = np.exp(raw.astype(np.float64) - raw.max(axis=1, keepdims=True))
        probability: Float[ndarray, "N O"] = weight / weight.sum(axis=1, keepdims=True)
        return probability

    def aimed(self, label: Float[ndarray, "N O"]) -> Float[ndarray, "N O"]:
        """Labels as a network is to put them out: values as a share of the scale, classes as vote shares."""
        return (label - self.low) / (self.high - self.low)


LABEL_FILE_QUESTIONS: Mapping[str, Question] = {
    "vad": Question("vad", "values", ("valence", "arousal", "dominance")),
    "behaviour": Question("behaviour", "classes", ("laugh", "cry", "sigh")),
}
"""The two questions of arXiv 2601.12534, whose labels come in a file of their own."""
