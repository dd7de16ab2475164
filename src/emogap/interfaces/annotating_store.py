"""Experts' answers kept in a store instead of rating files, for several people at several machines."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from emogap.annotation.answers import Answer
from emogap.annotation.ratings import QUESTIONS, Rating, is_machine, ratings_of, read_ratings
from emogap.annotation.store import Store
from emogap.recording.derived import record_derived
from emogap.recording.study import Study

__all__ = ["StoreBook", "note_store"]


def note_store(store: Store, study: Path) -> None:
    """Note in the study that a file holds answers about its clips, so that they can be found and forgotten.

    A database on a server is not noted: its address may hold what is secret.

    Raises
    ------
    OutputError
        If the study cannot be written.
    """
    if "://" not in store.where:
        record_derived(study, Path(store.where), by="annotate")


class StoreBook:
    """The answers of a store about the clips of a study; a machine's may stand in the study's rating files.

    Parameters
    ----------
    store : Store
        Open; it may hold other items and questions too, which are passed over.
    study : Study
        Opened with or without sessions. Of its rating files only the answers of machines count, unless the store holds
        answers of the same machine.
    items : iterable of str
        The study's clips.
    """

    def __init__(self, store: Store, study: Study, items: Iterable[str]) -> None:
        self._store = store
        self._study = study.path
        self._files = study.path / "ratings"
        self._study_name = study.name
        self._items = frozenset(items)

    def ratings(self) -> tuple[Rating, ...]:
        """The latest answers of everybody.

        Raises
        ------
        DataError
            If a rating file is at fault.
        OutputError
            If the store cannot be read.
        """
        kept = ratings_of(
            answer for answer in self._store.answers() if answer.item in self._items and answer.question in QUESTIONS
        )
        in_store = {rating.annotator for rating in kept}
        filed = read_ratings(sorted(self._files.glob("*.csv")), items=self._items)
        return (*kept, *(r for r in filed if is_machine(r.annotator) and r.annotator not in in_store))

    def add(self, annotator: str, item: str, answers: Mapping[str, str], *, answered_at: datetime) -> dict[str, int]:
        """Keep the answers in one transaction, in the round after the latest; when this returns they are on disk.

        Raises
        ------
        DataError
            If somebody adds answers of the same annotator about the same clip at this moment.
        OutputError
            If another process holds the store, or the disk is full; nothing was changed then.
        """
        rounds = {
            rating.question: rating.round_number
            for rating in self.ratings()
            if (rating.item, rating.annotator) == (item, annotator)
        }
        added = {
            question: self._free_round(item, annotator, question, rounds.get(question, 0) + 1) for question in answers
        }
        moment = answered_at.isoformat(timespec="seconds")
        note_store(self._store, self._study)
        self._store.add_ratings(
            [
                Answer(item, annotator, question, text, added[question], moment, place=self._store.where, line=0)
                for question, text in answers.items()
            ],
            who=annotator,
        )
        return added

    def agreed(self, name: str) -> str | None:
        """What was agreed on about this study; None if nothing was."""
        return self._store.agreed(f"{name} of {self._study_name}")

    def settle(self, name: str, decide: Callable[[str | None], str], *, who: str) -> str:
        """What holds from now on for this study, wherever its folder lies; kept in the store's audit.

        Raises
        ------
        OutputError
            If another process holds the store.
        """
        return self._store.settle(f"{name} of {self._study_name}", decide, who=who)

    def _free_round(self, item: str, annotator: str, question: str, first: int) -> int:
        """The first round from `first` on without an entry; one that was withdrawn no longer stands, and is kept."""
        number = first
        while self._store.revisions(item, annotator=annotator, question=question, round_number=number):
            number += 1
        return number
