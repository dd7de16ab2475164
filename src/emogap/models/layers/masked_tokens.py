"""A transformer that encodes one stream, and learns to from the stream alone: what it hides, it reconstructs.

Shapes: B clips, T steps, D channels, S sequences of N tokens each, W width of a token. A stream is one sequence of
its steps (S = B, N = T), or every step is a sequence of its own, of a few *patches* (S = B T, N = patches).
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.layers.self_attention import SelfAttentionLayer

__all__ = ["MaskedTokenEncoder"]


class MaskedTokenEncoder(nn.Module):
    """Pre-norm self-attention over a class token and the tokens of a stream.

    Parameters
    ----------
    num_channels : int
        D.
    width : int
        W.
    num_blocks, num_heads, head_width, feedforward_width, dropout
        Of the layers, as in :class:`SelfAttentionLayer`.
    patches : int or None
        None: one token per step. Otherwise every step is a sequence of so many tokens, which one Linear D -> patches
        x W makes of it.

    Notes
    -----
    To learn, each token is hidden with a given probability: a learned vector stands in its place, and what leaves the
    encoder must tell the stream. This is the form of Xie et al. (2022), SimMIM, arXiv 2111.09886 (hidden tokens stay in
    the sequence, the decoder is one Linear); He et al. (2022), arXiv 2111.06377, leave them out.
    """

    def __init__(
        self,
        num_channels: int,
        *,
        width: int,
        num_blocks: int,
        num_heads: int,
        head_width: int,
        feedforward_width: int,
        dropout: float = 0.0,
        patches: int | None = None,
    ) -> None:
        super().__init__()
        self.width = width
        self.patches = patches
        self.stem = nn.Linear(num_channels, (patches or 1) * width)
        self.class_token_W = nn.Parameter(torch.randn(width) * 0.02)
        self.hidden_token_W = nn.Parameter(torch.randn(width) * 0.02)
        self.blocks = nn.ModuleList(
            SelfAttentionLayer(
                width,
                num_heads=num_heads,
                head_width=head_width,
                feedforward_width=feedforward_width,
                dropout=dropout,
            )
            for _ in range(num_blocks)
        )
        self.norm = nn.LayerNorm(width)

    def tokens(
        self, stream_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "S N W"], Bool[Tensor, "S N"]]:
        """The tokens of a stream, without class token and position, and which of them are real."""
        token_BTV: Tensor = self.stem(stream_BTD)
        if self.patches is None:
            return token_BTV, mask_BT
        return token_BTV.reshape(-1, self.patches, self.width), mask_BT.reshape(-1, 1).expand(-1, self.patches)

    def with_class_token(
        self,
        token_SNW: Float[Tensor, "S N W"],
        position_MW: Float[Tensor, "M W"],
        extra_PW: Float[Tensor, "P W"] | None = None,
    ) -> Float[Tensor, "S E W"]:
        """The class token, then `extra_PW`, then the tokens; all but the extra with a position (M = 1 + N)."""
        first_PW = (self.class_token_W + position_MW[0]).unsqueeze(0)
        if extra_PW is not None:
            first_PW = torch.cat([first_PW, extra_PW])
        return torch.cat([first_PW.expand(len(token_SNW), -1, -1), token_SNW + position_MW[1:]], dim=1)

    def reconstruct(
        self,
        stream_BTD: Float[Tensor, "B T D"],
        mask_BT: Bool[Tensor, "B T"],
        position_MW: Float[Tensor, "M W"],
        decoder: nn.Module,
        *,
        hidden_share: float,
    ) -> tuple[Float[Tensor, "B T D"], Bool[Tensor, "B T"]]:
        """The stream as `decoder` (B, T, W) -> (B, T, D) makes it of what is not hidden, and which steps are asked for.

        Asked for is a real step of which something was hidden. The decoder reads a step's token, or the mean of its
        patches, plus the class token of the sequence, so that the class token learns to sum the sequence up. What is
        hidden is drawn from torch's global generator.
        """
        token_SNW, mask_SN = self.tokens(stream_BTD, mask_BT)
        is_hidden_SN = torch.rand(token_SNW.shape[:2], device=token_SNW.device) < hidden_share
        token_SNW = torch.where(is_hidden_SN.unsqueeze(-1), self.hidden_token_W, token_SNW)
        token_SEW = self.with_class_token(token_SNW, position_MW)
        mask_SE = torch.cat([mask_SN.new_ones(len(mask_SN), 1), mask_SN], dim=1)
        for block in self.blocks:
            token_SEW = block(token_SEW, mask_SE)
        token_SEW = self.norm(token_SEW)
        summary_S1W, token_SNW = token_SEW[:, :1], token_SEW[:, 1:]
        if self.patches is not None:
            token_SNW = token_SNW.mean(dim=1, keepdim=True)
            is_hidden_SN = is_hidden_SN.any(dim=1)
        value_BTD: Tensor = decoder((token_SNW + summary_S1W).reshape(*mask_BT.shape, self.width))
        return value_BTD, is_hidden_SN.reshape(mask_BT.shape) & mask_BT
