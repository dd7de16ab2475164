"""The app's sentences, one file per language: ``en.toml`` is complete, another language may lack some."""

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGES", "Words", "words_in"]

LANGUAGES = {"en": "English", "de": "Deutsch"}

Words = Callable[..., str]
"""Key, and what stands in the braces of its sentence, to text."""


def words_in(language: str) -> Words:
    """The sentences of a language; English where it lacks one, or where there is no such language.

    Raises
    ------
    KeyError
        From the function that is returned, if English has no such sentence either.

    Examples
    --------
    >>> words_in("de")("home.clips", count=3)
    '3 Clips'
    """
    english = _sentences("en")
    chosen = _sentences(language) if language in LANGUAGES else english

    def word(key: str, **values: object) -> str:
        return (chosen.get(key) or english[key]).format(**values)

    return word


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
