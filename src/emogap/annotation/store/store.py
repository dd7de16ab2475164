"""Items, annotators, rounds and ratings in a database; what is acknowledged is on disk."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from emogap.annotation.answers import Answer
from emogap.annotation.store.adding import AuditPen, keep_answers
from emogap.annotation.store.connection import in_words, writing
from emogap.annotation.store.schema import AnnotatorRow, AuditRow, ItemRow, RatingRow, RoundRow
from emogap.annotation.tables import rating_tables
from emogap.errors import DataError
from emogap.types import RatingTable

__all__ = ["AuditEntry", "Revision", "Round", "Store"]


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of one answer.

    Attributes
    ----------
    number : int
        1 = as first given; the highest counts.
    text : str or None
        The answer as written; None = withdrawn.
    answered_at : str or None
    vocabulary : str or None
        Name and version of the vocabulary, such as ``emer7 1``; None where it was not recorded.
    mapping : str or None
        How the answer came from what was ticked, such as ``sam9 1 > valence 1, map 1: (x - 5) / 4``.
    """

    number: int
    text: str | None
    answered_at: str | None
    vocabulary: str | None
    mapping: str | None


@dataclass(frozen=True, slots=True)
class Round:
    """One pass over the items."""

    number: int
    purpose: str
    opened_at: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which subject, when (ISO 8601), giving which revision, with which software."""

    at: str
    who: str
    what: str
    subject: str
    revision: int | None
    software: str


class Store:
    """A database of ratings; :func:`emogap.annotation.store.open_store` gives one.

    Every method that adds is one transaction: all of it or nothing is kept, and when the method has returned, it
    is on disk.

    Attributes
    ----------
    where : str
        The file or address, without a password.
    backup : str or None
        Where the store stands as it was, if it was migrated on opening.
    """

    def __init__(self, engine: Engine, *, where: str, backup: str | None, clock: Callable[[], datetime]) -> None:
        self.where = where
        self.backup = backup
        self._engine = engine
        self._clock = clock
        # Threads take turns: a database lets them try again at random, until one of many has waited too long.
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def add_items(self, names: Iterable[str], *, who: str) -> int:
        """Add what is to be rated; what is there already is passed over. The number added is returned."""
        with self._writing() as session, self._audited(session, who) as pen:
            known = set(session.exec(select(ItemRow.name)))
            new = [name for name in dict.fromkeys(names) if name not in known]
            for name in new:
                session.add(ItemRow(name=name))
                pen.note("add item", name)
        return len(new)

    def add_round(self, number: int, *, purpose: str, who: str) -> None:
        """Open a round.

        Raises
        ------
        DataError
            If there is a round of this number.
        """
        with self._writing() as session, self._audited(session, who) as pen:
            if session.get(RoundRow, number) is not None:
                raise DataError(f"there is a round {number} already", where=self.where, fix="take the next number")
            session.add(RoundRow(number=number, purpose=purpose, opened_at=self._clock().isoformat()))
            pen.note("open round", f"round {number}")

    def add_rating(
        self,
        item: str,
        *,
        annotator: str,
        question: str,
        rating: str | float | None,
        who: str,
        round_number: int = 1,
        answered_at: str | None = None,
        mapping: str | None = None,
        revise: bool = False,
    ) -> int:
        """Keep one answer; its revision is returned.

        Parameters
        ----------
        item, annotator, question : str
            Item and annotator are added if they are new.
        rating : str or float or None
            A word of the question's vocabulary, or a number within its limits; None withdraws an answer.
        who : str
            Who makes the entry, for the audit; the annotator in most cases.
        round_number : int
            Opened if there is none of this number.
        answered_at : str, optional
            Date and time, ISO 8601; now by default.
        mapping : str, optional
            How the answer came from what was ticked.
        revise : bool
            Whether the annotator has answered in this round and changes it. The former answer is kept.

        Raises
        ------
        DataError
            If the question or the answer is none, the annotator answered in this round already (without
            `revise`), or did not (with it).
        OutputError
            If another process holds the database, or the disk is full. Nothing was changed then.
        """
        text = None if rating is None else rating if isinstance(rating, str) else repr(float(rating))
        moment = answered_at or self._clock().isoformat()
        answer = Answer(item, annotator, question, text, round_number, moment, self.where, mapping=mapping)
        with self._writing() as session:
            return keep_answers(session, [answer], self._pen(who), revise=revise)[0]

    def add_ratings(self, answers: Iterable[Answer], *, who: str) -> int:
        """Keep many answers in one transaction, all or none; how many is returned.

        An empty answer is passed over, unless it is a later revision: then it withdraws the one before.

        Raises
        ------
        DataError
            If a question or an answer is none, an annotator answered twice in one round, or revisions are missing;
            with file and line.
        OutputError
            If another process holds the database, or the disk is full. Nothing was changed then.
        """
        given = [answer for answer in answers if answer.text is not None or answer.revision > 1]
        given.sort(key=lambda answer: answer.revision)
        with self._writing() as session:
            keep_answers(session, given, self._pen(who))
        return len(given)

    def items(self) -> tuple[str, ...]:
        """All items, rated or not, sorted."""
        with self._reading() as session:
            return tuple(sorted(session.exec(select(ItemRow.name))))

    def annotators(self) -> tuple[str, ...]:
        """All annotators, sorted."""
        with self._reading() as session:
            return tuple(sorted(session.exec(select(AnnotatorRow.name))))

    def rounds(self) -> tuple[Round, ...]:
        """All rounds, by number."""
        with self._reading() as session:
            rows = session.exec(select(RoundRow).order_by(col(RoundRow.number)))
            return tuple(Round(row.number, row.purpose, row.opened_at) for row in rows)

    def answers(self, *, question: str | None = None, revisions: bool = False) -> tuple[Answer, ...]:
        """The answers of every round, sorted by question, item, annotator, round and revision.

        Parameters
        ----------
        question : str, optional
            Only to this one.
        revisions : bool
            Whether everything that was ever answered is wanted, withdrawn answers too. By default the answers as they
            stand: the last revision of each, told as a first one, those that were withdrawn left out.
        """
        query = select(RatingRow, ItemRow.name, AnnotatorRow.name).where(
            ItemRow.id == RatingRow.item_id, AnnotatorRow.id == RatingRow.annotator_id
        )
        if not revisions:
            latest = select(func.max(RatingRow.id)).group_by(
                col(RatingRow.item_id), col(RatingRow.annotator_id), RatingRow.question, col(RatingRow.round_number)
            )  # ids rise with revisions, since a revision is written after the one before it
            query = query.where(col(RatingRow.id).in_(latest), col(RatingRow.text).is_not(None))
        if question is not None:
            query = query.where(RatingRow.question == question)
        with self._reading() as session:
            found = [
                Answer(
                    item,
                    annotator,
                    row.question,
                    row.text,
                    row.round_number,
                    row.answered_at,
                    f"{self.where}, rating {row.id}",
                    mapping=row.mapping,
                    revision=row.revision if revisions else 1,
                    vocabulary=row.vocabulary,
                )
                for row, item, annotator in session.exec(query)
            ]
        return tuple(sorted(found, key=lambda a: (a.question, a.item, a.annotator, a.round_number, a.revision)))

    def tables(self, *, question: str | None = None, scale: str | None = None) -> dict[str, RatingTable]:
        """The answers that count as tables of items by annotators, by question; of several rounds the last.

        Raises
        ------
        DataError
            If nothing was rated.
        UnknownNameError
            If `question` was not asked.
        """
        return rating_tables(self.answers(), question=question, scale=scale)

    def revisions(self, item: str, *, annotator: str, question: str, round_number: int = 1) -> tuple[Revision, ...]:
        """Every version of one answer, the first one first; empty if there is none."""
        query = (
            select(RatingRow)
            .where(ItemRow.id == RatingRow.item_id, AnnotatorRow.id == RatingRow.annotator_id)
            .where(ItemRow.name == item, AnnotatorRow.name == annotator)
            .where(RatingRow.question == question, RatingRow.round_number == round_number)
            .order_by(col(RatingRow.revision))
        )
        with self._reading() as session:
            return tuple(
                Revision(row.revision, row.text, row.answered_at, row.vocabulary, row.mapping)
                for row in session.exec(query)
            )

    def audit(self) -> tuple[AuditEntry, ...]:
        """Everything that was ever done to the store, in order."""
        with self._reading() as session:
            rows = session.exec(select(AuditRow).order_by(col(AuditRow.id)))
            return tuple(AuditEntry(r.at, r.who, r.what, r.subject, r.revision, r.software) for r in rows)

    def settle(self, name: str, decide: Callable[[str | None], str], *, who: str) -> str:
        """Something that all who use the store agree on, kept as a line of the audit; the last line counts.

        Parameters
        ----------
        name : str
            What is agreed on.
        decide : function
            From what was agreed so far (None = nothing) to what holds from now on; an error refuses. Nobody else
            writes while it decides.
        who : str
            For the audit.

        Raises
        ------
        OutputError
            If another process holds the database.
        """
        with self._reading() as session:
            agreed = self._agreed(session, name)
            if agreed is not None and decide(agreed) == agreed:
                return agreed
        with self._writing() as session, self._audited(session, who) as pen:
            agreed = self._agreed(session, name)
            decided = decide(agreed)
            if decided != agreed:
                pen.note(f"settle {name}", decided)
        return decided

    def agreed(self, name: str) -> str | None:
        """What was agreed on by :meth:`settle`; None if nothing was."""
        with self._reading() as session:
            return self._agreed(session, name)

    def _agreed(self, session: Session, name: str) -> str | None:
        query = select(AuditRow.subject).where(AuditRow.what == f"settle {name}").order_by(col(AuditRow.id).desc())
        return session.exec(query).first()

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with in_words(self.where), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """A transaction: committed, and so on disk, when the block ends well; otherwise nothing of it is kept."""
        with self._turn, in_words(self.where), Session(writing(self._engine)) as session, session.begin():
            yield session

    def _pen(self, who: str) -> AuditPen:
        return AuditPen(who, self.where, self._clock)

    @contextmanager
    def _audited(self, session: Session, who: str) -> Iterator[AuditPen]:
        """What is noted within the block is written at its end."""
        pen = self._pen(who)
        yield pen
        pen.write(session)
