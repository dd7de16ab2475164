"""The two pre-norm blocks that encoder and decoder are made of: attention, then a feed-forward network.

Vaswani et al. (2017), arXiv 1706.03762, section 3, with the layer norm in front of each half and biases in all
projections, as in the authors' code of GLASS. Both blocks work in two steps, project and attend, so that keys and
values that do not change are computed once and kept.
"""

from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from emogap.models.glass.config import GlassConfig
from emogap.models.glass.rotary import RotaryTable

__all__ = ["CrossAttentionBlock", "SelfAttentionBlock"]


class _Block(nn.Module):
    """What both blocks share: what the heads collect is projected and added, then comes the feed-forward network."""

    def __init__(self, config: GlassConfig) -> None:
        super().__init__()
        width, inner = config.width, config.feedforward_ratio * config.width
        self.num_heads = config.num_heads
        self.norm_attention = nn.LayerNorm(width)
        self.output = nn.Linear(width, width)
        self.dropout = nn.Dropout(config.dropout)
        self.feedforward = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, inner),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(inner, width),
            nn.Dropout(config.dropout),
        )

    def attend(
        self,
        token_BTW: Float[Tensor, "B T W"],
        query_BKTH: Float[Tensor, "B K T H"],
        key_BKSH: Float[Tensor, "B K S H"],
        value_BKSH: Float[Tensor, "B K S H"],
        *,
        mask: Bool[Tensor, "B 1 ... S"],
    ) -> Float[Tensor, "B T W"]:
        """The tokens after the block; `mask` is True where a key may be asked. Who may ask none collects zeros."""
        collected_BKTH = functional.scaled_dot_product_attention(query_BKTH, key_BKSH, value_BKSH, attn_mask=mask)
        token_BTW = token_BTW + self.dropout(self.output(collected_BKTH.transpose(1, 2).flatten(2)))
        result_BTW: Tensor = token_BTW + self.feedforward(token_BTW)
        return result_BTW

    def _heads(self, value_BTX: Tensor, parts: int) -> Float[Tensor, "B T PK H"]:
        return value_BTX.view(*value_BTX.shape[:2], parts * self.num_heads, -1)


class SelfAttentionBlock(_Block):
    """Tokens ask each other.

    Parameters
    ----------
    config : GlassConfig
    """

    def __init__(self, config: GlassConfig) -> None:
        super().__init__(config)
        self.query_key = nn.Linear(config.width, 2 * config.width)
        self.value = nn.Linear(config.width, config.width)

    def project(
        self, token_BTW: Float[Tensor, "B T W"], table: RotaryTable
    ) -> tuple[Float[Tensor, "B K T H"], Float[Tensor, "B K T H"], Float[Tensor, "B K T H"]]:
        """Queries, keys and values of the tokens at the positions of `table`."""
        normed_BTW = self.norm_attention(token_BTW)
        if table.is_before_projection:
            turned_BTW = table.rotate(self._heads(normed_BTW, 1)).flatten(2)
            query_key = self._heads(self.query_key(turned_BTW), 2)
        else:
            query_key = table.rotate(self._heads(self.query_key(normed_BTW), 2))
        value = self._heads(self.value(normed_BTW), 1)
        query, key = query_key.chunk(2, dim=2)
        return query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)

    def forward(
        self,
        token_BTW: Float[Tensor, "B T W"],
        table: RotaryTable,
        *,
        mask: Bool[Tensor, "B 1 ... T"],
    ) -> Float[Tensor, "B T W"]:
        """The tokens after the block, see :meth:`attend`."""
        query, key, value = self.project(token_BTW, table)
        return self.attend(token_BTW, query, key, value, mask=mask)


class CrossAttentionBlock(_Block):
    """Tokens of the future ask those of the past.

    Parameters
    ----------
    config : GlassConfig

    Notes
    -----
    The tokens that answer carry no layer norm of this block: the encoder's own is the last thing they went through.
    They carry no position either, but for what the encoder made of it; as in the authors' code.
    """

    def __init__(self, config: GlassConfig) -> None:
        super().__init__(config)
        self.query = nn.Linear(config.width, config.width)
        self.key_value = nn.Linear(config.width, 2 * config.width)

    def answers(self, encoded_BNW: Float[Tensor, "B N W"]) -> tuple[Float[Tensor, "B K N H"], Float[Tensor, "B K N H"]]:
        """Keys and values of the tokens that answer."""
        key, value = self._heads(self.key_value(encoded_BNW), 2).chunk(2, dim=2)
        return key.transpose(1, 2), value.transpose(1, 2)

    def forward(
        self,
        token_BTW: Float[Tensor, "B T W"],
        key_BKNH: Float[Tensor, "B K N H"],
        value_BKNH: Float[Tensor, "B K N H"],
        mask: Bool[Tensor, "B 1 1 N"],
    ) -> Float[Tensor, "B T W"]:
        """The asking tokens after the block, see :meth:`attend`."""
        query = self._heads(self.query(self.norm_attention(token_BTW)), 1).transpose(1, 2)
        return self.attend(token_BTW, query, key_BKNH, value_BKNH, mask=mask)
