"""What went wrong, in the reader's language.

Errors are raised with English sentences, here and in the rooms below. ``words/sentences.<language>.toml`` has them left
and their translations right; what differs from case to case stands in braces. A sentence that is not there stays
English, and is marked as English.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter

from emogap.errors import EmogapError
from emogap.interfaces.web.words import words_in

__all__ = ["Message", "Problem", "line_in", "message_in", "problem_in", "text_in"]

ENGLISH = "en"
KIND = "kind"
"""The gap that holds a kind of thing."""

SENTENCES = ("why", "how")
"""The gaps that hold a sentence, or a part of one, with a translation of its own."""


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence, and the language in which it could be said."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a page shows it; what is not known is None.

    Attributes
    ----------
    what : Message
    where : str or None
    fix : Message or None
    """

    what: Message
    where: str | None
    fix: Message | None


def problem_in(language: str, error: EmogapError) -> Problem:
    """What an error says, each of its sentences in `language` as far as it is translated."""
    return Problem(
        message_in(language, error.what),
        error.where,
        None if error.fix is None else message_in(language, error.fix),
    )


def line_in(language: str, sentence: str) -> str:
    """A sentence as plain text, for scripts: where it could not be said in `language`, it says so."""
    said = message_in(language, sentence)
    return said.text if said.language == language else words_in(language)("error.in_english", text=said.text)


def text_in(language: str, error: EmogapError) -> str:
    """An error as one line of plain text: what was wrong, where, and what to do."""
    fix = None if error.fix is None else message_in(language, error.fix).text
    return " · ".join(part for part in (line_in(language, error.what), error.where, fix) if part)


def message_in(language: str, sentence: str) -> Message:
    """An English sentence of an error in `language`; as it is, and marked as English, where it is not translated.

    Examples
    --------
    >>> message_in("de", "write 2000 at most")
    Message(text='höchstens 2000 schreiben', language='de')
    >>> message_in("de", "quite another sentence")
    Message(text='quite another sentence', language='en')
    """
    for pattern, translation in _translations(language):
        found = pattern.fullmatch(sentence)
        if found is not None:
            gaps = {name: _content(language, name, text) for name, text in found.groupdict().items()}
            return Message(translation.format(**gaps), language)
    return Message(sentence, ENGLISH)


def _content(language: str, gap: str, text: str) -> str:
    """What stands in a gap: a kind of thing is a word, a reason a sentence again, and some hold words between names."""
    if gap == KIND:
        return _table(language)["kinds"].get(text, text)
    if gap in SENTENCES:
        return message_in(language, text).text
    for english, translation in _words_within(language, gap):
        text = re.sub(rf"\b{english}\b", translation, text)
    return text


@cache
def _translations(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of English sentences with their translations; those that leave least open come first."""
    sentences = _table(language).get("sentences", {})
    ordered = sorted(sentences, key=lambda english: -sum(len(literal) for literal, *_ in Formatter().parse(english)))
    return tuple((_pattern(english), sentences[english]) for english in ordered)


def _pattern(english: str) -> re.Pattern[str]:
    parts = []
    for literal, gap, _, _ in Formatter().parse(english):
        parts.append(re.escape(literal))
        if gap is not None:
            parts.append(f"(?P<{gap}>.*?)")
    return re.compile("".join(parts), re.DOTALL)


@cache
def _words_within(language: str, gap: str) -> tuple[tuple[str, str], ...]:
    """Words between the names and numbers of a gap, each with its translation."""
    return tuple(_table(language).get(gap, {}).items())


@cache
def _table(language: str) -> dict[str, dict[str, str]]:
    place = files("emogap.interfaces.web.words").joinpath(f"sentences.{language}.toml")
    return tomllib.loads(place.read_text(encoding="utf-8")) if place.is_file() else {}
