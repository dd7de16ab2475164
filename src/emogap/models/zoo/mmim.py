"""MMIM: what the modalities say of each other, and the fused vector of them, is maximised as mutual information.

Two kinds of terms accompany the task. Between the streams, a normal distribution predicts each other stream from the
anchor (Barber-Agakov bound); its likelihood and an estimate of the entropy of what it predicts are maximised. Between
the fused vector and each stream, the fused vector has to tell whose stream it is among the clips of the batch
(contrastive predictive coding). Each epoch has two passes: one that trains the predicting distributions alone, and
one that trains everything else.

Han, Chen & Poria (2021), Improving multimodal fusion with hierarchical mutual information maximization for multimodal
sentiment analysis, EMNLP, arXiv 2109.00412; released code (declare-lab/Multimodal-Infomax, MIT licence) where the
paper says nothing. The original predicts one value from text, audio and vision; classes, several views and any named
streams are an adaptation, see ``docs/models/mmim.md``.

Shapes: B clips, N training clips, T steps, D channels, W width of a stream's vector, F width of the fused vector,
P width of a projected vector, K classes or targets, G groups.
"""

from itertools import combinations
from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from emogap.errors import UnknownNameError, UsageError
from emogap.models.anchor import anchor_of
from emogap.models.batch import Batch, has_stream, require_step_streams, require_streams
from emogap.models.interface import GradientModel, Output, Stage, TrainingState
from emogap.models.labelled import labelled_clips, mean_where
from emogap.models.layers.last_step import last_step
from emogap.models.layers.sequence_encoder import MaskedLSTM
from emogap.models.losses import task_loss
from emogap.models.mutual_information import contrastive_loss, gaussian_log_likelihood, grouped_entropy
from emogap.models.recipe import Recipe
from emogap.models.target_range import pole_weights, target_centre
from emogap.types import LabelView, TaskSpec, vocabulary

__all__ = ["NATIVE", "POLARITY", "Config", "Model"]

NATIVE = Recipe(
    epochs=40,
    batch_size=32,
    learning_rate=1e-3,
    weight_decay=1e-4,
    schedule="plateau",
    plateau_patience=20,
    plateau_factor=0.5,
    clip_norm=1.0,
    patience=10,
)
"""The defaults of ``config.py`` and ``solver.py`` in declare-lab/Multimodal-Infomax: two Adams, both 1e-3 with decay
1e-4, clip 1, batches of 32, 40 epochs, half the rate after 20 epochs without gain, stop after 10. Its rate for BERT
(5e-5) has nothing to apply to."""

POLARITY: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "emotion7": (("happiness",), ("sadness", "fear", "disgust", "anger")),
    "emotion3": (("positive",), ("negative",)),
    "quadrant": (("high-positive", "low-positive"), ("high-negative", "low-negative")),
}
"""Pleasant and unpleasant classes of each label space. Neutral belongs to neither, nor does surprise, which is both."""


class Config(BaseModel):
    """Options of MMIM; the defaults are those of the authors' code unless said otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    anchor: str | None = Field(
        default=None, description="Stream that predicts the others, text in the paper; None = face, else the first."
    )
    anchor_hidden: int = Field(
        default=32, ge=1, description="State of the anchor's LSTM in each direction; ours, for want of BERT."
    )
    anchor_width: int = Field(default=32, ge=1, description="Width of the anchor's vector; ours, 768 for BERT.")
    hidden: int = Field(default=16, ge=1, description="State of another stream's LSTM in each direction; 16.")
    width: int = Field(default=16, ge=4, description="Width of another stream's vector; 16 in the code.")
    fused_width: int = Field(default=128, ge=1, description="Width of both fusion layers; 128 in the code.")
    encoder_dropout: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="Dropout on the LSTMs' last states; 0, for the code has its 0.1 between layers and has but one.",
    )
    dropout: float = Field(default=0.1, ge=0, lt=1, description="Dropout on the vectors of all streams together; 0.1.")
    all_pairs: bool = Field(
        default=False, description="Whether other streams also predict each other ('add_va' in the code)."
    )
    likelihood: Literal["bounded", "gaussian", "code"] = Field(
        default="bounded",
        description="bounded: log density, the log variance through the tanh that the code declares and never"
        " applies. gaussian: without the tanh; vectors of no variance are then rewarded without limit. code: without"
        " tanh and without the log variance in the density, so that a larger variance always pays.",
    )
    alpha: float = Field(default=0.1, ge=0, description="Weight of the contrastive losses; 0.1.")
    beta: float = Field(default=0.1, ge=0, description="Weight of likelihoods and entropies; 0.1.")
    memory_batches: int = Field(
        default=4,
        ge=1,
        description="Batches whose vectors are remembered for the entropy. 1 in the code, at 32 clips per batch; 4"
        " fills the groups at 16.",
    )
    entropy_groups: Literal["polarity", "classes"] = Field(
        default="polarity",
        description="Clips whose vectors are taken for one normal distribution: pleasant and unpleasant ones, as in"
        " the paper (neutral ones in none), or those of each class.",
    )
    group_view: LabelView | None = Field(
        default=None, description="View whose labels make the groups; None = felt, else the first."
    )
    jitter: float = Field(default=1e-4, ge=0, description="Added to the variances of a group; ours.")


class Model(GradientModel):
    """MMIM for any named modalities and one or several views.

    With one stream there is no pair to predict: the first pass, the likelihoods and the entropies fall away, and the
    contrastive loss of that stream remains.

    Raises
    ------
    UsageError
        If a stream is not (T, D), the anchor or the view is not of the task, or values are to be grouped by class.
    """

    description: ClassVar[str] = "MMIM: mutual information of the streams with each other and with the fused vector"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("mmim", task)
        self.config = config
        self.modalities = tuple(task.streams)
        self.group_view = _group_view(config, task)
        anchor = anchor_of(task, config.anchor)
        self.widths = {name: config.anchor_width if name == anchor else config.width for name in self.modalities}
        self.pairs = _pairs(self.modalities, anchor, all_pairs=config.all_pairs)
        self.encoders = nn.ModuleDict(
            {
                name: _BothWays(
                    shape[1],
                    hidden=config.anchor_hidden if name == anchor else config.hidden,
                    width=self.widths[name],
                    dropout=config.encoder_dropout,
                )
                for name, shape in task.streams.items()
            }
        )
        self.fusion = nn.Sequential(
            nn.Dropout(config.dropout),
            nn.Linear(sum(self.widths.values()), config.fused_width),
            nn.Tanh(),
            nn.Linear(config.fused_width, config.fused_width),
            nn.Tanh(),
        )
        self.heads = nn.ModuleDict({view.value: nn.Linear(config.fused_width, task.head_size) for view in task.views})
        self.predictors = nn.ModuleDict(
            {name: nn.Linear(config.fused_width, self.widths[name]) for name in self.modalities}
        )
        self.bounds = nn.ModuleDict(
            {
                pair: _PredictedNormal(self.widths[source], self.widths[other], bounded=config.likelihood == "bounded")
                for pair, (source, other) in self.pairs.items()
            }
        )
        self.projections = nn.ModuleDict(
            {pair: _FixedProjection(self.widths[other]) for pair, (_, other) in self.pairs.items()}
        )
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_normal_(parameter)

    def forward(self, batch: Batch) -> Output:
        """Logits per view; extras: ``fused`` (B, F) and ``encoded/<m>`` (B, W) for each modality m.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        encoded = {name: self.encoders[name](batch.streams[name], batch.masks[name]) for name in self.modalities}
        fused_BF = self.fusion(torch.cat(list(encoded.values()), dim=1))
        extras = {"fused": fused_BF} | {f"encoded/{name}": vector for name, vector in encoded.items()}
        return Output({view: head(fused_BF) for view, head in self.heads.items()}, extras)

    def stages(self) -> tuple[Stage, ...]:
        """``bound`` trains what predicts one stream from another, ``fit`` everything else."""
        if not self.pairs:
            return (Stage("fit"),)
        return (Stage("bound", ("bounds.",)), Stage("fit", ("encoders.", "fusion.", "heads.", "predictors.")))

    def new_memory(self, train: Batch) -> dict[str, Tensor]:
        """Of every training clip and pair, the vector for the entropy and the groups, and when they were stored.

        ``projected/<pair>`` (N, P), ``group/<pair>`` (N, G), ``step`` int64 (N,), -1 = never.
        """
        num_clips, num_groups = self._groups(train).shape
        device = train.index.device
        memory = {"step": torch.full((num_clips,), -1, device=device)}
        for pair, (_, other) in self.pairs.items():
            memory[f"projected/{pair}"] = torch.zeros(num_clips, _projected_width(self.widths[other]), device=device)
            memory[f"group/{pair}"] = torch.zeros(num_clips, num_groups, device=device)
        return memory

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """In the pass ``bound`` minus the likelihoods; else task + alpha contrasts - beta (likelihoods + entropies).

        Parts beside the task: ``contrast/<m>``, ``likelihood/<pair>`` and ``entropy/<pair>``, in nats, not weighted.
        The entropy begins once the memory has been filled.
        """
        likelihoods = {f"likelihood/{pair}": self._likelihood(pair, output, batch) for pair in self.pairs}
        if state.stage == "bound":
            return -torch.stack(list(likelihoods.values())).sum(), likelihoods
        total, parts = task_loss(output.logits, batch.labels, self.task)
        contrasts = {f"contrast/{name}": self._contrast(name, output, batch) for name in self.modalities}
        informative = dict(likelihoods)
        if state.step > self.config.memory_batches:
            informative |= {f"entropy/{pair}": self._entropy(pair, output, batch, state) for pair in self.pairs}
        total = total + self.config.alpha * torch.stack(list(contrasts.values())).sum()
        if informative:
            total = total - self.config.beta * torch.stack(list(informative.values())).sum()
        return total, parts | contrasts | informative

    @torch.no_grad()
    def after_step(self, output: Output, batch: Batch, state: TrainingState) -> None:
        """Remember the projected vectors of the batch, and when it was."""
        if state.stage == "bound":
            return
        state.memory["step"][batch.index] = state.step
        for pair in self.pairs:
            state.memory[f"projected/{pair}"][batch.index] = self._projected(pair, output)
            state.memory[f"group/{pair}"][batch.index] = self._groups_with(pair, batch)

    def _likelihood(self, pair: str, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """Mean log-likelihood of one stream's vector given the other's, over labelled clips that have both."""
        source, other = self.pairs[pair]
        mean_BW, log_variance_BW = self.bounds[pair](output.extras[f"encoded/{source}"])
        likelihood_B = gaussian_log_likelihood(
            output.extras[f"encoded/{other}"],
            mean_BW,
            log_variance_BW,
            with_log_variance=self.config.likelihood != "code",
        )
        counts_B = _teaching(batch, source) & _teaching(batch, other)
        return mean_where(likelihood_B, counts_B)

    def _contrast(self, name: str, output: Output, batch: Batch) -> Float[Tensor, ""]:
        predicted_BW = self.predictors[name](output.extras["fused"])
        return contrastive_loss(output.extras[f"encoded/{name}"], predicted_BW, _teaching(batch, name))

    def _entropy(self, pair: str, output: Output, batch: Batch, state: TrainingState) -> Float[Tensor, ""]:
        """Entropy of the projected vectors of the batch and of the batches that are remembered; no clip is in twice."""
        is_recent_N = state.memory["step"] >= state.step - self.config.memory_batches
        is_recent_N[batch.index] = False
        projected_XP = torch.cat([self._projected(pair, output), state.memory[f"projected/{pair}"]])
        group_XG = torch.cat([self._groups_with(pair, batch), state.memory[f"group/{pair}"] * is_recent_N[:, None]])
        return grouped_entropy(projected_XP, group_XG, jitter=self.config.jitter)

    def _projected(self, pair: str, output: Output) -> Float[Tensor, "B P"]:
        projected_BP: Tensor = self.projections[pair](output.extras[f"encoded/{self.pairs[pair][1]}"])
        return projected_BP

    def _groups_with(self, pair: str, batch: Batch) -> Float[Tensor, "B G"]:
        """The groups of the clips that have the predicted stream; zero for the others."""
        return self._groups(batch) * has_stream(batch, self.pairs[pair][1])[:, None]

    def _groups(self, batch: Batch) -> Float[Tensor, "B G"]:
        """How much each clip belongs to each group; zero for an unlabelled or neutral one."""
        label_BK = batch.labels[self.group_view]
        if not self.task.is_classification:
            target = self.task.targets.index("valence") if "valence" in self.task.targets else 0
            centre_K = target_centre(self.task.targets).to(label_BK)
            return pole_weights(label_BK[:, [target]], centre_K[[target]])
        share_BK = pole_weights(label_BK, None)
        if self.config.entropy_groups == "classes":
            return share_BK
        assert self.task.space is not None
        words = vocabulary(self.task.space)
        members = [[words.index(word) for word in group] for group in POLARITY[self.task.space]]
        return torch.stack([share_BK[:, columns].sum(dim=1) for columns in members], dim=1)


class _BothWays(nn.Module):
    """The last states of two LSTMs, one of which runs backwards, through one Linear; zero without the stream."""

    def __init__(self, num_channels: int, *, hidden: int, width: int, dropout: float) -> None:
        super().__init__()
        self.forwards, self.backwards = (
            MaskedLSTM(num_channels, width=hidden, num_layers=1, initialisation="torch") for _ in range(2)
        )
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(2 * hidden, width)

    def forward(self, stream_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B W"]:
        """One vector per clip."""
        turned_BTD, turned_BT = stream_BTD.flip(1), mask_BT.flip(1)
        last = [
            last_step(self.forwards(stream_BTD, mask_BT), mask_BT),
            last_step(self.backwards(turned_BTD, turned_BT), turned_BT),
        ]
        vector_BW: Tensor = self.linear(self.dropout(torch.cat(last, dim=1)))
        return vector_BW * mask_BT.any(dim=1, keepdim=True)


class _PredictedNormal(nn.Module):
    """Mean and logarithm of the variance of one stream's vector, from another's; the latter in [-1, 1] if bounded."""

    def __init__(self, in_width: int, out_width: int, *, bounded: bool) -> None:
        super().__init__()
        self.mean, self.log_variance = (
            nn.Sequential(nn.Linear(in_width, out_width), nn.ReLU(), nn.Linear(out_width, out_width)) for _ in range(2)
        )
        if bounded:
            self.log_variance.append(nn.Tanh())

    def forward(self, source_BW: Float[Tensor, "B V"]) -> tuple[Float[Tensor, "B W"], Float[Tensor, "B W"]]:
        """Mean, and logarithm of the variance."""
        return self.mean(source_BW), self.log_variance(source_BW)


class _FixedProjection(nn.Module):
    """A Linear to a quarter of the width, which nobody trains, and tanh.

    In the authors' code the optimiser that owns it never gets a gradient for it, so it stays as it was drawn.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        linear = nn.Linear(width, _projected_width(width))
        self.register_buffer("weight", nn.init.xavier_normal_(linear.weight.detach()))
        self.register_buffer("bias", linear.bias.detach())

    def forward(self, vector_BW: Float[Tensor, "B W"]) -> Float[Tensor, "B P"]:
        """The projected vectors."""
        return torch.tanh(vector_BW @ self.weight.t() + self.bias)


def _projected_width(width: int) -> int:
    return width // 4


def _teaching(batch: Batch, name: str) -> Bool[Tensor, " B"]:
    """Clips that have the stream and a label."""
    return labelled_clips(batch.labels) & has_stream(batch, name)


def _pairs(modalities: tuple[str, ...], anchor: str, *, all_pairs: bool) -> dict[str, tuple[str, str]]:
    """What predicts what, by name: the anchor every other stream, and perhaps each other stream those behind it."""
    others = [name for name in modalities if name != anchor]
    pairs = [(anchor, other) for other in others]
    if all_pairs:
        pairs += list(combinations(others, 2))
    return {f"{source}/{other}": (source, other) for source, other in pairs}


def _group_view(config: Config, task: TaskSpec) -> str:
    if config.entropy_groups == "classes" and not task.is_classification:
        raise UsageError(
            f"values of {', '.join(task.targets)} have no classes to group by", fix="use entropy_groups='polarity'"
        )
    if config.group_view is None:
        return (LabelView.FELT if LabelView.FELT in task.views else task.views[0]).value
    if config.group_view not in task.views:
        raise UnknownNameError("view of the task", config.group_view, task.views)
    return config.group_view.value
