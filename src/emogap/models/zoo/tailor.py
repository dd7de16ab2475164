"""TAILOR: what modalities share and what each has for itself, fused step by step, and asked by every label.

Each stream is encoded by a transformer and split by an adversarial discriminator of modality into a common and a
private part, as in EMERT, which came later. The private parts meet one after the other, then the common part; one
learned query per label reads the result. Zhang, Chen, Shen & Wang (2022), Tailor versatile multi-modal learning for
multi-label emotion recognition, AAAI, arXiv 2201.05834; sizes and weights after their public code (kniter1/TAILOR).

Original: encoders, extractors, order of the fusion, label queries, discriminator per token, the four losses and their
weights. Adaptation: labels exclude each other (softmax, not one sigmoid per label; `multilabel` is the authors'),
each view has its own queries, values have one query per target, dropout stands before the score and not behind it,
streams of fewer steps are repeated, masks, and no layer norm over the channels of the input.

Shapes: B clips, T steps of one stream, S steps of the longest, D channels, W width of a token, L labels of all views,
M modalities, K classes or targets.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from emogap.errors import UsageError
from emogap.models.anchor import anchor_of
from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.heads import make_heads
from emogap.models.interface import GradientModel, Output, TrainingState
from emogap.models.labelled import labelled_clips
from emogap.models.layers.gradient_reversal import GradientReversal
from emogap.models.layers.label_decoder import LabelDecoder
from emogap.models.layers.last_step import last_step
from emogap.models.layers.length_alignment import common_length, repeat_steps
from emogap.models.layers.token_encoder import START_SD, PairEncoder, TokenEncoder
from emogap.models.losses import task_loss
from emogap.models.modality_loss import modality_loss
from emogap.models.recipe import ParameterGroup, Recipe
from emogap.models.token_overlap import token_overlap
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe(
    epochs=20,
    batch_size=64,
    learning_rate=5e-5,
    weight_decay=0.01,
    optimizer="adamw",
    schedule="linear",
    warmup=0.1,
    clip_norm=1.0,
    groups=(ParameterGroup(names=("bias", "norm"), weight_decay=0.0),),
)
"""The authors' scripts and paper; their BertAdam is AdamW without the correction of the first steps."""


class Config(BaseModel):
    """Options of TAILOR; the defaults are those of the authors' code where the docstring does not say otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    anchor: str | None = Field(
        default=None,
        description="Stream that is fused last, as text is in the code; None = face if there is one, else the first.",
    )
    width: int = Field(default=256, ge=2, description="Width W of a token; 256 in the code.")
    num_heads: int = Field(default=8, ge=1, description="Attention heads; 8 in the code. They share the width evenly.")
    depth: int = Field(default=4, ge=1, description="Layers of each stream's encoder; 4 in the code.")
    anchor_depth: int = Field(
        default=4,
        ge=1,
        description="Layers of the anchor's encoder; 6 for text in the code, here as many as the others.",
    )
    fusion_depth: int = Field(default=3, ge=1, description="Layers of each encoder of the fusion; 3 in the code.")
    decoder_depth: int = Field(default=1, ge=1, description="Layers in which labels ask; 1 in the code.")
    dropout: float = Field(default=0.3, ge=0, lt=1, description="Dropout in all transformers; 0.3 in the code.")
    common_dropout: float = Field(default=0.3, ge=0, lt=1, description="Dropout of the common part; 0.3 in the code.")
    private_dropout: float = Field(
        default=0.1, ge=0, lt=1, description="Dropout of the private parts and of the discriminator; 0.1 in the code."
    )
    score_dropout: float = Field(
        default=0.1, ge=0, lt=1, description="Dropout before the scores; 0.1 in the code, there behind them."
    )
    input_norm: bool = Field(
        default=False,
        description="LayerNorm over the channels of each step, as in the code. Streams come standardised by channel;"
        " of the two channels of a fixation it would leave only which one is larger.",
    )
    reversal: float = Field(default=1.0, ge=0, description="Coefficient of the gradient reversal; 1 in the code.")
    multilabel: bool = Field(
        default=False,
        description="A sigmoid and a binary cross-entropy per class, as in the code, whose labels do not exclude each"
        " other; classes only.",
    )
    common_weight: float = Field(default=0.5, ge=0, description="Weight of the task loss of the common part; code.")
    modality_weight: float = Field(default=0.01, ge=0, description="Weight of the discriminator's losses; code.")
    overlap_weight: float = Field(
        default=5e-6, ge=0, description="Weight of the overlap of tokens, which is not normalised; code."
    )


class Model(GradientModel):
    """TAILOR for any named modalities and one or several views.

    With two streams the private parts meet once; with one, its private part meets its common part, and there is
    nothing to discriminate. A stream that a clip lacks adds nothing to the common part and answers nothing.

    Raises
    ------
    UsageError
        If a stream is not (T, D), steps cannot be repeated to those of the longest stream, the heads cannot share the
        width, or values are asked of `multilabel`; a stream of one channel under `input_norm`.
    UnknownNameError
        If there is no stream `anchor`.
    """

    description: ClassVar[str] = "TAILOR: private and common parts are fused one after the other; each label asks them"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("tailor", task)
        _require_possible(config, task)
        self.config = config
        self.modalities = tuple(task.streams)
        self.anchor = anchor_of(task, config.anchor)
        self.num_steps = common_length("tailor", task)
        width = config.width
        self.input_norms = nn.ModuleDict(
            {name: nn.LayerNorm(shape[1]) for name, shape in task.streams.items() if config.input_norm}
        )
        self.projections = nn.ModuleDict({name: nn.Linear(shape[1], width) for name, shape in task.streams.items()})
        self.encoders = nn.ModuleDict({name: self._encoder(name) for name in self.modalities})
        self.common = _extractor(width, config.common_dropout)
        self.private = nn.ModuleDict({name: _extractor(width, config.private_dropout) for name in self.modalities})
        self.fusions = nn.ModuleList(
            PairEncoder(
                (number + 2) * self.num_steps,
                width=width,
                num_heads=config.num_heads,
                depth=config.fusion_depth,
                dropout=config.dropout,
            )
            for number in range(len(self.modalities))
        )
        self.decoder = LabelDecoder(
            len(task.views) * task.head_size,
            width=width,
            num_heads=config.num_heads,
            depth=config.decoder_depth,
            dropout=config.dropout,
        )
        self.score_dropout = nn.Dropout(config.score_dropout)
        self.score = nn.Linear(width, 1)
        self.common_heads = make_heads(width, task, num_layers=1)
        self.reversal = GradientReversal(config.reversal)
        self.discriminator = _discriminator(config, len(self.modalities)) if len(self.modalities) > 1 else None
        self.apply(_start_small)

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``common/<modality>`` and ``private/<modality>``, tokens (B, S, W) that are zero
        where the mask is False, and ``first`` (B, W), the first real token of the common part.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        masks = self.repeated_masks(batch)
        common, private = self.split(batch, masks)
        common_BSW = torch.stack(list(common.values())).sum(dim=0)
        common_mask_BS = torch.stack(list(masks.values())).any(dim=0)
        token, mask = self.fuse(private, masks, common_BSW, common_mask_BS)
        score_BL = self.score(self.score_dropout(self.decoder(token, mask))).squeeze(-1)
        scores = dict(zip(self.common_heads, score_BL.split(self.task.head_size, dim=1), strict=True))
        extras = {f"common/{name}": token for name, token in common.items()}
        extras |= {f"private/{name}": token for name, token in private.items()}
        extras["first"] = last_step(common_BSW.flip(1), common_mask_BS.flip(1))
        if not self.config.multilabel:
            return Output(scores, extras)
        # The softmax of the logarithm of each label's probability is that label's share of all.
        extras |= {f"score/{view}": score_BK for view, score_BK in scores.items()}
        return Output({view: functional.logsigmoid(score_BK) for view, score_BK in scores.items()}, extras)

    def repeated_masks(self, batch: Batch) -> dict[str, Bool[Tensor, "B S"]]:
        """The mask of each stream at the steps of the longest."""
        return {name: repeat_steps(batch.masks[name], self.num_steps) for name in self.modalities}

    def split(
        self, batch: Batch, masks: Mapping[str, Tensor]
    ) -> tuple[dict[str, Float[Tensor, "B S W"]], dict[str, Float[Tensor, "B S W"]]]:
        """The common and the private tokens of each modality; zero where its mask is False."""
        common, private = {}, {}
        for name in self.modalities:
            token_BTW = batch.streams[name]
            if self.config.input_norm:
                token_BTW = self.input_norms[name](token_BTW)
            token_BSW = repeat_steps(self.projections[name](token_BTW), self.num_steps)
            encoded_BSW = self.encoders[name](token_BSW, masks[name])
            real_BS1 = masks[name].unsqueeze(-1)
            common[name] = self.common(encoded_BSW) * real_BS1
            private[name] = self.private[name](encoded_BSW) * real_BS1
        return common, private

    def fuse(
        self,
        private: Mapping[str, Tensor],
        masks: Mapping[str, Tensor],
        common_BSW: Float[Tensor, "B S W"],
        common_mask_BS: Bool[Tensor, "B S"],
    ) -> tuple[Tensor, Tensor]:
        """The tokens that labels ask, (B, (M + 1) S, W), and their mask: others first, then the anchor, then common."""
        first, *rest = [name for name in self.modalities if name != self.anchor] + [self.anchor]
        token, mask = private[first], masks[first]
        for name, fusion in zip(rest, self.fusions, strict=False):
            token, mask = fusion(private[name], masks[name], token, mask)
        fused: tuple[Tensor, Tensor] = self.fusions[-1](token, mask, common_BSW, common_mask_BS)
        return fused

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """The task, and with the weights of the configuration ``common`` (the task read from the common part),
        ``modality`` (the discriminator's two losses) and ``overlap``; unlabelled clips teach nothing."""
        first_BW = self.score_dropout(output.extras["first"])
        task, parts = self._task_loss("score/", output, batch)
        from_common = {view: head(first_BW) for view, head in self.common_heads.items()}
        common, _ = self._task_loss("", Output(from_common), batch)
        masks = self.repeated_masks(batch)
        teaches_B = labelled_clips(batch.labels)
        parts |= {"common": common, "overlap": self._overlap(output, masks, teaches_B)}
        total = task + self.config.common_weight * common + self.config.overlap_weight * parts["overlap"]
        if self.discriminator is None:
            return total, parts
        counts = {name: mask & teaches_B.unsqueeze(1) for name, mask in masks.items()}
        common_said = {name: self.discriminator(self.reversal(output.extras[f"common/{name}"])) for name in counts}
        private_said = {name: self.discriminator(output.extras[f"private/{name}"]) for name in counts}
        parts["modality"] = modality_loss(common_said, counts) + modality_loss(private_said, counts)
        return total + self.config.modality_weight * parts["modality"], parts

    def _task_loss(self, kind: str, output: Output, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        if not self.config.multilabel:
            return task_loss(output.logits, batch.labels, self.task)
        scores = {view: output.extras.get(f"{kind}{view}", logits) for view, logits in output.logits.items()}
        parts = {f"task/{view}": _label_cross_entropy(score, batch.labels[view]) for view, score in scores.items()}
        return torch.stack(list(parts.values())).sum(), parts

    def _overlap(self, output: Output, masks: Mapping[str, Tensor], teaches_B: Tensor) -> Tensor:
        """Sum over pairs of private parts, and over the two parts of each modality, of their tokens' overlap."""
        private = {name: output.extras[f"private/{name}"] for name in self.modalities}
        counts = {name: masks[name].any(dim=1) & teaches_B for name in self.modalities}
        overlaps = [
            token_overlap(private[one], private[other], counts[one] & counts[other])
            for one, other in combinations(self.modalities, 2)
        ]
        overlaps += [
            token_overlap(output.extras[f"common/{name}"], private[name], counts[name]) for name in self.modalities
        ]
        return torch.stack(overlaps).sum()

    def _encoder(self, name: str) -> TokenEncoder:
        depth = self.config.anchor_depth if name == self.anchor else self.config.depth
        return TokenEncoder(
            self.num_steps,
            width=self.config.width,
            num_heads=self.config.num_heads,
            depth=depth,
            dropout=self.config.dropout,
        )


def _label_cross_entropy(score_BK: Float[Tensor, "B K"], share_BK: Float[Tensor, "B K"]) -> Float[Tensor, ""]:
    """Mean binary cross-entropy of each class's sigmoid against its vote share, over the labelled clips, in nats."""
    is_labelled_B1 = share_BK.isfinite().all(dim=1, keepdim=True)
    known_BK = torch.where(is_labelled_B1, share_BK, torch.zeros_like(share_BK))
    loss_BK = functional.binary_cross_entropy_with_logits(score_BK, known_BK, reduction="none")
    return (loss_BK * is_labelled_B1).mean(dim=1).sum() / is_labelled_B1.sum().clamp(min=1)


def _extractor(width: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, width), nn.Dropout(dropout), nn.Tanh())


def _discriminator(config: Config, num_modalities: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(config.width, config.width // 2),
        nn.Dropout(config.private_dropout),
        nn.ReLU(),
        nn.Linear(config.width // 2, num_modalities),
    )


def _start_small(module: nn.Module) -> None:
    """Weights from N(0, 0.02) and no bias, as BERT and the authors start."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=START_SD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _require_possible(config: Config, task: TaskSpec) -> None:
    if config.multilabel and not task.is_classification:
        raise UsageError(
            f"multilabel asks for classes, but the targets are {', '.join(task.targets)}",
            fix="leave multilabel at False, where values have one query per target",
        )
    for name, shape in task.streams.items():
        if config.input_norm and shape[1] == 1:
            raise UsageError(
                f"input_norm leaves nothing of {name}, which has one channel",
                fix="leave input_norm at False: streams are standardised by channel already",
            )
