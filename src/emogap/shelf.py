"""The only registry: a folder whose files are its entries.

Listing a shelf imports nothing; opening an entry imports one file. Third parties put an entry on a shelf
with an entry point in the group of the shelf's package name, for example ``emogap.models.zoo``.
"""

import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from types import ModuleType

from emogap.errors import UnknownNameError, UsageError

__all__ = ["Shelf"]


class Shelf:
    """A folder of interchangeable modules.

    Parameters
    ----------
    package : str
        Import path of the folder, such as ``"emogap.recording.readers"``.
    kind : str
        What one entry is, in the singular, for messages: ``"reader"``.
    defines : tuple of str
        Names that every entry must define; checked when an entry is opened.

    Examples
    --------
    >>> Shelf("emogap", kind="room", defines=()).open("errors").__name__
    'emogap.errors'
    """

    def __init__(self, package: str, *, kind: str, defines: tuple[str, ...]) -> None:
        self.package = package
        self.kind = kind
        self.defines = defines

    def names(self) -> tuple[str, ...]:
        """Names of all entries, sorted; imports none of them."""
        return _names(self.package)

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def open(self, name: str) -> ModuleType:
        """The module of one entry.

        Raises
        ------
        UnknownNameError
            If no entry has this name; the nearest name is in the message.
        UsageError
            If the entry does not define what this shelf requires.
        """
        if name not in self.names():
            raise UnknownNameError(self.kind, name, self.names())
        foreign = _foreign(self.package)
        entry = foreign[name].load() if name in foreign else import_module(f"{self.package}.{name}")
        missing = [required for required in self.defines if not hasattr(entry, required)]
        if missing:
            raise UsageError(
                f"the {self.kind} '{name}' does not define {', '.join(missing)}",
                where=getattr(entry, "__file__", None) or repr(entry),
                fix=f"every {self.kind} defines {', '.join(self.defines)}",
            )
        assert isinstance(entry, ModuleType)
        return entry


@cache
def _names(package: str) -> tuple[str, ...]:
    """Names of a shelf; looked up once, since it lists the folder, and every file read asks every reader."""
    spec = find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    own = {module.name for module in pkgutil.iter_modules(folders) if not module.name.startswith("_")}
    return tuple(sorted(own | set(_foreign(package))))


@cache
def _foreign(package: str) -> Mapping[str, EntryPoint]:
    """Entries that other packages put on the shelf; looked up once, since it reads every installed package."""
    return {point.name: point for point in entry_points(group=package)}
