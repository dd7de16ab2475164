"""MMA-DFER: encoders of single modalities, pre-trained without labels and then frozen, adapted to each other.

Each modality has a transformer of its own, which learned from that modality alone. It is not changed any more;
learned *prompts* among its tokens, a narrow gated *exchange* between the modalities after every block, and a small
temporal transformer over the frames adapt it to the task. Chumachenko, Iosifidis & Gabbouj (2024), MMA-DFER:
MultiModal Adaptation of unimodal models for dynamic facial expression recognition in-the-wild, arXiv 2404.09010; and
their public code, of which none is copied. There is no contrastive loss in it.

Original: prompts, exchange, gates from 0, temporal transformer, what is trained and what stands still.
Adaptation: the authors freeze MAE-Face and AudioMAE, which millions of faces and sounds have trained. No such network
exists for eye movements, and a frozen random one would betray the idea: so small encoders are pre-trained first, by
reconstruction of what was hidden, on the training clips of the fold and no others. Streams are those of the task; the
*anchor* is read step by step as the authors read frames, all others are one sequence each, as their sound. Without an
anchor the temporal transformer has one frame, the whole clip.

Shapes: B clips, T steps of the anchor, D channels, S sequences of N tokens, W width of a token, L width of
the exchange, V width of the temporal transformer.
"""

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from emogap.models.anchor import anchor_of
from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.heads import HeadLayers, make_heads
from emogap.models.interface import GradientModel, Output, Stage, TrainingState
from emogap.models.labelled import labelled_clips, mean_where
from emogap.models.layers.frame_transformer import FrameTransformer
from emogap.models.layers.fusion_bottleneck import FusionBottleneck
from emogap.models.layers.masked_pooling import masked_mean
from emogap.models.layers.masked_tokens import MaskedTokenEncoder
from emogap.models.layers.progressive_prompts import ProgressivePrompts
from emogap.models.layers.sinusoid import sinusoid
from emogap.models.recipe import Recipe
from emogap.types import TaskSpec

__all__ = ["NATIVE", "PRETRAINING", "Config", "Model"]

NATIVE = Recipe(epochs=25, batch_size=8, learning_rate=1e-4, weight_decay=1e-2, optimizer="adamw", schedule="cosine")
"""The authors' code: AdamW at 1e-4 with weight decay 0.01, cosine, 25 epochs, batches of 8."""

PRETRAINING = "pretraining"
"""Name of the stage that trains the encoders."""


class Config(BaseModel):
    """Options of MMA-DFER; the shape is the authors', the sizes are ours: theirs are those of ViT-B/16."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    anchor: str | None = Field(
        default=None, description="Stream that is read step by step; None = face if it is there, else no stream."
    )
    width: int = Field(default=128, ge=2, description="Width W of a token; ours, 768 in the code.")
    num_blocks: int = Field(default=4, ge=1, description="Blocks of each encoder; ours, 12 in the code.")
    num_heads: int = Field(default=4, ge=1, description="Attention heads of the encoders; ours, 12 in the code.")
    head_width: int = Field(default=16, ge=1, description="Width of an attention head; ours, 64 in the code.")
    feedforward_width: int = Field(
        default=64, ge=1, description="Inner width of the encoders' feed-forward; ours, 3072 in the code."
    )
    patches: int = Field(
        default=4,
        ge=1,
        description="Tokens that a Linear makes of one step of the anchor; ours: 14 x 14 picture parts.",
    )
    prompts_per_stage: int = Field(default=3, ge=1, description="Prompts that a stage of blocks moves; 3 in the code.")
    stage_length: int = Field(default=2, ge=1, description="Blocks of one stage; ours, 6 of 12 in the code.")
    bottleneck_width: int = Field(default=32, ge=1, description="Width of the exchange; ours, 128 in the code.")
    temporal_width: int = Field(default=128, ge=2, description="Width V of the temporal transformer; 512 in the code.")
    temporal_heads: int = Field(default=4, ge=1, description="Its attention heads; ours, 8 in the code.")
    temporal_head_width: int = Field(default=32, ge=1, description="Width of one of them; ours, 64 in the code.")
    temporal_feedforward_width: int = Field(
        default=256, ge=1, description="Inner width of its feed-forward; ours, 1024 (twice its width, too) in the code."
    )
    dropout: float = Field(default=0.0, ge=0, lt=1, description="Dropout of all layers; 0 in the code.")
    head_layers: HeadLayers = Field(default=1, description="Layers of each head; 1 in the code.")
    freeze: bool = Field(
        default=True, description="Whether the encoders stand still after pre-training, as in the paper."
    )
    pretraining_share: float = Field(
        default=0.25,
        gt=0,
        le=10,
        description="Passes of pre-training, as a share of the epochs: 50 for 200; ours. Above 1 where epochs are few.",
    )
    hidden_share: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="Probability that a token is hidden in pre-training; ours: He et al. (2022) hide 0.75 of a picture"
        " of 196 parts, but of a few steps less can be missed.",
    )


class Model(GradientModel):
    """MMA-DFER for any named modalities and one or several views.

    A modality that a clip lacks sends nothing and is left out of the sum that the temporal transformer reads; a clip
    that lacks the anchor is told by the others. With one modality the exchange is an adapter of it alone.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    UnknownNameError
        If the anchor is no stream of the task.
    """

    description: ClassVar[str] = "MMA-DFER: encoders pre-trained by reconstruction, frozen, and adapted by prompts"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("mma_dfer", task)
        self.config = config
        has_anchor = config.anchor is not None or "face" in task.streams
        self.anchor = anchor_of(task, config.anchor) if has_anchor else None
        self.modalities = tuple(task.streams)
        patches = {name: config.patches if name == self.anchor else None for name in self.modalities}
        self.encoders = nn.ModuleDict(
            {name: _new_encoder(shape[1], patches[name], config) for name, shape in task.streams.items()}
        )
        self.decoders = nn.ModuleDict({name: nn.Linear(config.width, shape[1]) for name, shape in task.streams.items()})
        self.positions = nn.ParameterDict(
            {
                name: nn.Parameter(sinusoid(1 + (patches[name] or shape[0]), config.width))
                for name, shape in task.streams.items()
            }
        )
        self.prompts = nn.ModuleDict({name: _prompts(config) for name in self.modalities})
        self.bottlenecks = nn.ModuleList(
            nn.ModuleDict(
                {
                    name: FusionBottleneck(config.width, bottleneck_width=config.bottleneck_width)
                    for name in self.modalities
                }
            )
            for _ in range(config.num_blocks)
        )
        self.temporal = FrameTransformer(
            1 if self.anchor is None else task.streams[self.anchor][0],
            in_width=config.width,
            width=config.temporal_width,
            num_heads=config.temporal_heads,
            head_width=config.temporal_head_width,
            feedforward_width=config.temporal_feedforward_width,
            dropout=config.dropout,
        )
        self.heads = make_heads(config.temporal_width, task, num_layers=config.head_layers)

    def stages(self) -> tuple[Stage, ...]:
        """Pre-training of the encoders, then the fit, in which they stand still unless told otherwise."""
        adapted = ("positions.", "prompts.", "bottlenecks.", "temporal.", "heads.")
        return (
            Stage(
                PRETRAINING,
                trains=("encoders.", "decoders.", "positions."),
                share_before=self.config.pretraining_share,
            ),
            Stage("fit", trains=adapted if self.config.freeze else ("encoders.", *adapted)),
        )

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``fused`` (B, V) and ``class/<modality>``,
        (B, T, W) of the anchor and (B, 1, W) of the others.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        summaries = {name: self._encoder(name).norm(token_SNW[:, 0]) for name, token_SNW in self._encode(batch).items()}
        mask_BT = self._frame_mask(batch)
        for name, summary_SW in summaries.items():
            if name == self.anchor:
                summaries[name] = summary_SW.reshape(*mask_BT.shape, -1) * mask_BT.unsqueeze(-1)
            else:
                summaries[name] = (summary_SW * batch.masks[name].any(dim=1, keepdim=True)).unsqueeze(1)
        frames = [summary.expand(-1, mask_BT.shape[1], -1) for summary in summaries.values()]
        frame_BTW = torch.stack(frames).sum(dim=0)
        # Without any frame, the others speak at every step: what they say is real.
        is_real_BT = mask_BT | ~mask_BT.any(dim=1, keepdim=True)
        fused_BV: Tensor = self.temporal(frame_BTW, is_real_BT)
        extras = {"fused": fused_BV} | {f"class/{name}": summary for name, summary in summaries.items()}
        return Output({view: head(fused_BV) for view, head in self.heads.items()}, extras)

    def training_forward(self, batch: Batch, state: TrainingState) -> Output:
        """In pre-training no logits, but ``reconstruction/<name>`` (B, T, D) and ``hidden/<name>`` (B, T)."""
        if state.stage != PRETRAINING:
            return super().training_forward(batch, state)
        require_streams(self.task, batch)
        extras = {}
        for name in self.modalities:
            extras[f"reconstruction/{name}"], extras[f"hidden/{name}"] = self._encoder(name).reconstruct(
                batch.streams[name],
                batch.masks[name],
                self.positions[name],
                self.decoders[name],
                hidden_share=self.config.hidden_share,
            )
        return Output({}, extras)

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """The task loss; in pre-training the sum over modalities of the mean squared error of what was hidden.

        No clip teaches here that no view labels, although a reconstruction needs no label: models are compared that
        have learned from the same clips.
        """
        if state.stage != PRETRAINING:
            return super().loss(output, batch, state)
        teaches_B1 = labelled_clips(batch.labels).unsqueeze(1)
        parts = {}
        for name in self.modalities:
            is_asked_BT = output.extras[f"hidden/{name}"] & teaches_B1
            error_BT = (output.extras[f"reconstruction/{name}"] - batch.streams[name]).square().mean(dim=-1)
            parts[f"reconstruction/{name}"] = mean_where(error_BT, is_asked_BT)
        return torch.stack(list(parts.values())).sum(), parts

    def _encoder(self, name: str) -> MaskedTokenEncoder:
        encoder = self.encoders[name]
        assert isinstance(encoder, MaskedTokenEncoder)
        return encoder

    def _frame_mask(self, batch: Batch) -> Bool[Tensor, "B T"]:
        """True where the anchor has a real step; one step that is not, if there is no anchor."""
        if self.anchor is None:
            return torch.zeros(batch.num_clips, 1, dtype=torch.bool, device=batch.index.device)
        return batch.masks[self.anchor]

    def _encode(self, batch: Batch) -> dict[str, Tensor]:
        """The tokens of every modality (S, 1 + prompts + N, W) after all blocks, exchanges and moves of prompts."""
        tokens, masks = {}, {}
        prompts = {name: module for name, module in self.prompts.items() if isinstance(module, ProgressivePrompts)}
        for name in self.modalities:
            token_SNW, mask_SN = self._encoder(name).tokens(batch.streams[name], batch.masks[name])
            prompt_PW = prompts[name].token_PW
            tokens[name] = self._encoder(name).with_class_token(token_SNW, self.positions[name], prompt_PW)
            masks[name] = torch.cat([mask_SN.new_ones(len(mask_SN), 1 + len(prompt_PW)), mask_SN], dim=1)
        for number, bottlenecks in enumerate(self.bottlenecks):
            for name in self.modalities:
                tokens[name] = self._encoder(name).blocks[number](tokens[name], masks[name])
            assert isinstance(bottlenecks, nn.ModuleDict)
            tokens = self._exchange(bottlenecks, tokens, masks, batch.masks)
            for name in self.modalities:
                tokens[name] = prompts[name].advance(tokens[name], block=number)
        return tokens

    def _exchange(
        self,
        bottlenecks: nn.ModuleDict,
        tokens: Mapping[str, Tensor],
        masks: Mapping[str, Tensor],
        steps: Mapping[str, Tensor],
    ) -> dict[str, Tensor]:
        """The tokens after every modality has taken the sum of what the others sent."""
        parts = {name: module for name, module in bottlenecks.items() if isinstance(module, FusionBottleneck)}
        narrow = {name: parts[name].narrow(token) for name, token in tokens.items()}
        sent = {name: self._send(name, narrow[name], masks[name], steps[name]) for name in self.modalities}
        everything_BL = torch.stack(list(sent.values())).sum(dim=0)
        exchanged = {}
        for name, token in tokens.items():
            received_SL = (everything_BL - sent[name]).repeat_interleave(len(token) // len(everything_BL), dim=0)
            exchanged[name] = parts[name].widen(token, narrow[name], received_SL)
        return exchanged

    def _send(
        self,
        name: str,
        narrow_SNL: Float[Tensor, "S N L"],
        mask_SN: Bool[Tensor, "S N"],
        step_BT: Bool[Tensor, "B T"],
    ) -> Float[Tensor, "B L"]:
        """Mean over all real tokens of each clip, those of masked frames left out; zero if it lacks the modality."""
        sent_SL = masked_mean(narrow_SNL, mask_SN)
        if name == self.anchor:
            return masked_mean(sent_SL.reshape(*step_BT.shape, -1), step_BT)
        return sent_SL * step_BT.any(dim=1, keepdim=True)


def _new_encoder(num_channels: int, patches: int | None, config: Config) -> MaskedTokenEncoder:
    return MaskedTokenEncoder(
        num_channels,
        width=config.width,
        num_blocks=config.num_blocks,
        num_heads=config.num_heads,
        head_width=config.head_width,
        feedforward_width=config.feedforward_width,
        dropout=config.dropout,
        patches=patches,
    )


def _prompts(config: Config) -> ProgressivePrompts:
    return ProgressivePrompts(
        config.width,
        num_blocks=config.num_blocks,
        stage_length=config.stage_length,
        per_stage=config.prompts_per_stage,
    )
