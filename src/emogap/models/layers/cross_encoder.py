"""Layers of cross-attention over two sets of tokens, each with learned positions.

Shapes: B clips, Q tokens that ask, S tokens that answer, W width of a token.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.layers.cross_attention import CrossAttentionLayer

__all__ = ["CrossEncoder"]


class CrossEncoder(nn.Module):
    """The asking tokens after `depth` layers, in each of which they ask the same answering tokens.

    Both sets first get a position, a table that is learned and starts from N(0, 1), and a dropout. The form of the
    transformer of EMERT (arXiv 2512.16485, section 4) and of TMT, from the code of the same laboratory.

    Parameters
    ----------
    num_asking, num_answering : int
        Q and S; each has a table of positions of its own.
    width : int
        W.
    depth : int
        Layers.
    num_heads, head_width, dropout
        As in :class:`CrossAttentionLayer`.
    position_dropout : float
        Dropout behind the positions.
    """

    def __init__(
        self,
        num_asking: int,
        num_answering: int,
        *,
        width: int,
        depth: int = 2,
        num_heads: int = 8,
        head_width: int = 64,
        dropout: float = 0.5,
        position_dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.asking_position_QW = nn.Parameter(torch.randn(num_asking, width))
        self.answering_position_SW = nn.Parameter(torch.randn(num_answering, width))
        self.position_dropout = nn.Dropout(position_dropout)
        self.layers = nn.ModuleList(
            CrossAttentionLayer(width, num_heads=num_heads, head_width=head_width, dropout=dropout)
            for _ in range(depth)
        )

    def forward(
        self,
        asking_BQW: Float[Tensor, "B Q W"],
        answering_BSW: Float[Tensor, "B S W"],
        mask_BS: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B Q W"]:
        """`mask_BS` is True where a token answers; a clip in which none does collects nothing."""
        token_BQW: Tensor = self.position_dropout(asking_BQW + self.asking_position_QW)
        answering_BSW = self.position_dropout(answering_BSW + self.answering_position_SW)
        for layer in self.layers:
            token_BQW = layer(token_BQW, answering_BSW, mask_BS)
        return token_BQW
