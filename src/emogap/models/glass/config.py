"""Sizes of the network, and the presets small, base and large."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emogap.errors import UnknownNameError

__all__ = ["PRESETS", "GlassConfig", "Rope", "preset"]

Rope = Literal["rotary", "authors"]
"""How tokens know their position, see :mod:`emogap.models.glass.rotary`."""


class GlassConfig(BaseModel):
    """Options of GLASS; the defaults are the small network of the authors' code (arXiv 2601.12534)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    num_channels: int = Field(ge=1, description="Channels D of a gaze frame; 6 unit-vector components in the paper.")
    patch_frames: int = Field(default=5, ge=1, description="Frames P that one token stands for; 5 in the code.")
    width: int = Field(default=256, ge=2, description="Width W of a token; 256 in the code.")
    num_heads: int = Field(
        default=4, ge=1, description="Attention heads K, which share the width evenly; 4 in the code."
    )
    encoder_layers: int = Field(default=6, ge=1, description="Layers of the encoder; 6 in the code.")
    decoder_layers: int = Field(
        default=4, ge=1, description="Layers of the decoder, each two blocks: self-attention, cross-attention; 4 there."
    )
    feedforward_ratio: int = Field(
        default=4, ge=1, description="Inner width of the feed-forward networks in units of W; 4 in the code."
    )
    dropout: float = Field(
        default=0.05, ge=0, lt=1, description="Dropout behind attention and feed-forward layers; 0.05 in the code."
    )
    rope: Rope = Field(
        default="rotary",
        description="rotary: queries and keys are rotated behind their projection (Su et al. 2021, arXiv 2104.09864);"
        " authors: the form of the authors' code, so that their checkpoints can be read.",
    )

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "GlassConfig":
        if self.width % (2 * self.num_heads):
            raise ValueError(
                f"{self.num_heads} heads cannot share a width of {self.width} in even parts (positions turn pairs of"
                f" numbers); choose a width divisible by {2 * self.num_heads}"
            )
        return self

    @property
    def head_width(self) -> int:
        """H, the width of one attention head."""
        return self.width // self.num_heads

    @property
    def patch_size(self) -> int:
        """X, how many numbers a patch holds."""
        return self.patch_frames * self.num_channels


PRESETS: Mapping[str, GlassConfig] = {
    "tiny": GlassConfig(num_channels=6, width=64, num_heads=4, encoder_layers=2, decoder_layers=2),
    "small": GlassConfig(num_channels=6, width=256, num_heads=4, encoder_layers=6, decoder_layers=4),
    "base": GlassConfig(num_channels=6, width=512, num_heads=8, encoder_layers=8, decoder_layers=6),
    "large": GlassConfig(num_channels=6, width=768, num_heads=12, encoder_layers=12, decoder_layers=8),
}
"""Sizes by name, for the six channels of the paper.

``small`` is that of the authors' code. ``base`` and ``large`` are two and three times as wide, with heads as wide as
those of ``small`` and as many layers as the code's files of these names. ``tiny`` is ours, for a processor without an
accelerator.
"""


def preset(name: str, num_channels: int) -> GlassConfig:
    """The configuration `name` for gaze of `num_channels` channels.

    Raises
    ------
    UnknownNameError
        If `name` is none of :data:`PRESETS`.

    Examples
    --------
    >>> preset("small", 6).width
    256
    """
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    return PRESETS[name].model_copy(update={"num_channels": num_channels})
