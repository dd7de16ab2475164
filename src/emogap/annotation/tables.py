"""From answers to tables of items by annotators, one per question, every answer checked against its scale."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.answers import BARE_QUESTION, Answer
from emogap.annotation.vocabularies import Vocabulary, vocabulary_of
from emogap.counted_nouns import counted
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.types import VOCABULARIES, RatingTable, Scale

__all__ = ["fill_table", "latest_answers", "rating_tables"]

SCALES: tuple[Scale, ...] = ("nominal", "ordinal", "interval")


def rating_tables(
    answers: Iterable[Answer], *, question: str | None = None, scale: str | None = None
) -> dict[str, RatingTable]:
    """The answers to each question as a table of I items by A annotators; NaN = not rated.

    Parameters
    ----------
    answers : iterable of Answer
        Where an annotator answered in several rounds, the last one counts.
    question : str, optional
        Only this one; by default all that were asked.
    scale : str, optional
        ``nominal``, ``ordinal`` or ``interval`` instead of the scale that the question has. Words are nominal
        whatever is asked for. By default points of a form are ordinal and other numbers interval.

    Returns
    -------
    dict from question to RatingTable
        Items and annotators sorted. Categories are in the order of the vocabulary; where the file does not
        name its question, the words that occur, sorted.

    Raises
    ------
    DataError
        If there is no answer, an annotator answered twice in one round, an answer is off its scale, words of
        several vocabularies or words and numbers are mixed, or an item or an annotator has no rating at all.
    UnknownNameError
        If `question` was not asked, or there is no such scale.
    UsageError
        If words are asked for as numbers.
    """
    if scale is not None and scale not in SCALES:
        raise UnknownNameError("scale", scale, SCALES)
    by_question: dict[str, list[Answer]] = {}
    for answer in latest_answers(answers):
        by_question.setdefault(answer.question, []).append(answer)
    if not by_question:
        raise DataError("there are no ratings: the table is empty", fix="rate at least one item")
    if question is not None:
        if question not in by_question:
            raise UnknownNameError("question", question, by_question)
        by_question = {question: by_question[question]}
    return {name: _table(name, by_question[name], scale) for name in sorted(by_question)}


def latest_answers(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """The answers that count: of every annotator, item and question the one of the highest round.

    Within a round the highest revision counts; a round whose answer was withdrawn counts as not there.

    Raises
    ------
    DataError
        If an annotator answered a question about an item twice within one round, and neither is a later revision of
        the other; both rows are named.
    """
    in_round: dict[tuple[str, str, str, int], Answer] = {}
    seen: dict[tuple[str, str, str, int, int], Answer] = {}
    repeats: list[tuple[Answer, Answer]] = []
    for answer in answers:
        key = (answer.question, answer.item, answer.annotator, answer.round_number)
        first = seen.setdefault((*key, answer.revision), answer)
        if first is not answer:
            repeats.append((answer, first))
        if key not in in_round or in_round[key].revision < answer.revision:
            in_round[key] = answer
    if repeats:
        again, first = repeats[0]
        raise DataError(
            f"{again.annotator} rated {again.question} of {again.item} already, in {first.where}"
            f" ({counted(len(repeats), 'such row')})",
            where=again.where,
            fix="keep one of the rows, or give the later one a higher round",
        )
    latest: dict[tuple[str, str, str], Answer] = {}
    for (question, item, annotator, round_number), answer in in_round.items():
        if answer.text is None and answer.revision > 1:
            continue
        before = latest.get((question, item, annotator))
        if before is None or before.round_number < round_number:
            latest[question, item, annotator] = answer
    return tuple(latest.values())


def fill_table(
    cells: Iterable[tuple[str, str, float]],
) -> tuple[tuple[str, ...], tuple[str, ...], Float[ndarray, "I A"]]:
    """Items and annotators, sorted, and the ratings as a table of one by the other; NaN = not rated.

    Examples
    --------
    >>> fill_table([("c2", "ann", 1.0), ("c1", "ann", 0.5)])[2].tolist()
    [[0.5], [1.0]]
    """
    given = list(cells)
    items = tuple(sorted({item for item, _, _ in given}))
    annotators = tuple(sorted({annotator for _, annotator, _ in given}))
    rating = np.full((len(items), len(annotators)), np.nan)
    row_of = {item: row for row, item in enumerate(items)}
    column_of = {annotator: column for column, annotator in enumerate(annotators)}
    rows, columns = [row_of[item] for item, _, _ in given], [column_of[annotator] for _, annotator, _ in given]
    rating[rows, columns] = [value for _, _, value in given]
    return items, annotators, rating


def _table(question: str, answers: Sequence[Answer], scale: str | None) -> RatingTable:
    given = [answer for answer in answers if answer.text is not None]
    first_row_last = answers[::-1]
    _refuse_unrated("item", {a.item: a for a in first_row_last}, {a.item for a in given})
    _refuse_unrated("annotator", {a.annotator: a for a in first_row_last}, {a.annotator for a in given})
    values, chosen, categories, limits = _values(question, given, scale)
    items, annotators, rating = fill_table(
        (answer.item, answer.annotator, value) for answer, value in zip(given, values, strict=True)
    )
    return RatingTable(items, annotators, rating, chosen, categories, limits)


def _refuse_unrated(kind: str, first: dict[str, Answer], rated: set[str]) -> None:
    unrated = [name for name in first if name not in rated]
    if unrated:
        what = "nobody rated" if kind == "item" else "no rating was given by"
        raise DataError(
            f"{what} the {kind} {unrated[0]} ({counted(len(unrated), f'such {kind}')})",
            where=first[unrated[0]].where,
            fix=f"fill in a rating, or remove the rows of this {kind}",
        )


def _values(
    question: str, given: Sequence[Answer], scale: str | None
) -> tuple[list[float], Scale, tuple[str, ...], tuple[float, float] | None]:
    """Ratings as numbers; with the scale, its categories and its limits."""
    place = vocabulary_of(question, where=given[0].where) if question != BARE_QUESTION else _bare_vocabulary(given)
    if place.words and scale not in (None, "nominal"):
        raise UsageError(
            f"the answers to '{question}' are words, which have no {scale} scale",
            where=given[0].where,
            fix="leave the scale out, or choose a question that is answered by a number",
        )
    value_of: dict[str, float] = {}
    for answer in given:
        if answer.text is not None and answer.text not in value_of:
            value_of[answer.text] = place.value(answer.text, question=question, where=answer.where)
    values = [value_of[str(answer.text)] for answer in given]
    if scale == "nominal" and not place.words:
        levels = sorted(set(values))
        index_of = {level: float(index) for index, level in enumerate(levels)}
        return [index_of[value] for value in values], "nominal", tuple(f"{level:g}" for level in levels), None
    chosen: Scale = "ordinal" if scale == "ordinal" else "interval" if scale == "interval" else place.scale
    return values, chosen, place.words, _finite(place.limits)


def _finite(limits: tuple[float, float] | None) -> tuple[float, float] | None:
    return limits if limits and math.isfinite(limits[0]) else None


def _bare_vocabulary(given: Sequence[Answer]) -> Vocabulary:
    """What the answers to a question without a name are made of: the words that occur, or any numbers."""
    numbers = [_number(answer.text) for answer in given]
    _refuse_mixture(given, numbers)
    words = _words_of(given) if numbers[0] is None else ()
    limits = None if words else (-math.inf, math.inf)
    return Vocabulary(BARE_QUESTION, 0, words, limits, is_whole=False, source="the file itself")


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _refuse_mixture(given: Sequence[Answer], numbers: Sequence[float | None]) -> None:
    kinds: dict[bool, Answer] = {}
    for answer, number in zip(given, numbers, strict=True):
        kinds.setdefault(number is None, answer)
    if len(kinds) == 2:
        few = min(Counter(number is None for number in numbers).items(), key=lambda pair: pair[1])[0]
        odd = kinds[few]
        raise DataError(
            f"words and numbers are mixed: '{odd.text}' here, '{kinds[not few].text}' in {kinds[not few].where}",
            where=odd.where,
            fix="give each question its own file, or add a column 'question'",
        )


def _words_of(given: Sequence[Answer]) -> tuple[str, ...]:
    """The words that occur, sorted; refused if they cannot all belong to one vocabulary."""
    first: dict[str, Answer] = {}
    for answer in given:
        first.setdefault(str(answer.text), answer)
    same: dict[str, str] = {}
    for word, answer in first.items():
        other = same.setdefault(word.casefold(), word)
        if other != word:
            raise DataError(
                f"'{word}' and '{other}' are two spellings of one word", where=answer.where, fix="write it one way"
            )
    homes = {word: {name for name, words in VOCABULARIES.items() if word in words} for word in first}
    if all(homes.values()) and not set.intersection(*homes.values()):
        odd = next(word for word in reversed(homes) if not homes[word] & homes[next(iter(homes))])
        start = next(iter(homes))
        raise DataError(
            f"vocabularies are mixed: '{odd}' is a word of {_listed(homes[odd])},"
            f" '{start}' ({first[start].where}) of {_listed(homes[start])}",
            where=first[odd].where,
            fix="give each vocabulary a question of its own (a column 'question')",
        )
    return tuple(sorted(first))


def _listed(names: set[str]) -> str:
    return " and ".join(sorted(names))
