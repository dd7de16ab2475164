"""Where experts' answers are kept: the rating files of a study, appended to so that nothing acknowledged is lost.

An answer is checked before it is written, whole or not at all, and reported only when it is on disk. A later answer
to the same question about the same clip is a further round; the earlier one stays.
"""

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from emogap.annotation.answers import COLUMNS, Answer, read_csv_answers
from emogap.annotation.exporting import csv_of
from emogap.annotation.ratings import QUESTIONS, Rating, is_machine, ratings_of
from emogap.annotation.revisions import AnswerKey, key_of, number_revisions
from emogap.annotation.vocabularies import vocabulary_of
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.files import write_to_disk
from emogap.locks import alone_in
from emogap.recording.derived import record_derived
from emogap.rows import ID_PATTERN, place_of

__all__ = ["AGREED", "CsvBook", "RatingBook", "alone_with_ratings", "check_annotator", "check_answer", "parse_answers"]

AGREED = "agreed.json"
"""Beside the rating files: what all who judge agreed on."""


class RatingBook(Protocol):
    """What keeps answers: rating files, or a store."""

    def ratings(self) -> tuple[Rating, ...]:
        """The latest answer of every annotator to every question about every clip, machines included."""

    def add(self, annotator: str, item: str, answers: Mapping[str, str], *, answered_at: datetime) -> Mapping[str, int]:
        """Keep checked answers (text by question), all or none; the round of each when they are on disk."""

    def agreed(self, name: str) -> str | None:
        """What everybody who judges agreed on; None if nothing was."""

    def settle(self, name: str, decide: Callable[[str | None], str], *, who: str) -> str:
        """What holds from now on: `decide` says it, given what was agreed so far; nobody else writes meanwhile."""


def check_annotator(annotator: str) -> None:
    """Raise unless `annotator` may be the id of a person who judges clips.

    Raises
    ------
    UsageError
        If it holds anything but letters, digits and hyphens, or is a machine's.
    """
    if not ID_PATTERN.fullmatch(annotator):
        raise UsageError(
            f"'{annotator}' is no annotator: ids are made of letters, digits and hyphens", fix="--annotator expert-1"
        )
    if is_machine(annotator):
        raise UsageError(f"'{annotator}' is a machine, whose answers are not typed", fix="emogap annotate auto STUDY")


def parse_answers(words: Sequence[str]) -> dict[str, str]:
    """Answers by question, from words such as ``emotion7=fear`` and ``valence=-0.5``; each checked.

    Raises
    ------
    UsageError, UnknownNameError, DataError
        If a word is no answer, a question stands twice, or an answer is not one that the question permits.

    Examples
    --------
    >>> parse_answers(["emotion7=fear", "valence=-0.50"])
    {'emotion7': 'fear', 'valence': '-0.50'}
    """
    answers: dict[str, str] = {}
    for word in words:
        question, equals, text = (part.strip() for part in word.partition("="))
        if not equals:
            raise UsageError(f"'{word}' is no answer", fix="write QUESTION=ANSWER, such as emotion7=fear")
        if question in answers:
            raise UsageError(f"{question} is answered twice", fix="give one answer; a later one is a revision")
        answers[question] = check_answer(question, text)
    if not answers:
        raise UsageError("there is no answer to keep", fix="write QUESTION=ANSWER, such as emotion7=fear valence=-0.5")
    return answers


def check_answer(question: str, text: str) -> str:
    """The answer as it stands in a rating file.

    Raises
    ------
    UnknownNameError
        If a study's rating files hold no such question.
    DataError
        If it is no answer of the question's vocabulary; with the nearest word, or the limits.
    """
    if question not in QUESTIONS:
        raise UnknownNameError("question", question, QUESTIONS)
    vocabulary_of(question).value(text, question=question)
    return text


class CsvBook:
    """The rating files ``ratings/*.csv`` of a study.

    Parameters
    ----------
    study : Path
        Folder of the study.
    items : iterable of str
        Its clips; answers about anything else are refused.
    """

    def __init__(self, study: Path, items: Iterable[str]) -> None:
        self._folder = study / "ratings"
        self._items = tuple(sorted(items))

    def ratings(self) -> tuple[Rating, ...]:
        """The latest answers of everybody.

        Raises
        ------
        DataError
            If a rating file is at fault.
        """
        return ratings_of(self.answers(), items=self._items)

    def add(self, annotator: str, item: str, answers: Mapping[str, str], *, answered_at: datetime) -> dict[str, int]:
        """Append the answers to ``<annotator>.csv``; when this returns they are on disk.

        The file is written anew beside its place and renamed, both followed by fsync; meanwhile no other process adds
        to the study. Killed at any time, the file is the old or the new one.

        Raises
        ------
        DataError
            If a rating file is at fault.
        OutputError
            If the file cannot be written; what was there still stands.
        """
        path = self._folder / f"{annotator}.csv"
        with alone_with_ratings(self._folder):
            kept = self.answers()
            ratings_of(kept, items=self._items)
            theirs = [answer for answer in kept if (answer.item, answer.annotator) == (item, annotator)]
            rounds = {answer.question: answer.round_number for answer in sorted(theirs, key=lambda a: a.round_number)}
            added = {question: rounds.get(question, 0) + 1 for question in answers}
            before = path.read_text(encoding="utf-8-sig") if path.is_file() else ",".join(COLUMNS) + "\n"
            rows = [
                {
                    "item": item,
                    "annotator": annotator,
                    "question": question,
                    "rating": text,
                    "round": str(added[question]),
                    "answered_at": answered_at.isoformat(timespec="seconds"),
                }
                for question, text in answers.items()
            ]
            write_to_disk(path, _appended(before, rows))
        return added

    def agreed(self, name: str) -> str | None:
        """What was agreed on, from ``ratings/agreed.json``; None if nothing was.

        Raises
        ------
        DataError
            If the file is at fault.
        """
        kept = self._agreements().get(name)
        return str(kept[-1]["agreed"]) if kept else None

    def settle(self, name: str, decide: Callable[[str | None], str], *, who: str) -> str:
        """What holds from now on, added to ``ratings/agreed.json``; what held before stays there.

        Raises
        ------
        DataError
            If the file is at fault.
        OutputError
            If it cannot be written.
        """
        agreed = self.agreed(name)
        if agreed is not None and decide(agreed) == agreed:
            return agreed
        with alone_with_ratings(self._folder):
            agreed = self.agreed(name)
            decided = decide(agreed)
            if decided != agreed:
                kept = self._agreements()
                kept.setdefault(name, []).append({"agreed": decided, "who": who})
                record_derived(self._folder.parent, self._folder / AGREED, by="annotate")
                write_to_disk(self._folder / AGREED, (json.dumps(kept, indent=2, sort_keys=True) + "\n").encode())
        return decided

    def _agreements(self) -> dict[str, list[dict[str, str]]]:
        path = self._folder / AGREED
        if not path.is_file():
            return {}
        try:
            kept: dict[str, list[dict[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
            if all(isinstance(line["agreed"], str) for lines in kept.values() for line in lines):
                return kept
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
        raise DataError(
            "this is not what was agreed on: names, each with a list of objects that hold 'agreed'",
            where=place_of(path),
            fix="restore the file, or remove it to agree anew: ratings do not depend on it",
        )

    def answers(self) -> tuple[Answer, ...]:
        """Every row of every file, as text."""
        return tuple(answer for file in sorted(self._folder.glob("*.csv")) for answer in read_csv_answers(file))

    def add_file(self, name: str, answers: Sequence[Answer]) -> Path:
        """Add many answers as a file of their own, all or none; when this returns it is on disk.

        Parameters
        ----------
        name : str
            What the file is called, without ending; a number follows where there is one of this name.
        answers : sequence of Answer
            With revisions and rounds as they are to be.

        Raises
        ------
        DataError
            If a rating file is at fault, or somebody answered the same already; nothing is written then.
        OutputError
            If the file cannot be written.
        """
        with alone_with_ratings(self._folder):
            before: dict[AnswerKey, tuple[int, str]] = {}
            kept = self.answers()
            ratings_of(kept, items=self._items)
            for answer in kept:
                before[key_of(answer)] = max(before.get(key_of(answer), (0, "")), (answer.revision, answer.where))
            number_revisions(answers, before)
            numbers = itertools.count(2)
            path = self._folder / f"{name}.csv"
            while path.exists():
                path = self._folder / f"{name}-{next(numbers)}.csv"
            write_to_disk(path, csv_of(answers))
        return path


@contextmanager
def alone_with_ratings(folder: Path) -> Iterator[None]:
    """Nobody else adds to the folder of rating files, made if it is not there, within the block."""
    with alone_in(folder, fix="make the folder writable, or keep answers elsewhere with --store"):
        yield


def _appended(before: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    """The table with further rows, in the order of its own header."""
    header = [name.strip() for name in next(csv.reader(io.StringIO(before)))]
    text = io.StringIO()
    csv.DictWriter(text, header, restval="", lineterminator="\n").writerows(rows)
    gap = "" if before.endswith("\n") else "\n"
    return (before + gap + text.getvalue()).encode()
