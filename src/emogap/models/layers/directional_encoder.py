"""One stream that asks another, step by step, or itself: the directional transformer of MulT.

Shapes: B clips, Q steps that ask, S steps that answer, W width of a token.
"""

from typing import cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.layers.cross_attention import CrossAttention, width_of_head
from emogap.models.layers.sinusoid import sinusoid

__all__ = ["DirectionalEncoder", "DirectionalLayer", "steps_in_reach"]

EXPANSION = 4
"""Inner width of the feed-forward network over its width; 4 in the authors' code."""


def steps_in_reach(num_asking: int, num_answering: int, device: torch.device | None = None) -> Bool[Tensor, "Q S"]:
    """Which step answers which: query i is answered by the keys up to i + abs(S - Q).

    With equal lengths this is the mask of a language model: nothing is answered from the future. With unequal
    ones the last query is answered by every key.

    Examples
    --------
    >>> steps_in_reach(2, 3)
    tensor([[ True,  True, False],
            [ True,  True,  True]])
    """
    reach = torch.ones(num_asking, num_answering, dtype=torch.bool, device=device)
    return reach.tril(abs(num_answering - num_asking))


class DirectionalLayer(nn.Module):
    """Attention and a feed-forward network, each behind a layer norm and added to what came in.

    ``x <- x + drop(attention(LN x, LN y, LN y))`` with one LN for all three, ``x <- x + drop(feedforward(LN' x))``;
    the feed-forward network is W -> 4 W -> W with ReLU. Without y, x asks itself.

    Parameters
    ----------
    width, num_heads : int
        W, and the heads it is divided among.
    weight_dropout, inner_dropout, dropout : float
        Share dropped of the attention weights, behind the ReLU, and of what is added.

    Notes
    -----
    Query, key and value have no bias of their own, unlike the authors'. The bias of the layer norm before them gives
    the query one, that of a key is ignored by the softmax, and that of a value is one of the output.
    """

    def __init__(
        self, width: int, *, num_heads: int, weight_dropout: float, inner_dropout: float, dropout: float
    ) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = CrossAttention(
            width,
            num_heads=num_heads,
            head_width=width_of_head(width, num_heads),
            dropout=dropout,
            weight_dropout=weight_dropout,
        )
        self.norm_feedforward = nn.LayerNorm(width)
        self.feedforward = nn.Sequential(
            nn.Linear(width, EXPANSION * width),
            nn.ReLU(),
            nn.Dropout(inner_dropout),
            nn.Linear(EXPANSION * width, width),
            nn.Dropout(dropout),
        )
        _keep_variance(self)

    def forward(
        self,
        token_BQW: Float[Tensor, "B Q W"],
        answering_BSW: Float[Tensor, "B S W"] | None,
        mask: Bool[Tensor, "B ... S"],
    ) -> Float[Tensor, "B Q W"]:
        """The asking tokens after one layer; `mask` as in :class:`CrossAttention`."""
        asking_BQW = self.norm_attention(token_BQW)
        answering_BSW = asking_BQW if answering_BSW is None else self.norm_attention(answering_BSW)
        token_BQW = token_BQW + self.attention(asking_BQW, answering_BSW, answering_BSW, mask)
        result_BQW: Tensor = token_BQW + self.feedforward(self.norm_feedforward(token_BQW))
        return result_BQW


class DirectionalEncoder(nn.Module):
    """A stack of directional layers and a last layer norm, over tokens times sqrt(W) plus their positions.

    The answering stream is embedded once, and answers every layer in that same form: what it gives is low-level, and
    does not depend on who asks. A stream that asks itself (no answering stream) answers as it is after the layer
    before.

    Parameters
    ----------
    width, num_heads, weight_dropout, inner_dropout, dropout
        As in :class:`DirectionalLayer`.
    num_layers : int
        Layers.
    num_steps : int
        Steps of the longest stream it will meet.
    embedding_dropout : float
        Share dropped of tokens with their position.
    causal : bool
        Whether steps ask only steps in reach, see :func:`steps_in_reach`.

    References
    ----------
    Tsai et al. (2019), arXiv 1906.00295, section 3.2, equations 2 to 4.
    """

    def __init__(
        self,
        width: int,
        *,
        num_layers: int,
        num_heads: int,
        num_steps: int,
        embedding_dropout: float,
        weight_dropout: float,
        inner_dropout: float,
        dropout: float,
        causal: bool,
    ) -> None:
        super().__init__()
        self.causal = causal
        self.register_buffer("position_TW", sinusoid(num_steps, width), persistent=False)
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        self.layers = nn.ModuleList(
            DirectionalLayer(
                width, num_heads=num_heads, weight_dropout=weight_dropout, inner_dropout=inner_dropout, dropout=dropout
            )
            for _ in range(num_layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(
        self,
        asking_BQW: Float[Tensor, "B Q W"],
        answering_BSW: Float[Tensor, "B S W"] | None,
        mask_BS: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B Q W"]:
        """The asking tokens after all layers; `mask_BS` is True where a token answers."""
        token_BQW = self._embed(asking_BQW)
        answering_BSW = None if answering_BSW is None else self._embed(answering_BSW)
        mask = mask_BS
        if self.causal:
            mask = mask_BS.unsqueeze(1) & steps_in_reach(asking_BQW.shape[1], mask_BS.shape[1], mask_BS.device)
        for layer in self.layers:
            token_BQW = layer(token_BQW, answering_BSW, mask)
        normed_BQW: Tensor = self.norm(token_BQW)
        return normed_BQW

    def _embed(self, token_BTW: Float[Tensor, "B T W"]) -> Float[Tensor, "B T W"]:
        _, T, W = token_BTW.shape
        position_TW = self.get_buffer("position_TW")[:T]
        embedded_BTW: Tensor = self.embedding_dropout(W**0.5 * token_BTW + position_TW)
        return embedded_BTW


@torch.no_grad()
def _keep_variance(layer: DirectionalLayer) -> None:
    """Glorot weights and no bias, as the authors start; query, key and value as parts of one matrix 3 W x W."""
    attention = layer.attention
    for part in (attention.query, attention.key, attention.value):
        nn.init.xavier_uniform_(part.weight, gain=2**-0.5)
    for linear in (attention.output, layer.feedforward[0], layer.feedforward[3]):
        nn.init.xavier_uniform_(cast(nn.Linear, linear).weight)
        nn.init.zeros_(cast(nn.Linear, linear).bias)
