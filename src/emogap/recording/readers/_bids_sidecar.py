"""The JSON files that describe a BIDS table: beside it, or inherited from a folder above.

References
----------
BIDS 1.11.1, Common principles, "The inheritance principle".
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from emogap.errors import DataError

__all__ = ["Sidecar", "SidecarField", "entities_of", "read_sidecar"]

ROOT_FILE = "dataset_description.json"
MAX_DEPTH = 4
"""From a table to the root: data type, session, subject, root."""


@dataclass(frozen=True, slots=True)
class SidecarField:
    """A value and the JSON file that states it."""

    value: object
    where: str


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Everything that the JSON files of one table say; the file beside it wins.

    Attributes
    ----------
    fields : mapping from key to SidecarField
    where : str
        The nearest of the files, for messages.
    """

    fields: Mapping[str, SidecarField]
    where: str

    def get(self, key: str) -> object:
        """The value of a key; None if no file has it."""
        field = self.fields.get(key)
        return None if field is None else field.value

    def place(self, key: str) -> str:
        """The file that states a key, for messages."""
        return self.fields[key].where if key in self.fields else self.where

    def number(self, key: str) -> float:
        """The value of a key that must be a finite number.

        Raises
        ------
        DataError
            If it is absent or no number.
        """
        value = self.get(key)
        if value is None:
            raise DataError(f"{key} is not stated, and BIDS requires it", where=self.where, fix=f"add {key}")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise DataError(f"{key} is {value!r}, not a finite number", where=self.place(key), fix="write a number")
        return float(value)

    def mapping(self, key: str) -> Mapping[str, object]:
        """The object under a key; empty if it is absent or no object."""
        value = self.get(key)
        return value if isinstance(value, dict) else {}

    def entry(self, column: str, key: str) -> str | None:
        """What the description of a column says under `key`; None if nothing."""
        value = self.mapping(column).get(key)
        return value if isinstance(value, str) else None


def entities_of(path: Path) -> tuple[dict[str, str], str]:
    """Entities of a file name, in their order, and its suffix.

    Examples
    --------
    >>> entities_of(Path("sub-01_task-watch_recording-eye1_physio.tsv.gz"))
    ({'sub': '01', 'task': 'watch', 'recording': 'eye1'}, 'physio')
    """
    *parts, suffix = path.name.split(".")[0].split("_")
    pairs = (part.partition("-") for part in parts)
    return {key: label for key, _, label in pairs}, suffix


def read_sidecar(path: Path) -> Sidecar | None:
    """The merged sidecar of the table `path`; None if there is no JSON file for it.

    Raises
    ------
    DataError
        If a JSON file is damaged; names file and line.
    """
    fields: dict[str, SidecarField] = {}
    where = None
    for file in _applicable(path):
        where = f"{file}, line 1"
        fields |= {key: SidecarField(value, where) for key, value in _read_json(file).items()}
    return None if where is None else Sidecar(fields, where)


def _applicable(path: Path) -> Iterator[Path]:
    """JSON files for a table, from the root downwards, the more general before the more specific."""
    parts = path.name.split(".")[0].split("_")
    ending = f"{parts[-1]}.json"
    for folder in reversed(_folders(path)):
        names = [file.name for file in folder.glob(f"*{ending}")]
        found = (
            (len(stem), name) for name in names if set(stem := name.removesuffix(".json").split("_")) <= set(parts)
        )
        yield from (folder / name for _, name in sorted(found))


def _folders(path: Path) -> list[Path]:
    """The folder of a table and those above it up to the root of its data set; only its own without a root."""
    folders = [path.absolute().parent, *path.absolute().parent.parents][:MAX_DEPTH]
    for depth, folder in enumerate(folders):
        if (folder / ROOT_FILE).is_file():
            return folders[: depth + 1]
    return folders[:1]


def _read_json(file: Path) -> dict[str, object]:
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError("the text is not UTF-8", where=f"{file}, line 1", fix="save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise DataError(
            f"this is not JSON: {error.msg}", where=f"{file}, line {error.lineno}", fix="correct or copy the file again"
        ) from error
    except RecursionError as error:
        raise DataError("this is not a sidecar: it is nested too deeply", where=f"{file}, line 1") from error
    if not isinstance(content, dict):
        raise DataError("a sidecar is one JSON object", where=f"{file}, line 1", fix="write { ... }")
    return content
