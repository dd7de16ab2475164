"""The shelf of models: one file each, defining ``Config`` (frozen pydantic) and ``Model(config, task)``.

A file may also define ``NATIVE``, the recipe of the model's own authors; ``INSTEAD``, which names streams it reads in
place of others, such as ``{"face": "frames"}``, or the function ``instead(config)`` where an option decides that. One
that starts from a pre-trained network defines ``settled(config, describe)``, which completes options by what that
network is, and ``pretrained_parts(config)``.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from emogap.errors import UsageError
from emogap.models.recipe import Recipe
from emogap.shelf import Shelf
from emogap.types import TaskSpec

if TYPE_CHECKING:
    from pydantic import BaseModel

    from emogap.models.glass.clip_encoder import GlassNetwork
    from emogap.models.interface import ClosedFormModel, GradientModel
    from emogap.models.pretrained_part import PretrainedPart

__all__ = [
    "ZOO",
    "default_config",
    "native_recipe",
    "new_model",
    "pretrained_parts",
    "settled_config",
    "streams_instead",
]

ZOO = Shelf("emogap.models.zoo", kind="model", defines=("Config", "Model"))


def default_config(name: str) -> "BaseModel":
    """The configuration of the model `name` with all its defaults."""
    config: BaseModel = ZOO.open(name).Config()
    return config


def native_recipe(name: str) -> Recipe:
    """How the authors of the model `name` optimise it; the paper's recipe for a model that names no other."""
    recipe: Recipe = getattr(ZOO.open(name), "NATIVE", Recipe())
    return recipe


def streams_instead(name: str, config: "BaseModel | None" = None) -> Mapping[str, str]:
    """The streams that the model `name` reads in place of others, by the name of the other.

    Parameters
    ----------
    name : str
    config : Config of that model, optional
        Its defaults if None.
    """
    entry = ZOO.open(name)
    if not hasattr(entry, "instead"):
        fixed: Mapping[str, str] = getattr(entry, "INSTEAD", {})
        return fixed
    by_option: Mapping[str, str] = entry.instead(entry.Config() if config is None else config)
    return by_option


def settled_config(name: str, config: "BaseModel", describe: "Callable[[str], GlassNetwork]") -> "BaseModel":
    """The options with everything settled that a pre-trained network decides; as they are for most models.

    Parameters
    ----------
    name : str
    config : Config of that model
    describe : callable
        Tells the network in a folder; models themselves open no file.

    Raises
    ------
    UsageError
        If the options ask for a pre-trained network and name none.
    """
    entry = ZOO.open(name)
    if not hasattr(entry, "settled"):
        return config
    complete: BaseModel = entry.settled(config, describe)
    return complete


def pretrained_parts(name: str, config: "BaseModel") -> "tuple[PretrainedPart, ...]":
    """The parts of the model `name` whose weights are filled in before the first step; none for most models.

    Parameters
    ----------
    name : str
    config : Config of that model
        As :func:`settled_config` gives it.
    """
    entry = ZOO.open(name)
    parts: tuple[PretrainedPart, ...] = entry.pretrained_parts(config) if hasattr(entry, "pretrained_parts") else ()
    return parts


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
