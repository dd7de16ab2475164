"""The shelf of models: one file each, defining ``Config`` (frozen pydantic) and ``Model(config, task)``.

A file may also define ``NATIVE``, the recipe of the model's own authors, and ``INSTEAD``, which names streams it
reads in place of others, such as ``{"face": "frames"}``.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from emogap.errors import UsageError
from emogap.models.recipe import Recipe
from emogap.shelf import Shelf
from emogap.types import TaskSpec

if TYPE_CHECKING:
    from pydantic import BaseModel

    from emogap.models.interface import ClosedFormModel, GradientModel

__all__ = ["ZOO", "default_config", "native_recipe", "new_model", "streams_instead"]

ZOO = Shelf("emogap.models.zoo", kind="model", defines=("Config", "Model"))


def default_config(name: str) -> "BaseModel":
    """The configuration of the model `name` with all its defaults."""
    config: BaseModel = ZOO.open(name).Config()
    return config


def native_recipe(name: str) -> Recipe:
    """How the authors of the model `name` optimise it; the paper's recipe for a model that names no other."""
    recipe: Recipe = getattr(ZOO.open(name), "NATIVE", Recipe())
    return recipe


def streams_instead(name: str) -> Mapping[str, str]:
    """The streams that the model `name` reads in place of others, by the name of the other."""
    instead: Mapping[str, str] = getattr(ZOO.open(name), "INSTEAD", {})
    return instead


def new_model(name: str, task: TaskSpec, *, config: "BaseModel | None" = None) -> "GradientModel | ClosedFormModel":
    """An untrained model from the shelf; random weights come from torch's global generator.

    Parameters
    ----------
    name : str
        Name on the shelf :data:`ZOO`.
    task : TaskSpec
        Views, targets and streams.
    config : Config of that model, optional
        Its defaults if None.

    Raises
    ------
    UnknownNameError
        If there is no such model.
    UsageError
        If `config` belongs to another model, or the model cannot serve `task`.
    """
    entry = ZOO.open(name)
    config = entry.Config() if config is None else config
    if not isinstance(config, entry.Config):
        raise UsageError(
            f"the configuration is a {type(config).__module__}.Config, which the model '{name}' does not take",
            fix=f"give emogap.models.zoo.{name}.Config(...)",
        )
    model: GradientModel | ClosedFormModel = entry.Model(config, task)
    return model
