"""Means over the real steps of a stream. Shapes: B clips, T steps, D channels."""

from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["masked_mean"]


def masked_mean(value_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B D"]:
    """Mean over the steps at which the mask is True; zero for a clip that has none.

    Examples
    --------
    >>> import torch
    >>> masked_mean(torch.tensor([[[1.0], [3.0], [99.0]]]), torch.tensor([[True, True, False]]))
    tensor([[2.]])
    """
    weight_BT1 = mask_BT.unsqueeze(-1).to(value_BTD.dtype)
    return (value_BTD * weight_BT1).sum(dim=1) / weight_BT1.sum(dim=1).clamp(min=1)
