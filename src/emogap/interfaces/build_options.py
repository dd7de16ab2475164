"""Words typed on the command line turned into a checked configuration."""

from pydantic import ValidationError

from emogap.datasets import BuildConfig
from emogap.errors import UsageError

__all__ = ["build_config"]


def build_config(**options: str | int | bool) -> BuildConfig:
    """The configuration of a build.

    Raises
    ------
    UsageError
        If an option has a value that it cannot have; the message lists those it can.
    """
    try:
        return BuildConfig.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + str(first["loc"][0]).removeprefix("face_").replace("_", "-")
        raise UsageError(
            f"{option} cannot be '{first['input']}'", fix=first["msg"].replace("Input should be", "choose")
        ) from error
