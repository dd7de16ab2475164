"""Encoders that turn the steps of one stream into tokens of one width.

Shapes: B clips, T steps, D channels, H width of a token.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

__all__ = ["MaskedLSTM", "StepLinear"]


class MaskedLSTM(nn.Module):
    """An LSTM over the real steps of a stream; one token per step, zero where the mask is False.

    Masked steps are skipped, wherever they stand: the state that leaves the step before a gap is the state that
    enters the step after it. The real steps are moved to the front, the LSTM runs over them, and its outputs are
    moved back. It never looks ahead, so what stands behind the last real step cannot reach the others; a packed
    sequence would give the same numbers, more slowly and without gaps in the middle.

    Parameters
    ----------
    num_channels : int
        D, channels of the stream.
    width : int
        H, width of the state and of each token.
    num_layers : int
        LSTM layers, stacked without dropout between them.
    """

    def __init__(self, num_channels: int, *, width: int, num_layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(num_channels, width, num_layers, batch_first=True)

    def forward(self, stream_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B T H"]:
        """One token per step."""
        order_BT = mask_BT.logical_not().to(torch.uint8).argsort(dim=1, stable=True)
        token_BTH, _ = self.lstm(_reorder(stream_BTD, order_BT))
        return _reorder(token_BTH, order_BT.argsort(dim=1)) * mask_BT.unsqueeze(-1)


class StepLinear(nn.Module):
    """One Linear for every step of a stream of ready-made features; zero where the mask is False."""

    def __init__(self, num_channels: int, *, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(num_channels, width)

    def forward(self, stream_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B T H"]:
        """One token per step."""
        token_BTH: Tensor = self.linear(stream_BTD)
        return token_BTH * mask_BT.unsqueeze(-1)


def _reorder(value_BTD: Float[Tensor, "B T D"], order_BT: Int[Tensor, "B T"]) -> Float[Tensor, "B T D"]:
    return value_BTD.gather(1, order_BT.unsqueeze(-1).expand(-1, -1, value_BTD.shape[-1]))
