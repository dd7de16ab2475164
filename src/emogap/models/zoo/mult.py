"""MulT: the multimodal transformer for streams that are not aligned.

Every stream asks every other one, step by step, by a directional transformer of its own, so that streams of
different lengths meet without being aligned first. What a stream has collected from the others is put side by side
and asked of itself; the last real steps of all streams are the clip. Tsai et al. (2019), arXiv 1906.00295, section 3;
where the paper leaves a choice open, the authors' released code decides.

Original: the directional transformers whose keys and values are the other stream's first embedding at every layer,
the causal mask with offset, the self-attention, the last step, the residual block, one loss. Adaptation: masks, any
named modalities (one stream only asks itself), one output layer per view, vote shares or Huber loss.

Shapes: B clips, T steps of one stream, D channels, W width of a token (the paper's d), M modalities.
"""

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.heads import make_heads
from emogap.models.interface import GradientModel, Output
from emogap.models.layers.directional_encoder import DirectionalEncoder
from emogap.models.layers.last_step import last_step
from emogap.models.recipe import Recipe
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe(
    epochs=40,
    batch_size=24,
    learning_rate=1e-3,
    weight_decay=0.0,
    schedule="plateau",
    plateau_patience=20,
    plateau_factor=0.1,
    clip_norm=0.8,
)
"""The defaults of the authors' training script: Adam, ReduceLROnPlateau, gradients clipped at 0.8."""

FEWEST_SELF_LAYERS = 3
"""The authors' code never makes fewer layers of self-attention."""


class Config(BaseModel):
    """Options of MulT; the defaults are those of the authors' released code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(default=30, ge=1, description="Width W of a token of every stream; 30 in the code.")
    depth: int = Field(
        default=5,
        ge=1,
        description="Layers of each directional transformer, and of each self-attention (there at least 3); 5 in the"
        " code.",
    )
    num_heads: int = Field(default=5, ge=1, description="Attention heads; 5 in the code. They share the width evenly.")
    causal: bool = Field(
        default=True,
        description="A step asks steps up to its own number plus the difference of the lengths; the code's default.",
    )
    embedding_dropout: float = Field(
        default=0.25, ge=0, lt=1, description="Dropout on tokens with position; 0.25 in the code."
    )
    weight_dropout: float = Field(default=0.1, ge=0, lt=1, description="Dropout on attention weights; 0.1 in the code.")
    inner_dropout: float = Field(default=0.1, ge=0, lt=1, description="Dropout behind the ReLU; 0.1 in the code.")
    dropout: float = Field(
        default=0.1, ge=0, lt=1, description="Dropout on what each half of a layer adds; 0.1 in the code."
    )
    output_dropout: float = Field(
        default=0.0, ge=0, lt=1, description="Dropout in the residual block before the heads; 0 in the code."
    )


class Model(GradientModel):
    """MulT for any named modalities and one or several views.

    With one stream there is none to ask: its tokens only ask themselves. A stream that a clip lacks answers nothing,
    and its own last step is zero.

    Raises
    ------
    UsageError
        If a stream is not (T, D), or the heads cannot share the width evenly.
    """

    description: ClassVar[str] = "MulT: every stream asks every other one step by step; the last steps are the clip"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("mult", task)
        self.config = config
        self.modalities = tuple(task.streams)
        others = max(len(self.modalities) - 1, 1)
        fused = len(self.modalities) * others * config.width
        num_steps = max(shape[0] for shape in task.streams.values())
        self.projections = nn.ModuleDict(
            {name: nn.Linear(shape[1], config.width, bias=False) for name, shape in task.streams.items()}
        )
        self.crossings = nn.ModuleDict(
            {
                _path(target, source): _encoder(config, config.width, config.depth, num_steps)
                for target, source in self.pairs
            }
        )
        self.memories = nn.ModuleDict(
            {
                name: _encoder(config, others * config.width, max(config.depth, FEWEST_SELF_LAYERS), num_steps)
                for name in self.modalities
            }
        )
        self.residual = nn.Sequential(
            nn.Linear(fused, fused), nn.ReLU(), nn.Dropout(config.output_dropout), nn.Linear(fused, fused)
        )
        self.heads = make_heads(fused, task, num_layers=1)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every stream that asks with every other one that answers."""
        return [(target, source) for target in self.modalities for source in self.modalities if source != target]

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``fused`` (B, M (M - 1) W), the last steps side by side.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        tokens = self.project(batch)
        collected = self.collect(tokens, batch.masks)
        last = [
            last_step(self.memories[name](collected[name], None, batch.masks[name]), batch.masks[name])
            for name in self.modalities
        ]
        fused_BF = torch.cat(last, dim=1)
        fused_BF = fused_BF + self.residual(fused_BF)
        return Output({view: head(fused_BF) for view, head in self.heads.items()}, {"fused": fused_BF})

    def project(self, batch: Batch) -> dict[str, Float[Tensor, "B T W"]]:
        """One token per step of each stream; zero where the mask is False."""
        return {
            name: self.projections[name](batch.streams[name]) * batch.masks[name].unsqueeze(-1)
            for name in self.modalities
        }

    def collect(self, tokens: Mapping[str, Tensor], masks: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """What each stream has collected from the others, side by side in their order: (B, T, (M - 1) W).

        A stream without others is left as it is.
        """
        answers: dict[str, list[Tensor]] = {name: [] for name in self.modalities}
        for target, source in self.pairs:
            crossing = self.crossings[_path(target, source)]
            answers[target].append(crossing(tokens[target], tokens[source], masks[source]))
        return {name: torch.cat(parts, dim=-1) if parts else tokens[name] for name, parts in answers.items()}


def _path(target: str, source: str) -> str:
    return f"{target}<-{source}"


def _encoder(config: Config, width: int, num_layers: int, num_steps: int) -> DirectionalEncoder:
    return DirectionalEncoder(
        width,
        num_layers=num_layers,
        num_heads=config.num_heads,
        num_steps=num_steps,
        embedding_dropout=config.embedding_dropout,
        weight_dropout=config.weight_dropout,
        inner_dropout=config.inner_dropout,
        dropout=config.dropout,
        causal=config.causal,
    )
