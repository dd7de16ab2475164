"""Tables and sidecars as BIDS wants them: tabs, ``n/a`` for missing, no header in compressed tables."""

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars

__all__ = ["escape_text", "plain_json", "unescape_text", "write_compressed", "write_sidecar", "write_tsv"]

MISSING = "n/a"
LEVEL = 6


def write_compressed(path: Path, table: polars.DataFrame) -> None:
    """Write a table without a header, compressed; NaN and null are ``n/a``.

    Numbers are written with the digits that give the same float64 again, and the file does not depend on the time of
    day.
    """
    text = table.fill_nan(None).write_csv(
        include_header=False, separator="\t", null_value=MISSING, quote_style="never", line_terminator="\n"
    )
    path.write_bytes(gzip.compress(text.encode(), LEVEL, mtime=0))


def write_tsv(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """Write a table with a header; a value that is None, NaN or absent is ``n/a``."""
    lines = ["\t".join(columns), *("\t".join(_cell(row.get(name)) for name in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return " ".join(str(value).split())


def write_sidecar(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file, keys in the order given."""
    path.write_text(
        json.dumps(plain_json(content), indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )


def plain_json(value: object) -> object:
    """`value` as JSON can hold it: arrays and tuples as lists, numbers that are not finite as null."""
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int)) else str(value)


def escape_text(text: str) -> str:
    r"""A text for one cell: tabs, line ends and quotes as JSON writes them, and never ``n/a``.

    Examples
    --------
    >>> escape_text("key\tn/a"), escape_text("n/a")
    ('key\\tn/a', 'n\\/a')
    """
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    return escaped.replace("/", "\\/") if escaped == MISSING else escaped


def unescape_text(cell: str) -> str:
    r"""The text of a cell that :func:`escape_text` wrote.

    Raises
    ------
    ValueError
        If the cell was not written so.

    Examples
    --------
    >>> unescape_text("n\\/a")
    'n/a'
    """
    text = json.loads(f'"{cell}"', strict=False)
    assert isinstance(text, str)
    return text
