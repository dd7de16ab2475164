"""A whole export as one typed table, with every row accounted for.

Columns are read in one pass with an explicit type each. That no row was cut is then proved: the last column
has a value in every row, or the number of delimiters outside quotes is that of complete rows; and the last
line has its end. A search for the offending line starts only when something is wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import polars
from jaxtyping import Bool, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.recording.readers._heading import (
    choose_delimiter,
    decode_line,
    is_spreadsheet,
    read_content,
    split_line,
)
from emogap.recording.spreadsheet import read_sheet

__all__ = ["ExportTable", "read_table"]

NUMBER: polars.DataType = polars.Float64()
TEXT: polars.DataType = polars.String()
MAX_COLUMNS = 10_000
"""A heading with more is no export of a device: OpenFace, the widest, has about 720."""


@dataclass(frozen=True, slots=True)
class ExportTable:
    """The rows of an export below its heading.

    Attributes
    ----------
    path : Path
    rows : polars.DataFrame
        R rows. Numbers as Float64, everything else as String; an empty cell is null.
    index : int array, shape (R,)
        Which row of the file each is, from 0 for the row below the heading.
    """

    path: Path
    rows: polars.DataFrame
    index: Int[ndarray, " R"]

    def place(self, row: int) -> str:
        """File and line of row number `row`."""
        return f"{self.path}, {'row' if is_spreadsheet(self.path) else 'line'} {int(self.index[row]) + 2}"

    def keep(self, chosen: Bool[ndarray, " R"]) -> "ExportTable":
        """The chosen rows only."""
        if chosen.all():
            return self
        return ExportTable(self.path, self.rows.filter(chosen), self.index[chosen])


def read_table(
    path: Path,
    *,
    is_number: Callable[[str], bool],
    names: Sequence[str] | None = None,
    delimiter: str | None = None,
    is_whole_line: Callable[[str], bool] = lambda line: False,
) -> ExportTable:
    """The table in a text export (tab, semicolon or comma; point or comma as decimal mark) or a spreadsheet.

    Parameters
    ----------
    path : Path
        ``.tsv``, ``.csv``, ``.txt``, the same compressed with gzip, or ``.xlsx`` (first sheet).
    is_number : callable
        Whether the column of a given name holds numbers.
    names : sequence of str, optional
        Names of all columns, where those of the heading are known to be wrong or have blanks around them.
    delimiter : str, optional
        Of a text export; by default the one that occurs most often in the heading.
    is_whole_line : callable
        Whether a last line without a line end shows by itself that nothing of its last cell is cut off.

    Raises
    ------
    DataError
        If the file is empty, cut, damaged, not UTF-8, or holds a NUL byte, or if a row has too few or too many cells,
        a column occurs twice or there are more than 10,000, or a cell that must be a number is none. Names file and
        line.
    """
    if is_spreadsheet(path):
        table = _read_spreadsheet(path, is_number, names)
    else:
        table = _read_text(path, is_number, names, delimiter, is_whole_line)
    if not table.rows.height:
        raise DataError(
            "there is a heading but no row below it", where=f"{path}, line 1", fix="export the recording again"
        )
    return table


def _read_text(
    path: Path,
    is_number: Callable[[str], bool],
    stated: Sequence[str] | None,
    delimiter: str | None,
    is_whole_line: Callable[[str], bool],
) -> ExportTable:
    content = read_content(path)
    _refuse_nul(content, path)
    end = content.find(b"\n")
    if end < 0:
        raise DataError("the file ends within its heading", where=f"{path}, line 1", fix="export it again")
    text = decode_line(content[:end])
    delimiter = delimiter or choose_delimiter(text)
    names = _unique_names(split_line(text, delimiter) if stated is None else stated, path)
    schema = {name: NUMBER if is_number(name) else TEXT for name in names}
    if not content.endswith(b"\n") and is_whole_line(decode_line(content[content.rfind(b"\n") + 1 :])):
        content += b"\n"
    if not content.endswith(b"\n"):
        num_lines = content.count(b"\n") + 1
        raise DataError(
            "the last line has no line end, so its last cell may be cut",
            where=f"{path}, line {num_lines}",
            fix="export it again; if that line is known to be whole, add a line end",
        )
    try:
        rows = _parse(content, schema, delimiter)
    except polars.exceptions.PolarsError as error:
        raise _explain(path, content, delimiter, schema, error) from error
    if _may_lack_cells(rows) and _count_outside_quotes(content, delimiter) != (len(names) - 1) * (rows.height + 1):
        raise _explain(path, content, delimiter, schema, None)
    return _whole(path, rows)


def _refuse_nul(content: bytes, path: Path) -> None:
    """A NUL byte in a text is what a full disk or a crash leaves behind."""
    if b"\0" in content:
        num_nul = content.count(b"\0")
        line = content.count(b"\n", 0, content.find(b"\0")) + 1
        raise DataError(
            f"{num_nul} NUL bytes in a text, so part of it was never written",
            where=f"{path}, line {line}",
            fix="export or copy the file again",
        )


def _whole(path: Path, rows: polars.DataFrame) -> ExportTable:
    return ExportTable(path, rows, np.arange(rows.height))


def _parse(content: bytes, schema: dict[str, polars.DataType], delimiter: str) -> polars.DataFrame:
    """Point first; a comma as decimal mark is tried only when a cell cannot be read with a point."""
    try:
        return _parse_with(content, schema, delimiter, decimal_comma=False)
    except polars.exceptions.ComputeError:
        if delimiter == ",":
            raise
        return _parse_with(content, schema, delimiter, decimal_comma=True)


def _parse_with(
    content: bytes, schema: dict[str, polars.DataType], delimiter: str, *, decimal_comma: bool
) -> polars.DataFrame:
    return polars.read_csv(
        BytesIO(content),
        has_header=False,
        skip_rows=1,
        schema=schema,
        separator=delimiter,
        decimal_comma=decimal_comma,
    )


def _unique_names(names: Sequence[str], path: Path) -> tuple[str, ...]:
    """The names, with blank ones numbered; Tobii ends lines with a tab, which makes a column without a name."""
    if len(names) > MAX_COLUMNS:
        raise DataError(
            f"the heading has {len(names):,} columns, and no device writes more than {MAX_COLUMNS:,}",
            where=f"{path}, line 1",
            fix="look into the file: it may be another kind of file, or be transposed",
        )
    seen: dict[str, int] = {}
    unique = []
    for place, name in enumerate(names, start=1):
        if name.strip() and name in seen:
            raise DataError(
                f"the column '{name}' occurs twice (columns {seen[name]} and {place})",
                where=f"{path}, line 1",
                fix="export it again, or delete one of them",
            )
        seen[name] = place
        unique.append(name if name.strip() else f"(column {place} without a name)")
    return tuple(unique)


def _may_lack_cells(rows: polars.DataFrame) -> bool:
    """Whether a row may have ended early: polars fills it up with null, so its last cell would be null."""
    return rows.to_series(rows.width - 1).null_count() > 0


def _count_outside_quotes(content: bytes, delimiter: str) -> int:
    if b'"' not in content:
        return content.count(delimiter.encode())
    characters = np.frombuffer(content, np.uint8)
    # The running count may wrap: only its parity says whether a character stands inside quotes.
    outside = np.cumsum(characters == ord('"'), dtype=np.uint8) % 2 == 0
    return int(np.count_nonzero(outside & (characters == ord(delimiter))))


def _explain(
    path: Path, content: bytes, delimiter: str, schema: dict[str, polars.DataType], error: Exception | None
) -> DataError:
    """What is wrong with a table that could not be read, found line by line."""
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        num_cells = _count_outside_quotes(line, delimiter) + 1
        if num_cells != len(schema):
            return DataError(
                f"{counted(num_cells, 'cell')} where the heading has {counted(len(schema), 'column')}",
                where=f"{path}, line {number}",
                fix="the line is cut or another delimiter is used in it: export the file again",
            )
        try:
            line.decode()
        except UnicodeDecodeError:
            return DataError(
                "the text is not UTF-8",
                where=f"{path}, line {number}",
                fix="save it as UTF-8, for example: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW",
            )
    try:
        text = _parse_with(content, dict.fromkeys(schema, TEXT), delimiter, decimal_comma=False)
    except polars.exceptions.PolarsError:
        odd = (number for number, line in enumerate(content.split(b"\n"), start=1) if line.count(b'"') % 2)
        return DataError(
            f"the table cannot be read: {error}",
            where=f"{path}, line {next(odd, 1)}",
            fix="look for a lone quotation mark or line break, or export the file again",
        )
    for name, kind in schema.items():
        if kind == NUMBER:
            _, problem = _numbers(text[name], _whole(path, text))
            if problem is not None:
                return problem
    return DataError(f"the table cannot be read: {error}", where=f"{path}, line 1", fix="export the file again")


def _numbers(text: polars.Series, table: ExportTable) -> tuple[polars.Series, DataError | None]:
    """The cells as numbers, with either decimal mark, and what is wrong with the first that is none."""
    numbers = text.str.strip_chars().str.replace(",", ".", literal=True).cast(polars.Float64, strict=False)
    bad = (numbers.is_null() & text.is_not_null() & (text.str.strip_chars() != "")).arg_true()
    if not len(bad):
        return numbers, None
    first = int(bad[0])
    return numbers, DataError(
        f"'{text[first]}' in the column '{text.name}' is not a number ({counted(len(bad), 'such cell')} in it)",
        where=table.place(first),
        fix="correct the cell or export the file again",
    )


def _read_spreadsheet(path: Path, is_number: Callable[[str], bool], stated: Sequence[str] | None) -> ExportTable:
    rows = read_sheet(path)
    if stated is not None:
        rows.columns = list(_unique_names(stated, path))
    table = _whole(path, rows)
    columns = []
    for name in filter(is_number, rows.columns):
        numbers, problem = _numbers(rows[name].cast(polars.String), table)
        if problem is not None:
            raise problem
        columns.append(numbers)
    return _whole(path, rows.with_columns(columns))
