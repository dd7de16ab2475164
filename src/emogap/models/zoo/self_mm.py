"""Self-MM: every modality gets labels of its own, which the training invents as it goes.

All modalities together predict the label; each modality alone predicts a label that was moved from that of the clip
by how differently the clip lies in the features of the modality. The alone-standing tasks count the more, the further
their labels have moved; they are there to keep what is special about a modality, and are not used afterwards.

Yu, Xu, Yuan & Wu (2021), Learning modality-specific representations with self-supervised multi-task learning for
multimodal sentiment analysis, AAAI, arXiv 2102.04830; released code (MMSA, MIT licence) where the paper says nothing.
The original predicts one value from text, audio and vision; classes, several views, several values and any named
streams are an adaptation, see ``docs/models/self_mm.md``.

Shapes: B clips, N training clips, D channels, W width of a feature, K classes or targets, P poles.
"""

from typing import ClassVar, Literal

import torch
from jaxtyping import Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from emogap.models.batch import Batch, has_stream, require_step_streams, require_streams
from emogap.models.interface import GradientModel, Output, TrainingState
from emogap.models.labelled import mean_where
from emogap.models.layers.sequence_encoder import Initialisation
from emogap.models.layers.sequence_vector import SequenceVector
from emogap.models.losses import share_cross_entropy
from emogap.models.recipe import ParameterGroup, Recipe
from emogap.models.target_range import pole_weights, target_centre, target_reach
from emogap.models.unimodal_labels import (
    blended,
    pole_distances,
    relative_offset,
    shifted_shares,
    shifted_values,
)
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe(
    epochs=200,
    batch_size=32,
    learning_rate=1e-3,
    weight_decay=1e-3,
    schedule="constant",
    accumulate=4,
    patience=8,
    groups=(
        ParameterGroup(names=("encoders.audio.", "encoders.fixation."), learning_rate=5e-3, weight_decay=0.0),
        ParameterGroup(names=("encoders.",), weight_decay=0.0),
    ),
)
"""The options for SIMS in ``config_regression.py`` of thuiar/Self-MM, commit 7cb19fc: Adam, 1e-3 with decay 1e-3, the
audio network 5e-3 and the vision network 1e-3 without decay, batches of 32 with the gradients of four summed, stop
after 8 epochs without gain. The code has no last epoch; 200 is ours. Its rate for BERT (5e-5) has nothing to apply to.
"""


class Config(BaseModel):
    """Options of Self-MM; the defaults are those of the authors for SIMS unless said otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hidden: int = Field(default=64, ge=1, description="State of an LSTM; 64 for vision in the code.")
    width: int = Field(default=32, ge=1, description="Width of a modality's vector and feature; ours.")
    narrow_streams: tuple[str, ...] = Field(
        default=("audio", "fixation"), description="Streams of few channels, which get the smaller network of audio."
    )
    narrow_hidden: int = Field(default=16, ge=1, description="State of the LSTM of a narrow stream; 16 for audio.")
    narrow_width: int = Field(default=16, ge=1, description="Width of a narrow stream's vector and feature; ours.")
    fused_width: int = Field(default=128, ge=1, description="Width of the fused feature; 128 in the code.")
    fused_dropout: float = Field(
        default=0.1, ge=0, lt=1, description="Dropout on the vectors of all modalities together; 0.1."
    )
    dropout: float = Field(
        default=0.1, ge=0, lt=1, description="Dropout on the vector of one modality, narrow ones too; ours."
    )
    initialisation: Initialisation = Field(default="torch", description="How the LSTMs start; the code leaves it.")
    criterion: Literal["l1", "huber"] = Field(
        default="l1", description="Regression: absolute error, as in the paper, or Huber with delta 1."
    )


class Model(GradientModel):
    """Self-MM for any named modalities and one or several views.

    With one stream it still has two tasks, one on the fused feature and one on the stream's own. The encoders and the
    features are shared by the views; heads, labels and centres are each view's own.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    """

    description: ClassVar[str] = "Self-MM: each modality alone learns labels that training derives from the clip's"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("self_mm", task)
        self.config = config
        self.modalities = tuple(task.streams)
        self.widths = {
            name: config.narrow_width if name in config.narrow_streams else config.width for name in self.modalities
        }
        self.encoders = nn.ModuleDict({name: _encoder(name, shape[1], config) for name, shape in task.streams.items()})
        self.fused_feature = _feature(sum(self.widths.values()), config.fused_width, dropout=config.fused_dropout)
        self.features = nn.ModuleDict(
            {name: _feature(width, width, dropout=config.dropout) for name, width in self.widths.items()}
        )
        self.heads = nn.ModuleDict({view.value: _head(config.fused_width, task) for view in task.views})
        self.alone_heads = nn.ModuleDict(
            {f"{view}/{name}": _head(width, task) for name, width in self.widths.items() for view in task.views}
        )

    def forward(self, batch: Batch) -> Output:
        """Logits per view from all modalities; extras: ``feature`` (B, W) and those of each modality alone.

        Extras of modality m: ``feature/<m>`` (B, W), and ``<view>/<m>`` (B, K), what it says by itself.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        vectors = {name: self.encoders[name](batch.streams[name], batch.masks[name]) for name in self.modalities}
        fused_BW = self.fused_feature(torch.cat(list(vectors.values()), dim=1))
        extras = {"feature": fused_BW}
        for name, vector in vectors.items():
            extras[f"feature/{name}"] = self.features[name](vector)
            for view in self.heads:
                extras[f"{view}/{name}"] = self.alone_heads[f"{view}/{name}"](extras[f"feature/{name}"])
        return Output({view: head(fused_BW) for view, head in self.heads.items()}, extras)

    def new_memory(self, train: Batch) -> dict[str, Tensor]:
        """Features of every training clip, not seen yet, and a label for every modality: at first that of the clip.

        ``feature``, ``feature/<m>`` (N, W), zero; ``is_seen``, ``is_seen/<m>`` bool (N,), whether the feature was
        stored and the clip has the modality; ``label/<view>``, ``label/<view>/<m>`` (N, K), NaN = unlabelled.
        """
        num_clips, device = train.num_clips, train.index.device
        memory = {"feature": torch.zeros(num_clips, self.config.fused_width, device=device)}
        memory |= {
            f"feature/{name}": torch.zeros(num_clips, width, device=device) for name, width in self.widths.items()
        }
        for source in self._sources():
            memory[f"is_seen{source}"] = torch.zeros(num_clips, dtype=torch.bool, device=device)
            memory |= {f"label/{view}{source}": label.clone() for view, label in train.labels.items()}
        return memory

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """The sum of the task loss and of one loss per modality, ``alone/<m>``.

        A modality's error counts with tanh of the distance of its label from that of the clip, so that in the first
        epoch, when both are the same, it counts nothing.
        """
        parts = {f"task/{view}": self._task_error(output.logits[view], batch.labels[view]) for view in output.logits}
        for name in self.modalities:
            losses = [
                self._alone_error(
                    output.extras[f"{view}/{name}"],
                    state.memory[f"label/{view}/{name}"][batch.index],
                    batch.labels[view],
                )
                for view in output.logits
            ]
            parts[f"alone/{name}"] = torch.stack(losses).sum()
        return torch.stack(list(parts.values())).sum(), parts

    @torch.no_grad()
    def after_step(self, output: Output, batch: Batch, state: TrainingState) -> None:
        """From the second epoch on, move the modalities' labels; then store the features of the batch."""
        if state.epoch > 0:
            for view in output.logits:
                self._move_labels(view, output, batch, state)
        for source, name in self._sources().items():
            state.memory[f"feature{source}"][batch.index] = output.extras[f"feature{source}"]
            is_present_B = torch.ones_like(batch.index, dtype=torch.bool) if name is None else has_stream(batch, name)
            state.memory[f"is_seen{source}"][batch.index] = is_present_B

    def _sources(self) -> dict[str, str | None]:
        """End of the names of what is remembered, with the modality it is of: first all together (None), then each."""
        return {"": None} | {f"/{name}": name for name in self.modalities}

    def _move_labels(self, view: str, output: Output, batch: Batch, state: TrainingState) -> None:
        """Replace the labels of the batch's clips, for every modality they have and every pole that has a centre."""
        memory, label_BK = state.memory, batch.labels[view]
        fused_BP, is_seen_P = self._distances(view, "", output, memory)
        for name in self.modalities:
            before_BK = memory[f"label/{view}/{name}"][batch.index]
            alone_BP, is_seen_alone_P = self._distances(view, f"/{name}", output, memory)
            both_P = is_seen_P & is_seen_alone_P
            if self.task.is_classification:
                suggested_BK = shifted_shares(label_BK.nan_to_num(0.0), alone_BP, fused_BP, both_P)
                is_moved_BK = label_BK.isfinite()
            else:
                suggested_BK = self._shifted_values(label_BK, alone_BP, fused_BP)
                is_moved_BK = label_BK.isfinite() & both_P.view(2, -1).all(dim=0)
            is_moved_BK = is_moved_BK & has_stream(batch, name)[:, None]
            after_BK = blended(before_BK, suggested_BK, epoch=state.epoch)
            memory[f"label/{view}/{name}"][batch.index] = torch.where(is_moved_BK, after_BK, before_BK)

    def _distances(self, view: str, source: str, output: Output, memory: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Distance of each clip of the batch to each pole (B, P), and which poles have a centre (P,)."""
        centre_K = None if self.task.is_classification else target_centre(self.task.targets).to(memory["feature"])
        weight_NP = pole_weights(memory[f"label/{view}{source}"], centre_K) * memory[f"is_seen{source}"][:, None]
        feature_BW = output.extras[f"feature{source}"]
        distance_BP, is_seen_P = pole_distances(feature_BW, memory[f"feature{source}"], weight_NP)
        if self.task.is_classification:
            distance_BP = distance_BP / feature_BW.shape[1] ** 0.5
        return distance_BP, is_seen_P

    def _shifted_values(
        self, label_BK: Float[Tensor, "B K"], alone_BP: Float[Tensor, "B P"], fused_BP: Float[Tensor, "B P"]
    ) -> Float[Tensor, "B K"]:
        centre_K = target_centre(self.task.targets).to(label_BK)
        reach_K = target_reach(self.task.targets).to(label_BK)
        offsets = relative_offset(alone_BP), relative_offset(fused_BP)
        return centre_K + shifted_values(label_BK - centre_K, *offsets, reach_K)

    def _task_error(self, logits_BK: Float[Tensor, "B K"], label_BK: Float[Tensor, "B K"]) -> Float[Tensor, ""]:
        """The error of what all modalities together say, over what is labelled."""
        if self.task.is_classification:
            return share_cross_entropy(logits_BK, label_BK)
        is_labelled_BK = label_BK.isfinite()
        return mean_where(self._value_error(logits_BK, label_BK.nan_to_num(0.0)), is_labelled_BK)

    def _alone_error(
        self, logits_BK: Float[Tensor, "B K"], own_BK: Float[Tensor, "B K"], label_BK: Float[Tensor, "B K"]
    ) -> Float[Tensor, ""]:
        """The error of a modality against its own label, weighted by how far that has moved from the clip's."""
        own_BK, known_BK = own_BK.nan_to_num(0.0), label_BK.nan_to_num(0.0)
        if self.task.is_classification:
            weight_B = torch.tanh((own_BK - known_BK).abs().sum(dim=1) / 2)
            error_B = functional.cross_entropy(logits_BK, own_BK, reduction="none")
            return mean_where(weight_B * error_B, label_BK.isfinite().all(dim=1))
        weight_BK = torch.tanh((own_BK - known_BK).abs())
        return mean_where(weight_BK * self._value_error(logits_BK, own_BK), label_BK.isfinite())

    def _value_error(self, value_BK: Float[Tensor, "B K"], label_BK: Float[Tensor, "B K"]) -> Float[Tensor, "B K"]:
        error = functional.l1_loss if self.config.criterion == "l1" else functional.huber_loss
        return error(value_BK, label_BK, reduction="none")


def _encoder(name: str, num_channels: int, config: Config) -> SequenceVector:
    is_narrow = name in config.narrow_streams
    return SequenceVector(
        num_channels,
        hidden=config.narrow_hidden if is_narrow else config.hidden,
        width=config.narrow_width if is_narrow else config.width,
        initialisation=config.initialisation,
    )


def _feature(in_width: int, out_width: int, *, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Dropout(dropout), nn.Linear(in_width, out_width), nn.ReLU())


def _head(width: int, task: TaskSpec) -> nn.Sequential:
    """One layer as wide as the feature, and one to the classes or values."""
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, task.head_size))
