"""``participants.parquet`` of a data set: what its source says of the people, one row each; never their consent.

Nothing here is part of the data set's fingerprint: it decides no prediction, only who is compared with whom.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from emogap.errors import DataError
from emogap.files import write_aside
from emogap.rows import read_rows, refuse_repeats

__all__ = ["PARTICIPANTS_FILE", "Traits", "participants_of_table", "read_participants", "write_participants"]

PARTICIPANTS_FILE = "participants.parquet"

Traits = Mapping[str, Mapping[str, str | float | None]]
"""By participant id: column to what is said, None = not stated."""

NOT_CARRIED = ("participant_id", "consent", "withdraw")
"""Beginnings of the columns that are left behind: the id is the row's own, and consent belongs to the study."""

NOT_STATED = ("n/a", "")
"""How tables write an empty cell."""


def participants_of_table(path: Path, *, delimiter: str = "\t") -> Traits:
    """What a table of participants says of each, without their consent.

    Parameters
    ----------
    path : Path
        With the column ``participant_id``; a cell that is empty or ``n/a`` is not stated.
    delimiter : str

    Returns
    -------
    mapping from participant id to mapping
        Text as it stands there.

    Raises
    ------
    DataError
        If the table is absent, damaged, or names a participant twice.
    """
    rows = read_rows(path, columns=("participant_id",), delimiter=delimiter)
    refuse_repeats(rows, ("participant_id",))
    return {
        row.text("participant_id"): {
            name: None if cell is None or cell in NOT_STATED else cell
            for name, cell in row.cells.items()
            if not name.lower().startswith(NOT_CARRIED)
        }
        for row in rows
    }


def write_participants(folder: Path, traits: Traits) -> None:
    """Write the table of the people who have a clip in the data set in `folder`, in the order of their ids.

    A column of which every stated cell is a number becomes float64, any other one text. A person of whom the source
    says nothing has an empty row.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    people = pl.read_parquet(folder / "samples.parquet", columns=["participant_id"])["participant_id"].unique().sort()
    columns = dict.fromkeys(name for person in people for name in traits.get(person, {}))
    cells = {name: [traits.get(person, {}).get(name) for person in people] for name in columns}
    table = pl.DataFrame({"participant_id": people, **{name: _column(name, said) for name, said in cells.items()}})
    with write_aside(folder / PARTICIPANTS_FILE) as partial:
        table.write_parquet(partial, compression="zstd", compression_level=3, statistics=True)


def read_participants(folder: Path) -> pl.DataFrame | None:
    """``participants.parquet`` of the data set in `folder`; None if it was built without.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    path = folder / PARTICIPANTS_FILE
    if not path.is_file():
        return None
    try:
        return pl.read_parquet(path)
    except (OSError, PolarsError) as error:
        raise DataError(
            f"the participants cannot be read: {error}",
            where=str(path),
            fix="remove the file and run the same 'emogap build' again: it writes this file anew",
        ) from error


def _column(name: str, said: list[str | float | None]) -> pl.Series:
    text = pl.Series(name, [None if cell is None else str(cell) for cell in said], pl.String)
    number = text.cast(pl.Float64, strict=False)
    return number if number.null_count() == text.null_count() and number.is_not_null().any() else text
