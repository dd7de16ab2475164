"""EMERT: an eye-behaviour-aided multimodal emotion recognition transformer.

Each stream is encoded (MFE), split into a generic and a private part by an adversarial discriminator of
modality (MAFD), and the generic tokens then ask the private ones (EMT). One head per view reads the mean of the
fused tokens. arXiv 2512.16485, section 4; where the paper leaves a choice open, the authors' released code
decides, and ``docs/models/emert.md`` says which choices are ours. With ``eye_encoder="glass"`` the pre-trained encoder
of GLASS (arXiv 2601.12534) takes the place of the eye's LSTM, see ``docs/glass-emert.md``.

Shapes: B clips, T steps of one stream, S steps of all streams, D channels, H width of an encoder, W width of a
token (the paper's d), M modalities, K classes or targets.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from emogap.errors import UsageError
from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.glass.clip_encoder import ClipEncoder, GlassNetwork
from emogap.models.heads import HeadLayers, make_heads
from emogap.models.interface import GradientModel, Output, Stage, TrainingState
from emogap.models.labelled import labelled_clips
from emogap.models.layers.cross_attention import CrossAttentionLayer
from emogap.models.layers.gradient_reversal import GradientReversal
from emogap.models.layers.masked_pooling import masked_mean
from emogap.models.layers.sequence_encoder import Initialisation, MaskedLSTM, StepLinear
from emogap.models.losses import task_loss
from emogap.models.modality_loss import modality_loss
from emogap.models.pretrained_part import PretrainedPart
from emogap.types import TaskSpec

__all__ = ["Config", "Model", "instead", "pretrained_parts", "settled"]

GAZE = "gaze"
"""The stream that GLASS reads: raw gaze frame by frame, in place of the stream ``eye``."""

GLASS_PART = f"encoders.{GAZE}.encoder"
"""The sub-module that can be pre-trained."""


class Config(BaseModel):
    """Options of EMERT; the defaults are those of the paper, or of the released code where it says nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feature_streams: tuple[str, ...] = Field(
        default=("face",), description="Streams of ready-made features: one Linear per step. All others get an LSTM."
    )
    encoder_width: int = Field(default=128, ge=1, description="Width H of encoded steps; 128 in the code.")
    encoder_layers: int = Field(default=3, ge=1, description="LSTM layers; 3 in the code.")
    initialisation: Initialisation = Field(
        default="glorot",
        description="How the LSTMs start. The paper does not say; torch (its library's default) stays at chance for"
        " the first hundreds of steps, glorot does not.",
    )
    encoder_dropout: float = Field(default=0.5, ge=0, lt=1, description="Dropout on encoded steps; 0.5 in the code.")
    mlp_layers: Literal[1, 2] = Field(
        default=2, description="Layers of each extractor: two in the paper; one is the code's variant 'code-reg'."
    )
    mlp_width: int = Field(default=64, ge=1, description="Hidden width of a two-layer extractor; 64 in the code.")
    width: int = Field(
        default=32, ge=2, description="Width W of a token (d): 32, or 64 with one-layer extractors, in the code."
    )
    position_dropout: float = Field(
        default=0.1, ge=0, lt=1, description="Dropout on tokens with position; 0.1 in the code."
    )
    depth: int = Field(default=2, ge=1, description="Layers of the transformer; 2 in the code.")
    num_heads: int = Field(default=8, ge=1, description="Attention heads; 8 in the code.")
    head_width: int = Field(default=64, ge=1, description="Width of an attention head; 64 in the code.")
    dropout: float = Field(default=0.5, ge=0, lt=1, description="Dropout in the transformer; 0.5 in the code.")
    discriminator: Literal["pooled", "tokenwise"] = Field(
        default="pooled", description="What the discriminator sees: the mean over time (code), or each token."
    )
    discriminator_layers: Literal[1, 2] = Field(default=1, description="Layers of the discriminator; 1 in the code.")
    reversal: float = Field(
        default=1.0, ge=0, description="Coefficient of the gradient reversal; constant 1 in the code."
    )
    head_layers: HeadLayers = Field(default=2, description="Layers of each head: 2 in the paper; 1 and 4 in the code.")
    loss_form: Literal["code", "paper"] = Field(
        default="code",
        description="code: L_task + alpha L_gen + beta L_spec. paper: alpha (L_gen + L_spec) + beta L_task.",
    )
    alpha: float = Field(
        default=0.01,
        ge=0,
        description="Weight alpha; 0.01 in the code for classes, valence and arousal. With the 0.3 of the paper and of"
        " the code for intensity the reversed loss outgrows the task, see docs/models/emert.md.",
    )
    beta: float = Field(default=0.01, ge=0, description="Weight beta; as alpha, with 0.1 in the paper.")
    mafd: bool = Field(
        default=True,
        description="Whether tokens are decoupled (MAFD): a discriminator of modality, and its two losses.",
    )
    emt: bool = Field(
        default=True,
        description="Whether generic tokens ask the private ones (EMT); otherwise all tokens ask each other. Without"
        " MAFD too, there are private tokens alone: the baseline of Table X.",
    )
    eye_encoder: Literal["lstm", "glass"] = Field(
        default="lstm",
        description="What encodes the eyes: an LSTM over the stream eye, as in the paper; or GLASS over the stream"
        " gaze, which takes its place.",
    )
    glass_checkpoint: str = Field(
        default="", description="Folder that 'emogap pretrain' made; needed unless glass is given."
    )
    glass_start: Literal["pretrained", "random"] = Field(
        default="pretrained",
        description="Weights that GLASS starts from: those of the checkpoint, or random ones, which is the control.",
    )
    glass_frozen: bool = Field(default=True, description="Whether the weights of GLASS stay as they are.")
    glass_tokens_per_step: int = Field(
        default=1, ge=1, description="Tokens of GLASS whose mean is one step; 1 keeps a step per patch of frames."
    )
    glass: GlassNetwork | None = Field(
        default=None, description="Sizes, windows and channels of GLASS; those of the checkpoint if not given."
    )


def instead(config: Config) -> Mapping[str, str]:
    """The streams that are read in place of others: ``gaze`` for ``eye`` with GLASS."""
    return {"eye": GAZE} if config.eye_encoder == "glass" else {}


def settled(config: Config, describe: Callable[[str], GlassNetwork]) -> Config:
    """The options with the network that the checkpoint holds, as `describe` tells it from its folder.

    Raises
    ------
    UsageError
        If GLASS is asked for and neither a checkpoint nor a network is named, or a network is stated whose
        weights are to come from no checkpoint.
    """
    if config.eye_encoder == "lstm":
        return config
    if config.glass_checkpoint:
        return config.model_copy(update={"glass": describe(config.glass_checkpoint)})
    if config.glass is None or config.glass_start == "pretrained":
        raise UsageError(
            "eye_encoder='glass' needs a pre-trained network, and no checkpoint is named",
            fix="give glass_checkpoint, the folder that 'emogap pretrain' made; glass_start='random' is the control",
        )
    return config


def pretrained_parts(config: Config) -> tuple[PretrainedPart, ...]:
    """The encoder of GLASS, unless it starts from random weights."""
    if config.eye_encoder == "lstm" or config.glass_start == "random":
        return ()
    assert config.glass is not None
    return (PretrainedPart(GLASS_PART, GAZE, config.glass_checkpoint, config.glass),)


class Model(GradientModel):
    """EMERT for any named modalities and one or several views.

    With one stream there is nothing to discriminate: the discriminator and its two losses fall away, and the
    generic tokens of the stream ask its private ones. Without MAFD they fall away too. Without EMT the layers of the
    transformer are as large, and each token (generic plus private with MAFD, private without) asks all tokens.

    Raises
    ------
    UsageError
        If a stream is not (T, D), or the width of a token cannot be halved as often as the head asks.
    """

    description: ClassVar[str] = "EMERT: generic tokens of all streams ask the private ones; one head per view"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        _require_possible(config, task)
        self.config = config
        self.modalities = tuple(task.streams)
        self.encoders = nn.ModuleDict({name: _encoder(name, shape, config) for name, shape in task.streams.items()})
        num_steps = sum(self._num_steps(name) for name in self.modalities)
        self.encoder_dropout = nn.Dropout(config.encoder_dropout)
        self.generic_mlp = _extractor(config) if config.mafd or config.emt else None
        self.private_mlps = nn.ModuleDict({name: _extractor(config) for name in self.modalities})
        self.reversal = GradientReversal(config.reversal)
        is_decoupled = config.mafd and len(self.modalities) > 1
        self.discriminator = _discriminator(config, len(self.modalities)) if is_decoupled else None
        self.generic_position_SW = nn.Parameter(torch.randn(num_steps, config.width)) if config.emt else None
        self.private_position_SW = nn.Parameter(torch.randn(num_steps, config.width))
        self.position_dropout = nn.Dropout(config.position_dropout)
        self.layers = nn.ModuleList(
            CrossAttentionLayer(
                config.width, num_heads=config.num_heads, head_width=config.head_width, dropout=config.dropout
            )
            for _ in range(config.depth)
        )
        self.heads = make_heads(config.width, task, num_layers=config.head_layers)

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``fused`` (B, W) and, per modality, what the discriminator said.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        masks = self._step_masks(batch)
        mask_BS = torch.cat([masks[name] for name in self.modalities], dim=1)
        encoded = {name: self._encode(name, batch) for name in self.modalities}
        generic_BSW = None if self.generic_mlp is None else self.generic_mlp(torch.cat(list(encoded.values()), dim=1))
        private_BSW = torch.cat([self.private_mlps[name](encoded[name]) for name in self.modalities], dim=1)
        fused_BW = masked_mean(self.fuse(generic_BSW, private_BSW, mask_BS), mask_BS)
        extras = {"fused": fused_BW}
        if self.discriminator is not None:
            assert generic_BSW is not None
            extras |= self._discriminate("generic", self.reversal(generic_BSW), masks)
            extras |= self._discriminate("private", private_BSW, masks)
        return Output({view: head(fused_BW) for view, head in self.heads.items()}, extras)

    def fuse(
        self,
        generic_BSW: Float[Tensor, "B S W"] | None,
        private_BSW: Float[Tensor, "B S W"],
        mask_BS: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B S W"]:
        """The generic tokens after they have asked the private ones, layer by layer; without EMT, all have asked all.

        `generic_BSW` is None without MAFD and EMT.
        """
        if self.generic_position_SW is None:
            return self._ask_each_other(private_BSW if generic_BSW is None else generic_BSW + private_BSW, mask_BS)
        assert generic_BSW is not None
        token_BSW: Tensor = self.position_dropout(generic_BSW + self.generic_position_SW)
        answering_BSW = self.position_dropout(private_BSW + self.private_position_SW)
        for layer in self.layers:
            token_BSW = layer(token_BSW, answering_BSW, mask_BS)
        return token_BSW

    def _ask_each_other(self, token_BSW: Tensor, mask_BS: Tensor) -> Tensor:
        token_BSW = self.position_dropout(token_BSW + self.private_position_SW)
        for layer in self.layers:
            token_BSW = layer(token_BSW, token_BSW, mask_BS)
        return token_BSW

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """The weighted sum of task, ``generic`` (reversed) and ``private`` modality losses, and its parts."""
        task, parts = task_loss(output.logits, batch.labels, self.task)
        if self.discriminator is None:
            return task, parts
        may_teach_B1 = labelled_clips(batch.labels).unsqueeze(1)
        masks = {name: mask & may_teach_B1 for name, mask in self._step_masks(batch).items()}
        parts |= {part: self._modality_loss(part, output, masks) for part in ("generic", "private")}
        alpha, beta = self.config.alpha, self.config.beta
        if self.config.loss_form == "paper":
            return alpha * (parts["generic"] + parts["private"]) + beta * task, parts
        return task + alpha * parts["generic"] + beta * parts["private"], parts

    def stages(self) -> tuple[Stage, ...]:
        """One stage, which leaves a frozen GLASS as it is."""
        if self.config.eye_encoder == "lstm" or not self.config.glass_frozen:
            return super().stages()
        moved = (name for name, _ in self.named_parameters() if not name.startswith(f"{GLASS_PART}."))
        return (Stage("fit", tuple(moved)),)

    def _num_steps(self, name: str) -> int:
        encoder = self.encoders[name]
        return encoder.num_steps if isinstance(encoder, ClipEncoder) else self.task.streams[name][0]

    def _step_masks(self, batch: Batch) -> dict[str, Bool[Tensor, "B T"]]:
        """Mask of the encoded steps of each stream: that of the batch, where a step is encoded as one."""
        masks = dict(batch.masks)
        for name, encoder in self.encoders.items():
            if isinstance(encoder, ClipEncoder):
                masks[name] = encoder.step_mask(batch.masks[name])
        return masks

    def _encode(self, name: str, batch: Batch) -> Float[Tensor, "B T H"]:
        encoded_BTH: Tensor = self.encoder_dropout(self.encoders[name](batch.streams[name], batch.masks[name]))
        return encoded_BTH

    def _discriminate(self, part: str, token_BSW: Tensor, masks: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Modality logits of each modality's tokens: (B, M), or (B, T, M) if the discriminator is tokenwise."""
        assert self.discriminator is not None
        tokens = torch.split(token_BSW, [self._num_steps(name) for name in self.modalities], dim=1)
        if self.config.discriminator == "pooled":
            tokens = tuple(masked_mean(token, masks[name]) for name, token in zip(self.modalities, tokens, strict=True))
        return {
            f"{part}/{name}": self.discriminator(token) for name, token in zip(self.modalities, tokens, strict=True)
        }

    def _modality_loss(self, part: str, output: Output, masks: Mapping[str, Tensor]) -> Tensor:
        logits = {name: output.extras[f"{part}/{name}"] for name in self.modalities}
        seen = {name: masks[name].any(dim=1) if said.ndim == 2 else masks[name] for name, said in logits.items()}
        return modality_loss(logits, seen)


def _encoder(name: str, shape: tuple[int, ...], config: Config) -> nn.Module:
    num_frames, num_channels = shape
    if name == GAZE and config.glass is not None and config.eye_encoder == "glass":
        return ClipEncoder(
            config.glass,
            num_frames=num_frames,
            tokens_per_step=config.glass_tokens_per_step,
            width=config.encoder_width,
            is_frozen=config.glass_frozen,
        )
    if name in config.feature_streams:
        return StepLinear(num_channels, width=config.encoder_width)
    return MaskedLSTM(
        num_channels,
        width=config.encoder_width,
        num_layers=config.encoder_layers,
        initialisation=config.initialisation,
    )


def _extractor(config: Config) -> nn.Sequential:
    if config.mlp_layers == 1:
        return nn.Sequential(nn.Linear(config.encoder_width, config.width))
    return nn.Sequential(
        nn.Linear(config.encoder_width, config.mlp_width),
        nn.LeakyReLU(0.1),
        nn.Linear(config.mlp_width, config.width),
    )


def _discriminator(config: Config, num_modalities: int) -> nn.Sequential:
    last = nn.Linear(config.width, num_modalities)
    if config.discriminator_layers == 1:
        return nn.Sequential(last)
    return nn.Sequential(nn.Linear(config.width, config.width), nn.LeakyReLU(0.1), last)


def _require_possible(config: Config, task: TaskSpec) -> None:
    require_step_streams("emert", task)
    if config.eye_encoder == "glass":
        _require_gaze(config, task)
    if config.width % 2 ** (config.head_layers - 1):
        raise UsageError(
            f"a head of {config.head_layers} layers halves its width each time, and {config.width} cannot be",
            fix=f"choose a width divisible by {2 ** (config.head_layers - 1)}, or fewer head_layers",
        )


def _require_gaze(config: Config, task: TaskSpec) -> None:
    if config.glass is None:
        raise UsageError(
            "eye_encoder='glass' does not know the sizes of its network",
            fix="name glass_checkpoint in 'emogap bench --options' or 'emogap train --options', or state glass",
        )
    if GAZE not in task.streams:
        raise UsageError(
            f"eye_encoder='glass' reads the stream gaze, and the task has {', '.join(task.streams)}",
            fix="build the data set with --gaze-rate, and name gaze in place of eye, as in emert@gaze+face",
        )
    if task.streams[GAZE][1] != config.glass.sizes.num_channels:
        raise UsageError(
            f"the stream gaze has {task.streams[GAZE][1]} channels, the pre-trained network reads"
            f" {', '.join(config.glass.channels)}",
            fix="build the data set with the channels of the gaze index (--gaze-channels)",
        )
