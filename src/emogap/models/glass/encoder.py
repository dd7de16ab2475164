"""From gaze frames to tokens: the part that is kept when the network is fine-tuned."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from emogap.counted_nouns import counted
from emogap.errors import MismatchError
from emogap.models.glass.blocks import SelfAttentionBlock
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.rotary import rotary_table

__all__ = ["GlassEncoder", "PatchEmbedding", "patches_with_gaze"]


def patches_with_gaze(valid_BT: Bool[Tensor, "B T"], patch_frames: int) -> Bool[Tensor, "B N"]:
    """Which patches hold at least one valid frame.

    Examples
    --------
    >>> patches_with_gaze(torch.tensor([[True, False, False, False]]), 2)
    tensor([[ True, False]])
    """
    return valid_BT.reshape(len(valid_BT), -1, patch_frames).any(dim=2)


class PatchEmbedding(nn.Module):
    """One linear layer from the numbers of a patch to a token; encoder and decoder share it.

    Parameters
    ----------
    config : GlassConfig
    """

    def __init__(self, config: GlassConfig) -> None:
        super().__init__()
        self.num_channels = config.num_channels
        self.patch_frames = config.patch_frames
        self.linear = nn.Linear(config.patch_size, config.width)

    def patches(self, gaze_BTD: Float[Tensor, "B T D"], valid_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B N X"]:
        """The frames cut into patches, invalid frames 0 whatever stood there.

        Raises
        ------
        MismatchError
            If the gaze has other channels, or its frames are no whole number of patches.
        """
        num_windows, num_frames, num_channels = gaze_BTD.shape
        if num_channels != self.num_channels:
            raise MismatchError(
                f"the gaze has {counted(num_channels, 'channel')}, the network reads {self.num_channels}",
                fix="make the gaze index with the channels that the network was trained on",
            )
        if num_frames % self.patch_frames:
            raise MismatchError(
                f"{counted(num_frames, 'frame', 'is')} no whole number of patches of {self.patch_frames}",
                fix=f"give a number of frames that {self.patch_frames} divides",
            )
        known_BTD = torch.where(valid_BT.unsqueeze(-1), gaze_BTD, torch.zeros_like(gaze_BTD))
        return known_BTD.reshape(num_windows, -1, self.patch_frames * num_channels)

    def frames(self, patch_BNX: Float[Tensor, "B N X"]) -> Float[Tensor, "B T D"]:
        """The frames that the patches hold."""
        return patch_BNX.reshape(len(patch_BNX), -1, self.num_channels)

    def forward(self, patch_BNX: Float[Tensor, "B N X"]) -> Float[Tensor, "B N W"]:
        """The token of each patch."""
        token_BNW: Tensor = self.linear(patch_BNX)
        return token_BNW


class GlassEncoder(nn.Module):
    """Pre-norm self-attention over the patches of a window of gaze, and a layer norm at the end.

    Parameters
    ----------
    config : GlassConfig

    Notes
    -----
    Gaze enters standardised, and an invalid frame as 0, its mean. No token asks a patch without a valid frame; what
    leaves at such a patch is finite, and to be left out by whoever reads it (:func:`patches_with_gaze`).
    """

    def __init__(self, config: GlassConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = PatchEmbedding(config)
        self.layers = nn.ModuleList(SelfAttentionBlock(config) for _ in range(config.encoder_layers))
        self.norm = nn.LayerNorm(config.width)

    def forward(self, past_BTD: Float[Tensor, "B T D"], past_valid_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B N W"]:
        """The tokens of a window, one per patch.

        Parameters
        ----------
        past_BTD : float tensor, shape (B, T, D)
            Standardised gaze; T is a multiple of the patch. What stands at an invalid frame, NaN included, is not read.
        past_valid_BT : bool tensor, shape (B, T)
            True = measured.

        Returns
        -------
        float tensor, shape (B, N, W)

        Raises
        ------
        MismatchError
            If the gaze has other channels, or its frames are no whole number of patches.
        """
        token_BNW = self.embedding(self.embedding.patches(past_BTD, past_valid_BT))
        mask_B11N = patches_with_gaze(past_valid_BT, self.config.patch_frames)[:, None, None]
        table = rotary_table(token_BNW.shape[1], self.config.head_width, self.config.rope, like=past_BTD)
        for layer in self.layers:
            token_BNW = layer(token_BNW, table, mask=mask_B11N)
        encoded_BNW: Tensor = self.norm(token_BNW)
        return encoded_BNW
