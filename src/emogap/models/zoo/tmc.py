"""TMC: trusted multi-view classification. Every modality gives evidence, and opinions are fused, not features.

Han, Zhang, Fu & Zhou (2021), ICLR, arXiv 2102.02051; extended in IEEE TPAMI 45(2), 2022, arXiv 2204.11423.
What they call a view is a modality here; a view is what a person felt or what others saw.

Original: evidence of each modality through a softplus, the reduced Dempster rule, the loss of each opinion and of
their fusion, the annealed divergence. Adaptation: one opinion layer per view on encoders that the views share; an
LSTM for streams that are no ready-made features; vote shares in place of one class; a modality that a clip lacks
gives no evidence. The method knows classes only: values are fused as normal-inverse-gamma distributions instead (Ma
et al. 2021, arXiv 2111.08456), the counterpart that its authors point to.

Shapes: B clips, T steps, D channels, H width of an encoder, M modalities, O opinions (M, one more with
``joint_opinion``, and one for the fusion), K classes or targets, P outputs (K, or 4 K for values).
"""

from collections.abc import Sequence
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from emogap.models.batch import Batch, has_stream, require_step_streams, require_streams
from emogap.models.evidence import (
    NormalInverseGamma,
    divergence_from_ignorance,
    expected_cross_entropy,
    fuse_evidence,
    fuse_values,
    student_t_loss,
    surplus_evidence,
    uncertainty,
)
from emogap.models.interface import GradientModel, Output, TrainingState
from emogap.models.layers.masked_pooling import masked_mean
from emogap.models.layers.sequence_encoder import Initialisation
from emogap.models.layers.sequence_vector import SequenceVector
from emogap.models.losses import task_loss
from emogap.models.recipe import Recipe
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe(epochs=500, batch_size=200, learning_rate=3e-4, weight_decay=1e-5, schedule="constant")
"""The authors' script for the ICLR paper (hanmenghan/TMC, train.py)."""


class Config(BaseModel):
    """Options of TMC; the defaults are those of the ICLR paper's code, or ours where it has no such part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    feature_streams: tuple[str, ...] = Field(
        default=("face",),
        description="Streams of ready-made features: the mean over time through one layer. All others get an LSTM.",
    )
    encoder_width: int = Field(default=128, ge=1, description="Width H of an encoded modality; ours.")
    initialisation: Initialisation = Field(default="glorot", description="How the LSTMs start; ours, as in emert.")
    joint_opinion: bool = Field(
        default=False,
        description="One more opinion from all encoded modalities together: the pseudo-view of the TPAMI paper (ETMC).",
    )
    annealing_epochs: int = Field(
        default=50,
        ge=1,
        description="Epochs until the divergence has its full weight; 50 in the ICLR code, 10 in the TPAMI code.",
    )
    surplus_weight: float = Field(
        default=0.01, ge=0, description="Values: weight of evidence for what is wrong; 0.01 in Amini et al. (2020)."
    )


class Model(GradientModel):
    """TMC for any named modalities and one or several views.

    With one modality, and no joint opinion, its opinion is the answer, and nothing is fused.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    """

    description: ClassVar[str] = "TMC: evidence from every modality, fused by Dempster's rule with its uncertainty"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("tmc", task)
        self.config = config
        self.modalities = tuple(task.streams)
        self.encoders = nn.ModuleDict({name: _encoder(name, shape[1], config) for name, shape in task.streams.items()})
        size = task.head_size if task.is_classification else 4 * task.head_size
        widths = [config.encoder_width] * len(self.modalities)
        if config.joint_opinion:
            widths.append(sum(widths))
        self.opinions = nn.ModuleDict({view.value: _Opinions(widths, size=size) for view in task.views})

    def forward(self, batch: Batch) -> Output:
        """Logits per view: the logarithm of the expected probabilities, or the expected values.

        Extras, per view: ``opinions/<view>``, evidence (B, O, K) or the outputs behind the values (B, O, K, 4),
        without the fusion; ``uncertainty/<view>`` of the fusion, (B,) in (0, 1] for classes, for values (B, K) in
        squared units of the label.

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        encoded = [self.encoders[name](batch.streams[name], batch.masks[name]) for name in self.modalities]
        if self.config.joint_opinion:
            encoded.append(torch.cat(encoded, dim=1))
        logits: dict[str, Tensor] = {}
        extras: dict[str, Tensor] = {}
        for view, layer in self.opinions.items():
            output_BOP: Tensor = layer(encoded)
            if self.task.is_classification:
                evidence_BOK = functional.softplus(output_BOP) * self._is_heard(batch).unsqueeze(-1)
                fused_BK = fuse_evidence(evidence_BOK)
                logits[view] = torch.log(fused_BK + 1)
                extras |= {f"opinions/{view}": evidence_BOK, f"uncertainty/{view}": uncertainty(fused_BK)}
            else:
                output_BOK4 = output_BOP.view(*output_BOP.shape[:2], self.task.head_size, 4)
                fused = self._fuse_values(NormalInverseGamma.from_outputs(output_BOK4), batch)
                logits[view] = fused.mean
                extras |= {f"opinions/{view}": output_BOK4, f"uncertainty/{view}": fused.uncertainty}
        return Output(logits, extras)

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """The sum over opinions, their fusion and views, and its parts.

        Classes: ``fit/<view>`` plus, from the first epoch to `annealing_epochs` with rising weight,
        ``divergence/<view>``. Values: ``fit/<view>`` plus `surplus_weight` times ``surplus/<view>``. The parts
        ``task/<view>`` are the losses of the fused answer that every model reports; nothing is fitted to them.
        """
        _, parts = task_loss(output.logits, batch.labels, self.task)
        parts = {name: part.detach() for name, part in parts.items()}
        if self.task.is_classification:
            second, weight = "divergence", min(1.0, (state.epoch + 1) / self.config.annealing_epochs)
        else:
            second, weight = "surplus", self.config.surplus_weight
        totals = []
        measure = self._class_losses if self.task.is_classification else self._value_losses
        for view in self.task.views:
            fit, other = measure(output.extras[f"opinions/{view}"], batch.labels[view], batch)
            parts |= {f"fit/{view}": fit, f"{second}/{view}": other}
            totals.append(fit + weight * other)
        return torch.stack(totals).sum(), parts

    def _class_losses(self, evidence_BOK: Tensor, share_BK: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Cross-entropy and divergence, each summed over the opinions."""
        if evidence_BOK.shape[1] > 1:
            evidence_BOK = torch.cat([evidence_BOK, fuse_evidence(evidence_BOK).unsqueeze(1)], dim=1)
        share_BOK = share_BK.nan_to_num(0.0).unsqueeze(1).expand_as(evidence_BOK)
        is_taught_BO = self._is_heard_with_fusion(batch) & share_BK.isfinite().all(dim=1, keepdim=True)
        return (
            _sum_of_means(expected_cross_entropy(evidence_BOK, share_BOK), is_taught_BO),
            _sum_of_means(divergence_from_ignorance(evidence_BOK, share_BOK), is_taught_BO),
        )

    def _value_losses(self, output_BOK4: Tensor, label_BK: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Student t loss and surplus evidence, each summed over the opinions."""
        single = NormalInverseGamma.from_outputs(output_BOK4)
        known_BK = label_BK.nan_to_num(0.0)
        losses = [measure(single, known_BK.unsqueeze(1)) for measure in (student_t_loss, surplus_evidence)]
        if output_BOK4.shape[1] > 1:
            fused = self._fuse_values(single, batch)
            of_fusion = [measure(fused, known_BK).unsqueeze(1) for measure in (student_t_loss, surplus_evidence)]
            losses = [torch.cat(pair, dim=1) for pair in zip(losses, of_fusion, strict=True)]
        is_taught_BOK = self._is_heard_with_fusion(batch).unsqueeze(-1) & label_BK.isfinite().unsqueeze(1)
        fit_BOK, surplus_BOK = losses
        return _sum_of_means(fit_BOK, is_taught_BOK), _sum_of_means(surplus_BOK, is_taught_BOK)

    def _fuse_values(self, opinion: NormalInverseGamma, batch: Batch) -> NormalInverseGamma:
        """The fusion; of a clip without any modality, what the opinion layers say of nothing."""
        is_heard_BO = self._is_heard(batch)
        return fuse_values(opinion, is_heard_BO | ~is_heard_BO.any(dim=1, keepdim=True))

    def _is_heard(self, batch: Batch) -> Bool[Tensor, "B O"]:
        """Which opinions have something to go by."""
        is_there = [has_stream(batch, name) for name in self.modalities]
        if self.config.joint_opinion:
            is_there.append(torch.stack(is_there).any(dim=0))
        return torch.stack(is_there, dim=1)

    def _is_heard_with_fusion(self, batch: Batch) -> Bool[Tensor, "B O"]:
        is_heard_BO = self._is_heard(batch)
        if is_heard_BO.shape[1] == 1:
            return is_heard_BO
        return torch.cat([is_heard_BO, is_heard_BO.any(dim=1, keepdim=True)], dim=1)


class _MeanVector(nn.Module):
    """Mean over the real steps, one Linear, ReLU."""

    def __init__(self, num_channels: int, *, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(num_channels, width)

    def forward(self, stream_BTD: Float[Tensor, "B T D"], mask_BT: Bool[Tensor, "B T"]) -> Float[Tensor, "B H"]:
        return functional.relu(self.linear(masked_mean(stream_BTD, mask_BT)))


class _Opinions(nn.Module):
    """One Linear for each encoded modality."""

    def __init__(self, widths: Sequence[int], *, size: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, size) for width in widths)

    def forward(self, encoded: Sequence[Float[Tensor, "B H"]]) -> Float[Tensor, "B O P"]:
        return torch.stack([layer(vector) for layer, vector in zip(self.layers, encoded, strict=True)], dim=1)


def _encoder(name: str, num_channels: int, config: Config) -> nn.Module:
    if name in config.feature_streams:
        return _MeanVector(num_channels, width=config.encoder_width)
    return SequenceVector(
        num_channels, hidden=config.encoder_width, width=config.encoder_width, initialisation=config.initialisation
    )


def _sum_of_means(loss: Tensor, is_taught: Tensor) -> Float[Tensor, ""]:
    """Sum over the opinions (axis 1) of the mean over what is taught of them; an opinion without any adds zero."""
    other_axes = tuple(axis for axis in range(loss.ndim) if axis != 1)
    return ((loss * is_taught).sum(dim=other_axes) / is_taught.sum(dim=other_axes).clamp(min=1)).sum()
