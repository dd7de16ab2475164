"""What an answer may be: the vocabularies of ``vocabularies.toml``, and the questions answered in them."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from emogap.errors import DataError, UnknownNameError
from emogap.types import LabelView, Scale

__all__ = ["Vocabulary", "list_questions", "list_vocabularies", "open_vocabulary", "view_of", "vocabulary_of"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The permitted answers to a question: words, or numbers within limits.

    Attributes
    ----------
    name : str
    version : int
        Rises with every change of words or limits.
    words : tuple of str
        In the order of every probability axis; empty where the answer is a number.
    limits : (float, float) or None
        Lowest and highest number; None for words.
    is_whole : bool
        Whether only whole numbers are permitted, as on a form with points.
    source : str
        Where the vocabulary comes from, and what its ends mean.
    """

    name: str
    version: int
    words: tuple[str, ...]
    limits: tuple[float, float] | None
    is_whole: bool
    source: str

    @property
    def label(self) -> str:
        """Name and version, as stored with an answer: ``emer7 1``."""
        return f"{self.name} {self.version}"

    @property
    def scale(self) -> Scale:
        """Words are nominal, points of a form ordinal, other numbers interval."""
        if self.words:
            return "nominal"
        return "ordinal" if self.is_whole else "interval"

    def value(self, text: str, *, question: str, where: str | None = None) -> float:
        """The answer `text` as a number: the index of a word, or the number itself.

        Parameters
        ----------
        text : str
            The answer as written.
        question, where : str
            For messages.

        Raises
        ------
        DataError
            If it is no answer of this vocabulary; with the nearest word, or the limits.

        Examples
        --------
        >>> open_vocabulary("emer3").value("neutral", question="emotion3")
        2.0
        """
        if self.words:
            return self._index(text, question, where)
        assert self.limits is not None
        low, high = self.limits
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise DataError(
                f"'{text}' is no answer to '{question}', which is a number",
                where=where,
                fix="write a plain number with a decimal point, or leave the cell empty if there is no rating",
            )
        if not low <= number <= high:
            raise DataError(
                f"{question} is {text}, outside {low:g} to {high:g}",
                where=where,
                fix="correct the rating, or convert the form's points first (sam_to_unit)",
            )
        if self.is_whole and number != round(number):
            raise DataError(f"{question} is {text}: the form has whole points", where=where, fix="correct the rating")
        return number

    def _index(self, text: str, question: str, where: str | None) -> float:
        if text not in self.words:
            near = get_close_matches(text, self.words, n=1) or get_close_matches(text.lower(), self.words, n=1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            raise DataError(
                f"'{text}' is no word of {question}", where=where, fix=f"{hint}known: {', '.join(self.words)}"
            )
        return float(self.words.index(text))


def list_vocabularies() -> tuple[str, ...]:
    """Names of all vocabularies, sorted."""
    return tuple(sorted(_vocabularies()))


def list_questions() -> tuple[str, ...]:
    """Names of all questions that rating files may hold, in the order of the data file."""
    return tuple(_questions())


def open_vocabulary(name: str) -> Vocabulary:
    """The vocabulary of this name.

    Raises
    ------
    UnknownNameError
        If there is none.

    Examples
    --------
    >>> open_vocabulary("sam9").limits, open_vocabulary("sam9").scale
    ((1.0, 9.0), 'ordinal')
    """
    if name not in _vocabularies():
        raise UnknownNameError("vocabulary", name, list_vocabularies())
    return _vocabularies()[name]


def vocabulary_of(question: str, *, where: str | None = None) -> Vocabulary:
    """The vocabulary that a question is answered in, whosever statement it asks for (see :func:`view_of`).

    Raises
    ------
    DataError
        If there is no such question; with the nearest.

    Examples
    --------
    >>> vocabulary_of("emotion7").label
    'emer7 1'
    """
    bare = question.removeprefix(f"{view_of(question)}-")
    if bare not in _questions():
        near = get_close_matches(question, _questions(), n=1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise DataError(f"'{question}' is no question", where=where, fix=f"{hint}known: {', '.join(_questions())}")
    return _vocabularies()[_questions()[bare]]


def view_of(question: str) -> LabelView:
    """Whose statement a question asks for: ``felt-...`` the participant's, ``target-...`` the organiser's.

    A question without such a beginning asks observers what is shown. Views have questions of their own, so that a
    self-report is never counted among the experts' ratings.

    Examples
    --------
    >>> str(view_of("felt-emotion7")), str(view_of("emotion7"))
    ('felt', 'shown')
    """
    view = question.split("-")[0]
    return LabelView(view) if view in (LabelView.FELT, LabelView.TARGET) else LabelView.SHOWN


@cache
def vocabulary_file() -> Mapping[str, Any]:
    """The content of ``vocabularies.toml``."""
    text = files("emogap.annotation").joinpath("vocabularies.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


@cache
def _vocabularies() -> Mapping[str, Vocabulary]:
    return MappingProxyType({name: _vocabulary(name, entry) for name, entry in vocabulary_file()["vocabulary"].items()})


def _vocabulary(name: str, entry: Mapping[str, Any]) -> Vocabulary:
    limits = entry.get("limits")
    return Vocabulary(
        name=name,
        version=entry["version"],
        words=tuple(entry.get("words", ())),
        limits=None if limits is None else (limits[0], limits[1]),
        is_whole=entry.get("whole", False),
        source=entry["source"],
    )


@cache
def _questions() -> Mapping[str, str]:
    return MappingProxyType(vocabulary_file()["question"])
