"""How a model is fitted."""

from typing import Literal

from pydantic import Field

from emogap.models.recipe import Recipe
from emogap.models.zoo import native_recipe

__all__ = ["PRESET_EPOCHS", "Preset", "RecipeName", "TrainingConfig", "preset_training"]

Preset = Literal["quick", "evidence", "protocol"]
RecipeName = Literal["protocol", "native"]

PRESET_EPOCHS: dict[Preset, int] = {"quick": 5, "evidence": 20, "protocol": 200}
"""Epochs of each preset. quick is for demonstrations and tests and never quoted; protocol is the paper's."""


class TrainingConfig(Recipe):
    """Options of a fit by gradient descent: a recipe, and what no recipe says. A closed form takes the seed only."""

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


def preset_training(
    preset: Preset,
    *,
    model: str | None = None,
    recipe: RecipeName = "protocol",
    seed: int = 0,
    num_threads: int | None = None,
) -> TrainingConfig:
    """How a benchmark trains: the paper's recipe, or that of the authors of `model`.

    Parameters
    ----------
    preset : str
        Decides the number of epochs; ``protocol`` leaves those of a native recipe as they are.
    model : str, optional
        Name on the shelf of models; asked only by the recipe ``native``.
    recipe : "protocol" or "native"
        The paper's for all models, or each model's own.
    seed, num_threads
        As in :class:`TrainingConfig`.

    Examples
    --------
    >>> preset_training("evidence").epochs
    20
    >>> preset_training("protocol").learning_rate
    0.0001
    """
    options = Recipe() if recipe == "protocol" or model is None else native_recipe(model)
    epochs = options.epochs if preset == "protocol" else PRESET_EPOCHS[preset]
    return TrainingConfig(**options.model_dump() | {"epochs": epochs, "seed": seed, "num_threads": num_threads})
