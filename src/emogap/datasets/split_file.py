"""A split as JSON: its keys, its cells as positions in them, and two fingerprints.

``keys`` are sorted; the lists of a cell count from 0 in them. What is in none of a cell's lists is unused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from emogap.counted_nouns import counted
from emogap.datasets.cells import SPLITS, Cell, Keyed, Split
from emogap.errors import DataError, MismatchError, UnknownNameError
from emogap.files import fingerprint_json, write_bytes
from emogap.types import SampleKey

__all__ = [
    "is_intact",
    "parse_split",
    "read_split",
    "read_split_file",
    "split_fingerprint",
    "split_path",
    "write_split",
]

SCHEMA = 1
DEFAULT_FOLDS = 5
ROLES = ("test", "validation", "train")


def split_path(dataset_path: Path, name: str, *, seed: int, folds: int = DEFAULT_FOLDS) -> Path:
    """Where a split is stored: ``splits/<name>-<seed>.json``, with the folds named if they are not five.

    Raises
    ------
    UnknownNameError
        If there is no split of this name.

    Examples
    --------
    >>> split_path(Path("D1"), "person", seed=0).as_posix()
    'D1/splits/person-0.json'
    """
    if name not in SPLITS:
        raise UnknownNameError("split", name, SPLITS)
    suffix = "" if folds == DEFAULT_FOLDS or name == "official" else f"-{folds}folds"
    return dataset_path / "splits" / f"{name}-{seed}{suffix}.json"


def write_split(path: Path, split: Split, data: Keyed) -> None:
    """Write all cells of `split`, whole or not at all; one line per key and per list.

    Raises
    ------
    OutputError
        If the place cannot be written.
    """
    content = _content(split, data) | {"fingerprint": split.fingerprint}
    lines = [f'  "{name}": {_lined(value)}' for name, value in content.items()]
    write_bytes(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def read_split(path: Path, data: Keyed, *, name: str, seed: int) -> Split:
    """The split in `path`, if it is intact and was made for `data`.

    Raises
    ------
    DataError
        If the file is damaged or was edited.
    MismatchError
        If it is another split than its file name says, or the samples have changed since it was made.
    """
    content = read_split_file(path)
    if not is_intact(content):
        raise DataError(
            "the split was changed after it was made: its own fingerprint does not fit",
            where=str(path),
            fix="remove the file and run the same command again",
        )
    if (content["name"], content["seed"]) != (name, seed):
        raise MismatchError(
            f"the file holds the split {content['name']} of seed {content['seed']}",
            where=str(path),
            fix="remove the file and run the same command again",
        )
    if content["data_fingerprint"] != data.fingerprint:
        raise MismatchError(
            f"the split was made for the samples {content['data_fingerprint']}, the data set is {data.fingerprint}",
            where=str(path),
            fix="the data set was built again: move the file away to make a new split, and do not compare with"
            " results of the old one",
        )
    return parse_split(content, data)


def read_split_file(path: Path) -> dict[str, Any]:
    """The content of a split file, whether it is intact or not.

    Raises
    ------
    DataError
        If it is no split file of this layout.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            raise DataError(
                f"the split has schema {content['schema']}, this version reads {SCHEMA}",
                where=str(path),
                fix="move the file away to make a new split",
            )
        for cell in content["cells"]:
            _ = [content["keys"][row] for role in ROLES for row in cell[role]], str(cell["name"])
        _ = [SampleKey(*key) for key in content["keys"]], content["name"], content["seed"], content["data_fingerprint"]
    except (OSError, UnicodeDecodeError, ValueError, TypeError, KeyError, IndexError) as error:
        raise DataError(
            f"the split cannot be read: {type(error).__name__} {error}",
            where=str(path),
            fix="remove the file and run the same command again",
        ) from error
    return dict(content)


def is_intact(content: Mapping[str, Any]) -> bool:
    """Whether a split file holds what was written into it."""
    rest = {name: value for name, value in content.items() if name != "fingerprint"}
    return bool(content.get("fingerprint") == fingerprint_json(rest))


def parse_split(content: Mapping[str, Any], data: Keyed) -> Split:
    """The split in the content of a file, over the rows of `data`.

    Raises
    ------
    MismatchError
        If it names a sample that `data` does not have.
    """
    row_of = {key: row for row, key in enumerate(data.keys)}
    keys = [SampleKey(*key) for key in content["keys"]]
    absent = [key for key in keys if key not in row_of]
    if absent:
        raise MismatchError(
            f"{len(absent)} of {counted(len(keys), 'sample')} of the split are not in the data set, first {absent[0]}",
            fix="use the data set that the split was made for",
        )
    rows = [row_of[key] for key in keys]
    return Split(
        name=content["name"],
        seed=content["seed"],
        folds=content.get("folds", len(content["cells"])),
        cells=tuple(_cell(cell, rows) for cell in content["cells"]),
        notes=tuple(content.get("notes", ())),
        data_fingerprint=content["data_fingerprint"],
        fingerprint=str(content.get("fingerprint", "")),
    )


def split_fingerprint(split: Split, data: Keyed) -> str:
    """Fingerprint of everything a split file says."""
    return fingerprint_json(_content(split, data))


def _content(split: Split, data: Keyed) -> dict[str, object]:
    order = sorted(range(len(data.keys)), key=lambda row: data.keys[row])
    position = {row: place for place, row in enumerate(order)}
    return {
        "schema": SCHEMA,
        "name": split.name,
        "seed": split.seed,
        "folds": split.folds,
        "notes": list(split.notes),
        "data_fingerprint": split.data_fingerprint,
        "key_fields": [field.name for field in fields(SampleKey)],
        "keys": [list(data.keys[row].values()) for row in order],
        "cells": [
            {
                "name": cell.name,
                "person_fold": cell.person_fold,
                "stimulus_fold": cell.stimulus_fold,
                "test": [position[row] for row in cell.test],
                "validation": [position[row] for row in cell.validation],
                "train": [position[row] for row in cell.train],
            }
            for cell in split.cells
        ],
    }


def _cell(stored: Mapping[str, Any], rows: Sequence[int]) -> Cell:
    taken = {row for role in ROLES for row in stored[role]}
    return Cell(
        name=stored["name"],
        test=tuple(rows[row] for row in stored["test"]),
        train=tuple(rows[row] for row in stored["train"]),
        validation=tuple(rows[row] for row in stored["validation"]),
        unused=tuple(rows[row] for row in range(len(rows)) if row not in taken),
        person_fold=stored.get("person_fold"),
        stimulus_fold=stored.get("stimulus_fold"),
    )


def _lined(value: object) -> str:
    """JSON with each entry of an outer list on its own line, so that a file can be read and compared."""
    if not isinstance(value, list) or not value or not isinstance(value[0], list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(f"    {json.dumps(entry, ensure_ascii=False)}" for entry in value) + "\n  ]"
