"""NORM-TR, a reconstruction: a transformer whose generic features are taught not to show noise in the streams.

Liu, Zhang, Zhan, Chen, Yin, Wei & Chen (2025), Noise-resistant multimodal transformer for emotion recognition, IJCV
133:3020, doi:10.1007/s11263-024-02304-3, arXiv 2305.02814. No code of the authors is public, and only abstracts and
summaries of the paper were at hand. So this is a **reconstruction**: a score of it says nothing certain of theirs.

From the paper: an extractor of noise-resistant generic features and one of features of each modality; a transformer in
which the generic features ask those of the modalities; noise at random positions, of all modalities or of one; two
adversarial losses against it beside the task's.
Ours: everything else, that is all sizes, tokens, layers, discriminators, the amount of noise and every weight.

Shapes: B clips, T steps of one stream, S steps of all streams, D channels, W width of a token, G generic tokens, M
modalities, N = 3 B clips in three copies: clean, with noise in all modalities, with noise in one.
"""

from collections.abc import Mapping
from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Int
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional

from emogap.models.batch import Batch, require_step_streams, require_streams
from emogap.models.heads import make_heads
from emogap.models.interface import GradientModel, Output, TrainingState
from emogap.models.labelled import labelled_clips, mean_where
from emogap.models.layers.cross_encoder import CrossEncoder
from emogap.models.layers.gradient_reversal import GradientReversal
from emogap.models.layers.self_attention import SelfAttentionLayer
from emogap.models.layers.stream_noise import with_noise
from emogap.models.losses import task_loss
from emogap.models.recipe import Recipe
from emogap.types import TaskSpec

__all__ = ["NATIVE", "Config", "Model"]

NATIVE = Recipe()
"""The authors' recipe is not known; this is that of the EMER paper, which trained the model as all others."""


class Config(BaseModel):
    """Options of NORM-TR; the paper gives none of them, so the defaults are ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(default=128, ge=2, description="Width W of a token; ours.")
    generic_tokens: int = Field(default=8, ge=1, description="Tokens G of the generic features; ours.")
    generic_depth: int = Field(default=2, ge=1, description="Layers of the generic extractor; ours.")
    modality_depth: int = Field(default=1, ge=1, description="Layers of each modality's extractor; ours.")
    fusion_depth: int = Field(default=2, ge=1, description="Layers in which generic tokens ask; ours, as in EMERT.")
    num_heads: int = Field(default=8, ge=1, description="Attention heads; ours, as in EMERT.")
    head_width: int = Field(default=64, ge=1, description="Width of an attention head; ours, as in EMERT.")
    feedforward_width: int = Field(default=128, ge=1, description="Inner width of the extractors' feed-forward; ours.")
    discriminator_width: int = Field(default=64, ge=1, description="Hidden width of both discriminators; ours.")
    dropout: float = Field(default=0.1, ge=0, lt=1, description="Dropout in the extractors; ours.")
    fusion_dropout: float = Field(default=0.5, ge=0, lt=1, description="Dropout in the fusion; ours, as in EMERT.")
    position_dropout: float = Field(
        default=0.1, ge=0, lt=1, description="Dropout behind the positions of the fusion; ours, as in EMERT."
    )
    noise_share: float = Field(default=0.3, ge=0, le=1, description="Probability that a step gets noise; ours.")
    noise_sd: float = Field(
        default=1.0, ge=0, description="SD of the noise, in standard deviations of a channel over the training; ours."
    )
    noisy_weight: float = Field(default=0.5, ge=0, description="Weight of the task losses of both noisy copies; ours.")
    adversarial_weight: float = Field(default=0.1, ge=0, description="Weight of each adversarial loss; ours.")
    reversal: float = Field(default=1.0, ge=0, description="Coefficient of the gradient reversal; ours, as in EMERT.")


class Model(GradientModel):
    """NORM-TR for any named modalities and one or several views.

    Noise is drawn in training only. Where "one" modality gets it, that is one the clip has. With one modality both
    noisy copies have it there, and the second discriminator knows two kinds.

    Raises
    ------
    UsageError
        If a stream is not (T, D).
    """

    description: ClassVar[str] = "NORM-TR (a reconstruction): generic tokens that resist noise ask all modalities"

    def __init__(self, config: Config, task: TaskSpec) -> None:
        super().__init__(task)
        require_step_streams("norm_tr", task)
        self.config = config
        self.modalities = tuple(task.streams)
        width, num_generic = config.width, config.generic_tokens
        num_steps = sum(shape[0] for shape in task.streams.values())
        self.projections = nn.ModuleDict({name: nn.Linear(shape[1], width) for name, shape in task.streams.items()})
        self.positions = nn.ParameterDict(
            {name: nn.Parameter(torch.randn(shape[0], width)) for name, shape in task.streams.items()}
        )
        self.modality_extractors = nn.ModuleDict(
            {name: _layers(config.modality_depth, config) for name in self.modalities}
        )
        self.generic_token_GW = nn.Parameter(torch.randn(num_generic, width))
        self.generic_extractor = _layers(config.generic_depth, config)
        self.fusion = CrossEncoder(
            num_generic,
            num_steps,
            width=width,
            depth=config.fusion_depth,
            num_heads=config.num_heads,
            head_width=config.head_width,
            dropout=config.fusion_dropout,
            position_dropout=config.position_dropout,
        )
        self.reversal = GradientReversal(config.reversal)
        self.is_noisy = _discriminator(1, config)
        self.where_noisy = _discriminator(1 + len(self.modalities), config)
        self.heads = make_heads(width, task)

    def forward(self, batch: Batch) -> Output:
        """Logits per view of the clips as they are; extras: ``generic`` and ``fused``, both (B, W).

        Raises
        ------
        MismatchError
            If the batch lacks a stream, or holds one of another shape.
        """
        require_streams(self.task, batch)
        generic_BGW, modality_BSW = self.extract(batch.streams, batch.masks)
        fused_BW = self.fuse(generic_BGW, modality_BSW, self._join(batch.masks))
        logits = {view: head(fused_BW) for view, head in self.heads.items()}
        return Output(logits, {"generic": generic_BGW.mean(dim=1), "fused": fused_BW})

    def extract(
        self, streams: Mapping[str, Tensor], masks: Mapping[str, Tensor]
    ) -> tuple[Float[Tensor, "B G W"], Float[Tensor, "B S W"]]:
        """The generic tokens, and the tokens of all modalities end to end."""
        tokens = {name: self.projections[name](streams[name]) + self.positions[name] for name in self.modalities}
        modality_BSW = torch.cat(
            [_through(self.modality_extractors[name], tokens[name], masks[name]) for name in self.modalities], dim=1
        )
        mask_BS = self._join(masks)
        generic_BGW = self.generic_token_GW.expand(len(mask_BS), -1, -1)
        token_BNW = torch.cat([generic_BGW, self._join(tokens)], dim=1)
        mask_BN = torch.cat([mask_BS.new_ones(generic_BGW.shape[:2]), mask_BS], dim=1)
        return _through(self.generic_extractor, token_BNW, mask_BN)[:, : generic_BGW.shape[1]], modality_BSW

    def fuse(
        self,
        generic_BGW: Float[Tensor, "B G W"],
        modality_BSW: Float[Tensor, "B S W"],
        mask_BS: Bool[Tensor, "B S"],
    ) -> Float[Tensor, "B W"]:
        """Mean of the generic tokens after they have asked the modalities."""
        fused_BGW: Tensor = self.fusion(generic_BGW, modality_BSW, mask_BS)
        return fused_BGW.mean(dim=1)

    def training_forward(self, batch: Batch, state: TrainingState) -> Output:
        """As `forward`, with the logits of the noisy copies, and what the discriminators say, in the extras.

        ``all/<view>`` and ``one/<view>`` (B, K); ``is_noisy`` (2 B, 1) of clean clips, then of those with noise in
        all modalities; ``where_noisy`` (2 B, 1 + M) of clean clips, then of those with noise in one; ``where`` (B,)
        the number of that modality, from 0.
        """
        require_streams(self.task, batch)
        where_B = self.draw_modality(batch.masks)
        everything_B = torch.ones_like(where_B, dtype=torch.bool)
        all_noisy = {name: self._noisy(batch.streams[name], everything_B) for name in self.modalities}
        one_noisy = {
            name: self._noisy(batch.streams[name], where_B == number) for number, name in enumerate(self.modalities)
        }
        copies = (batch.streams, all_noisy, one_noisy)
        streams = {name: torch.cat([copy[name] for copy in copies]) for name in self.modalities}
        masks = {name: batch.masks[name].repeat(3, 1) for name in self.modalities}
        generic_NGW, modality_NSW = self.extract(streams, masks)
        clean_BW, all_BW, one_BW = self.fuse(generic_NGW, modality_NSW, self._join(masks)).chunk(3)
        seen_clean_BW, seen_all_BW, seen_one_BW = self.reversal(generic_NGW.mean(dim=1)).chunk(3)
        extras = {f"all/{view}": head(all_BW) for view, head in self.heads.items()}
        extras |= {f"one/{view}": head(one_BW) for view, head in self.heads.items()}
        extras |= {
            "is_noisy": self.is_noisy(torch.cat([seen_clean_BW, seen_all_BW])),
            "where_noisy": self.where_noisy(torch.cat([seen_clean_BW, seen_one_BW])),
            "where": where_B,
        }
        return Output({view: head(clean_BW) for view, head in self.heads.items()}, extras)

    def draw_modality(self, masks: Mapping[str, Tensor]) -> Int[Tensor, " B"]:
        """For each clip the number of one modality that it has, all of them equally likely; any if it has none."""
        has_BM = torch.stack([masks[name].any(dim=1) for name in self.modalities], dim=1)
        has_BM = has_BM | ~has_BM.any(dim=1, keepdim=True)
        return torch.multinomial(has_BM.float(), 1).squeeze(1)

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        """The task loss, the weighted task losses of the noisy copies, and both adversarial losses; and the parts."""
        task, parts = task_loss(output.logits, batch.labels, self.task)
        for copy in ("all", "one"):
            logits = {view: output.extras[f"{copy}/{view}"] for view in output.logits}
            parts[f"task_noisy_{copy}"], _ = task_loss(logits, batch.labels, self.task)
        has_any_B = self._join(batch.masks).any(dim=1)
        counts_2B = (labelled_clips(batch.labels) & has_any_B).repeat(2)
        where_B = output.extras["where"]
        clean_or_all_2B = torch.cat([torch.zeros_like(where_B), torch.ones_like(where_B)])
        clean_or_one_2B = torch.cat([torch.zeros_like(where_B), 1 + where_B])
        parts["is_noisy"] = mean_where(
            functional.binary_cross_entropy_with_logits(
                output.extras["is_noisy"].squeeze(1), clean_or_all_2B.float(), reduction="none"
            ),
            counts_2B,
        )
        parts["where_noisy"] = mean_where(
            functional.cross_entropy(output.extras["where_noisy"], clean_or_one_2B, reduction="none"), counts_2B
        )
        noisy = self.config.noisy_weight * (parts["task_noisy_all"] + parts["task_noisy_one"])
        adversarial = self.config.adversarial_weight * (parts["is_noisy"] + parts["where_noisy"])
        return task + noisy + adversarial, parts

    def _noisy(self, stream_BTD: Tensor, chosen_B: Tensor) -> Tensor:
        return with_noise(stream_BTD, chosen_B, share=self.config.noise_share, sd=self.config.noise_sd)

    def _join(self, parts: Mapping[str, Tensor]) -> Tensor:
        """The tensors of all modalities end to end, in the order of the task."""
        return torch.cat([parts[name] for name in self.modalities], dim=1)


def _layers(depth: int, config: Config) -> nn.ModuleList:
    return nn.ModuleList(
        SelfAttentionLayer(
            config.width,
            num_heads=config.num_heads,
            head_width=config.head_width,
            feedforward_width=config.feedforward_width,
            dropout=config.dropout,
        )
        for _ in range(depth)
    )


def _through(layers: nn.Module, token_BSW: Tensor, mask_BS: Tensor) -> Float[Tensor, "B S W"]:
    assert isinstance(layers, nn.ModuleList)
    for layer in layers:
        token_BSW = layer(token_BSW, mask_BS)
    return token_BSW


def _discriminator(size: int, config: Config) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(config.width, config.discriminator_width),
        nn.LeakyReLU(0.01),
        nn.Linear(config.discriminator_width, size),
    )
