"""Label views and vocabularies: what a label is about, and the words it may use."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.errors import DataError, UnknownNameError
from emogap.types._check import freeze, require

__all__ = ["VOCABULARIES", "EmotionLabel", "LabelView", "Space", "vocabulary"]


class LabelView(StrEnum):
    """Whose statement a label is; views are never mixed silently."""

    FELT = "felt"
    """Self-report of the participant (the protocols er*)."""
    SHOWN = "shown"
    """Expression as judged by observers (the protocols fer*)."""
    TARGET = "target"
    """What the stimulus was meant to elicit, or what it shows; nobody's feeling."""


Space = Literal["emotion7", "emotion3", "quadrant", "gap"]

VOCABULARIES: dict[str, tuple[str, ...]] = {
    "emotion7": ("happiness", "sadness", "fear", "surprise", "disgust", "anger", "neutral"),
    "emotion3": ("positive", "negative", "neutral"),
    "quadrant": ("high-positive", "low-positive", "high-negative", "low-negative"),
    "gap": ("no-gap", "gap"),
}
"""Class names of each label space, in the order of every probability axis. ``quadrant`` is arousal-valence; ``gap`` is
whether the shown class differs from the felt one, a relation of two views that nobody is asked for."""


def vocabulary(space: str) -> tuple[str, ...]:
    """Class names of `space`, in the order of every probability axis.

    Examples
    --------
    >>> vocabulary("emotion3")
    ('positive', 'negative', 'neutral')
    """
    if space not in VOCABULARIES:
        raise UnknownNameError("label space", space, VOCABULARIES)
    return VOCABULARIES[space]


@dataclass(frozen=True, slots=True, eq=False)
class EmotionLabel:
    """One label of one clip in one view.

    Attributes
    ----------
    view : LabelView
    share : mapping from space to float64 array (K,)
        Vote shares over ``vocabulary(space)``, summing to 1; one self-report is a one-hot share.
    valence, arousal : float or None
        In [-1, 1].
    intensity : float or None
        Strength of the shown expression in [0, 3]; the view SHOWN only.
    agreement : float or None
        Share of annotators on the most voted class, in (0, 1].
    """

    view: LabelView
    share: dict[str, Float[ndarray, " K"]]
    valence: float | None = None
    arousal: float | None = None
    intensity: float | None = None
    agreement: float | None = None

    def __post_init__(self) -> None:
        for space, share in self.share.items():
            require(
                share.shape == (len(vocabulary(space)),) and bool((share >= 0).all()),
                f"vote shares of {space} must be {len(vocabulary(space))} non-negative numbers, got {share}",
            )
            require(abs(float(np.sum(share)) - 1) < 1e-6, f"vote shares of {space} must sum to 1, got {share}")
            freeze(share)
        for name, value, low, high in (
            ("valence", self.valence, -1, 1),
            ("arousal", self.arousal, -1, 1),
            ("intensity", self.intensity, 0, 3),
        ):
            require(value is None or low <= value <= high, f"{name} must lie in [{low}, {high}], got {value}")
        if self.intensity is not None and self.view is not LabelView.SHOWN:
            raise DataError(f"expression intensity belongs to the view shown, not to {self.view}")
