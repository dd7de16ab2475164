"""The list that a study keeps of everything built from it, so that a person's data can be found and forgotten."""

import json
from pathlib import Path

from emogap.errors import DataError, OutputError

__all__ = ["note_derived"]


def note_derived(derived_list: Path, path: Path, *, kind: str = "dataset") -> None:
    """Add `path` to the list, unless it stands there already; done before the first byte is written there.

    Parameters
    ----------
    derived_list : Path
        ``derived.jsonl`` of the study: one JSON object a line, with ``kind`` and the absolute ``path``.
    path : Path
        What is being built.
    kind : str
        What it is: ``dataset``, ``predictions``.

    Raises
    ------
    OutputError
        If the list cannot be written.
    DataError
        If the list is damaged.
    """
    note = {"kind": kind, "path": str(path.resolve())}
    if note in _read(derived_list):
        return
    try:
        with derived_list.open("a", encoding="utf-8") as file:
            file.write(json.dumps(note, ensure_ascii=False) + "\n")
    except OSError as error:
        raise OutputError(
            f"could not note in the study what is derived from it: {error.strerror}",
            where=str(derived_list),
            fix="make the study writable, or build from a copy: the note is what 'forget' goes by",
        ) from error


def _read(derived_list: Path) -> list[object]:
    if not derived_list.is_file():
        return []
    try:
        return [json.loads(line) for line in derived_list.read_text(encoding="utf-8").splitlines() if line.strip()]
    except ValueError as error:
        raise DataError(
            f"the list of derived data is damaged: {error}", where=str(derived_list), fix="correct the line"
        ) from error
