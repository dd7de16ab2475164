"""Reading the TOML file that says what a folder holds, and refusing one that was damaged."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from emogap.errors import DataError

__all__ = ["parse_header"]

AnyHeader = TypeVar("AnyHeader", bound=BaseModel)


def parse_header(path: Path, kind: type[AnyHeader], *, fix: str) -> AnyHeader:
    """The content of the TOML file `path` as a `kind`.

    Parameters
    ----------
    path : Path
    kind : type of pydantic model
    fix : str
        What to do about a damaged file.

    Raises
    ------
    DataError
        If it is no UTF-8, no TOML, or lacks a field or holds one that does not belong there; the field is named.
    """
    try:
        return kind.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"the header is damaged: {error}", where=str(path), fix=fix) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise DataError(
            f"the header does not hold what it should: {place}: {first['msg']}", where=str(path), fix=fix
        ) from error
