"""From the tokens of the past to the patches that follow: all at once, or one after the other with a cache."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.models.glass.blocks import CrossAttentionBlock, SelfAttentionBlock
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.rotary import RotaryTable, rotary_table

__all__ = ["DecoderCache", "GlassDecoder"]


@dataclass(slots=True, eq=False)
class DecoderCache:
    """What a decoder remembers while it decodes one patch after the other.

    Attributes
    ----------
    answers : tuple of pairs of tensors, shape (B, K, N, H)
        Keys and values of the past, for every layer; they never change.
    encoded_mask : bool tensor, shape (B, 1, 1, N)
        True where a token of the past may be asked.
    keys, values : tuple of tensors, shape (B, K, M, H)
        Of the tokens decoded so far, for every layer, with room for all; written in place.
    table : RotaryTable
        Of M positions.
    num_decoded : int
        How many tokens stand there.
    """

    answers: tuple[tuple[Tensor, Tensor], ...]
    encoded_mask: Bool[Tensor, "B 1 1 N"]
    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    table: RotaryTable
    num_decoded: int = 0


class GlassDecoder(nn.Module):
    """Layers of a causal self-attention block and a cross-attention block, a layer norm, a linear layer to a patch.

    Parameters
    ----------
    config : GlassConfig
    """

    def __init__(self, config: GlassConfig) -> None:
        super().__init__()
        self.config = config
        self.self_blocks = nn.ModuleList(SelfAttentionBlock(config) for _ in range(config.decoder_layers))
        self.cross_blocks = nn.ModuleList(CrossAttentionBlock(config) for _ in range(config.decoder_layers))
        self.norm = nn.LayerNorm(config.width)
        self.patch = nn.Linear(config.width, config.patch_size)

    def forward(
        self,
        token_BMW: Float[Tensor, "B M W"],
        allowed_BM: Bool[Tensor, "B M"],
        encoded_BNW: Float[Tensor, "B N W"],
        encoded_mask_BN: Bool[Tensor, "B N"],
    ) -> Float[Tensor, "B M X"]:
        """The patch behind each token, all in one pass: token m asks the tokens 0 to m, and all of the past.

        Parameters
        ----------
        token_BMW : float tensor, shape (B, M, W)
            The start token, then the tokens of the patches 0 to M - 2.
        allowed_BM : bool tensor, shape (B, M)
            True where a token may be asked; the start token always may.
        encoded_BNW, encoded_mask_BN
            The tokens of the past, and which of them may be asked.
        """
        num_tokens = token_BMW.shape[1]
        table = rotary_table(num_tokens, self.config.head_width, self.config.rope, like=token_BMW)
        causal_MM = torch.ones(num_tokens, num_tokens, dtype=torch.bool, device=token_BMW.device).tril()
        mask_B1MM = (allowed_BM.unsqueeze(1) & causal_MM).unsqueeze(1)
        for self_block, cross_block in self._layers():
            token_BMW = self_block(token_BMW, table, mask=mask_B1MM)
            token_BMW = cross_block(token_BMW, *cross_block.answers(encoded_BNW), encoded_mask_BN[:, None, None])
        patch_BMX: Tensor = self.patch(self.norm(token_BMW))
        return patch_BMX

    def new_cache(
        self, encoded_BNW: Float[Tensor, "B N W"], encoded_mask_BN: Bool[Tensor, "B N"], num_patches: int
    ) -> DecoderCache:
        """An empty cache for `num_patches` patches (M) behind the given past."""
        answers = tuple(block.answers(encoded_BNW) for _, block in self._layers())
        (num_windows, num_heads, _, head_width) = answers[0][0].shape
        shape = (num_windows, num_heads, num_patches, head_width)
        return DecoderCache(
            answers,
            encoded_mask_BN[:, None, None],
            tuple(key.new_empty(shape) for key, _ in answers),
            tuple(value.new_empty(shape) for _, value in answers),
            rotary_table(num_patches, head_width, self.config.rope, like=encoded_BNW),
        )

    def step(
        self, token_B1W: Float[Tensor, "B 1 W"], allowed_BM: Bool[Tensor, "B M"], cache: DecoderCache
    ) -> Float[Tensor, "B 1 X"]:
        """The patch behind the next token; `cache` learns of the token. To be called without gradients."""
        position, end = cache.num_decoded, cache.num_decoded + 1
        table = cache.table.at(position)
        mask_B11M = allowed_BM[:, None, None, :end]
        remembered = zip(cache.keys, cache.values, cache.answers, strict=True)
        for (self_block, cross_block), (keys, values, answers) in zip(self._layers(), remembered, strict=True):
            query, key, value = self_block.project(token_B1W, table)
            keys[:, :, position:end] = key
            values[:, :, position:end] = value
            token_B1W = self_block.attend(token_B1W, query, keys[:, :, :end], values[:, :, :end], mask=mask_B11M)
            token_B1W = cross_block(token_B1W, *answers, cache.encoded_mask)
        cache.num_decoded = end
        patch_B1X: Tensor = self.patch(self.norm(token_B1W))
        return patch_B1X

    def _layers(self) -> Iterable[tuple[SelfAttentionBlock, CrossAttentionBlock]]:
        self_blocks = cast(Iterable[SelfAttentionBlock], self.self_blocks)
        return zip(self_blocks, cast(Iterable[CrossAttentionBlock], self.cross_blocks), strict=True)
