"""Labels that ask the tokens of a clip: one vector per label.

Shapes: B clips, L labels, S tokens, W width of a token.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.layers.cross_attention import CrossAttention, width_of_head
from emogap.models.layers.token_encoder import START_SD

__all__ = ["LabelDecoder", "LabelDecoderLayer"]


class LabelDecoderLayer(nn.Module):
    """Labels attend to each other, then to the tokens, then go through a feed-forward network; each post-norm.

    ``x <- LN(x + attention(x, x))``, ``x <- LN(x + attention(x, s))``, ``x <- LN(x + feedforward(x))`` with a
    feed-forward network W -> W -> W and GELU.

    Parameters
    ----------
    width, num_heads : int
        W, and the heads it is divided among.
    dropout : float
        Behind both attentions and the feed-forward network.
    """

    def __init__(self, width: int, *, num_heads: int, dropout: float) -> None:
        super().__init__()
        head_width = width_of_head(width, num_heads)
        self.among_labels = CrossAttention(width, num_heads=num_heads, head_width=head_width, dropout=dropout)
        self.norm_labels = nn.LayerNorm(width)
        self.to_tokens = CrossAttention(width, num_heads=num_heads, head_width=head_width, dropout=dropout)
        self.norm_tokens = nn.LayerNorm(width)
        self.feedforward = nn.Sequential(
            nn.Linear(width, width), nn.GELU(), nn.Linear(width, width), nn.Dropout(dropout)
        )
        self.norm_feedforward = nn.LayerNorm(width)

    def forward(
        self, label_BLW: Float[Tensor, "B L W"], token_BSW: Float[Tensor, "B S W"], mask_BS: Bool[Tensor, "B S"]
    ) -> Float[Tensor, "B L W"]:
        """The labels after one layer; `mask_BS` is True where a token answers."""
        everyone_BL = torch.ones(label_BLW.shape[:2], dtype=torch.bool, device=label_BLW.device)
        label_BLW = self.norm_labels(label_BLW + self.among_labels(label_BLW, label_BLW, label_BLW, everyone_BL))
        label_BLW = self.norm_tokens(label_BLW + self.to_tokens(label_BLW, token_BSW, token_BSW, mask_BS))
        result_BLW: Tensor = self.norm_feedforward(label_BLW + self.feedforward(label_BLW))
        return result_BLW


class LabelDecoder(nn.Module):
    """One learned vector per label, through layers in which it asks the other labels and the tokens of the clip.

    Parameters
    ----------
    num_labels : int
        L.
    width, num_heads, dropout
        As in :class:`LabelDecoderLayer`; the dropout also follows the norm of the learned vectors.
    depth : int
        Layers.
    """

    def __init__(self, num_labels: int, *, width: int, num_heads: int, depth: int, dropout: float) -> None:
        super().__init__()
        self.label_LW = nn.Parameter(torch.randn(num_labels, width) * START_SD)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            LabelDecoderLayer(width, num_heads=num_heads, dropout=dropout) for _ in range(depth)
        )

    def forward(self, token_BSW: Float[Tensor, "B S W"], mask_BS: Bool[Tensor, "B S"]) -> Float[Tensor, "B L W"]:
        """One vector per label; `mask_BS` is True where a token answers."""
        label_BLW: Tensor = self.dropout(self.norm(self.label_LW).expand(len(token_BSW), -1, -1))
        for layer in self.layers:
            label_BLW = layer(label_BLW, token_BSW, mask_BS)
        return label_BLW
