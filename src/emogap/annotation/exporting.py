"""Answers written as tables: CSV and Parquet that :mod:`emogap.annotation.opening` reads again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from emogap.annotation.answers import BARE_QUESTION, COLUMNS, FURTHER_COLUMNS, Answer
from emogap.errors import DataError, UsageError
from emogap.files import write_aside

__all__ = ["csv_of", "name_question", "write_answers"]

SCHEMA = {name: pl.Int64 if name in ("round", "revision") else pl.String for name in (*COLUMNS, *FURTHER_COLUMNS)}


def name_question(answers: Iterable[Answer], question: str) -> tuple[Answer, ...]:
    """The answers of a file that does not name its question, as answers to `question`; others stay what they are.

    Examples
    --------
    >>> bare = Answer("c1", "e1", "rating", "fear", 0, None, "votes.csv", 2)
    >>> name_question([bare], "emotion7")[0].question
    'emotion7'
    """
    return tuple(
        replace(answer, question=question) if answer.question == BARE_QUESTION else answer for answer in answers
    )


def write_answers(path: Path, answers: Iterable[Answer]) -> int:
    """Write answers as ``.csv`` or ``.parquet``, whole or not at all; how many is returned.

    Columns are item, annotator, question, rating, round, answered_at; and revision, vocabulary and mapping, each if
    an answer has one (a revision after the first). All are text but round and revision. An answer that is missing or
    was withdrawn is an empty cell.

    Raises
    ------
    UsageError
        If the file is called otherwise.
    DataError
        If there is nothing to write.
    OutputError
        If the file cannot be written; what stood there before still stands.
    """
    kept = tuple(answers)
    if not kept:
        raise DataError("there are no ratings to write", where=str(path), fix="rate at least one item")
    if path.suffix not in (".csv", ".parquet"):
        raise UsageError(f"'{path.suffix}' is no kind of rating file", where=str(path), fix="name it .csv or .parquet")
    with write_aside(path) as partial:
        if path.suffix == ".csv":
            _frame(kept).write_csv(partial)
        else:
            _frame(kept).write_parquet(partial)
    return len(kept)


def csv_of(answers: Sequence[Answer]) -> bytes:
    """The content of the rating file that :func:`write_answers` writes."""
    return _frame(answers).write_csv().encode()


def _frame(answers: Sequence[Answer]) -> pl.DataFrame:
    frame = pl.DataFrame([_cells(answer) for answer in answers], schema=SCHEMA, orient="row")
    further = [name for name in FURTHER_COLUMNS if frame[name].n_unique() > 1 or frame[name][0] not in (None, 1)]
    return frame.select(*COLUMNS, *further)


def _cells(answer: Answer) -> tuple[str | int | None, ...]:
    """The cells of a row, in the order of ``COLUMNS`` and ``FURTHER_COLUMNS``."""
    return (
        *(answer.item, answer.annotator, answer.question, answer.text, answer.round_number, answer.answered_at),
        *(answer.revision, answer.vocabulary, answer.mapping),
    )
