"""Dropout for tensors so wide that drawing a random number for each entry costs more than the layer behind them."""

import torch
from torch import Tensor, nn

__all__ = ["WideDropout"]

STEPS = 2**16
"""Probabilities are multiples of one part in so many: 16 bits are drawn per entry."""


class WideDropout(nn.Module):
    """Dropout that decides about four entries with each random number of 64 bits.

    In training each entry is zero with probability p, independently, and the others are divided by 1 - p; otherwise
    nothing happens. Srivastava et al. (2014), J. Mach. Learn. Res. 15:1929.

    Parameters
    ----------
    probability : float
        p, at least 0 and below 1; rounded to a multiple of 1/65536, and the division goes by the rounded one.

    Notes
    -----
    torch's dropout draws one number per entry, by a generator that makes them one after the other. On a processor
    that takes several times as long as the outer product of three vectors that it follows in TFN.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.num_dropped = min(round(probability * STEPS), STEPS - 1)

    def forward(self, value: Tensor) -> Tensor:
        """`value` with entries dropped, in training."""
        if not self.training or not self.num_dropped:
            return value
        num_draws = -(-value.numel() // 4)
        draw = torch.empty(num_draws, dtype=torch.int64, device=value.device).random_(-(2**63), None)
        bits = draw.view(torch.int16)[: value.numel()].view(value.shape)
        is_kept = bits >= self.num_dropped - STEPS // 2
        return value * is_kept.to(value.dtype).mul_(STEPS / (STEPS - self.num_dropped))
