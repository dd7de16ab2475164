"""TMT: a token-based mutual transformer of what modalities share and what each has for itself.

A few learned tokens read the steps of all streams together: some for what they agree on (*consistency*), some for
each modality (*heterogeneity*). Only these tokens go on. Two transformers let the one kind ask the other and the
other the one; a head per view reads the mean of both answers. Yin, Liu, Liu, Zhang, Fang,
Tang & Jiang (2024), Engineering Applications of Artificial Intelligence 133:108348,
doi:10.1016/j.engappai.2024.108348; sizes and weights after their public code (cug-ygh/TMT), of which none is copied.

Original: tokens, encoder, mutual transformer, head, the three losses and their weights. Adaptation: streams are those
of the task instead of text, audio and video; masks; one head per view; the published script that mixes inputs, but
not their labels, is not followed.

Shapes: B clips, T steps of one stream, S steps of all streams, D channels, W width of a token, C consistency tokens,
H heterogeneity tokens of one modality, M modalities, L = C + M H learned tokens.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from emogap.models.batch import Batch, has_stream, require_step_streams, require_streams
from emogap.models.interface import GradientModel, Output, TrainingState
from emogap.models.labelled import labelled_clips
from emogap.models.layers.cross_encoder import CrossEncoder
from emogap.models.layers.masked_pooling import masked_mean
from emogap.models.layers.self_attention import SelfAttentionLayer
from emogap.models.losses import task_loss
from emogap.models.recipe import Recipe
from emogap.models.subspaces import correlation_loss, mean_discrepancy
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe(epochs=200, batch_size=64, learning_rate=1e-4, weight_decay=0.0, schedule="cosine", warmup=0.1)
"""The authors' scripts: Adam at 1e-4, batches of 64, 200 epochs, a tenth of them warm-up, then cosine."""


class Config(BaseModel):
    """Options of TMT; the defaults are those of the authors' code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(default=256, ge=2, description="Width W of a token; 256 in the code.")
    consistency_tokens: int = Field(default=6, ge=1, description="Tokens C for what modalities share; 6 in the code.")
    heterogeneity_tokens: int = Field(default=2, ge=1, description="Tokens H for each modality; 2 in the code.")
    depth: int = Field(default=2, ge=1, description="Layers of self-attention over all tokens; 2 in the code.")
    cross_depth: int = Field(
        default=2, ge=1, description="Layers of each direction of the mutual transformer; 2 in the class, 4 in scripts."
    )
    num_heads: int = Field(default=8, ge=1, description="Attention heads; 8 in the code.")
    head_width: int = Field(default=64, ge=1, description="Width of an attention head; 64 in the code.")
    feedforward_width: int = Field(
        default=512, ge=1, description="Inner width of the self-attention layers' feed-forward; 512 in the code."
    )
    input_dropout: float = Field(default=0.5, ge=0, lt=1, description="Dropout on the streams; 0.5 in the code.")
    position_dropout: float = Field(
        default=0.1, ge=0, lt=1, description="Dropout behind all three tables of positions; 0.1 in the code."
    )
    dropout: float = Field(default=0.5, ge=0, lt=1, description="Dropout within the layers; 0.5 in the code.")
    orthogonality_weight: float = Field(default=0.01, ge=0, description="Weight a; 0.01 in most scripts, 0.05 in some.")
    similarity_weight: float = Field(
        default=0.01, ge=0, description="Weight b; 0.01 in most scripts, 0.05 in some, 1 for five classes."
    )
    task_weight: float = Field(
        default=1.0, gt=0, description="Weight delta of the task loss; 1 in most scripts, 10 for five classes."
    )


class Model(GradientModel):
    """TMT for any named modalities and one or several views.

    A modality that a clip lacks has no heterogeneity tokens there. With one modality its tokens and the consistency
    tokens remain, and are kept apart.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    """

    description: ClassVar[str] = "TMT: few learned tokens read all streams; shared and own tokens ask each other"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("tmt", task)
        self.config = config
        self.modalities = tuple(task.streams)
        width = config.width
        self.token_sizes = (config.consistency_tokens,) + (config.heterogeneity_tokens,) * len(self.modalities)
        num_learned, num_steps = sum(self.token_sizes), sum(shape[0] for shape in task.streams.values())
        self.input_dropout = nn.Dropout(config.input_dropout)
        self.projections = nn.ModuleDict({name: nn.Linear(shape[1], width) for name, shape in task.streams.items()})
        self.token_LW = nn.Parameter(torch.randn(num_learned, width))
        self.position_NW = nn.Parameter(torch.randn(num_learned + num_steps, width))
        self.position_dropout = nn.Dropout(config.position_dropout)
        self.layers = nn.ModuleList(_encoder_layer(config) for _ in range(config.depth))
        num_own = num_learned - config.consistency_tokens
        self.own_ask_shared = _direction(num_own, config.consistency_tokens, config)
        self.shared_ask_own = _direction(config.consistency_tokens, num_own, config)
        self.heads = nn.ModuleDict({view.value: _head(width, task.head_size) for view in task.views})

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``fused``, ``consistency`` and, per modality, ``raw/`` and ``own/``, all (B, W).

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        raw = [self._project(name, batch) for name in self.modalities]
        tokens = self.read(torch.cat(raw, dim=1), torch.cat([batch.masks[name] for name in self.modalities], dim=1))
        shared_BCW, *own = torch.split(tokens, list(self.token_sizes), dim=1)
        fused_BW = self.exchange(shared_BCW, torch.cat(own, dim=1), self._has_own_tokens(batch))
        extras = {"fused": fused_BW, "consistency": shared_BCW.mean(dim=1)}
        for name, raw_BTW, own_BHW in zip(self.modalities, raw, own, strict=True):
            extras[f"raw/{name}"] = masked_mean(raw_BTW, batch.masks[name])
            extras[f"own/{name}"] = own_BHW.mean(dim=1)
        return Output({view: head(fused_BW) for view, head in self.heads.items()}, extras)

    def read(self, raw_BSW: Float[Tensor, "B S W"], mask_BS: Bool[Tensor, "B S"]) -> Float[Tensor, "B L W"]:
        """The learned tokens after they have read the steps of all streams; the steps themselves end here."""
        learned_BLW = self.token_LW.expand(len(raw_BSW), -1, -1)
        is_learned_BL = mask_BS.new_ones(learned_BLW.shape[:2])
        token_BNW: Tensor = self.position_dropout(torch.cat([learned_BLW, raw_BSW], dim=1) + self.position_NW)
        for layer in self.layers:
            token_BNW = layer(token_BNW, torch.cat([is_learned_BL, mask_BS], dim=1))
        return token_BNW[:, : learned_BLW.shape[1]]

    def exchange(
        self,
        shared_BCW: Float[Tensor, "B C W"],
        own_BOW: Float[Tensor, "B O W"],
        has_own_BO: Bool[Tensor, "B O"],
    ) -> Float[Tensor, "B W"]:
        """The mutual transformer: the mean of the own tokens that asked, plus the mean of the shared ones that did."""
        everything_BC = has_own_BO.new_ones(shared_BCW.shape[:2])
        own_BW = masked_mean(self.own_ask_shared(own_BOW, shared_BCW, everything_BC), has_own_BO)
        shared_BCW = self.shared_ask_own(shared_BCW, own_BOW, has_own_BO)
        return own_BW + shared_BCW.mean(dim=1)

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """The weighted sum of task, ``orthogonality`` and ``similarity``, and its parts; of the latter a modality's own
        clips only, and no unlabelled one."""
        task, parts = task_loss(output.logits, batch.labels, self.task)
        teaches_B = labelled_clips(batch.labels)
        counts = {name: teaches_B & has_stream(batch, name) for name in self.modalities}
        own = {name: output.extras[f"own/{name}"] for name in self.modalities}
        from_shared = [
            correlation_loss(output.extras["consistency"], own[name], counts[name]) for name in self.modalities
        ]
        from_each_other = [
            correlation_loss(own[one], own[other], counts[one] & counts[other])
            for one, other in combinations(self.modalities, 2)
        ]
        parts["orthogonality"] = _mean(from_shared) + (_mean(from_each_other) if from_each_other else 0)
        parts["similarity"] = _mean(
            [mean_discrepancy(output.extras[f"raw/{name}"], own[name], counts[name]) for name in self.modalities]
        )
        config = self.config
        total = (
            config.task_weight * task
            + config.orthogonality_weight * parts["orthogonality"]
            + config.similarity_weight * parts["similarity"]
        )
        return total, parts

    def _project(self, name: str, batch: Batch) -> Float[Tensor, "B T W"]:
        raw_BTW: Tensor = self.projections[name](self.input_dropout(batch.streams[name]))
        return raw_BTW

    def _has_own_tokens(self, batch: Batch) -> Bool[Tensor, "B O"]:
        has_BM = torch.stack([has_stream(batch, name) for name in self.modalities], dim=1)
        return has_BM.repeat_interleave(self.config.heterogeneity_tokens, dim=1)


def _encoder_layer(config: Config) -> SelfAttentionLayer:
    return SelfAttentionLayer(
        config.width,
        num_heads=config.num_heads,
        head_width=config.head_width,
        feedforward_width=config.feedforward_width,
        dropout=config.dropout,
    )


def _direction(num_asking: int, num_answering: int, config: Config) -> CrossEncoder:
    return CrossEncoder(
        num_asking,
        num_answering,
        width=config.width,
        depth=config.cross_depth,
        num_heads=config.num_heads,
        head_width=config.head_width,
        dropout=config.dropout,
        position_dropout=config.position_dropout,
    )


def _head(width: int, size: int) -> nn.Sequential:
    """Two layers without anything between them, as in the authors' code."""
    return nn.Sequential(nn.Linear(width, width // 2), nn.Linear(width // 2, size))


def _mean(losses: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(losses)).mean()
