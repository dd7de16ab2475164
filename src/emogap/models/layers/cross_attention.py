"""Multi-head attention of one set of tokens to another.

Shapes: B clips, Q tokens that ask, S tokens that answer, D width of a token, N heads, W width of a head.
"""

from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from emogap.errors import UsageError

__all__ = ["CrossAttention", "CrossAttentionLayer", "width_of_head"]


class CrossAttention(nn.Module):
    """Tokens that ask collect from tokens that answer, softmax(q k / sqrt(W)) v per head.

    Query, key and value have no bias; the output has one, and a dropout behind it. Vaswani et al. (2017), arXiv
    1706.03762, section 3.2.

    Parameters
    ----------
    width : int
        D.
    num_heads, head_width : int
        N and W; the inner width is N times W whatever `width` is.
    dropout : float
        Share of the output that is dropped in training.
    weight_dropout : float
        Share of the weights of the attention themselves that is dropped in training.

    Notes
    -----
    Without biases, the score of head n is ``x A_n s`` with ``A_n = Wq_n^T Wk_n``, and its part of the output is
    ``p s C_n`` with ``C_n = Wv_n^T Wo_n^T``. Where a token is no wider than a head (EMERT: 32 against 64),
    multiplying these small matrices first gives the same result with fewer operations: keys and values are the
    answering tokens themselves, the same for all heads. The scaled-dot-product kernel then runs once, over N times
    Q queries of width D.
    """

    def __init__(
        self,
        width: int,
        *,
        num_heads: int = 8,
        head_width: int = 64,
        dropout: float = 0.5,
        weight_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        inner = num_heads * head_width
        self.num_heads = num_heads
        self.head_width = head_width
        self.weight_dropout = weight_dropout
        self.query = nn.Linear(width, inner, bias=False)
        self.key = nn.Linear(width, inner, bias=False)
        self.value = nn.Linear(width, inner, bias=False)
        self.output = nn.Linear(inner, width)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        asking_BQD: Float[Tensor, "B Q D"],
        key_BSD: Float[Tensor, "B S D"],
        value_BSD: Float[Tensor, "B S D"],
        mask: Bool[Tensor, "B ... S"],
    ) -> Float[Tensor, "B Q D"]:
        """What each asking token collects; masked tokens answer nothing.

        `mask` is (B, S), or (B, Q, S) where not every asking token may ask all others.
        """
        attend = self._attend_folded if asking_BQD.shape[-1] <= self.head_width else self._attend_projected
        mask_BQS = mask if mask.ndim == 3 else mask.unsqueeze(1)
        collected_BQD: Tensor = self.dropout(attend(asking_BQD, key_BSD, value_BSD, mask_BQS))
        return collected_BQD

    @property
    def _dropped_weights(self) -> float:
        return self.weight_dropout if self.training else 0.0

    def _attend_folded(self, asking_BQD: Tensor, key_BSD: Tensor, value_BSD: Tensor, mask_BQS: Tensor) -> Tensor:
        (B, Q, D), N = asking_BQD.shape, self.num_heads
        if mask_BQS.shape[1] > 1:
            mask_BQS = mask_BQS.repeat_interleave(N, dim=1)
        score_NDD = self._by_head(self.query).transpose(1, 2) @ self._by_head(self.key)
        output_NWD = self.output.weight.t().view(N, self.head_width, D)
        collect_NDD = self._by_head(self.value).transpose(1, 2) @ output_NWD
        query_BQND = (asking_BQD @ score_NDD.transpose(0, 1).reshape(D, N * D)).view(B, Q, N, D)
        collected_B1XD = functional.scaled_dot_product_attention(
            query_BQND.reshape(B, 1, Q * N, D),
            key_BSD.unsqueeze(1),
            value_BSD.unsqueeze(1),
            attn_mask=mask_BQS.unsqueeze(1),
            dropout_p=self._dropped_weights,
            scale=self.head_width**-0.5,
        )
        return functional.linear(
            collected_B1XD.reshape(B, Q, N * D), collect_NDD.reshape(N * D, D).t(), self.output.bias
        )

    def _attend_projected(self, asking_BQD: Tensor, key_BSD: Tensor, value_BSD: Tensor, mask_BQS: Tensor) -> Tensor:
        query, key, value = (
            layer(token).unflatten(-1, (self.num_heads, self.head_width)).transpose(1, 2)
            for layer, token in ((self.query, asking_BQD), (self.key, key_BSD), (self.value, value_BSD))
        )
        collected_BNQW = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask_BQS.unsqueeze(1), dropout_p=self._dropped_weights
        )
        projected_BQD: Tensor = self.output(collected_BNQW.transpose(1, 2).flatten(2))
        return projected_BQD

    def _by_head(self, layer: nn.Linear) -> Float[Tensor, "N W D"]:
        return layer.weight.view(self.num_heads, self.head_width, -1)


class CrossAttentionLayer(nn.Module):
    """Attention to another set of tokens, then a feed-forward network; both added to what came in.

    ``x <- x + attention(LN x, LN s, LN s)``, ``x <- x + feedforward(LN x)``, each with a layer norm of its own.
    The feed-forward network is D -> D -> D with GELU and dropout. There is no attention of x to itself.

    Parameters
    ----------
    width, num_heads, head_width, dropout
        As in :class:`CrossAttention`; the dropout also follows both layers of the feed-forward network.
    """

    def __init__(self, width: int, *, num_heads: int = 8, head_width: int = 64, dropout: float = 0.5) -> None:
        super().__init__()
        self.norm_query = nn.LayerNorm(width)
        self.norm_key = nn.LayerNorm(width)
        self.norm_value = nn.LayerNorm(width)
        self.attention = CrossAttention(width, num_heads=num_heads, head_width=head_width, dropout=dropout)
        self.feedforward = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, width),
            nn.Dropout(dropout),
        )

    def forward(
        self,
        asking_BQD: Float[Tensor, "B Q D"],
        answering_BSD: Float[Tensor, "B S D"],
        mask_BS: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B Q D"]:
        """The asking tokens after one layer; `mask_BS` is True where a token answers."""
        collected_BQD = self.attention(
            self.norm_query(asking_BQD), self.norm_key(answering_BSD), self.norm_value(answering_BSD), mask_BS
        )
        asking_BQD = asking_BQD + collected_BQD
        result_BQD: Tensor = asking_BQD + self.feedforward(asking_BQD)
        return result_BQD


def width_of_head(width: int, num_heads: int) -> int:
    """The width of each of `num_heads` heads that share a token's `width` evenly, as in Vaswani et al. (2017).

    Raises
    ------
    UsageError
        If they cannot.
    """
    if width % num_heads:
        raise UsageError(
            f"{num_heads} attention heads cannot share a width of {width} evenly",
            fix=f"choose a width divisible by {num_heads}, or a number of heads that divides {width}",
        )
    return width // num_heads
