"""LMF: low-rank multimodal fusion.

Each stream becomes one vector h_m. The weights of a linear layer on the outer product of all [1; h_m] are kept as a
sum of a few products of factors, one per modality, so that the outer product is never formed: the cost grows with the
sum of the widths, not with their product. Liu et al. (2018), Efficient low-rank multimodal fusion with
modality-specific factors, ACL, arXiv 1806.00064.

Original: the fusion, its rank and the sub-networks. Adaptation: face features take the place of the modalities that
are averaged, and every other stream that of the text, with an LSTM; the fused vector serves one linear head per view
(``direct`` makes the fusion give the logits, as the authors' code does); it is dropped out, which that code announces
but does not do; batches of one clip work; a stream that a clip lacks is h_m = 0, so that the products of the others
remain.
"""

from typing import ClassVar

from pydantic import Field
from torch import nn

from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.heads import make_heads
from emogap.models.interface import GradientModel, Output
from emogap.models.layers.subnetworks import ClipVectors, SubnetworkOptions
from emogap.models.layers.tensor_fusion import LowRankFusion
from emogap.models.recipe import ParameterGroup, Recipe
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe(
    epochs=200,
    batch_size=64,
    learning_rate=2e-3,
    weight_decay=5e-3,
    schedule="constant",
    patience=8,
    groups=(ParameterGroup(names=("factors.",), learning_rate=5e-4),),
)
"""MMSA's options for SIMS: rate 5e-4 for the factors and 2e-3 for all else, weight decay 5e-3, batch 64, and a stop
after 8 epochs without gain. The authors search all of these for each data set (factors and the rest within 3e-4 to
3e-3, weight decay within 0 to 0.01, batch within 4 to 128). The cap of 200 epochs is ours: MMSA has none.
Its loss is the absolute error, ours Huber's."""


class Config(SubnetworkOptions):
    """Options of LMF; "MMSA" is its port in the toolkit of that name, with the options for SIMS."""

    pooled_width: int = Field(default=64, ge=1, description="Width of the vector of a pooled stream; 64 in MMSA.")
    dropout: float = Field(default=0.2, ge=0, lt=1, description="Dropout in the perceptrons; 0.2 in MMSA.")
    rank: int = Field(default=4, ge=1, description="Rank of the weight tensor; 4 in the authors' code and MMSA.")
    fused_width: int = Field(
        default=64, ge=1, description="Width of the fused vector that all heads read; ours, for several heads."
    )
    fused_dropout: float = Field(
        default=0.2, ge=0, lt=1, description="Dropout on the fused vector; 0.2 in MMSA, which does not apply it."
    )
    direct: bool = Field(
        default=False,
        description="Fuse once per view, straight to the logits, as the authors' code does; there is no fused vector"
        " then, and no dropout on it.",
    )


class Model(GradientModel):
    """LMF for any named modalities and one or several views; one modality makes the fusion a linear layer of low rank.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    """

    description: ClassVar[str] = "LMF: fuses one vector per stream by a product of low rank"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("lmf", task)
        self.config = config
        self.vectors = ClipVectors(task, config)
        outputs = {view.value: task.head_size for view in task.views} if config.direct else {"all": config.fused_width}
        self.fusions = nn.ModuleDict(
            {name: LowRankFusion(self.vectors.widths, width, rank=config.rank) for name, width in outputs.items()}
        )
        self.fused_dropout = nn.Dropout(config.fused_dropout)
        self.heads = None if config.direct else make_heads(config.fused_width, task, num_layers=1)

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``fused`` (B, W), unless the fusion gives the logits themselves.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        vectors = self.vectors(batch)
        fused = {name: fusion(vectors) for name, fusion in self.fusions.items()}
        if self.heads is None:
            return Output(fused)
        dropped_BW = self.fused_dropout(fused["all"])
        return Output({view: head(dropped_BW) for view, head in self.heads.items()}, extras={"fused": fused["all"]})
