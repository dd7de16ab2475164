"""Strict reading of the small tables people write: TSV and CSV, UTF-8, a header, empty = missing.

Every row knows its file and line, so that whatever is wrong in a cell can be pointed at. Device exports are
not read with this: they are large, and their readers live in ``recording.readers``.
"""

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from emogap.counted_nouns import counted
from emogap.errors import DataError

__all__ = ["ID_PATTERN", "MOST_NAMED", "Row", "place_of", "read_rows", "refuse_repeats"]

ID_PATTERN = re.compile(r"[A-Za-z0-9-]+")
"""What an id of a participant, stimulus, group or annotator looks like."""

MOST_NAMED = 12
"""So many of the known words a message lists."""

DELIMITER_NAMES = {"\t": "TAB", ",": "comma", ";": "semicolon"}


def place_of(path: Path) -> str:
    """A file in messages: its folder and its name.

    Examples
    --------
    >>> place_of(Path("study/ratings/ann.csv")), place_of(Path("votes.csv"))
    ('ratings/ann.csv', 'votes.csv')
    """
    return f"{path.parent.name}/{path.name}" if path.parent.name else path.name


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: `cells` by column name, None = empty."""

    file: Path
    line: int
    cells: Mapping[str, str | None]

    @property
    def where(self) -> str:
        """File and line, for messages."""
        return f"{place_of(self.file)}, line {self.line}"

    def optional(self, column: str) -> str | None:
        """The cell's text; None if it is empty or the table has no such column."""
        return self.cells.get(column)

    def text(self, column: str) -> str:
        """The cell's text.

        Raises
        ------
        DataError
            If the cell is empty.
        """
        value = self.cells.get(column)
        if value is None:
            raise DataError(f"'{column}' is empty", where=self.where, fix=f"fill in the {column} of this row")
        return value

    def identifier(self, column: str) -> str:
        """The cell's text, which must be an id.

        Raises
        ------
        DataError
            If the cell is empty or holds anything but letters, digits and hyphens.
        """
        value = self.text(column)
        if not ID_PATTERN.fullmatch(value):
            raise DataError(
                f"'{value}' is no {column}: ids are made of letters, digits and hyphens",
                where=self.where,
                fix="rename it everywhere in the study, without blanks, dots or underscores",
            )
        return value

    def number(self, column: str, *, low: float = -math.inf, high: float = math.inf) -> float:
        """The cell as a finite number in [`low`, `high`].

        Raises
        ------
        DataError
            If the cell is empty, no number, or outside the limits.
        """
        value = self.text(column)
        try:
            number = float(value)
        except ValueError:
            comma = " (decimal comma?)" if "," in value else ""
            raise DataError(
                f"'{value}' in '{column}' is not a number{comma}",
                where=self.where,
                fix="write a plain number with a decimal point",
            ) from None
        if not (math.isfinite(number) and low <= number <= high):
            raise DataError(
                f"{column} is {value}, outside {low:g} to {high:g}",
                where=self.where,
                fix="correct the cell, or leave it empty if it is unknown",
            )
        return number

    def optional_number(self, column: str, *, low: float = -math.inf, high: float = math.inf) -> float | None:
        """The cell as a number, checked as :meth:`number` does; None if it is empty."""
        return None if self.optional(column) is None else self.number(column, low=low, high=high)

    def word(self, column: str, words: Sequence[str], *, kind: str) -> str:
        """The cell's text, which must be one of `words`; `kind` says what the words are, for the message.

        Raises
        ------
        DataError
            If it is none of them; the nearest is in the message.
        """
        value = self.text(column)
        if value not in words:
            near = get_close_matches(value, words, n=1) or get_close_matches(value.lower(), words, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            known = f"known: {', '.join(words[:MOST_NAMED])}" + (" ..." if len(words) > MOST_NAMED else "")
            raise DataError(f"'{value}' in '{column}' is no {kind}", where=self.where, fix=hint + known)
        return value

    def optional_word(self, column: str, words: Sequence[str], *, kind: str) -> str | None:
        """The cell's text, checked as :meth:`word` does; None if it is empty."""
        return None if self.optional(column) is None else self.word(column, words, kind=kind)


def read_rows(path: Path, *, columns: Sequence[str], delimiter: str = "\t") -> tuple[Row, ...]:
    """All rows of a table that has at least `columns`; blank lines are passed over.

    Raises
    ------
    DataError
        If the file is absent, empty, not UTF-8 text, lacks a column, repeats one, or has a row of another
        length than its header.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     table = Path(folder) / "trials.tsv"
    ...     _ = table.write_text("stimulus_id\\tonset_s\\ns1\\t2.5\\n")
    ...     [row.number("onset_s") for row in read_rows(table, columns=("stimulus_id", "onset_s"))]
    [2.5]
    """
    place = place_of(path)
    lines = _numbered_cells(_text_of(path, place), delimiter, place)
    header = next(lines, None)
    if header is None:
        raise DataError("the file is empty", where=place, fix=f"write a header line with {', '.join(columns)}")
    names = [name.strip() for name in header[1]]
    _check_header(names, columns, place, delimiter)
    return tuple(_row(path, place, names, line, cells) for line, cells in lines)


def refuse_repeats(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Raise if two rows agree in all of `columns`.

    Raises
    ------
    DataError
        Naming the second of the first pair, and how many repeats there are in all.
    """
    first: dict[tuple[str | None, ...], Row] = {}
    repeats = []
    for row in rows:
        key = tuple(row.optional(column) for column in columns)
        if key in first:
            repeats.append((key, row))
        first.setdefault(key, row)
    if repeats:
        key, row = repeats[0]
        named = ", ".join(f"{column} {value}" for column, value in zip(columns, key, strict=True))
        raise DataError(
            f"{named} stands here and in line {first[key].line} already ({counted(len(repeats), 'such row')})",
            where=row.where,
            fix="keep one of the rows",
        )


def _text_of(path: Path, place: str) -> str:
    if not path.is_file():
        raise DataError("there is no such file", where=place, fix=f"put it at {path}")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"byte {error.start} is not UTF-8 text", where=place, fix="save the table as UTF-8 text"
        ) from error
    if "\0" in text:
        raise DataError("the file is binary, not a table", where=place, fix="save the table as UTF-8 text")
    return text


def _numbered_cells(text: str, delimiter: str, place: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(
            f"the line cannot be read as cells: {error}",
            where=f"{place}, line {reader.line_num}",
            fix="look for a lone quotation mark",
        ) from error


def _check_header(names: list[str], columns: Sequence[str], place: str, delimiter: str) -> None:
    where = f"{place}, line 1"
    if len(names) == 1:
        for other, called in DELIMITER_NAMES.items():
            if other != delimiter and other in names[0]:
                raise DataError(
                    f"the columns are separated by {called}",
                    where=where,
                    fix=f"separate them by {DELIMITER_NAMES.get(delimiter, repr(delimiter))}",
                )
    missing = [column for column in columns if column not in names]
    if missing:
        near = get_close_matches(missing[0], names, n=1)
        hint = f"rename the column '{near[0]}'" if near else f"add the column (there are {', '.join(names)})"
        raise DataError(f"there is no column {', '.join(repr(name) for name in missing)}", where=where, fix=hint)
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise DataError(f"the column '{repeated[0]}' stands twice", where=where, fix="remove one of them")


def _row(path: Path, place: str, names: list[str], line: int, cells: list[str]) -> Row:
    if len(cells) != len(names):
        raise DataError(
            f"{counted(len(cells), 'cell')} where the header has {len(names)}",
            where=f"{place}, line {line}",
            fix="the file may have been cut off or edited: write the row again",
        )
    return Row(path, line, {name: cell.strip() or None for name, cell in zip(names, cells, strict=True)})
