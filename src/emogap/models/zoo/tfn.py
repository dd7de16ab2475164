"""TFN: the tensor fusion network.

Each stream becomes one vector h_m. The outer product of all [1; h_m] holds every product of one entry per modality,
and by the ones those of fewer modalities, down to the single vectors; a perceptron reads it. Zadeh et al. (2017),
Tensor fusion network for multimodal sentiment analysis, EMNLP, arXiv 1707.07250.

Original: the fusion, the two layers of 64 behind it, and the sub-networks. Adaptation: face features take the place
of the modalities that are averaged, and every other stream that of the text, with an LSTM; one linear head per view;
values are unbounded unless ``bounds`` asks for the authors' scaled sigmoid; a stream that a clip lacks is h_m = 0,
which leaves the products of the others.

Shapes: B clips, D width of a vector, W width behind the fusion, K classes or targets.
"""

import math
from typing import ClassVar, Self

from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn

from emogap.errors import UsageError
from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.heads import make_heads
from emogap.models.interface import GradientModel, Output
from emogap.models.layers.subnetworks import ClipVectors, SubnetworkOptions, vector_width
from emogap.models.layers.tensor_fusion import outer_product, with_one
from emogap.models.layers.wide_dropout import WideDropout
from emogap.models.recipe import Recipe
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

LARGEST_TENSOR = 2**22
"""Entries of the fused tensor; at width 64 behind it, its weights then take 1 GiB, and Adam three times as much."""

NATIVE = Recipe(
    epochs=200, batch_size=32, learning_rate=5e-4, weight_decay=0.0, schedule="constant", patience=8
)  # fmt: skip
"""MMSA's options for SIMS: Adam, 5e-4, batch 32, and a stop after 8 epochs without gain. Its loss is the absolute
error, ours Huber's. The cap of 200 epochs is ours: MMSA has none."""


class Config(SubnetworkOptions):
    """Options of TFN; "MMSA" is its port in the toolkit of that name, with the options for MOSI."""

    pooled_width: int = Field(default=32, ge=1, description="Width of the vector of a pooled stream; 32 in the paper.")
    dropout: float = Field(default=0.3, ge=0, lt=1, description="Dropout in the perceptrons; 0.3 in MMSA.")
    fused_dropout: float = Field(default=0.5, ge=0, lt=1, description="Dropout on the fused tensor; 0.5 in MMSA.")
    fused_width: int = Field(
        default=64, ge=1, description="Width of both layers behind the tensor; 64 in MMSA, 128 in the paper."
    )
    bounds: tuple[float, float] | None = Field(
        default=None,
        description="Smallest and largest value of a regression target: values are then a sigmoid scaled to these, as"
        " in the authors' code with -3 and 3. None = unbounded.",
    )

    @model_validator(mode="after")
    def _bounds_rise(self) -> Self:
        if self.bounds is not None and not self.bounds[0] < self.bounds[1]:
            raise ValueError(f"bounds must rise, but {self.bounds[0]:g} is not below {self.bounds[1]:g}")
        return self


class Model(GradientModel):
    """TFN for any named modalities and one or several views; with one modality the tensor is its vector and a 1.

    Raises
    ------
    UsageError
        If a stream is not (T, D); if there are so many modalities that the tensor outgrows the memory; if bounds are
        given for classes.
    """

    description: ClassVar[str] = "TFN: fuses one vector per stream by their outer product"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        _require_possible(config, task)
        self.config = config
        self.vectors = ClipVectors(task, config)
        self.layers = nn.Sequential(
            WideDropout(config.fused_dropout),
            nn.Linear(_tensor_size(config, task), config.fused_width),
            nn.ReLU(),
            nn.Linear(config.fused_width, config.fused_width),
            nn.ReLU(),
        )
        self.heads = make_heads(config.fused_width, task, num_layers=1)

    def forward(self, batch: Batch) -> Output:
        """Logits per view, or values within the bounds; extras: ``fused`` (B, W).

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        fused_BW = self.layers(self.fuse(self.vectors(batch)).flatten(1))
        return Output({view: self._scale(head(fused_BW)) for view, head in self.heads.items()}, {"fused": fused_BW})

    def fuse(self, vectors: dict[str, Float[Tensor, "B D"]]) -> Tensor:
        """The outer product (B, D_1 + 1, ..., D_M + 1) of the vectors with their 1, in the order of the streams."""
        return outer_product([with_one(vectors[name]) for name in self.task.streams])

    def _scale(self, value_BK: Float[Tensor, "B K"]) -> Float[Tensor, "B K"]:
        if self.config.bounds is None:
            return value_BK
        lowest, highest = self.config.bounds
        return lowest + (highest - lowest) * value_BK.sigmoid()


def _tensor_size(config: Config, task: TaskSpec) -> int:
    return math.prod(1 + vector_width(name, config) for name in task.streams)


def _require_possible(config: Config, task: TaskSpec) -> None:
    require_step_streams("tfn", task)
    if (size := _tensor_size(config, task)) > LARGEST_TENSOR:
        raise UsageError(
            f"the outer product of {len(task.streams)} streams has {size:,} entries, more than {LARGEST_TENSOR:,}",
            fix="lower pooled_width and sequence_width, leave streams out, or take lmf, which never forms it",
        )
    if config.bounds is not None and task.is_classification:
        raise UsageError(
            "bounds scale the values of a regression, but the task has classes", fix="leave bounds out for classes"
        )
