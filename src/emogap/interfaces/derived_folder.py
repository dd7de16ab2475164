"""A folder of results of a study: refused if it holds something else, replaced as a whole if it holds the same kind."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from emogap.errors import UsageError
from emogap.files import write_aside, write_bytes
from emogap.recording.derived import record_derived

__all__ = ["derived_folder", "refuse_other_content", "write_table"]


@contextmanager
def derived_folder(study: Path, out: Path | None, *, by: str, marker: str) -> Iterator[Path]:
    """A folder to write in; when the block ends well it takes the place of the earlier result.

    Parameters
    ----------
    study : Path
        Folder of the study, whose list of what was made from it names the result.
    out : Path or None
        Where the result goes; ``STUDY/derived/<by>`` if None.
    by : str
        The command.
    marker : str
        A file that every result of the command holds.

    Raises
    ------
    UsageError
        If `out` is there and is no earlier result of the command.
    OutputError
        If it cannot be written; an earlier result then stays as it was.
    """
    folder = out if out is not None else study / "derived" / by
    refuse_other_content(folder, by=by, marker=marker)
    record_derived(study, folder, by=by)
    with write_aside(folder) as partial:
        partial.mkdir(parents=True)
        yield partial


def refuse_other_content(folder: Path, *, by: str, marker: str) -> None:
    """Raise if there is something in `folder` that is no earlier result of the command `by`.

    Raises
    ------
    UsageError
        If the folder is there, not empty, and does not hold the file `marker`.
    """
    if folder.exists() and not (folder / marker).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"this is no result of 'emogap {by}', and not empty", where=str(folder), fix="name a new folder"
        )


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows as a TSV file; what is None or NaN is left empty, numbers have six digits."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    write_bytes(path, text.getvalue().encode())


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value).replace("\n", " ").replace("\t", " ")
