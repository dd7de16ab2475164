"""How a network is optimised: what the authors of a model published, or what a benchmark gives to all."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ParameterGroup", "Recipe", "Schedule"]

Schedule = Literal["cosine", "constant", "linear", "plateau"]


class ParameterGroup(BaseModel):
    """Parameters that have a learning rate or a weight decay of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[str, ...] = Field(
        min_length=1, description="A parameter belongs here if its name holds one of these pieces, such as 'factors.'."
    )
    learning_rate: float | None = Field(default=None, gt=0, description="None = that of the recipe.")
    weight_decay: float | None = Field(default=None, ge=0, description="None = that of the recipe.")


class Recipe(BaseModel):
    """Optimiser, schedule and batches of a fit by gradient descent.

    The defaults are those of the EMER paper (batch, learning rate, schedule; arXiv 2512.16485, section 5) and of its
    authors' training scripts (Adam, weight decay, epochs). A model of the shelf states those of its own authors as
    ``NATIVE``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epochs: int = Field(default=200, ge=1, description="Passes over the training clips.")
    batch_size: int = Field(default=16, ge=1, description="Clips per batch.")
    learning_rate: float = Field(default=1e-4, gt=0, description="Learning rate that the schedule starts from.")
    weight_decay: float = Field(
        default=5e-4, ge=0, description="L2 penalty, in Adam's gradient or, for adamw, decoupled."
    )
    optimizer: Literal["adam", "adamw"] = Field(default="adam", description="Adam, or AdamW (decoupled weight decay).")
    schedule: Schedule = Field(
        default="cosine",
        description="cosine: falls to 0 over the epochs; linear: falls to 0 over the steps; plateau: a tenth, or"
        " `plateau_factor`, whenever validation stands still; constant.",
    )
    warmup: float = Field(default=0.0, ge=0, lt=1, description="Share of all steps in which the rate rises from 0.")
    plateau_patience: int = Field(
        default=10, ge=0, description="plateau: epochs without a better validation loss before the rate falls."
    )
    plateau_factor: float = Field(default=0.1, gt=0, lt=1, description="plateau: what the rate is multiplied by.")
    clip_norm: float | None = Field(default=None, gt=0, description="Largest norm of the gradient; None = no limit.")
    accumulate: int = Field(
        default=1,
        ge=1,
        description="Batches whose gradients are summed into one step; what is left over at an epoch's end makes one.",
    )
    patience: int | None = Field(
        default=None, ge=1, description="Stop after so many epochs without a better validation loss; None = never."
    )
    groups: tuple[ParameterGroup, ...] = Field(
        default=(), description="Parameters with options of their own; the first group that a name fits takes it."
    )
