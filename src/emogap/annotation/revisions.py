"""Which revision an answer is: every change follows the answer that it changes, wherever answers are kept."""

from collections.abc import Mapping, Sequence

from emogap.annotation.answers import Answer
from emogap.errors import DataError

__all__ = ["AnswerKey", "key_of", "number_revisions"]

AnswerKey = tuple[str, str, str, int]
"""Item, annotator, question and round: within these an answer has revisions."""


def key_of(answer: Answer) -> AnswerKey:
    """What the revisions of one answer have in common."""
    return answer.item, answer.annotator, answer.question, answer.round_number


def number_revisions(
    answers: Sequence[Answer], before: Mapping[AnswerKey, tuple[int, str]], *, revise: bool = False
) -> list[int]:
    """The revision of each answer, after those that are kept already.

    Parameters
    ----------
    answers : sequence of Answer
        In the order in which they are kept.
    before : mapping from AnswerKey to (int, str)
        The highest revision that is kept, and where.
    revise : bool
        Whether each answer changes one that is there, whatever its `revision` says.

    Raises
    ------
    DataError
        If a revision is there already, or the one before it is missing; with file and line.

    Examples
    --------
    >>> changed = Answer("c1", "ann", "emotion7", "anger", 1, None, "f.csv", 3, revision=2)
    >>> number_revisions([changed], {("c1", "ann", "emotion7", 1): (1, "ratings.db")})
    [2]
    """
    latest = dict(before)
    numbers = []
    for answer in answers:
        name = f"{answer.question} of {answer.item} in round {answer.round_number}"
        last, where = latest.get(key_of(answer), (0, ""))
        number = last + 1 if revise else answer.revision
        if last == 0 and (revise or answer.text is None):
            raise DataError(
                f"{answer.annotator} has not rated {name}: there is nothing to revise",
                where=answer.where,
                fix="add the rating first",
            )
        if number <= last:
            raise DataError(
                f"{answer.annotator} rated {name} already (revision {last} in {where})",
                where=answer.where,
                fix="revise the rating, or give the later one a higher round",
            )
        if number > last + 1:
            raise DataError(
                f"revision {number} of {answer.annotator}'s {name} comes without revision {last + 1}",
                where=answer.where,
                fix="give every revision, or none: a rating that was never changed is revision 1",
            )
        latest[key_of(answer)] = number, answer.where
        numbers.append(number)
    return numbers
