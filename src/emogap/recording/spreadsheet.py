"""Spreadsheets (``.xlsx``): the first sheet read as a table of text, and a table written with the same bytes always.

Only what tables need is written: one sheet, numbers and texts, no styles, no dates. Office Open XML is ECMA-376.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import polars as pl

from emogap.errors import DataError
from emogap.files import write_aside
from emogap.rows import Row, place_of

__all__ = ["MOST_BYTES", "read_sheet", "read_sheet_rows", "write_sheet"]

MOST_BYTES = 1 << 30
"""A spreadsheet that unpacks to more is refused before it is read: all of it would have to fit into memory."""

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip archive can hold; a fixed one makes equal tables equal files."""

NAMESPACE = "http://schemas.openxmlformats.org"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{NAMESPACE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName='
    '"/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships"><Relationship Id="rId1" Type='
    f'"{NAMESPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{NAMESPACE}/spreadsheetml/2006/main" xmlns:r='
    f'"{NAMESPACE}/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>'
    "</workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{NAMESPACE}/package/2006/relationships"><Relationship '
    f'Id="rId1" Type="{NAMESPACE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def read_sheet(path: Path, *, blank_rows: bool = False) -> pl.DataFrame:
    """The first sheet of a spreadsheet, every cell as text; an empty cell is null.

    Parameters
    ----------
    path : Path
    blank_rows : bool
        Whether rows without any cell are kept, so that the number of a row tells its line.

    Raises
    ------
    DataError
        If the file is no spreadsheet, is cut or damaged, or would unpack to more than 1 GiB.
    """
    import fastexcel

    try:
        with ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
        if size > MOST_BYTES:
            raise DataError(
                f"the spreadsheet unpacks to {size / 2**30:.1f} GiB, and at most {MOST_BYTES / 2**30:g} GiB is read",
                where=str(path),
                fix="split it into smaller files, or save it as text with tabs",
            )
        return pl.read_excel(
            path, engine="calamine", infer_schema_length=0, raise_if_empty=False, drop_empty_rows=not blank_rows
        )
    except (OSError, BadZipFile, fastexcel.FastExcelError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"the spreadsheet is cut or damaged ({error}); no line of it can be trusted, line 1 included",
            where=str(path),
            fix="save or export it again",
        ) from error


def read_sheet_rows(path: Path, *, columns: Sequence[str]) -> tuple[Row, ...]:
    """The rows of the first sheet, below a heading that has at least `columns`; blank rows are passed over.

    Raises
    ------
    DataError
        If the file is absent or damaged, or lacks a column.
    """
    if not path.is_file():
        raise DataError("there is no such file", where=place_of(path), fix=f"put it at {path}")
    table = read_sheet(path, blank_rows=True)
    absent = [name for name in columns if name not in table.columns]
    if absent:
        raise DataError(
            f"there is no column '{absent[0]}' ({len(absent)} missing); the columns are {', '.join(table.columns)}",
            where=f"{place_of(path)}, line 1",
            fix="name the columns as they stand in the file, or correct its heading",
        )
    rows = (
        Row(path, line, {name: _stripped(cell) for name, cell in cells.items()})
        for line, cells in enumerate(table.iter_rows(named=True), start=2)
    )
    return tuple(row for row in rows if any(cell is not None for cell in row.cells.values()))


def write_sheet(path: Path, table: pl.DataFrame) -> None:
    """Write a table as the only sheet of a spreadsheet; the same table gives the same bytes.

    Parameters
    ----------
    path : Path
        Ends in ``.xlsx``; appears when it is whole.
    table : polars.DataFrame
        Numbers are written as numbers, null and NaN as empty cells, everything else as text.

    Raises
    ------
    OutputError
        If the disk is full.
    """
    with write_aside(path) as partial, ZipFile(partial, "w", ZIP_DEFLATED) as archive:
        for name, content in PARTS.items():
            archive.writestr(_part(name), HEAD + content)
        with archive.open(_part("xl/worksheets/sheet1.xml"), "w") as sheet:
            for piece in _sheet(table):
                sheet.write(piece.encode())


def _part(name: str) -> ZipInfo:
    part = ZipInfo(name, FIRST_DAY)
    part.compress_type = ZIP_DEFLATED
    return part


def _sheet(table: pl.DataFrame) -> Iterator[str]:
    yield f'{HEAD}<worksheet xmlns="{NAMESPACE}/spreadsheetml/2006/main"><sheetData>'
    columns = [_column_letters(number) for number in range(table.width)]
    yield _row(1, columns, table.columns)
    for line, cells in enumerate(table.iter_rows(), start=2):
        yield _row(line, columns, cells)
    yield "</sheetData></worksheet>"


def _row(line: int, columns: Sequence[str], cells: Sequence[object]) -> str:
    written = (_cell(f"{column}{line}", cell) for column, cell in zip(columns, cells, strict=True))
    return f'<row r="{line}">{"".join(written)}</row>'


def _cell(place: str, cell: object) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return f'<c r="{place}"><v>{cell!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(cell))}</t></is></c>'


def _column_letters(number: int) -> str:
    """Letters of a column counted from 0.

    Examples
    --------
    >>> [_column_letters(number) for number in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _stripped(cell: str | None) -> str | None:
    text = (cell or "").strip()
    return text or None
