"""A clip in a row of numbers: per channel of every stream, statistics over its real steps.

Shapes: B clips, T steps, D channels, F statistics of all channels.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from emogap.models.batch import Batch
from emogap.models.layers.masked_pooling import masked_mean

__all__ = ["STATISTICS", "channel_statistics", "clip_statistics"]

STATISTICS = ("mean", "sd", "slope", "minimum", "maximum")
"""What is computed per channel, in this order; `slope` is the change over the whole clip of the line that fits best."""


def channel_statistics(stream_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B 5*D"]:
    """The five :data:`STATISTICS` of each channel over the real steps; NaN for a clip without any.

    The standard deviation divides by the number of steps; it and the slope are zero if there is only one.

    Examples
    --------
    >>> stream_BTD, mask_BT = torch.tensor([[[1.0], [3.0], [99.0]]]), torch.tensor([[True, True, False]])
    >>> channel_statistics(stream_BTD, mask_BT)
    tensor([[2., 1., 4., 1., 3.]])
    """
    mask_BT1 = mask_BT.unsqueeze(-1)
    mean_BD = masked_mean(stream_BTD, mask_BT)
    centred_BTD = (stream_BTD - mean_BD.unsqueeze(1)) * mask_BT1
    sd_BD = masked_mean(centred_BTD**2, mask_BT).sqrt()
    time_1T1 = torch.linspace(0, 1, stream_BTD.shape[1], device=stream_BTD.device)[None, :, None]
    time_BT1 = (time_1T1 - masked_mean(time_1T1.expand(len(mask_BT), -1, -1), mask_BT).unsqueeze(1)) * mask_BT1
    slope_BD = (time_BT1 * centred_BTD).sum(dim=1) / (time_BT1**2).sum(dim=1).clamp(min=1e-12)
    low_BD = stream_BTD.masked_fill(~mask_BT1, torch.inf).amin(dim=1)
    high_BD = stream_BTD.masked_fill(~mask_BT1, -torch.inf).amax(dim=1)
    statistics_BF = torch.cat([mean_BD, sd_BD, slope_BD, low_BD, high_BD], dim=1)
    return torch.where(mask_BT.any(dim=1, keepdim=True), statistics_BF, torch.full_like(statistics_BF, torch.nan))


def clip_statistics(batch: Batch, modalities: tuple[str, ...]) -> Float[Tensor, "B F"]:
    """Statistics of every channel of `modalities`, and the share of real steps of each; NaN = nothing there."""
    return torch.cat(
        [channel_statistics(batch.streams[name], batch.masks[name]) for name in modalities]
        + [batch.masks[name].float().mean(dim=1, keepdim=True) for name in modalities],
        dim=1,
    )
