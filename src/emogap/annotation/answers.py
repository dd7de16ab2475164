"""Answers as they stand in a file: text, not yet checked against any vocabulary."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from emogap.errors import DataError
from emogap.rows import Row, place_of, read_rows

__all__ = [
    "BARE_COLUMNS",
    "BARE_QUESTION",
    "COLUMNS",
    "FURTHER_COLUMNS",
    "Answer",
    "read_csv_answers",
    "read_parquet_answers",
]

COLUMNS = ("item", "annotator", "question", "rating", "round", "answered_at")
"""The columns of a rating file."""

FURTHER_COLUMNS = ("revision", "vocabulary", "mapping")
"""Written after these where there is something to keep in one of them: what a store knows beside the answer."""

BARE_COLUMNS = ("item", "annotator", "rating")
"""The columns that a rating file needs at least."""

BARE_QUESTION = "rating"
"""What a question is called in files that do not name it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One row: who answered which question about what.

    Attributes
    ----------
    item : str
        ``<participant_id>/<stimulus_id>`` in a study; any text elsewhere.
    annotator, question : str
    text : str or None
        The answer as written; None = an empty cell, that is, not rated, or withdrawn where it is a later revision.
    round_number : int
        The higher counts, where somebody answered more than once.
    answered_at : str or None
        Date and time as written.
    place : str
        The file or store, for messages.
    line : int
        Line of the file, counted from 1; 0 where there are no lines.
    mapping : str or None
        How the answer is to be read as a number in [-1, 1], where a form with points was ticked; or the map that it
        came by.
    revision : int
        1 = as first given in its round; the highest counts.
    vocabulary : str or None
        Name and version of the vocabulary that it was given in, such as ``emer7 1``; None where it was not recorded.
    """

    item: str
    annotator: str
    question: str
    text: str | None
    round_number: int
    answered_at: str | None
    place: str
    line: int = 0
    mapping: str | None = None
    revision: int = 1
    vocabulary: str | None = None

    @property
    def where(self) -> str:
        """File and line, for messages."""
        return f"{self.place}, line {self.line}" if self.line else self.place


def read_csv_answers(path: Path) -> tuple[Answer, ...]:
    """All rows of a rating file, with the columns of the contract or only item, annotator and rating.

    Raises
    ------
    DataError
        If the file is no such table, or an item or annotator is empty.
    """
    return tuple(_from_row(row) for row in read_rows(path, columns=BARE_COLUMNS, delimiter=","))


def read_parquet_answers(path: Path) -> tuple[Answer, ...]:
    """All rows of a Parquet table with the columns of a rating file; numbers stay exactly what they are.

    Raises
    ------
    DataError
        If the file is no Parquet table, lacks a column, or an item or annotator is empty.
    """
    place = place_of(path)
    if not path.is_file():
        raise DataError("there is no such file", where=place, fix=f"put it at {path}")
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"this is no Parquet table: {error}", where=place, fix="export the table again") from error
    missing = [column for column in BARE_COLUMNS if column not in frame.columns]
    if missing:
        raise DataError(
            f"there is no column '{missing[0]}'",
            where=place,
            fix=f"name the columns {', '.join(COLUMNS)} (there are {', '.join(frame.columns)})",
        )
    chosen = [column for column in (*COLUMNS, *FURTHER_COLUMNS) if column in frame.columns]
    rows = frame.select(chosen).iter_rows()
    return tuple(
        _from_row(Row(path, line, dict(zip(chosen, map(_as_text, cells), strict=True))))
        for line, cells in enumerate(rows, start=1)
    )


def _as_text(cell: object) -> str | None:
    if cell is None or cell != cell or cell == "":
        return None
    return repr(cell) if isinstance(cell, float) else str(cell)


def _from_row(row: Row) -> Answer:
    named = "question" in row.cells
    return Answer(
        item=row.text("item"),
        annotator=row.identifier("annotator") if named else row.text("annotator"),
        question=row.text("question") if named else BARE_QUESTION,
        text=row.optional("rating"),
        round_number=_whole(row, "round", low=0, absent=0),
        answered_at=row.optional("answered_at"),
        place=place_of(row.file),
        line=row.line,
        mapping=row.optional("mapping"),
        revision=_whole(row, "revision", low=1, absent=1),
        vocabulary=row.optional("vocabulary"),
    )


def _whole(row: Row, column: str, *, low: int, absent: int) -> int:
    number = row.optional_number(column, low=low)
    if number is None:
        return absent
    if number != int(number):
        raise DataError(f"{column} is {number:g}, not a whole number", where=row.where, fix="number them 1, 2, 3 ...")
    return int(number)
