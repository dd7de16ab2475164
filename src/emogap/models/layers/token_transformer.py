"""Tokens of several modalities side by side in one transformer encoder.

Shapes: B clips, T steps of one modality, S steps of all modalities, W width of a token.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from emogap.models.layers.self_attention import SelfAttentionLayer

__all__ = ["TokenTransformer", "TransformerOptions"]


class TransformerOptions(BaseModel):
    """Size of the encoder: ours, as no source gives one, and about as large as the other networks of the shelf."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(default=128, ge=2, multiple_of=2, description="Width W of a token; ours.")
    depth: int = Field(default=2, ge=1, description="Layers of the transformer; ours.")
    num_heads: int = Field(default=4, ge=1, description="Attention heads; ours.")
    head_width: int = Field(default=32, ge=1, description="Width of an attention head; ours.")
    feedforward_width: int = Field(default=256, ge=1, description="Inner width of the feed-forward networks; ours.")
    dropout: float = Field(default=0.1, ge=0, lt=1, description="Dropout in the transformer and on its tokens; ours.")


class TokenTransformer(nn.Module):
    """A learned vector per modality and one per position, then pre-norm encoder layers over all tokens at once.

    Parameters
    ----------
    lengths : mapping from modality to int
        Number of tokens T of each modality, in the order in which they are put side by side.
    options : TransformerOptions

    Notes
    -----
    Both learned vectors start from N(0, 0.02^2), as in Devlin et al. (2019), arXiv 1810.04805.
    """

    def __init__(self, lengths: Mapping[str, int], options: TransformerOptions) -> None:
        super().__init__()
        self.modalities = tuple(lengths)
        self.modality_W = nn.ParameterDict(
            {name: nn.Parameter(0.02 * torch.randn(options.width)) for name in self.modalities}
        )
        self.position_SW = nn.Parameter(0.02 * torch.randn(sum(lengths.values()), options.width))
        self.dropout = nn.Dropout(options.dropout)
        self.layers = nn.ModuleList(
            SelfAttentionLayer(
                options.width,
                num_heads=options.num_heads,
                head_width=options.head_width,
                feedforward_width=options.feedforward_width,
                dropout=options.dropout,
            )
            for _ in range(options.depth)
        )

    def forward(
        self, tokens: Mapping[str, Float[Tensor, "B T W"]], masks: Mapping[str, Bool[Tensor, "B T"]]
    ) -> tuple[Float[Tensor, "B S W"], Bool[Tensor, "B S"]]:
        """All tokens after the last layer, and which of them are real."""
        mask_BS = torch.cat([masks[name] for name in self.modalities], dim=1)
        marked = [tokens[name] + self.modality_W[name] for name in self.modalities]
        token_BSW: Tensor = self.dropout(torch.cat(marked, dim=1) + self.position_SW)
        for layer in self.layers:
            token_BSW = layer(token_BSW, mask_BS)
        return token_BSW, mask_BS
