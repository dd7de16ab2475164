"""The first line of an export: where the columns stop, what they are called, and which unit they state."""

import csv
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from emogap.errors import DataError

__all__ = [
    "ColumnName",
    "choose_delimiter",
    "decode_line",
    "file_stem",
    "is_spreadsheet",
    "parse_column_name",
    "read_content",
    "read_heading",
    "split_line",
]

GZIP_MAGIC = b"\x1f\x8b"
HEADING_BYTES, HEADING_LIMIT_BYTES = 1 << 13, 1 << 18
DELIMITERS = "\t;,"

UNITS = {"ms": "ms", "us": "us", "\u03bcs": "us", "\u00b5s": "us", "s": "s", "px": "px", "mm": "mm", "norm": "norm"}
FRAMES = ("DACS", "ADCS", "MCS", "HUCS", "UCS")


@dataclass(frozen=True, slots=True)
class ColumnName:
    """A column name taken apart: `quantity` in lower case, `frame` and `unit` as written or None."""

    quantity: str
    frame: str | None = None
    unit: str | None = None


def parse_column_name(name: str) -> ColumnName:
    """The quantity, coordinate frame and unit that a column name states.

    Brackets that hold no unit (areas of interest, channel names) belong to the quantity.

    Examples
    --------
    >>> parse_column_name("Gaze point left X [DACS px]")
    ColumnName(quantity='gaze point left x', frame='DACS', unit='px')
    >>> parse_column_name("Eye position left Z (DACSmm)")
    ColumnName(quantity='eye position left z', frame='DACS', unit='mm')
    >>> parse_column_name("AOI hit [four blocks - A]").unit is None
    True
    """
    match = re.fullmatch(r"(.*\S)\s*[\[(]([^\[\]()]*)[\])]", name.strip())
    if match:
        quantity, stated = match.groups()
        frame, unit = _split_frame(stated.strip())
        if unit in UNITS:
            return ColumnName(quantity.lower(), frame, UNITS[unit])
    return ColumnName(name.strip().lower())


def _split_frame(stated: str) -> tuple[str | None, str]:
    """``DACS px`` and ``DACSpx`` taken apart; no frame where none is named."""
    for frame in FRAMES:
        if stated.startswith(frame):
            return frame, stated.removeprefix(frame).strip()
    return None, stated


def is_spreadsheet(path: Path) -> bool:
    """Whether the file name ends as a spreadsheet's does."""
    return path.suffix.lower() == ".xlsx"


def read_heading(path: Path) -> tuple[str, ...]:
    """The column names in the first line; empty if the file holds no table that could be a text export."""
    if not path.is_file():
        return ()
    if is_spreadsheet(path):
        return _spreadsheet_heading(path)
    line = _first_line(path)
    if b"\0" in line and not line.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ()
    text = decode_line(line)
    return tuple(split_line(text, choose_delimiter(text))) if text.isprintable() or "\t" in text else ()


def decode_line(line: bytes) -> str:
    """The text of a line, read leniently: an encoding that cannot be read is refused later, with its place."""
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        return line.decode("utf-16", errors="ignore").splitlines()[0] if len(line) > 3 else ""
    try:
        return line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return line.decode("latin-1").rstrip("\r\n")


def choose_delimiter(heading: str) -> str:
    """Tab, semicolon or comma: the one that occurs most often in the heading."""
    return max(DELIMITERS, key=heading.count)


def split_line(line: str, delimiter: str) -> list[str]:
    """The cells of one line, without their quotes; none if it cannot be one line of a table."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _first_line(path: Path) -> bytes:
    for limit in (HEADING_BYTES, HEADING_LIMIT_BYTES):
        with path.open("rb") as stream:
            head = stream.read(limit)
        if head.startswith(GZIP_MAGIC):
            try:
                head = zlib.decompressobj(wbits=31).decompress(head, limit)
            except zlib.error:
                return b""
        line, end, _ = head.partition(b"\n")
        if end:
            break
    return line


def _spreadsheet_heading(path: Path) -> tuple[str, ...]:
    import fastexcel

    try:
        return tuple(column.name for column in fastexcel.read_excel(path).load_sheet(0, n_rows=0).available_columns())
    except fastexcel.FastExcelError:
        return ()


def read_content(path: Path) -> bytes:
    """All bytes of a text export, decompressed if it is compressed.

    Raises
    ------
    DataError
        If the compressed stream is cut or damaged, or the text is not UTF-8 throughout the heading.
    """
    content = path.read_bytes()
    if not content:
        raise DataError("the file is empty", where=str(path), fix="export the recording again")
    if content.startswith(GZIP_MAGIC):
        content = _decompress(content, path)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(
            "the text is UTF-16, and only UTF-8 is read",
            where=f"{path}, line 1",
            fix="save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE > NEW",
        )
    return content


def _decompress(content: bytes, path: Path) -> bytes:
    parts = []
    while content:
        stream = zlib.decompressobj(wbits=31)
        try:
            parts.append(stream.decompress(content))
        except zlib.error as error:
            raise _damaged(path, f"is damaged ({error})") from error
        if not stream.eof:
            raise _damaged(path, "ends too early")
        content = stream.unused_data
    return b"".join(parts)


def _damaged(path: Path, how: str) -> DataError:
    return DataError(
        f"the compressed file {how}, so no line of it can be trusted",
        where=f"{path}, line 1",
        fix="copy or download the file again",
    )


def file_stem(path: Path) -> str:
    """The file name without its endings: ``000`` for ``000.csv.gz``."""
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[0] or name
