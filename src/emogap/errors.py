"""Everything that emogap raises on purpose.

::

    EmogapError                what was wrong, where, and what to do
    +-- DataError              a file or a value that cannot be what it claims to be
    +-- UsageError             a request that cannot be met as it was put
    |   +-- UnknownNameError   a name that is not on the shelf, with the nearest one
    |   +-- MismatchError      two things that were made for each other and no longer fit
    +-- OutputError            a result that could not be written; what stood there before still stands

Absent, damaged and buggy are three different answers: ``None``, :class:`DataError`, and an exception
that is not in this tree.
"""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "DataError",
    "EmogapError",
    "MismatchError",
    "OutputError",
    "UnknownNameError",
    "UsageError",
]


class EmogapError(Exception):
    """A problem that a reader of the message can act on.

    Parameters
    ----------
    what : str
        What was wrong, with the value that was met and the limit it broke.
    where : str, optional
        File and line, or index and time in seconds.
    fix : str, optional
        The next action: a function, a flag, or an edit.
    """

    def __init__(self, what: str, *, where: str | None = None, fix: str | None = None) -> None:
        super().__init__(what, where, fix)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f"\n  what to do: {self.fix}" if self.fix else ""
        return f"{place}{self.what}{remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling of exceptions, and folds run in processes.
        return (_rebuild, (type(self), self.what, self.where, self.fix, dict(self.__dict__)))


def _rebuild(
    kind: type[EmogapError], what: str, where: str | None, fix: str | None, state: dict[str, object]
) -> EmogapError:
    error = kind.__new__(kind)
    EmogapError.__init__(error, what, where=where, fix=fix)
    error.__dict__.update(state)
    return error


class DataError(EmogapError):
    """A file or a value that cannot be what it claims to be."""


class UsageError(EmogapError):
    """A request that cannot be met as it was put."""


class UnknownNameError(UsageError):
    """A name that is not on offer; the message lists the nearest and the available ones.

    Parameters
    ----------
    kind : str
        What was asked for, in the singular: ``"model"``.
    name : str
        The name that was asked for.
    available : iterable of str
        The names on offer.
    """

    def __init__(self, kind: str, name: str, available: Iterable[str]) -> None:
        offered = sorted(available)
        near = get_close_matches(name, offered, n=1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        super().__init__(
            f"there is no {kind} named '{name}'",
            fix=f"{hint}available: {', '.join(offered) if offered else 'none'}",
        )


class MismatchError(UsageError):
    """Two things that were made for each other and no longer fit, such as a split and its data set."""


class OutputError(EmogapError):
    """A result that could not be written; what stood there before still stands."""
