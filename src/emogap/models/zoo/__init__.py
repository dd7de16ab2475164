"""The shelf of models: one file each, defining ``Config`` (frozen pydantic) and ``Model(config, task)``."""

from typing import TYPE_CHECKING

from emogap.errors import UsageError
from emogap.shelf import Shelf
from emogap.types import TaskSpec

if TYPE_CHECKING:
    from pydantic import BaseModel

    from emogap.models.interface import ClosedFormModel, GradientModel

__all__ = ["ZOO", "default_config", "new_model"]

ZOO = Shelf("emogap.models.zoo", kind="model", defines=("Config", "Model"))


def default_config(name: str) -> "BaseModel":
    """The configuration of the model `name` with all its defaults."""
    config: BaseModel = ZOO.open(name).Config()
    return config


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
