"""A transformer encoder layer: tokens that attend to each other.

Shapes: B clips, S tokens, D width of a token.
"""

from typing import Literal

from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.layers.cross_attention import CrossAttention

__all__ = ["NormOrder", "SelfAttentionLayer"]

NormOrder = Literal["pre", "post"]


class SelfAttentionLayer(nn.Module):
    """Attention of tokens to each other, then a feed-forward network; both added to what came in.

    Vaswani et al. (2017), arXiv 1706.03762, section 3.1. The attention is :class:`CrossAttention` of the tokens to
    themselves: no bias in query, key and value. The feed-forward network is D -> `feedforward_width` -> D with GELU.

    Parameters
    ----------
    width : int
        D.
    num_heads, head_width : int
        Attention heads and the width of each; their product need not be D.
    feedforward_width : int
        Inner width of the feed-forward network.
    dropout : float
        Share that is dropped in training behind the attention and behind both layers of the feed-forward network.
    norm : "pre" or "post"
        See Notes.

    Notes
    -----
    ``pre``: ``x <- x + attention(LN x)``, ``x <- x + feedforward(LN x)``; nothing is normalised at the end.
    ``post``, as printed in the paper: ``x <- LN(x + attention(x))``, ``x <- LN(x + feedforward(x))``.

    No token attends to a masked one. Masked tokens themselves go through the layer like the others; what leaves
    there is finite, and to be left out by whoever reads it. A clip in which every token is masked collects nothing.
    """

    def __init__(
        self,
        width: int,
        *,
        num_heads: int,
        head_width: int,
        feedforward_width: int,
        dropout: float = 0.1,
        norm: NormOrder = "pre",
    ) -> None:
        super().__init__()
        self.is_pre_norm = norm == "pre"
        self.norm_attention = nn.LayerNorm(width)
        self.attention = CrossAttention(width, num_heads=num_heads, head_width=head_width, dropout=dropout)
        self.norm_feedforward = nn.LayerNorm(width)
        self.feedforward = nn.Sequential(
            nn.Linear(width, feedforward_width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(feedforward_width, width),
            nn.Dropout(dropout),
        )

    def forward(self, token_BSD: Float[Tensor, "B S D"], mask_BS: Bool[Tensor, "B S"]) -> Float[Tensor, "B S D"]:
        """The tokens after one layer; `mask_BS` is True where a token is real."""
        if self.is_pre_norm:
            token_BSD = token_BSD + self._attend(self.norm_attention(token_BSD), mask_BS)
            result_BSD: Tensor = token_BSD + self.feedforward(self.norm_feedforward(token_BSD))
            return result_BSD
        token_BSD = self.norm_attention(token_BSD + self._attend(token_BSD, mask_BS))
        normed_BSD: Tensor = self.norm_feedforward(token_BSD + self.feedforward(token_BSD))
        return normed_BSD

    def _attend(self, token_BSD: Tensor, mask_BS: Tensor) -> Float[Tensor, "B S D"]:
        collected_BSD: Tensor = self.attention(token_BSD, token_BSD, token_BSD, mask_BS)
        return collected_BSD
