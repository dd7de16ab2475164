"""A number with what it counts, in the singular where it is one."""

__all__ = ["counted"]

PLURALS = {"person": "people", "stimulus": "stimuli"}
"""Of nouns whose plural does not end in s."""


def counted(number: int, noun: str, verb: str = "") -> str:
    """`number` with `noun`, and the `verb` that agrees with them.

    Parameters
    ----------
    number : int
    noun : str
        In the singular; of several words only the last gets a plural (``"test clip"``).
    verb : str
        In the singular: ``"is"``, ``"has"``, ``"was"``, or one whose plural lacks the s (``"lies"``).

    Examples
    --------
    >>> counted(1, "seed"), counted(2, "class"), counted(0, "person"), counted(3, "entry")
    ('1 seed', '2 classes', '0 people', '3 entries')
    >>> counted(1, "clip", "has"), counted(2, "clip", "has"), counted(2, "label", "lies")
    ('1 clip has', '2 clips have', '2 labels lie')
    """
    if number != 1:
        noun = " ".join([*noun.split()[:-1], _plural(noun.split()[-1])])
        verb = {"is": "are", "has": "have", "was": "were", "does": "do"}.get(verb, verb.removesuffix("s"))
    return f"{number} {noun} {verb}".rstrip()


def _plural(noun: str) -> str:
    if noun in PLURALS:
        return PLURALS[noun]
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "tch", "sh")) else f"{noun}s"
