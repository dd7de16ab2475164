"""The app's sentences, one file per language: ``en.toml`` is complete, another language may lack some."""

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from emogap.types import vocabulary

__all__ = ["LANGUAGES", "Words", "emotions_in", "words_in"]

LANGUAGES = {"en": "English", "de": "Deutsch"}

Words = Callable[..., str]
"""Key, and what stands in the braces of its sentence, to text."""


def words_in(language: str) -> Words:
    """The sentences of a language; English where it lacks one, or where there is no such language.

    Where a sentence has a second form under its key with ``_one`` behind it, that one stands for a `count` of 1.

    Raises
    ------
    KeyError
        From the function that is returned, if English has no such sentence either.

    Examples
    --------
    >>> words_in("de")("home.clips", count=3)
    '3 Clips'
    >>> words_in("de")("home.clips", count=1)
    '1 Clip'
    """
    english = _sentences("en")
    chosen = _sentences(language) if language in LANGUAGES else english

    def word(key: str, **values: object) -> str:
        keys = (f"{key}_one", key) if values.get("count") == 1 else (key,)
        found = [table[name] for table in (chosen, english) for name in keys if name in table]
        return (found[0] if found else english[key]).format(**values)

    return word


def emotions_in(language: str) -> dict[str, str]:
    """The words of emotion7 and emotion3 in a language, by the words that files have.

    Examples
    --------
    >>> emotions_in("de")["anger"]
    'Ärger'
    """
    word = words_in(language)
    three = {name: word(f"record.emotion3_{name}") for name in vocabulary("emotion3")}
    return three | {name: word(f"emotion7.{name}") for name in vocabulary("emotion7")}


@cache
def _sentences(language: str) -> dict[str, str]:
    text = files("emogap.interfaces.web.words").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text)))


def _flat(table: dict[str, object], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _flat(value, f"{before}{key}.")
        else:
            found.append((f"{before}{key}", str(value)))
    return found
