"""From the tokens of the encoder to labels: a head over chunks of time, and encoder and head together.

Shapes: as in :mod:`emogap.models.glass.chunk_statistics`; A channels of a head, O outputs (classes or values).
"""

import math
from typing import Literal

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from emogap.errors import UsageError
from emogap.models.glass.chunk_statistics import NUM_STATISTICS, NUM_STREAMS, attention_pool, chunk_statistics
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.encoder import GlassEncoder, patches_with_gaze

__all__ = ["GlassHead", "HeadConfig", "HeadKind", "LabelledGlass", "tokens_per_chunk"]

HeadKind = Literal["mlp", "tcn", "gru", "transformer"]

DILATIONS = (1, 2, 4)
"""Of the blocks of the head ``tcn``, in their order; the authors' code has two blocks and so uses the first two."""

SLACK = 1e-9


class HeadConfig(BaseModel):
    """Options of a head; the defaults are those of the authors' code (arXiv 2601.12534)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: HeadKind = Field(
        default="tcn",
        description="mlp: all chunks side by side; tcn: dilated convolutions; gru; transformer. tcn in the code.",
    )
    chunk_s: float = Field(
        default=1.0, ge=0.5, le=4, description="Length of a chunk, s; 1 in the code, 0.5 to 4 tried."
    )
    width: int = Field(default=128, ge=4, description="Channels A of tcn, gru and transformer; 128 in the code.")
    num_blocks: int = Field(default=2, ge=1, le=len(DILATIONS), description="Convolutions of tcn; 2 in the code.")
    kernel: Literal[3, 5] = Field(default=3, description="Chunks that a convolution of tcn sees; 3 in the code.")
    num_heads: int = Field(default=4, ge=1, description="Attention heads of transformer; 4 in the code.")
    hidden: int = Field(default=512, ge=1, description="Inner width of the last two layers; 512 in the code.")
    dropout: float = Field(default=0.15, ge=0, lt=1, description="Dropout of the head; 0.15 in the code.")


def tokens_per_chunk(config: HeadConfig, *, num_frames: int, patch_frames: int, rate_hz: float) -> int:
    """How many tokens a chunk holds: its length in patches, rounded.

    Parameters
    ----------
    config : HeadConfig
    num_frames : int
        T, of a window.
    patch_frames : int
        P, of a token.
    rate_hz : float

    Raises
    ------
    UsageError
        If a chunk is shorter than a token, or longer than the window.

    Examples
    --------
    >>> tokens_per_chunk(HeadConfig(chunk_s=0.5), num_frames=150, patch_frames=5, rate_hz=30)
    3
    """
    token_s, window_s = patch_frames / rate_hz, num_frames / rate_hz
    if not token_s - SLACK <= config.chunk_s <= window_s + SLACK:
        raise UsageError(
            f"a chunk of {config.chunk_s:g} s does not fit: a token is {token_s:g} s long, the window {window_s:g} s",
            fix=f"choose a chunk from {max(token_s, 0.5):g} to {min(window_s, 4.0):g} s",
        )
    return round(config.chunk_s / token_s)


class GlassHead(nn.Module):
    """Statistics of chunks, a layer over their sequence, an attention pool, and two linear layers.

    Parameters
    ----------
    config : HeadConfig
    token_width : int
        W.
    num_tokens : int
        N, of a window; the head ``mlp`` reads no other number of chunks.
    tokens_per_chunk : int
    num_outputs : int
        O.

    Notes
    -----
    Every layer is made here. The authors' code makes them in the first forward pass, when the optimiser exists
    already and does not know them, so that they are never trained.
    """

    def __init__(
        self, config: HeadConfig, *, token_width: int, num_tokens: int, tokens_per_chunk: int, num_outputs: int
    ) -> None:
        super().__init__()
        self.config = config
        self.tokens_per_chunk = tokens_per_chunk
        self.num_tokens = num_tokens
        self.stream_query = nn.Parameter(torch.randn(NUM_STREAMS, token_width))
        size = NUM_STREAMS * NUM_STATISTICS * token_width
        self.layers = _sequence_layers(config, size)
        if self.layers is None:
            width = math.ceil(num_tokens / tokens_per_chunk) * size
        else:
            width = config.width
            self.query = nn.Parameter(torch.randn(width))
        self.output = nn.Sequential(
            nn.Linear(width, config.hidden),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.hidden, num_outputs),
        )

    def forward(self, token_BNW: Float[Tensor, "B N W"], mask_BN: Bool[Tensor, "B N"]) -> Float[Tensor, "B O"]:
        """Logits of classes, or values, unbounded.

        Parameters
        ----------
        token_BNW : float tensor, shape (B, N, W)
        mask_BN : bool tensor, shape (B, N)
            True = the token stands for at least one measured frame.
        """
        assert token_BNW.shape[1] == self.num_tokens, "the head was made for windows of another length"
        chunk_BCS = chunk_statistics(token_BNW, mask_BN, self.stream_query, self.tokens_per_chunk)
        if self.layers is None:
            from_all_BO: Tensor = self.output(chunk_BCS.flatten(1))
            return from_all_BO
        missing = -self.num_tokens % self.tokens_per_chunk
        known_BC = functional.pad(mask_BN, (0, missing)).reshape(len(mask_BN), -1, self.tokens_per_chunk).any(dim=2)
        pooled_BA = attention_pool(self.layers(chunk_BCS, known_BC), self.query, known_BC)
        output_BO: Tensor = self.output(pooled_BA)
        return output_BO


class _Convolutions(nn.Module):
    def __init__(self, config: HeadConfig, size: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for dilation in DILATIONS[: config.num_blocks]:
            padding = dilation * (config.kernel // 2)
            layers += [
                nn.Conv1d(size, config.width, config.kernel, padding=padding, dilation=dilation),
                nn.GELU(),
                nn.Dropout(config.dropout),
            ]
            size = config.width
        self.blocks = nn.Sequential(*layers)

    def forward(self, chunk_BCS: Float[Tensor, "B C S"], known_BC: Bool[Tensor, "B C"]) -> Float[Tensor, "B C A"]:
        sequence_BCA: Tensor = self.blocks(chunk_BCS.transpose(1, 2)).transpose(1, 2)
        return sequence_BCA


class _Recurrence(nn.Module):
    def __init__(self, config: HeadConfig, size: int) -> None:
        super().__init__()
        self.gru = nn.GRU(size, config.width, batch_first=True)

    def forward(self, chunk_BCS: Float[Tensor, "B C S"], known_BC: Bool[Tensor, "B C"]) -> Float[Tensor, "B C A"]:
        sequence_BCA: Tensor = self.gru(chunk_BCS)[0]
        return sequence_BCA


class _SelfAttention(nn.Module):
    def __init__(self, config: HeadConfig, size: int) -> None:
        super().__init__()
        if config.width % config.num_heads:
            raise UsageError(
                f"{config.num_heads} heads cannot share a width of {config.width}",
                fix=f"choose a width divisible by {config.num_heads}",
            )
        self.input = nn.Linear(size, config.width)
        self.layer = nn.TransformerEncoderLayer(
            config.width, config.num_heads, config.hidden, config.dropout, batch_first=True
        )

    def forward(self, chunk_BCS: Float[Tensor, "B C S"], known_BC: Bool[Tensor, "B C"]) -> Float[Tensor, "B C A"]:
        # Where no chunk is known, all are asked: what comes out is left out, and must only be finite.
        hidden_BC = ~known_BC & known_BC.any(dim=1, keepdim=True)
        sequence_BCA: Tensor = self.layer(self.input(chunk_BCS), src_key_padding_mask=hidden_BC)
        return sequence_BCA


def _sequence_layers(config: HeadConfig, size: int) -> nn.Module | None:
    """The layer over the sequence of chunks; none for the head ``mlp``."""
    if config.kind == "mlp":
        return None
    layers = {"tcn": _Convolutions, "gru": _Recurrence, "transformer": _SelfAttention}
    return layers[config.kind](config, size)


class LabelledGlass(nn.Module):
    """The encoder of GLASS with a head: what is fine-tuned to labels.

    Parameters
    ----------
    config : GlassConfig
        Of the encoder, whose weights are random until those of a pre-training are loaded into :attr:`encoder`.
    head : HeadConfig
    num_frames : int
        T, of a window; a multiple of the patch.
    rate_hz : float
    num_outputs : int
        O.

    Raises
    ------
    UsageError
        If chunks do not fit the window, or heads the width.
    """

    def __init__(
        self, config: GlassConfig, head: HeadConfig, *, num_frames: int, rate_hz: float, num_outputs: int
    ) -> None:
        super().__init__()
        self.config = config
        per_chunk = tokens_per_chunk(head, num_frames=num_frames, patch_frames=config.patch_frames, rate_hz=rate_hz)
        self.encoder = GlassEncoder(config)
        self.head = GlassHead(
            head,
            token_width=config.width,
            num_tokens=num_frames // config.patch_frames,
            tokens_per_chunk=per_chunk,
            num_outputs=num_outputs,
        )

    def forward(self, gaze_BTD: Float[Tensor, "B T D"], valid_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B O"]:
        """Logits of classes, or values, of windows of standardised gaze; see :class:`GlassEncoder` for the inputs."""
        mask_BN = patches_with_gaze(valid_BT, self.config.patch_frames)
        output_BO: Tensor = self.head(self.encoder(gaze_BTD, valid_BT), mask_BN)
        return output_BO

    @property
    def last_layer(self) -> nn.Linear:
        """The layer that gives the outputs."""
        layer = self.head.output[-1]
        assert isinstance(layer, nn.Linear)
        return layer

    def unfreeze(self, share: float) -> None:
        """Let the last `share` of the encoder's layers learn, and the others stand still; the head always learns.

        Parameters
        ----------
        share : float
            In [0, 1], rounded to whole layers. 1 frees the patch embedding too; the last norm is free with the last
            layer. What stands still has no dropout either, see :meth:`train`.
        """
        layers = list(self.encoder.layers)
        num_free = round(share * len(layers))
        self.encoder.requires_grad_(False)
        for layer in layers[len(layers) - num_free :]:
            layer.requires_grad_(True)
        self.encoder.norm.requires_grad_(num_free > 0)
        self.encoder.embedding.requires_grad_(num_free == len(layers))

    def train(self, mode: bool = True) -> "LabelledGlass":
        """As in any module, but layers that stand still do not drop out."""
        super().train(mode)
        for layer in self.encoder.layers:
            layer.train(mode and all(parameter.requires_grad for parameter in layer.parameters()))
        return self
