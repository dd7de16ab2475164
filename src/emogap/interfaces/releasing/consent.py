"""How far a participant agreed to share what: the column ``consent`` of ``participants.tsv``, read strictly.

Two ways to write it. One level for everything: ``lab``. Or one level for each kind of data: ``face:lab gaze:public
labels:public``; a kind that is then not named is not shared.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Literal, get_args

from emogap.errors import DataError

__all__ = ["KINDS", "LEVELS", "NOTHING", "Kind", "Level", "parse_consent", "reaches"]

Level = Literal["session", "lab", "controlled", "public"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""Each includes those before it: within the session, within the lab, with those who sign for it, with everybody."""

NOTHING = "none"
"""In the place of a level: not shared at all."""

Kind = Literal["face", "gaze", "labels"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What consent is asked for: the face; gaze and what is made of it; what was felt, and what others saw in the face."""


def parse_consent(text: str, *, where: str) -> Mapping[Kind, Level]:
    """The level of each kind that is shared at all.

    Parameters
    ----------
    text : str
        A level, or ``kind:level`` for each kind, apart by spaces, commas or semicolons. ``controlled sharing`` is
        ``controlled``; ``none`` in the place of a level means that nothing is shared.
    where : str
        For messages.

    Raises
    ------
    DataError
        If a level or kind is unknown, or a kind stands twice; the nearest word is named.

    Examples
    --------
    >>> dict(parse_consent("lab", where="here"))
    {'face': 'lab', 'gaze': 'lab', 'labels': 'lab'}
    >>> dict(parse_consent("face:none gaze:public", where="here"))
    {'gaze': 'public'}
    """
    plain = text.lower().replace("controlled sharing", "controlled").replace(",", " ").replace(";", " ")
    words = plain.split()
    if len(words) == 1 and ":" not in words[0]:
        level = _level(words[0], where)
        return {} if level is None else dict.fromkeys(KINDS, level)
    stated: dict[Kind, Level | None] = {}
    for word in words:
        name, colon, level_name = word.partition(":")
        kind = next((kind for kind in KINDS if kind == name), None)
        if kind is None or not colon:
            raise DataError(
                f"'{word}' in the consent '{text}' is no kind:level; kinds are {', '.join(KINDS)}",
                where=where,
                fix="write one level, or one level for each kind, such as 'face:lab gaze:public labels:public'",
            )
        if kind in stated:
            raise DataError(f"'{kind}' stands twice in the consent '{text}'", where=where, fix="keep the right one")
        stated[kind] = _level(level_name, where)
    return {kind: level for kind, level in stated.items() if level is not None}


def reaches(stated: Level, asked: Level) -> bool:
    """Whether a stated level allows what is asked for.

    Examples
    --------
    >>> reaches("public", "lab"), reaches("lab", "controlled")
    (True, False)
    """
    return LEVELS.index(stated) >= LEVELS.index(asked)


def _level(name: str, where: str) -> Level | None:
    """The level of this name; None for the word that means nothing is shared."""
    if name == NOTHING:
        return None
    level = next((level for level in LEVELS if level == name), None)
    if level is None:
        near = get_close_matches(name, [*LEVELS, NOTHING], n=1)
        raise DataError(
            f"'{name}' is no level of consent; they are {' < '.join(LEVELS)}, or {NOTHING}",
            where=where,
            fix=(f"did you mean '{near[0]}'? " if near else "") + "correct the cell from the signed form",
        )
    return level
