"""A small convolutional network on raw gaze: what GLASS is compared with."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.layers.masked_pooling import masked_mean

__all__ = ["TemporalCnn"]

WIDTH, KERNEL, DEPTH, DROPOUT = 64, 5, 3, 0.1
"""Channels, frames a convolution sees, convolutions, dropout; arXiv 2601.12534 and the authors' code."""


class TemporalCnn(nn.Module):
    """Three convolutions with ReLU, batch norm and dropout, the mean over time, and two linear layers.

    Parameters
    ----------
    num_channels : int
        D.
    num_outputs : int
        O.

    Notes
    -----
    The mean is over measured frames only; there are none to tell apart in the authors' code.
    """

    def __init__(self, num_channels: int, num_outputs: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for depth in range(DEPTH):
            layers += [
                nn.Conv1d(num_channels if depth == 0 else WIDTH, WIDTH, KERNEL, padding=KERNEL // 2),
                nn.ReLU(),
                nn.BatchNorm1d(WIDTH),
                nn.Dropout(DROPOUT),
            ]
        self.body = nn.Sequential(*layers)
        self.output = nn.Sequential(
            nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(WIDTH, num_outputs)
        )

    @property
    def last_layer(self) -> nn.Linear:
        """The layer that gives the outputs."""
        layer = self.output[-1]
        assert isinstance(layer, nn.Linear)
        return layer

    def forward(self, gaze_BTD: Float[Tensor, "B T D"], valid_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B O"]:
        """Logits of classes, or values, of windows of standardised gaze; no invalid frame is read."""
        known_BTD = torch.where(valid_BT.unsqueeze(-1), gaze_BTD, torch.zeros_like(gaze_BTD))
        hidden_BTA = self.body(known_BTD.transpose(1, 2)).transpose(1, 2)
        output_BO: Tensor = self.output(masked_mean(hidden_BTA, valid_BT))
        return output_BO
