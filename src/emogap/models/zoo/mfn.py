"""MFN: the memory fusion network.

An LSTM per stream runs through the same steps. A gated memory beside them looks, at every step, at all cells of this
step and the one before, attends to what of them matters together, and decides what to keep and what to write. The
last hidden states and the memory are the clip. Zadeh et al. (2018), Memory fusion network for multi-view sequential
learning, AAAI, arXiv 1802.00927.

Original: everything but the following. Adaptation: a stream of fewer steps than the longest is repeated evenly, which
is exact for even splits of one clip; a masked step leaves the LSTM of its stream, and a step that all streams lack
the memory, as they were; one linear head per view.

Shapes: B clips, T steps, C cells of all streams, X = 2 C entries of a window.
"""

from typing import ClassVar

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import nn

from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.heads import make_heads
from emogap.models.interface import GradientModel, Output
from emogap.models.layers.cell_states import CellLSTM, before_each_step
from emogap.models.layers.gated_memory import GatedMemory, HiddenLayer
from emogap.models.layers.length_alignment import common_length, repeat_steps
from emogap.models.recipe import Recipe
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe(
    epochs=200, batch_size=32, learning_rate=1e-3, weight_decay=0.0, schedule="constant", patience=8
)  # fmt: skip
"""MMSA's options for SIMS: Adam, 1e-3, batch 32, and a stop after 8 epochs without gain. Its loss is the absolute
error, ours Huber's. The cap of 200 epochs is ours: MMSA has none."""


class Config(BaseModel):
    """Options of MFN; "MMSA" is its port in the toolkit of that name, with the options for SIMS."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(default=64, ge=1, description="Width of an LSTM's state; 64 in MMSA for text and vision.")
    narrow_streams: tuple[str, ...] = Field(
        default=("fixation", "audio"), description="Streams with a narrower LSTM; audio in MMSA, fixations by us."
    )
    narrow_width: int = Field(default=16, ge=1, description="Width of theirs; 16 in MMSA.")
    memory_width: int = Field(default=64, ge=1, description="Width of the memory u; 64 in MMSA.")
    attention_width: int = Field(default=128, ge=1, description="Hidden width of NN1, the attention; 128 in MMSA.")
    attention_dropout: float = Field(default=0.2, ge=0, lt=1, description="Dropout in NN1; 0.2 in MMSA.")
    update_width: int = Field(default=128, ge=1, description="Hidden width of NN2, what may be written; 128 in MMSA.")
    update_dropout: float = Field(default=0.0, ge=0, lt=1, description="Dropout in NN2; 0 in MMSA.")
    gate_width: int = Field(default=64, ge=1, description="Hidden width of the network of each gate; 64 in MMSA.")
    retain_dropout: float = Field(default=0.2, ge=0, lt=1, description="Dropout in the gate g1; 0.2 in MMSA.")
    write_dropout: float = Field(default=0.7, ge=0, lt=1, description="Dropout in the gate g2; 0.7 in MMSA.")
    output_width: int = Field(default=64, ge=1, description="Width of the layer that all heads read; 64 in MMSA.")
    output_dropout: float = Field(default=0.7, ge=0, lt=1, description="Dropout behind that layer; 0.7 in MMSA.")


class Model(GradientModel):
    """MFN for any named modalities and one or several views; with one modality the memory watches a single LSTM.

    Raises
    ------
    UsageError
        If a stream is not (T, D), or its steps cannot be repeated evenly to those of the longest.
    """

    description: ClassVar[str] = "MFN: a gated memory watches how the cells of all LSTMs change together"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("mfn", task)
        self.config = config
        self.num_steps = common_length("mfn", task)
        widths = {name: config.narrow_width if name in config.narrow_streams else config.width for name in task.streams}
        num_cells = sum(widths.values())
        self.lstms = nn.ModuleDict(
            {name: CellLSTM(shape[1], width=widths[name]) for name, shape in task.streams.items()}
        )
        self.memory = GatedMemory(
            2 * num_cells,
            config.memory_width,
            attention=HiddenLayer(config.attention_width, config.attention_dropout),
            update=HiddenLayer(config.update_width, config.update_dropout),
            retain=HiddenLayer(config.gate_width, config.retain_dropout),
            write=HiddenLayer(config.gate_width, config.write_dropout),
        )
        self.output = nn.Sequential(
            nn.Linear(num_cells + config.memory_width, config.output_width),
            nn.ReLU(),
            nn.Dropout(config.output_dropout),
        )
        self.heads = make_heads(config.output_width, task, num_layers=1)

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``memory`` (B, M) after the last step and the ``window`` (B, T, X) that it saw.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        masks = {name: repeat_steps(batch.masks[name], self.num_steps) for name in self.task.streams}
        states = [lstm(batch.streams[name], masks[name]) for name, lstm in self.lstms.items()]
        cell_BTC = torch.cat([cell_BTH for _, cell_BTH in states], dim=-1)
        window_BTX = torch.cat([before_each_step(cell_BTC), cell_BTC], dim=-1)
        memory_BM = self.memory(window_BTX, torch.stack(list(masks.values())).any(dim=0))
        output_BW = self.output(torch.cat([*(hidden_BTH[:, -1] for hidden_BTH, _ in states), memory_BM], dim=-1))
        return Output(
            {view: head(output_BW) for view, head in self.heads.items()}, {"memory": memory_BM, "window": window_BTX}
        )
