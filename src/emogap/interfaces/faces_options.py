"""Words typed after ``emogap faces`` turned into a checked configuration."""

from pathlib import Path

from pydantic import ValidationError

from emogap.errors import UsageError
from emogap.interfaces.faces_in_video import FacesConfig

__all__ = ["faces_config"]


def faces_config(**options: str | int | Path | None) -> FacesConfig:
    """The configuration of a search for faces.

    Raises
    ------
    UsageError
        If an option has a value that it cannot have; the message lists those it can.
    """
    try:
        return FacesConfig.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        message = first["msg"].removeprefix("Input should be ").lower()
        raise UsageError(f"--{first['loc'][0]} cannot be {first['input']!r}", fix=f"give {message}") from error
