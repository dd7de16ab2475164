"""What stands at the last real step of a stream. Shapes: B clips, T steps, D channels."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["last_step"]


def last_step(value_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B D"]:
    """The step at which the mask is True for the last time; zero for a clip that has none.

    Examples
    --------
    >>> last_step(torch.tensor([[[1.0], [3.0], [99.0]]]), torch.tensor([[True, True, False]]))
    tensor([[3.]])
    """
    step_T = torch.arange(mask_BT.shape[1], device=mask_BT.device)
    last_B = torch.where(mask_BT, step_T, 0).amax(dim=1)
    chosen_BD = value_BTD.gather(1, last_B[:, None, None].expand(-1, 1, value_BTD.shape[-1])).squeeze(1)
    return torch.where(mask_BT.any(dim=1, keepdim=True), chosen_BD, torch.zeros_like(chosen_BD))
