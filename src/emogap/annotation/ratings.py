"""The rating files of a study: who said what of which clip, checked word by word.

A machine's rows carry the annotator ``machine-<name>``. They are told apart from people's here, so that a
model's guess never becomes a shown label unless somebody asks for it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emogap.errors import DataError, UnknownNameError
from emogap.rows import Row, read_rows
from emogap.types import RatingTable, vocabulary

__all__ = ["LIMITS", "MACHINE_PREFIX", "QUESTIONS", "Rating", "is_machine", "rating_table", "read_ratings"]

COLUMNS = ("item", "annotator", "question", "rating", "round", "answered_at")

MACHINE_PREFIX = "machine-"

LIMITS: dict[str, tuple[float, float]] = {"valence": (-1, 1), "arousal": (-1, 1), "intensity": (0, 3)}
"""Lowest and highest rating of the questions that are answered by a number."""

QUESTIONS = ("emotion7", "emotion3", "valence", "arousal", "intensity")


@dataclass(frozen=True, slots=True)
class Rating:
    """One answer; `value` is the index of a word in its vocabulary, or a number."""

    item: str
    annotator: str
    question: str
    value: float
    round_number: int
    where: str


def is_machine(annotator: str) -> bool:
    """Whether an annotator is a model rather than a person.

    Examples
    --------
    >>> is_machine("machine-simulated"), is_machine("expert-1")
    (True, False)
    """
    return annotator.startswith(MACHINE_PREFIX)


def read_ratings(paths: Sequence[Path], *, items: Iterable[str] | None = None) -> tuple[Rating, ...]:
    """All answers in the files `paths`; where an annotator answered in several rounds, the last one.

    Parameters
    ----------
    paths : sequence of Path
        CSV with the columns item, annotator, question, rating, round, answered_at.
    items : iterable of str, optional
        The items that there are, ``<participant_id>/<stimulus_id>``; any other is refused.

    Returns
    -------
    tuple of Rating
        Sorted by question, item and annotator.

    Raises
    ------
    DataError
        If a question, a word, an item or a number is not what it may be, or an annotator answered twice in one
        round; with file, line and the nearest word.
    """
    known = None if items is None else tuple(sorted(items))
    latest: dict[tuple[str, str, str], Rating] = {}
    for path in sorted(paths):
        for row in read_rows(path, columns=COLUMNS, delimiter=","):
            rating = _rating(row, known)
            key = (rating.question, rating.item, rating.annotator)
            before = latest.get(key)
            if before is not None and before.round_number == rating.round_number:
                raise DataError(
                    f"{rating.annotator} rated {rating.question} of {rating.item} already ({before.where})",
                    where=rating.where,
                    fix="keep one of the rows, or give the later one a higher round",
                )
            if before is None or before.round_number < rating.round_number:
                latest[key] = rating
    return tuple(latest[key] for key in sorted(latest))


def rating_table(ratings: Iterable[Rating], question: str) -> RatingTable:
    """The answers to one question as a table of items by annotators; NaN = not rated.

    Raises
    ------
    UnknownNameError
        If there is no such question.
    """
    if question not in QUESTIONS:
        raise UnknownNameError("question", question, QUESTIONS)
    chosen = [rating for rating in ratings if rating.question == question]
    items = tuple(sorted({rating.item for rating in chosen}))
    annotators = tuple(sorted({rating.annotator for rating in chosen}))
    table = np.full((len(items), len(annotators)), np.nan)
    row_of = {item: row for row, item in enumerate(items)}
    column_of = {annotator: column for column, annotator in enumerate(annotators)}
    for rating in chosen:
        table[row_of[rating.item], column_of[rating.annotator]] = rating.value
    if question in LIMITS:
        return RatingTable(items, annotators, table, "interval", limits=LIMITS[question])
    return RatingTable(items, annotators, table, "nominal", categories=vocabulary(question))


def _rating(row: Row, known: tuple[str, ...] | None) -> Rating:
    question = row.word("question", QUESTIONS, kind="question")
    item = row.text("item") if known is None else row.word("item", known, kind="clip of this study")
    return Rating(
        item=item,
        annotator=row.identifier("annotator"),
        question=question,
        value=_VALUE[question](row),
        round_number=int(row.optional_number("round", low=0) or 0),
        where=row.where,
    )


def _word_index(space: str) -> Callable[[Row], float]:
    words = vocabulary(space)
    return lambda row: float(words.index(row.word("rating", words, kind=f"word of {space}")))


def _number_within(low: float, high: float) -> Callable[[Row], float]:
    return lambda row: row.number("rating", low=low, high=high)


_VALUE: dict[str, Callable[[Row], float]] = {
    "emotion7": _word_index("emotion7"),
    "emotion3": _word_index("emotion3"),
} | {question: _number_within(*limits) for question, limits in LIMITS.items()}
