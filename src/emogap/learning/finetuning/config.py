"""How GLASS is fine-tuned."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emogap.models.glass.heads import HeadConfig

__all__ = ["FinetuningConfig", "LossName"]

LossName = Literal["mse-r", "ccc"]


class FinetuningConfig(BaseModel):
    """Options of a fine-tuning; the defaults are those of the authors' code (arXiv 2601.12534) where it has them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    head: HeadConfig = Field(default=HeadConfig(), description="The layers behind the encoder.")
    epochs: int = Field(default=15, ge=1, description="Passes over the training windows; 15 in the code.")
    batch_size: int = Field(default=128, ge=1, description="Windows per step; 128 in the code.")
    head_learning_rate: float = Field(default=1e-3, gt=0, description="Of the head, falls to 0; 1e-3 in the code.")
    encoder_learning_rate: float = Field(default=1e-4, gt=0, description="Of the encoder, falls to 0; 1e-4 there.")
    weight_decay: float = Field(default=0.09, ge=0, description="Decoupled weight decay of AdamW; 0.09 in the code.")
    clip_norm: float = Field(default=1.0, gt=0, description="Largest norm of the gradient; 1 in the code.")
    head_first_epochs: int = Field(
        default=0,
        ge=0,
        description="Epochs in which the encoder stands still, all if there are no more; 0 for the published figures.",
    )
    unfrozen_share: float = Field(
        default=1.0, ge=0, le=1, description="Share of the encoder's layers, the last ones, that learn afterwards; 1."
    )
    loss: LossName = Field(
        default="mse-r",
        description="For values. mse-r: mean squared error minus 0.1 times the mean Pearson r; ccc: 1 minus mean CCC.",
    )
    standardise_by: Literal["training", "pretraining"] = Field(
        default="training",
        description="Whose mean and SD the gaze is standardised by: the training people of the fine-tuning, as in the"
        " code, or those of the pre-training. Never those who are validated or tested on.",
    )
    tail_share: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Undersample training windows with usual values until those more than 2 SD further from the mean"
        " label than usual are this share; None = keep all. The code has 1/3 and undersamples the test set too.",
    )
    validation_share: float = Field(
        default=0.2, gt=0, lt=1, description="Share of the people left who select the epoch."
    )
    test_share: float = Field(default=0.2, gt=0, lt=1, description="Share of the people who are tested, if not named.")
    seed: int = Field(default=0, ge=0, description="Of the people drawn, and of the first fit.")
    num_seeds: int = Field(default=1, ge=1, description="Fits with a seed of their own; their mean is what is told.")
    accelerator: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", description="Device, chosen by Fabric.")
