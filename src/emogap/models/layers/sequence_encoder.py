"""Encoders that turn the steps of one stream into tokens of one width.

Shapes: B clips, T steps, D channels, H width of a token.
"""

from typing import Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

__all__ = ["Initialisation", "MaskedLSTM", "StepLinear"]

Initialisation = Literal["glorot", "torch"]


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
    initialisation : "glorot" or "torch"
        How the weights start, see Notes.

    Notes
    -----
    ``torch`` draws every weight and bias from U(-1/sqrt(H), 1/sqrt(H)). What leaves three such layers hardly
    varies with what enters, and training begins with a plateau of hundreds of steps. ``glorot`` keeps the variance
    from layer to layer: input weights of each gate after Glorot & Bengio (2010), recurrent weights of each gate
    orthogonal (Saxe et al. 2014, arXiv 1312.6120), biases zero but that of the forget gate, which is 1
    (Jozefowicz et al. 2015, PMLR 37:2342).
    """

    def __init__(
        self, num_channels: int, *, width: int, num_layers: int, initialisation: Initialisation = "glorot"
    ) -> None:
        super().__init__()
        self.lstm = nn.LSTM(num_channels, width, num_layers, batch_first=True)
        if initialisation == "glorot":
            _keep_variance(self.lstm)

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


@torch.no_grad()
def _keep_variance(lstm: nn.LSTM) -> None:
    for name, parameter in lstm.named_parameters():
        gates = torch.chunk(parameter, 4)  # input, forget, cell, output
        if name.startswith("weight_ih"):
            for gate in gates:
                nn.init.xavier_uniform_(gate)
        elif name.startswith("weight_hh"):
            for gate in gates:
                nn.init.orthogonal_(gate)
        else:
            # torch adds two biases: one of them carries the forget gate's 1.
            nn.init.zeros_(parameter)
            if name.startswith("bias_ih"):
                nn.init.ones_(gates[1])
