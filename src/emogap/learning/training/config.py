"""How a model is fitted."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["PRESET_EPOCHS", "Preset", "TrainingConfig", "preset_training"]

Preset = Literal["quick", "evidence", "protocol"]

PRESET_EPOCHS: dict[Preset, int] = {"quick": 5, "evidence": 20, "protocol": 200}
"""Epochs of each preset. quick is for demonstrations and tests and never quoted; protocol is the paper's."""


class TrainingConfig(BaseModel):
    """Options of a fit by gradient descent; a closed-form model takes the seed only.

    The defaults are those of the EMER paper (batch, learning rate, schedule; arXiv 2512.16485, section 5) and of
    the authors' training scripts (Adam, weight decay, epochs).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=200, ge=1, description="Passes over the training clips.")
    batch_size: int = Field(default=16, ge=1, description="Clips per optimiser step.")
    learning_rate: float = Field(
        default=1e-4, gt=0, description="Learning rate of the first epoch; falls to 0 as a cosine."
    )
    weight_decay: float = Field(
        default=5e-4, ge=0, description="L2 penalty, in Adam's gradient or, for adamw, decoupled."
    )
    optimizer: Literal["adam", "adamw"] = Field(default="adam", description="Adam, or AdamW (decoupled weight decay).")
    select: Literal["loss", "last"] = Field(
        default="loss",
        description="Which epoch is kept: the one with the least task loss on the validation clips, or the last.",
    )
    seed: int = Field(default=0, ge=0, description="Of initial weights, order of clips and dropout.")
    accelerator: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", description="Device, chosen by Fabric.")
    num_threads: int | None = Field(
        default=None,
        ge=1,
        description="Processor threads of torch; None leaves them. Use 1 where fits run side by side.",
    )
    tensorboard: bool = Field(default=False, description="Whether to write TensorBoard curves into the fit's folder.")


def preset_training(preset: Preset, *, seed: int = 0, num_threads: int | None = None) -> TrainingConfig:
    """The paper's training with the epochs of `preset`.

    Examples
    --------
    >>> preset_training("evidence").epochs
    20
    """
    return TrainingConfig(epochs=PRESET_EPOCHS[preset], seed=seed, num_threads=num_threads)
