"""A table of BIDS as typed columns: no header, ``n/a`` for missing, every row accounted for."""

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import polars
from jaxtyping import Float
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._bids_sidecar import Sidecar
from emogap.recording.readers._heading import read_content

__all__ = ["bids_columns", "numbers", "read_bids_table"]


def bids_columns(sidecar: Sidecar, *, required: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, from the sidecar.

    Raises
    ------
    DataError
        If ``Columns`` is absent, no list of different names, or lacks one of `required`.
    """
    names = sidecar.get("Columns")
    where = sidecar.place("Columns")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError(
            f"Columns is {'not stated' if names is None else 'no list of names'}",
            where=where,
            fix="list the names of the columns in their order: the table has no header",
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(f"the column '{repeated[0]}' stands twice in Columns", where=where, fix="rename one of them")
    missing = [name for name in required if name not in names]
    if missing:
        raise DataError(
            f"there is no column {', '.join(missing)}, which BIDS requires (there are {', '.join(names) or 'none'})",
            where=where,
            fix="correct Columns: the names of BIDS 1.11 are " + ", ".join(required),
        )
    return tuple(names)


def read_bids_table(path: Path, names: Sequence[str], *, is_number: Callable[[str], bool]) -> polars.DataFrame:
    """The rows of a table without a header; null where a cell is ``n/a`` or empty.

    Raises
    ------
    DataError
        If the file is cut or damaged, a row has not one cell for each name, a cell that must be a number is none, or
        there is no row. Names file and line.
    """
    content = read_content(path) if path.stat().st_size else b""
    if not content.strip():
        raise DataError("there is no row", where=f"{path}, line 1", fix="export it again")
    schema: dict[str, polars.DataType] = {
        name: polars.Float64() if is_number(name) else polars.String() for name in names
    }
    num_lines = content.count(b"\n") + (not content.endswith(b"\n"))
    if content.count(b"\t") != num_lines * (len(names) - 1):
        raise _wrong_cells(path, content, len(names))
    try:
        rows = _parse(content, schema)
    except polars.exceptions.PolarsError as error:
        raise _explain(path, content, schema, error) from error
    if rows.height != num_lines:
        raise _wrong_cells(path, content, len(names))
    return rows


def _parse(content: bytes, schema: dict[str, polars.DataType]) -> polars.DataFrame:
    return polars.read_csv(
        BytesIO(content),
        has_header=False,
        schema=schema,
        separator="\t",
        quote_char=None,
        null_values="n/a",
    )


def _wrong_cells(path: Path, content: bytes, num_columns: int) -> DataError:
    for number, line in enumerate(content.split(b"\n"), start=1):
        num_cells = line.count(b"\t") + 1
        if num_cells != num_columns or not line.strip():
            return DataError(
                f"{counted(num_cells if line.strip() else 0, 'cell')} where Columns has {num_columns} names",
                where=f"{path}, line {number}",
                fix="correct Columns in the JSON file, or write the table again",
            )
    return DataError("the rows do not fit Columns", where=f"{path}, line 1", fix="write the table again")


def _explain(path: Path, content: bytes, schema: dict[str, polars.DataType], error: Exception) -> DataError:
    """What is wrong with a table that could not be read: the first cell that is no number."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        for (name, kind), cell in zip(schema.items(), line.split(b"\t"), strict=False):
            text = cell.strip().decode("utf-8", errors="replace")
            if kind == polars.Float64 and text not in ("", "n/a") and not _is_number(text):
                header = "; a physio table has no header: delete this line" if number == 1 and text == name else ""
                return DataError(
                    f"'{text}' in the column '{name}' is not a number",
                    where=f"{path}, line {number}",
                    fix=f"correct the cell{header}",
                )
    return DataError(f"the table cannot be read: {error}", where=f"{path}, line 1", fix="write the table again")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def numbers(rows: polars.DataFrame, name: str) -> Float[ndarray, " R"]:
    """A column of numbers; NaN where it is missing."""
    return np.asarray(rows[name].to_numpy(), dtype=np.float64)
