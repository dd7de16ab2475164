"""The list that a study keeps of what was made from it, so that a person's data can be found and forgotten."""

import json
from pathlib import Path

from emogap import __version__
from emogap.errors import DataError, OutputError

__all__ = ["DERIVED_LIST", "derived_notes", "derived_paths", "record_derived"]

DERIVED_LIST = "derived.jsonl"


def record_derived(study: Path, path: Path, by: str) -> None:
    """Add `path` to the study's list of what was made from it, unless `by` put it there already.

    Call it before the first byte is written to `path`, so that nothing is ever there that the list does not name.

    Parameters
    ----------
    study : Path
        Folder of the study.
    path : Path
        File or folder that is about to be written. A folder stands for everything in it.
    by : str
        The command that writes it: ``"quality"``, ``"aoi"``.

    Raises
    ------
    OutputError
        If the list cannot be written.
    DataError
        If a line of the list is no JSON object with a path.

    Notes
    -----
    One JSON object a line in ``derived.jsonl``: ``by``, ``emogap`` (version) and ``path``, relative to the study
    where it lies within, absolute elsewhere. Joining the study's folder and the path finds both.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     study = Path(folder)
    ...     record_derived(study, study / "derived" / "aoi", by="aoi")
    ...     record_derived(study, study / "derived" / "aoi", by="aoi")
    ...     [json.loads(line)["path"] for line in (study / DERIVED_LIST).read_text().splitlines()]
    ['derived/aoi']
    """
    root, target = study.resolve(), path.resolve()
    place = study / DERIVED_LIST
    if (by, target) in {(str(note.get("by")), (root / str(note["path"])).resolve()) for note in _read(place)}:
        return
    named = target.relative_to(root).as_posix() if target.is_relative_to(root) else str(target)
    note = {"by": by, "emogap": __version__, "path": named}
    try:
        with place.open("a", encoding="utf-8") as file:
            file.write(json.dumps(note, ensure_ascii=False) + "\n")
    except OSError as error:
        raise OutputError(
            f"could not note in the study what is made from it: {error.strerror}",
            where=str(place),
            fix="make the study writable, or work on a copy: the note is what 'forget' goes by",
        ) from error


def derived_paths(study: Path) -> tuple[Path, ...]:
    """Every path that the list of `study` names, absolute, in the order in which they were noted, each one once.

    Parameters
    ----------
    study : Path
        Folder with the list; without a list nothing was derived.

    Raises
    ------
    DataError
        If a line of the list is no JSON object with a path.
    """
    return tuple(dict.fromkeys(path for _, path in derived_notes(study)))


def derived_notes(study: Path) -> tuple[tuple[str, Path], ...]:
    """What the list of `study` says: the command, and the path, absolute; in the order in which they were noted.

    Raises
    ------
    DataError
        If a line of the list is no JSON object with a path.
    """
    root = study.resolve()
    return tuple(
        (str(note.get("by", "")), (root / str(note["path"])).resolve()) for note in _read(study / DERIVED_LIST)
    )


def _read(place: Path) -> list[dict[str, object]]:
    if not place.is_file():
        return []
    notes = []
    for number, line in enumerate(place.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            note = json.loads(line)
        except ValueError:
            note = None
        if not isinstance(note, dict) or "path" not in note:
            raise DataError(
                "this is no JSON object with a path",
                where=f"{place}, line {number}",
                fix="correct the line: it names something that was made from this study",
            )
        notes.append(note)
    return notes
