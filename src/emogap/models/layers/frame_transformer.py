"""A transformer over the frames of a clip.

Shapes: B clips, T frames, W width of a frame, V width of the transformer.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.layers.self_attention import SelfAttentionLayer
from emogap.models.layers.sinusoid import sinusoid

__all__ = ["FrameTransformer"]


class FrameTransformer(nn.Module):
    """One pre-norm layer of self-attention over a class token and the frames; what the class token says behind it.

    Parameters
    ----------
    num_frames : int
        T. The learned positions of 1 + T tokens start as sines and cosines.
    in_width, width : int
        W and V.
    num_heads, head_width, feedforward_width, dropout
        As in :class:`SelfAttentionLayer`.
    """

    def __init__(
        self,
        num_frames: int,
        *,
        in_width: int,
        width: int,
        num_heads: int,
        head_width: int,
        feedforward_width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.projection = nn.Linear(in_width, width)
        self.class_token_V = nn.Parameter(torch.randn(width) * 0.02)
        self.position_FV = nn.Parameter(sinusoid(1 + num_frames, width))
        self.layer = SelfAttentionLayer(
            width, num_heads=num_heads, head_width=head_width, feedforward_width=feedforward_width, dropout=dropout
        )

    def forward(self, frame_BTW: Float[Tensor, "B T W"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B V"]:
        """`mask_BT` is True where a frame is real."""
        class_B1V = self.class_token_V.expand(len(frame_BTW), 1, -1)
        token_BFV = torch.cat([class_B1V, self.projection(frame_BTW)], dim=1) + self.position_FV
        mask_BF = torch.cat([mask_BT.new_ones(len(mask_BT), 1), mask_BT], dim=1)
        encoded_BFV: Tensor = self.layer(token_BFV, mask_BF)
        return encoded_BFV[:, 0]
