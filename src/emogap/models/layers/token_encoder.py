"""Tokens with learned positions that attend to each other, of one sequence or of two put end to end.

Shapes: B clips, S tokens, W width of a token.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.layers.cross_attention import width_of_head
from emogap.models.layers.self_attention import SelfAttentionLayer

__all__ = ["START_SD", "PairEncoder", "TokenEncoder"]

START_SD = 0.02
"""SD that positions and types start with; Devlin et al. (2019), arXiv 1810.04805, in their code."""


class TokenEncoder(nn.Module):
    """Position, layer norm, dropout, then post-norm layers of self-attention; the encoder of BERT.

    Devlin et al. (2019), arXiv 1810.04805. Here the dropout in a layer stands behind the attention and behind both
    parts of the feed-forward network; in BERT's code also on the attention weights, and not behind the GELU.

    Parameters
    ----------
    num_tokens : int
        S.
    width, num_heads : int
        W, and the heads it is divided among.
    depth : int
        Layers.
    dropout : float
        Behind the positions and in the layers.
    """

    def __init__(self, num_tokens: int, *, width: int, num_heads: int, depth: int, dropout: float) -> None:
        super().__init__()
        self.position_SW = nn.Parameter(torch.randn(num_tokens, width) * START_SD)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            SelfAttentionLayer(
                width,
                num_heads=num_heads,
                head_width=width_of_head(width, num_heads),
                feedforward_width=width,
                dropout=dropout,
                norm="post",
            )
            for _ in range(depth)
        )

    def forward(self, token_BSW: Float[Tensor, "B S W"], mask_BS: Bool[Tensor, "B S"]) -> Float[Tensor, "B S W"]:
        """The tokens after all layers; `mask_BS` is True where a token is real."""
        encoded_BSW: Tensor = self.dropout(self.norm(token_BSW + self.position_SW))
        for layer in self.layers:
            encoded_BSW = layer(encoded_BSW, mask_BS)
        return encoded_BSW


class PairEncoder(nn.Module):
    """Two sequences end to end, each with a learned type, through a :class:`TokenEncoder`.

    Parameters
    ----------
    num_tokens : int
        Tokens of both together.
    width, num_heads, depth, dropout
        As in :class:`TokenEncoder`.
    """

    def __init__(self, num_tokens: int, *, width: int, num_heads: int, depth: int, dropout: float) -> None:
        super().__init__()
        self.type_2W = nn.Parameter(torch.randn(2, width) * START_SD)
        self.encoder = TokenEncoder(num_tokens, width=width, num_heads=num_heads, depth=depth, dropout=dropout)

    def forward(
        self,
        first_BSW: Float[Tensor, "B S W"],
        first_mask_BS: Bool[Tensor, "B S"],
        second_BTW: Float[Tensor, "B T W"],
        second_mask_BT: Bool[Tensor, "B T"],
    ) -> tuple[Float[Tensor, "B S+T W"], Bool[Tensor, "B S+T"]]:
        """The tokens of both after all layers, and their mask."""
        token = torch.cat([first_BSW + self.type_2W[0], second_BTW + self.type_2W[1]], dim=1)
        mask = torch.cat([first_mask_BS, second_mask_BT], dim=1)
        return self.encoder(token, mask), mask
