"""The weights of a layer of attention, told from its own queries and keys.

The layer itself never holds them: its kernel goes from queries, keys and values to the sum at once.

Shapes: B clips, Q tokens that ask, S tokens that answer, D width of a token, N heads, W width of a head.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from emogap.models.layers.cross_attention import CrossAttention

__all__ = ["attention_weights", "collect"]


def attention_weights(
    layer: CrossAttention,
    asking_BQD: Float[Tensor, "B Q D"],
    key_BSD: Float[Tensor, "B S D"],
    mask: Bool[Tensor, "B ... S"],
) -> Float[Tensor, "B N Q S"]:
    """How much each asking token takes from each answering one, per head: softmax(q k / sqrt(W)).

    Parameters
    ----------
    layer : CrossAttention
    asking_BQD, key_BSD : float32 tensors, shapes (B, Q, D) and (B, S, D)
        As the layer is given them.
    mask : bool tensor, shape (B, S) or (B, Q, S)
        True = may answer.

    Returns
    -------
    float32 tensor, shape (B, N, Q, S)
        Each row over S sums to 1, and is 0 where the mask is False; all 0 where nobody may answer.

    References
    ----------
    Vaswani et al. (2017), arXiv 1706.03762, equation 1.
    """
    query_BNQW, key_BNSW = (
        _by_head(layer, part(token)) for part, token in ((layer.query, asking_BQD), (layer.key, key_BSD))
    )
    score_BNQS = query_BNQW @ key_BNSW.transpose(2, 3) * layer.head_width**-0.5
    may_BNQS = (mask if mask.ndim == 3 else mask.unsqueeze(1)).unsqueeze(1).expand_as(score_BNQS)
    score_BNQS = score_BNQS.masked_fill(~may_BNQS, torch.finfo(score_BNQS.dtype).min)
    weight_BNQS: Tensor = score_BNQS.softmax(dim=-1) * may_BNQS
    return weight_BNQS


def collect(
    layer: CrossAttention, weight_BNQS: Float[Tensor, "B N Q S"], value_BSD: Float[Tensor, "B S D"]
) -> Float[Tensor, "B Q D"]:
    """What `layer` gives out when its heads take `weight_BNQS` of the answering tokens; nothing is dropped.

    With :func:`attention_weights` of the same tokens it is what the layer gives out in evaluation mode.
    """
    collected_BNQW = weight_BNQS @ _by_head(layer, layer.value(value_BSD))
    output_BQD: Tensor = layer.output(collected_BNQW.transpose(1, 2).flatten(2))
    return output_BQD


def _by_head(layer: CrossAttention, token_BSX: Tensor) -> Float[Tensor, "B N S W"]:
    return token_BSX.view(*token_BSX.shape[:2], layer.num_heads, layer.head_width).transpose(1, 2)
