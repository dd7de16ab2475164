"""Where the values of a regression target lie, and which of its two poles a value belongs to.

Shapes: N clips, K targets or classes, P poles.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from emogap.types import Target

__all__ = ["TARGET_RANGES", "pole_weights", "target_centre", "target_reach"]

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


def pole_weights(label_NK: Float[Tensor, "N K"], centre_K: Float[Tensor, " K"] | None) -> Float[Tensor, "N P"]:
    """How much each clip belongs to each pole; zero for an unlabelled clip.

    Parameters
    ----------
    label_NK : Tensor
        Values or vote shares; NaN = unlabelled.
    centre_K : Tensor or None
        Values: what divides the two poles of each target. P = 2 K: first all upper poles, then all lower ones, each
        with weight 0 or 1; a value at the centre belongs to neither. None = classes: P = K, and the weights are the
        shares.
    """
    if centre_K is None:
        return label_NK.nan_to_num(0.0)
    return torch.cat([label_NK > centre_K, label_NK < centre_K], dim=1).to(label_NK.dtype)
