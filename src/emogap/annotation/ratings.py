"""The rating files of a study: who said what of which clip, checked word by word.

A machine's rows carry the annotator ``machine-<name>``. They are told apart from people's here, so that a
model's guess never becomes a shown label unless somebody asks for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from emogap.annotation.answers import Answer, read_csv_answers
from emogap.annotation.tables import fill_table, latest_answers
from emogap.annotation.vocabularies import vocabulary_of
from emogap.errors import DataError, UnknownNameError
from emogap.rows import ID_PATTERN, MOST_NAMED
from emogap.types import RatingTable, vocabulary

__all__ = [
    "LIMITS",
    "MACHINE_PREFIX",
    "QUESTIONS",
    "Rating",
    "check_answers",
    "is_machine",
    "rating_table",
    "ratings_of",
    "read_ratings",
]

MACHINE_PREFIX = "machine-"

QUESTIONS = ("emotion7", "emotion3", "valence", "arousal", "intensity")
"""What the rating files of a study may ask: of the face, what it shows."""

LIMITS: dict[str, tuple[float, float]] = {
    question: limits for question in QUESTIONS if (limits := vocabulary_of(question).limits) is not None
}
"""Lowest and highest rating of the questions that are answered by a number."""


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
    return ratings_of([answer for path in sorted(paths) for answer in read_csv_answers(path)], items=items)


def ratings_of(answers: Iterable[Answer], *, items: Iterable[str] | None = None) -> tuple[Rating, ...]:
    """The answers that count as numbers, sorted by question, item and annotator; empty ones are left out.

    Raises
    ------
    DataError
        As :func:`read_ratings`.
    """
    given = tuple(answers)
    values = check_answers(given, items=items, questions=QUESTIONS)
    value_of = {id(answer): value for answer, value in zip(given, values, strict=True)}
    latest = [(answer, value_of[id(answer)]) for answer in latest_answers(given)]
    ratings = [
        Rating(answer.item, answer.annotator, answer.question, value, answer.round_number, answer.where)
        for answer, value in latest
        if value is not None
    ]
    return tuple(sorted(ratings, key=lambda rating: (rating.question, rating.item, rating.annotator)))


def check_answers(
    answers: Iterable[Answer], *, items: Iterable[str] | None = None, questions: Sequence[str] | None = None
) -> tuple[float | None, ...]:
    """The answers as numbers, one by one; None where there is none.

    Parameters
    ----------
    answers : iterable of Answer
    items, questions : sequence of str, optional
        What there is; any other is refused. By default any item, and any question that has a vocabulary.

    Raises
    ------
    DataError
        If a question, an item, an annotator or an answer is not what it may be; with file, line and the nearest word.
    """
    known = None if items is None else frozenset(items)
    values: list[float | None] = []
    checked: dict[tuple[str, str, str | None], float | None] = {}  # what was found sound once is not looked at again
    for answer in answers:
        if known is not None and answer.item not in known:
            raise _unknown(f"'{answer.item}' is no clip of this study", answer, "item", sorted(known))
        said = (answer.annotator, answer.question, answer.text)
        if said in checked:
            values.append(checked[said])
            continue
        if questions is not None and answer.question not in questions:
            raise _unknown(
                f"'{answer.question}' is no question of a study's rating files", answer, "question", questions
            )
        if not ID_PATTERN.fullmatch(answer.annotator):
            raise DataError(
                f"'{answer.annotator}' is no annotator: ids are made of letters, digits and hyphens",
                where=answer.where,
                fix="rename the annotator",
            )
        answers_in = vocabulary_of(answer.question, where=answer.where)
        text = answer.text
        value = None if text is None else answers_in.value(text, question=answer.question, where=answer.where)
        checked[said] = value
        values.append(value)
    return tuple(values)


def _unknown(what: str, answer: Answer, field: str, known: Sequence[str]) -> DataError:
    near = get_close_matches(getattr(answer, field), known, n=1)
    listed = ", ".join(known[:MOST_NAMED]) + (" ..." if len(known) > MOST_NAMED else "")
    return DataError(what, where=answer.where, fix=(f"did you mean '{near[0]}'? " if near else "") + f"known: {listed}")


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
    items, annotators, table = fill_table((rating.item, rating.annotator, rating.value) for rating in chosen)
    if question in LIMITS:
        return RatingTable(items, annotators, table, "interval", limits=LIMITS[question])
    return RatingTable(items, annotators, table, "nominal", categories=vocabulary(question))
