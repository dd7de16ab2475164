"""Where experts' answers are kept: the rating files of a study, appended to so that nothing acknowledged is lost.

An answer is checked before it is written, whole or not at all, and reported only when it is on disk. A later answer
to the same question about the same clip is a further round; the earlier one stays.
"""

import csv
import fcntl
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from emogap.annotation.answers import COLUMNS
from emogap.annotation.ratings import QUESTIONS, Rating, is_machine, read_ratings
from emogap.annotation.vocabularies import vocabulary_of
from emogap.errors import UnknownNameError, UsageError
from emogap.files import write_aside
from emogap.rows import ID_PATTERN

__all__ = ["CsvBook", "RatingBook", "check_annotator", "check_answer", "parse_answers"]


class RatingBook(Protocol):
    """What keeps answers: rating files, or a store."""

    def ratings(self) -> tuple[Rating, ...]:
        """The latest answer of every annotator to every question about every clip, machines included."""

    def add(self, annotator: str, item: str, answers: Mapping[str, str], *, answered_at: datetime) -> Mapping[str, int]:
        """Keep checked answers (text by question), all or none; the round of each when they are on disk."""


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
        return read_ratings(sorted(self._folder.glob("*.csv")), items=self._items)

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
        with _alone_in(self._folder):
            rounds = {
                rating.question: rating.round_number
                for rating in self.ratings()
                if (rating.item, rating.annotator) == (item, annotator)
            }
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
            _write_to_disk(path, _appended(before, rows))
        return added


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Nobody else adds to the folder within the block; the lock ends with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _appended(before: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    """The table with further rows, in the order of its own header."""
    header = [name.strip() for name in next(csv.reader(io.StringIO(before)))]
    text = io.StringIO()
    csv.DictWriter(text, header, restval="", lineterminator="\n").writerows(rows)
    gap = "" if before.endswith("\n") else "\n"
    return (before + gap + text.getvalue()).encode()


def _write_to_disk(path: Path, content: bytes) -> None:
    """Replace the file and return when file and name are on disk."""
    with write_aside(path) as partial, partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
