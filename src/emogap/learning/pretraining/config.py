"""How GLASS is pre-trained."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["PretrainingConfig"]


class PretrainingConfig(BaseModel):
    """Options of a pre-training; the defaults are those of the authors' code (arXiv 2601.12534) where it has them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passes: int = Field(default=1, ge=1, description="Passes over the training windows; 1 in the code.")
    max_steps: int | None = Field(
        default=None, ge=1, description="Steps after which to stop; None = all of the passes. The schedules know it."
    )
    batch_size: int = Field(
        default=256,
        ge=1,
        description="Windows per step, all of them if there are fewer; 256 in the code. What is left of a pass and"
        " does not fill a batch is left out, as there.",
    )
    accumulate: int = Field(
        default=1, ge=1, description="Parts in which a batch goes through the network, one after the other."
    )
    learning_rate: float = Field(default=3e-4, gt=0, description="Learning rate after the warm-up; 3e-4 in the code.")
    betas: tuple[float, float] = Field(default=(0.9, 0.95), description="Of AdamW; as in the code.")
    weight_decay: float = Field(default=1e-4, ge=0, description="Decoupled weight decay of AdamW; 1e-4 in the code.")
    warmup_steps: int = Field(
        default=3000, ge=0, description="Steps in which the learning rate rises; 3,000 in the code."
    )
    max_warmup_share: float = Field(
        default=0.1,
        gt=0,
        le=1,
        description="Largest share of all steps that the warm-up takes: 3,000 steps are more than a small index has.",
    )
    sampling_share: float = Field(
        default=0.6,
        gt=0,
        le=1,
        description="Share of all steps in which the probability of feeding a measured patch falls from 1 to 0; 0.6.",
    )
    clip_norm: float = Field(default=1.0, gt=0, description="Largest norm of the gradient; 1 in the code.")
    validate_every: int = Field(default=150, ge=1, description="Steps between two validations; 150 in the code.")
    store_every: int = Field(
        default=50,
        ge=1,
        description="Steps after which the state is stored, to go on from there; no part of the result.",
    )
    max_validation_windows: int = Field(
        default=4096,
        ge=1,
        description="Windows to validate on at most, evenly spaced over those of the validation people.",
    )
    validation_share: float = Field(
        default=0.05, gt=0, lt=1, description="Share of the people who validate; 0.05 in the code."
    )
    held_out: tuple[str, ...] = Field(
        default=(), description="People who neither train nor validate: those that something will be tested on."
    )
    select: Literal["loss", "last"] = Field(
        default="loss",
        description="Which weights are kept: those with the least loss of the validation rollout, or the last.",
    )
    time_order: Literal["kept", "shuffled"] = Field(
        default="kept",
        description="shuffled: the frames of every window, past and future together, in random order, in training and"
        " validation: the control that shows what there is to learn from the order of frames.",
    )
    seed: int = Field(default=0, ge=0, description="Of weights, people, order of windows, draws and dropout.")
    precision: Literal["auto", "32-true", "bf16-mixed"] = Field(
        default="auto",
        description="Numbers of the forward pass. auto: bf16-mixed on CUDA, else 32-true. The code has 16-mixed, whose"
        " loss needs scaling; bfloat16 has the range of float32 and needs none.",
    )
    accelerator: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", description="Chosen by Fabric.")
    devices: int = Field(default=1, ge=1, description="Devices that share a batch.")
    num_threads: int | None = Field(default=None, ge=1, description="Processor threads of torch; None leaves them.")
