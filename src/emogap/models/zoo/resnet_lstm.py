"""ResNet_LSTM: mean face features beside the last states of two LSTMs, and one linear layer.

The baseline of that name in the EMER paper, arXiv 2512.16485, table II. There is no official file and no description:
this is a reconstruction from what is left in EMERT's feature extractor (kejun1/EMER), a commented-out mean over the
frames and an unused ``Linear(768, classes)``: 512 face features, 128 of the eye, 128 of the fixations. The row
"Baseline" of the paper's table X has the same numbers, so it is taken for the same model.

Ours: one linear layer per view on one set of encoders, masks, and the start of the LSTMs.

Shapes: B clips, T steps, D channels, H width of an LSTM, F fused width, K classes or targets.
"""

from typing import ClassVar

import torch
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.heads import make_heads
from emogap.models.interface import GradientModel, Output
from emogap.models.layers.last_step import last_step
from emogap.models.layers.masked_pooling import masked_mean
from emogap.models.layers.sequence_encoder import Initialisation, MaskedLSTM
from emogap.models.recipe import Recipe
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe()
"""That of EMERT, which it is the baseline of: the paper names one recipe for all models."""


class Config(BaseModel):
    """Options of ResNet_LSTM; the defaults are those of the feature extractor in EMERT's released code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feature_streams: tuple[str, ...] = Field(
        default=("face",), description="Streams of ready-made features: their mean over time. All others get an LSTM."
    )
    encoder_width: int = Field(default=128, ge=1, description="Width H of the LSTMs; 128 in the code.")
    encoder_layers: int = Field(default=3, ge=1, description="LSTM layers; 3 in the code.")
    initialisation: Initialisation = Field(default="glorot", description="How the LSTMs start; ours, as in emert.")
    dropout: float = Field(
        default=0.5, ge=0, lt=1, description="Dropout on the fused vector; 0.5 on every encoded stream in the code."
    )


class Model(GradientModel):
    """ResNet_LSTM for any named modalities and one or several views.

    A modality that a clip lacks adds nothing to the logits.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    """

    description: ClassVar[str] = "ResNet_LSTM: mean face features and last LSTM states, one linear layer per view"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("resnet_lstm", task)
        self.config = config
        self.modalities = tuple(task.streams)
        self.encoders = nn.ModuleDict(
            {
                name: MaskedLSTM(
                    shape[1],
                    width=config.encoder_width,
                    num_layers=config.encoder_layers,
                    initialisation=config.initialisation,
                )
                for name, shape in task.streams.items()
                if name not in config.feature_streams
            }
        )
        self.dropout = nn.Dropout(config.dropout)
        width = sum(config.encoder_width if name in self.encoders else shape[1] for name, shape in task.streams.items())
        self.heads = make_heads(width, task, num_layers=1)

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``fused`` (B, F), the modalities side by side in the order of the task.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        fused_BF = torch.cat([self._encode(name, batch) for name in self.modalities], dim=1)
        dropped_BF = self.dropout(fused_BF)
        return Output({view: head(dropped_BF) for view, head in self.heads.items()}, {"fused": fused_BF})

    def _encode(self, name: str, batch: Batch) -> Float[Tensor, "B H"]:
        stream_BTD, mask_BT = batch.streams[name], batch.masks[name]
        if name in self.encoders:
            return last_step(self.encoders[name](stream_BTD, mask_BT), mask_BT)
        return masked_mean(stream_BTD, mask_BT)
