"""From a path to recordings: find the one reader that knows the file, and read with it."""

from pathlib import Path

from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError
from emogap.shelf import Shelf
from emogap.types import Recording

__all__ = ["READERS", "find_reader", "is_known", "open_recording", "open_recordings"]

READERS = Shelf("emogap.recording.readers", kind="reader", defines=("can_read", "read"))


def open_recordings(path: Path, *, reader: str | None = None) -> tuple[Recording, ...]:
    """Every recording in a file, in the order of the file.

    Parameters
    ----------
    path : Path
        An export of an eye tracker.
    reader : str, optional
        Name of the reader to use; by default the one that knows the heading of the file.

    Raises
    ------
    DataError
        If no reader or more than one knows the file, or if the file is cut, damaged or contradicts itself.
    UsageError
        If `path` is no file.
    UnknownNameError
        If no reader has the name `reader`.
    """
    if not path.is_file():
        what = "a folder, not a recording" if path.is_dir() else "no such file"
        fix = "name one file in it" if path.is_dir() else "check the path"
        raise UsageError(what, where=str(path), fix=fix)
    recordings: tuple[Recording, ...] = READERS.open(reader or find_reader(path)).read(path)
    return recordings


def open_recording(path: Path, *, reader: str | None = None, recording_id: str | None = None) -> Recording:
    """The one recording in a file, or the one with the given id.

    Raises
    ------
    UsageError
        If the file holds several and `recording_id` does not name one of them; the message names them.
    DataError
        As :func:`open_recordings`.
    """
    recordings = open_recordings(path, reader=reader)
    chosen = [recording for recording in recordings if recording_id in (None, recording.recording_id)]
    if len(chosen) == 1:
        return chosen[0]
    ids = ", ".join(recording.recording_id for recording in recordings)
    what = (
        f"there is no recording '{recording_id}'"
        if recording_id
        else f"there are {counted(len(recordings), 'recording')}"
    )
    raise UsageError(what, where=str(path), fix=f"choose one with recording_id: {ids}")


def find_reader(path: Path) -> str:
    """Name of the one reader on the shelf that knows this file's heading.

    Raises
    ------
    DataError
        If the file is empty, no reader knows it, or several do.
    """
    if path.stat().st_size == 0:
        raise DataError("the file is empty", where=str(path), fix="export or copy it again")
    claims = _claims(path)
    if len(claims) == 1:
        return claims[0]
    readers = ", ".join(READERS.names())
    if claims:
        raise DataError(
            f"several readers know this file: {', '.join(claims)}", where=str(path), fix="name one with reader=..."
        )
    raise DataError(
        "no reader knows this file: its first line is not the heading of a known export",
        where=f"{path}, line 1",
        fix="export gaze data with column names, or explain the columns of any table (emogap look FILE --mapping"
        f" COLUMNS.toml); the readers here are {readers}",
    )


def is_known(path: Path) -> bool:
    """Whether exactly one reader on the shelf knows this file's heading."""
    return len(_claims(path)) == 1


def _claims(path: Path) -> list[str]:
    return [name for name in READERS.names() if READERS.open(name).can_read(path)]
