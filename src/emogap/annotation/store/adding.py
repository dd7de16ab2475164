"""Answers written into a store within one transaction, many at a time; every one of them with its line in the audit.

Read :func:`keep_answers`. Everything is checked before the first row is written, and rows of one kind go to the
database together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, insert, select
from sqlmodel import Session, SQLModel, col

import emogap
from emogap.annotation.answers import Answer
from emogap.annotation.ratings import check_answers
from emogap.annotation.revisions import AnswerKey, number_revisions
from emogap.annotation.store.schema import AnnotatorRow, AuditRow, ItemRow, RatingRow, RoundRow
from emogap.annotation.vocabularies import vocabulary_of
from emogap.errors import DataError

__all__ = ["AuditPen", "keep_answers"]

MOST_NAMES = 500
"""So many names a query asks for at once: SQLite takes 32,766 parameters, PostgreSQL 65,535."""

Named = TypeVar("Named")


@dataclass(frozen=True, slots=True)
class AuditPen:
    """Writes down who does what within one transaction.

    Attributes
    ----------
    who : str
        Whoever acts; nobody is refused.
    where : str
        The store, for messages.
    clock : function
    """

    who: str
    where: str
    clock: Callable[[], datetime]
    _lines: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.who.strip():
            raise DataError("nobody is named who does this", where=self.where, fix="say who: the audit names everyone")

    def note(self, what: str, subject: str, *, revision: int | None = None) -> None:
        """Remember a line; :meth:`write` writes it."""
        at, software = self.clock().isoformat(), f"emogap {emogap.__version__}"
        self._lines.append(
            {"at": at, "who": self.who, "what": what, "subject": subject, "revision": revision, "software": software}
        )

    def write(self, session: Session) -> None:
        """Write the lines, in the order in which they were noted."""
        _insert(session, AuditRow, self._lines)
        self._lines.clear()


def keep_answers(session: Session, answers: Sequence[Answer], pen: AuditPen, *, revise: bool = False) -> list[int]:
    """Keep answers, with items, annotators and rounds that are new; the revision of each is returned.

    Parameters
    ----------
    session : Session
        In a transaction that writes.
    answers : sequence of Answer
        An answer's `revision` says which it is to be; an answer without text withdraws the one before.
    pen : AuditPen
        Its lines are written too.
    revise : bool
        Whether each answer changes one that is there, whatever its `revision` says.

    Raises
    ------
    DataError
        If an answer cannot be what it is, its revision is there already, or one before it is missing. What was
        written until then is for the transaction to undo.
    """
    check_answers(answers)
    item_id = _ids(session, ItemRow, [answer.item for answer in answers])
    annotator_id = _ids(session, AnnotatorRow, [answer.annotator for answer in answers])
    before = {key: (last, pen.where) for key, last in _latest_revisions(session, list(item_id.values()))}
    revisions = number_revisions(answers, before, revise=revise)
    _add_names(session, ItemRow, "add item", item_id, [answer.item for answer in answers], pen)
    _add_names(session, AnnotatorRow, "add annotator", annotator_id, [answer.annotator for answer in answers], pen)
    _open_rounds(session, [answer.round_number for answer in answers], pen)
    label_of = {question: vocabulary_of(question).label for question in {answer.question for answer in answers}}
    rows: list[dict[str, object]] = []
    for answer, revision in zip(answers, revisions, strict=True):
        rows.append(
            {
                "item_id": item_id[answer.item],
                "annotator_id": annotator_id[answer.annotator],
                "question": answer.question,
                "round_number": answer.round_number,
                "revision": revision,
                "text": answer.text,
                "answered_at": answer.answered_at,
                "vocabulary": answer.vocabulary or label_of[answer.question],
                "mapping": answer.mapping,
            }
        )
        what = "rate" if revision == 1 else "withdraw" if answer.text is None else "revise"
        pen.note(what, _subject(answer), revision=revision)
    _insert(session, RatingRow, rows)
    pen.write(session)
    return revisions


def _subject(answer: Answer) -> str:
    return f"{answer.question} of {answer.item} by {answer.annotator}, round {answer.round_number}"


def _latest_revisions(session: Session, items: Sequence[int]) -> Iterator[tuple[AnswerKey, int]]:
    """The highest revision of every answer about the items."""
    for some in _portions(items):
        query = (
            select(
                col(ItemRow.name),
                col(AnnotatorRow.name),
                col(RatingRow.question),
                col(RatingRow.round_number),
                func.max(col(RatingRow.revision)),
            )
            .where(col(ItemRow.id) == col(RatingRow.item_id), col(AnnotatorRow.id) == col(RatingRow.annotator_id))
            .where(col(RatingRow.item_id).in_(some))
            .group_by(col(ItemRow.name), col(AnnotatorRow.name), col(RatingRow.question), col(RatingRow.round_number))
        )
        for item, annotator, question, round_number, revision in session.connection().execute(query):
            yield (item, annotator, question, round_number), revision


def _ids(session: Session, table: type[ItemRow] | type[AnnotatorRow], names: Sequence[str]) -> dict[str, int]:
    """The ids of those of the names that are known."""
    found: dict[str, int] = {}
    for some in _portions(list(dict.fromkeys(names))):
        for name, number in session.connection().execute(
            select(col(table.name), col(table.id)).where(col(table.name).in_(some))
        ):
            assert number is not None
            found[name] = number
    return found


def _add_names(
    session: Session,
    table: type[ItemRow] | type[AnnotatorRow],
    what: str,
    known: dict[str, int],
    names: Sequence[str],
    pen: AuditPen,
) -> None:
    """Add the names that are new, and their ids to `known`."""
    new = [name for name in dict.fromkeys(names) if name not in known]
    _insert(session, table, [{"name": name} for name in new])
    for name in new:
        pen.note(what, name)
    known.update(_ids(session, table, new))


def _open_rounds(session: Session, numbers: Sequence[int], pen: AuditPen) -> None:
    known = set(session.connection().scalars(select(col(RoundRow.number))))
    new = [number for number in dict.fromkeys(numbers) if number not in known]
    moment = pen.clock().isoformat()
    _insert(session, RoundRow, [{"number": number, "purpose": "", "opened_at": moment} for number in new])
    for number in new:
        pen.note("open round", f"round {number}")


def _portions(names: Sequence[Named]) -> Iterator[Sequence[Named]]:
    return (names[start : start + MOST_NAMES] for start in range(0, len(names), MOST_NAMES))


def _insert(session: Session, table: type[SQLModel], rows: Sequence[dict[str, object]]) -> None:
    if rows:
        session.connection().execute(insert(table), list(rows))
