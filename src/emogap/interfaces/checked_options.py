"""Words typed on the command line turned into a checked configuration."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from emogap.errors import UsageError

__all__ = ["checked_options"]

Config = TypeVar("Config", bound=BaseModel)


def checked_options(
    model: type[Config], options: Mapping[str, object], *, prefix: str = "", names: Mapping[str, str] | None = None
) -> Config:
    """The configuration that `options` describe.

    Parameters
    ----------
    model : type of pydantic model
    options : mapping from field to value
    prefix : str
        Of fields whose option goes without it: ``face_detector`` is ``--detector``.
    names : mapping from field to option, optional
        Of fields whose option has a name of its own: ``chunk_s`` is ``--chunk``.

    Raises
    ------
    UsageError
        If an option has a value that it cannot have; the message lists those it can.
    """
    try:
        return model.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        option = (names or {}).get(field, "--" + field.removeprefix(prefix).replace("_", "-"))
        allowed = first["msg"].replace("Input should be", "choose")
        raise UsageError(f"{option} cannot be {first['input']!r}", fix=allowed) from error
