"""The encoder of GLASS in place of another one: from the raw gaze of a whole clip to steps of any width.

A clip is cut into windows as long as those of the pre-training, each is encoded by itself, and their tokens stand one
behind the other again.

Letters besides those of the folder: S steps that leave, H their width.
"""

from typing import TypeVar

from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from emogap.models.glass.config import GlassConfig
from emogap.models.glass.encoder import GlassEncoder, patches_with_gaze
from emogap.models.layers.masked_pooling import masked_mean

__all__ = ["ClipEncoder", "GlassNetwork"]

Mode = TypeVar("Mode", bound="ClipEncoder")


class GlassNetwork(BaseModel):
    """What a model needs to know of a pre-trained network to make room for its encoder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sizes: GlassConfig = Field(description="Sizes of the network.")
    window_frames: int = Field(ge=1, description="Frames of the past of a window in the pre-training.")
    rate_hz: float = Field(gt=0, description="Frames a second that it reads.")
    channels: tuple[str, ...] = Field(min_length=1, description="Names of the channels that it reads, in order.")
    job: str = Field(default="", description="Fingerprint of the pre-training; empty for none.")

    @model_validator(mode="after")
    def _whole_patches(self) -> "GlassNetwork":
        if self.window_frames % self.sizes.patch_frames:
            raise ValueError(
                f"a window of {self.window_frames} frames is no whole number of patches of {self.sizes.patch_frames}"
            )
        if len(self.channels) != self.sizes.num_channels:
            raise ValueError(f"{len(self.channels)} channels are named, the network reads {self.sizes.num_channels}")
        return self


class ClipEncoder(nn.Module):
    """One step per token of GLASS, or per few of them, through one linear layer; zero where the mask is False.

    Parameters
    ----------
    network : GlassNetwork
    num_frames : int
        Frames of a clip, T; a clip that is shorter is padded with a False mask.
    tokens_per_step : int
        Tokens whose mean is a step; those without gaze do not count.
    width : int
        H, width of a step.
    is_frozen : bool
        Whether the encoder stays as it is: then its dropout is off in training too. That its weights are not moved is
        for the stages of the model to say.

    Attributes
    ----------
    encoder : GlassEncoder
        The part that can be pre-trained.
    num_steps : int
        S.
    """

    def __init__(
        self, network: GlassNetwork, *, num_frames: int, tokens_per_step: int, width: int, is_frozen: bool
    ) -> None:
        super().__init__()
        self.patch_frames = network.sizes.patch_frames
        self.window_frames = network.window_frames
        self.tokens_per_step = tokens_per_step
        self.is_frozen = is_frozen
        self.num_steps = -(-num_frames // (self.patch_frames * tokens_per_step))
        self.encoder = GlassEncoder(network.sizes)
        self.linear = nn.Linear(network.sizes.width, width)

    def train(self: Mode, mode: bool = True) -> Mode:
        """As of any module, but a frozen encoder stays in evaluation mode."""
        super().train(mode)
        if self.is_frozen:
            self.encoder.eval()
        return self

    def step_mask(self, mask_BT: Bool[Tensor, "B T"]) -> Bool[Tensor, "B S"]:
        """Which steps hold at least one valid frame."""
        frames = self.num_steps * self.tokens_per_step * self.patch_frames
        return patches_with_gaze(
            functional.pad(mask_BT, (0, frames - mask_BT.shape[1])), self.patch_frames * self.tokens_per_step
        )

    def forward(self, gaze_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B S H"]:
        """The steps of B clips of standardised gaze.

        Raises
        ------
        MismatchError
            If the gaze has other channels than the network reads.
        """
        num_clips, num_frames, num_channels = gaze_BTD.shape
        missing = -num_frames % self.window_frames
        window_ATD = functional.pad(gaze_BTD, (0, 0, 0, missing)).reshape(-1, self.window_frames, num_channels)
        valid_AT = functional.pad(mask_BT, (0, missing)).reshape(-1, self.window_frames)
        token_BNW = self.encoder(window_ATD, valid_AT).reshape(num_clips, -1, self.encoder.config.width)
        known_BN = patches_with_gaze(valid_AT, self.patch_frames).reshape(num_clips, -1)
        num_tokens = self.num_steps * self.tokens_per_step
        surplus = num_tokens - known_BN.shape[1]
        # A negative surplus crops: the last window may reach beyond the last step.
        token_CLW = functional.pad(token_BNW, (0, 0, 0, surplus)).reshape(-1, self.tokens_per_step, token_BNW.shape[2])
        known_CL = functional.pad(known_BN, (0, surplus)).reshape(-1, self.tokens_per_step)
        step_BSW = masked_mean(token_CLW, known_CL).reshape(num_clips, self.num_steps, -1)
        step_BSH: Tensor = self.linear(step_BSW)
        return step_BSH * self.step_mask(mask_BT).unsqueeze(-1)
