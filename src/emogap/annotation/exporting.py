"""Answers written as tables: CSV and Parquet that :mod:`emogap.annotation.opening` reads again."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from emogap.annotation.answers import BARE_QUESTION, MAPPING_COLUMN, Answer
from emogap.annotation.ratings import COLUMNS
from emogap.errors import DataError, UsageError
from emogap.files import write_aside

__all__ = ["name_question", "write_answers"]


def name_question(answers: Iterable[Answer], question: str) -> tuple[Answer, ...]:
    """The answers of a file that does not name its question, as answers to `question`; others stay what they are.

    Examples
    --------
    >>> bare = Answer("c1", "e1", "rating", "fear", 0, None, "votes.csv", 2)
    >>> name_question([bare], "emotion7")[0].question
    'emotion7'
    """
    return tuple(
        Answer(
            answer.item,
            answer.annotator,
            question,
            answer.text,
            answer.round_number,
            answer.answered_at,
            answer.place,
            answer.line,
            answer.mapping,
        )
        if answer.question == BARE_QUESTION
        else answer
        for answer in answers
    )


def write_answers(path: Path, answers: Iterable[Answer]) -> int:
    """Write answers as ``.csv`` or ``.parquet``, whole or not at all; how many is returned.

    Columns are item, annotator, question, rating, round, answered_at, all text but the round; and mapping, if an
    answer has one. An answer that is missing is an empty cell.

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
    columns: dict[str, Sequence[str | None] | Sequence[int]] = {
        "item": [answer.item for answer in kept],
        "annotator": [answer.annotator for answer in kept],
        "question": [answer.question for answer in kept],
        "rating": [answer.text for answer in kept],
        "round": [answer.round_number for answer in kept],
        "answered_at": [answer.answered_at for answer in kept],
        MAPPING_COLUMN: [answer.mapping for answer in kept],
    }
    text = {name: pl.Int64 if name == "round" else pl.String for name in columns}
    frame = pl.DataFrame(columns, schema=text)
    if not any(answer.mapping for answer in kept):
        frame = frame.select(COLUMNS)
    with write_aside(path) as partial:
        if path.suffix == ".csv":
            frame.write_csv(partial)
        else:
            frame.write_parquet(partial)
    return len(kept)
