"""Where the values of a regression target lie, and which value divides its two poles. Shapes: K targets."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from emogap.types import Target

__all__ = ["TARGET_RANGES", "target_centre", "target_reach"]

TARGET_RANGES: dict[Target, tuple[float, float]] = {
    "valence": (-1.0, 1.0),
    "arousal": (-1.0, 1.0),
    "intensity": (0.0, 3.0),
}
"""Lowest and highest value of each target, the limits of :class:`emogap.types.EmotionLabel`."""


def target_centre(targets: Sequence[Target]) -> Float[Tensor, " K"]:
    """The middle of each target's range, float32: what is above belongs to one pole, what is below to the other.

    Examples
    --------
    >>> target_centre(("valence", "intensity"))
    tensor([0.0000, 1.5000])
    """
    return torch.tensor([sum(TARGET_RANGES[target]) / 2 for target in targets])


def target_reach(targets: Sequence[Target]) -> Float[Tensor, " K"]:
    """How far each target's range reaches from its middle, float32.

    Examples
    --------
    >>> target_reach(("valence", "intensity"))
    tensor([1.0000, 1.5000])
    """
    return torch.tensor([(high - low) / 2 for low, high in (TARGET_RANGES[target] for target in targets)])
