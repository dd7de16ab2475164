"""Small TOML files that people write, read against a strict model: what is wrong is named with its line."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from emogap.errors import DataError, UsageError

__all__ = ["line_of", "read_strict_toml"]

Table = TypeVar("Table", bound=BaseModel)

HEADER = re.compile(r"\s*\[\[?(?P<name>\s*[A-Za-z_\"'][\w\s.\"'-]*)\]\]?\s*(#.*)?$")
"""Of a table or of one of an array of tables; a row of numbers in brackets is none."""


def read_strict_toml(path: Path, model: type[Table]) -> Table:
    """The content of a TOML file as `model`.

    Parameters
    ----------
    path : Path
    model : type of pydantic model
        Strict, extra keys forbidden.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If the file is no TOML, or an entry is absent, unknown or not what it has to be; with file, line and entry of
        the first, the number of all, and the nearest known name.
    """
    if not path.is_file():
        raise UsageError("there is no such file", where=str(path), fix="check the path")
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"this is not TOML: {error}", where=str(path), fix="correct the file") from error
    try:
        # As JSON, so that an array is a tuple for a strict model too; dates are not in these files.
        return model.model_validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        raise _problem(error, path, text, model) from error


def _problem(error: ValidationError, path: Path, text: str, model: type[BaseModel]) -> DataError:
    problems = error.errors()
    # A name written wrongly is unknown and missing at once; the first says more.
    first = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
    line = line_of(text, first["loc"])
    entry = _entry(first["loc"])
    more = f" ({len(problems)} such problems in the file)" if len(problems) > 1 else ""
    said = first["msg"].removeprefix("Value error, ")
    fix = "correct the entry"
    if first["type"] == "extra_forbidden":
        said = "is not known here"
        known = sorted(_known_names(model))
        near = get_close_matches(str(first["loc"][-1]), known, n=1)
        fix = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"
    elif first["type"] == "missing":
        said, fix = "is missing", "add the entry"
    what = f"{entry}: {said[:1].lower()}{said[1:]}{more}" if entry else f"{said}{more}"
    return DataError(what, where=f"{path}, line {line}" if line else str(path), fix=fix)


def _entry(loc: Sequence[int | str]) -> str:
    """The place of an entry as people count: ``area 2, rectangle``."""
    words: list[str] = []
    for part in loc:
        if isinstance(part, int):
            words[-1:] = [f"{words[-1]} {part + 1}"] if words else [str(part + 1)]
        else:
            words.append(part)
    return ", ".join(words)


def _known_names(model: type[BaseModel]) -> Iterator[str]:
    """Names of the fields of a model and of the models within it."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _known_names(inner)


def line_of(text: str, loc: Sequence[int | str]) -> int | None:
    """The line, counted from 1, of the entry at `loc`, or of the innermost table of it that has a line; None if none.

    Examples
    --------
    >>> line_of('unit = "px"\\n\\n[[area]]\\nname = "a"\\n[[area]]\\nname = "b"', ("area", 1, "name"))
    6
    """
    lines = text.splitlines()
    names = [HEADER.match(line) for line in lines]
    headers = {row: re.sub(r"[\s\"']", "", name["name"]) for row, name in enumerate(names) if name}
    at, end = 0, next(iter(headers), len(lines))
    found: int | None = None
    path = ""
    for position, part in enumerate(loc):
        if isinstance(part, int):
            continue
        path = f"{path}.{part}" if path else part
        following = loc[position + 1] if position + 1 < len(loc) else 0
        same = [row for row, name in headers.items() if name == path and row >= at]
        keys = [row for row in range(at, end) if re.match(rf"\s*[\"']?{re.escape(part)}[\"']?\s*=", lines[row])]
        if keys:
            return keys[0] + 1
        number = following if isinstance(following, int) else 0
        if len(same) <= number:
            return found
        at, found = same[number], same[number] + 1
        end = next((row for row in headers if row > at), len(lines))
    return found
