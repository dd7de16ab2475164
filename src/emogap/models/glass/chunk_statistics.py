"""Encoder tokens in a row of numbers per chunk of time: what the heads of GLASS read.

Shapes: B windows, N tokens, C chunks, L tokens of a chunk, W width of a token, S = 12 W numbers per chunk.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from emogap.models.layers.masked_pooling import masked_mean

__all__ = ["NUM_STATISTICS", "NUM_STREAMS", "attention_pool", "chunk_statistics", "token_differences"]

NUM_STREAMS = 3
"""Tokens, their first and their second differences."""

NUM_STATISTICS = 4
"""Mean, standard deviation, maximum, attention pool."""


def attention_pool(
    value_BTX: Float[Tensor, "B T X"], query_X: Float[Tensor, " X"], mask_BT: Bool[Tensor, "B T"]
) -> Float[Tensor, "B X"]:
    """Mean of the masked steps, weighted by the softmax of their products with a query; zero where no step is.

    Notes
    -----
    ``sum_t a_t x_t`` with ``a = softmax(x q / sqrt(X))`` over the steps at which the mask is True.

    Examples
    --------
    >>> value, mask = torch.tensor([[[1.0], [3.0], [99.0]]]), torch.tensor([[True, True, False]])
    >>> attention_pool(value, torch.zeros(1), mask)
    tensor([[2.]])
    """
    score_BT = value_BTX @ query_X / len(query_X) ** 0.5
    # The lowest finite number instead of minus infinity: no step at all then gives no NaN.
    score_BT = score_BT.masked_fill(~mask_BT, torch.finfo(score_BT.dtype).min)
    weight_BT = torch.softmax(score_BT, dim=1) * mask_BT
    return (value_BTX * weight_BT.unsqueeze(-1)).sum(dim=1)


def token_differences(
    token_BNW: Float[Tensor, "B N W"], mask_BN: Bool[Tensor, "B N"]
) -> tuple[Float[Tensor, "B N W"], Bool[Tensor, "B N"]]:
    """Each token minus the one before it, and where both are known; zero where one is not, as at the first token."""
    known_BN = torch.zeros_like(mask_BN)
    known_BN[:, 1:] = mask_BN[:, 1:] & mask_BN[:, :-1]
    difference_BNW = functional.pad(token_BNW.diff(dim=1), (0, 0, 1, 0))
    return difference_BNW * known_BN.unsqueeze(-1), known_BN


def chunk_statistics(
    token_BNW: Float[Tensor, "B N W"],
    mask_BN: Bool[Tensor, "B N"],
    query_3W: Float[Tensor, "3 W"],
    tokens_per_chunk: int,
) -> Float[Tensor, "B C S"]:
    """Twelve statistics of every chunk: four of its tokens, four of their first, four of their second differences.

    Parameters
    ----------
    token_BNW : float tensor, shape (B, N, W)
        Finite, also where the mask is False.
    mask_BN : bool tensor, shape (B, N)
        True = a token that counts.
    query_3W : float tensor, shape (3, W)
        One query per stream of the attention pool.
    tokens_per_chunk : int
        L; the last chunk holds what is left.

    Returns
    -------
    float tensor, shape (B, C, 12 W)
        Stream by stream: mean, standard deviation (divided by the number of tokens), maximum, attention pool. Zero
        where a chunk has no such token or difference.

    Notes
    -----
    A difference belongs to the chunk of its later token. The authors' code takes the first difference of a window as
    zero and counts it in the statistics; here a difference that does not exist does not count, no more than one
    across a token without gaze.

    Examples
    --------
    >>> token, mask = torch.tensor([[[1.0], [3.0], [6.0]]]), torch.ones(1, 3, dtype=torch.bool)
    >>> chunk_statistics(token, mask, torch.zeros(3, 1), 2)[0, 0].tolist()
    [2.0, 1.0, 3.0, 2.0, 2.0, 0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0]
    """
    first_BNW, first_mask_BN = token_differences(token_BNW, mask_BN)
    second_BNW, second_mask_BN = token_differences(first_BNW, first_mask_BN)
    streams = ((token_BNW, mask_BN), (first_BNW, first_mask_BN), (second_BNW, second_mask_BN))
    return torch.cat(
        [
            _stream_statistics(value_BNW, known_BN, query_W, tokens_per_chunk)
            for (value_BNW, known_BN), query_W in zip(streams, query_3W, strict=True)
        ],
        dim=2,
    )


def _stream_statistics(
    value_BNW: Float[Tensor, "B N W"], mask_BN: Bool[Tensor, "B N"], query_W: Float[Tensor, " W"], tokens_per_chunk: int
) -> Float[Tensor, "B C 4*W"]:
    num_windows, num_tokens, width = value_BNW.shape
    missing = -num_tokens % tokens_per_chunk
    value_BLW = functional.pad(value_BNW, (0, 0, 0, missing)).reshape(-1, tokens_per_chunk, width)
    mask_BL = functional.pad(mask_BN, (0, missing)).reshape(-1, tokens_per_chunk)
    mask_BL1 = mask_BL.unsqueeze(-1)
    mean_BW = masked_mean(value_BLW, mask_BL)
    variance_BW = masked_mean((value_BLW - mean_BW.unsqueeze(1)) ** 2, mask_BL)
    # The root is taken where it has a slope; a constant has none, and contributes no gradient.
    is_spread = variance_BW > 0
    sd_BW = torch.where(is_spread, torch.where(is_spread, variance_BW, 1.0).sqrt(), 0.0)
    largest_BW = value_BLW.masked_fill(~mask_BL1, torch.finfo(value_BLW.dtype).min).amax(dim=1)
    largest_BW = torch.where(mask_BL.any(dim=1, keepdim=True), largest_BW, 0.0)
    pooled_BW = attention_pool(value_BLW, query_W, mask_BL)
    return torch.cat([mean_BW, sd_BW, largest_BW, pooled_BW], dim=1).reshape(num_windows, -1, NUM_STATISTICS * width)
