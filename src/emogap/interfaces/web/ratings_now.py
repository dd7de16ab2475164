"""Everybody's answers as they are now, wherever they are kept."""

import threading
from typing import TYPE_CHECKING

from emogap.annotation import Rating, read_ratings
from emogap.interfaces.annotating import items_of
from emogap.recording.study import Study

if TYPE_CHECKING:
    from emogap.annotation.store import Store

__all__ = ["RatingsNow"]


class RatingsNow:
    """The latest answers about the clips of a study, from its rating files or a database.

    Parameters
    ----------
    address : str
        Of the database; empty = the study's rating files.
    """

    def __init__(self, address: str = "") -> None:
        self._address = address
        self._lock = threading.Lock()
        self._store: Store | None = None

    @property
    def is_in_files(self) -> bool:
        """Whether they change only when a rating file does."""
        return not self._address

    def of(self, study: Study) -> tuple[Rating, ...]:
        """The answers.

        Raises
        ------
        DataError
            If a rating file is at fault.
        UsageError, OutputError
            If the database cannot be read.
        """
        if self.is_in_files:
            return tuple(read_ratings(study.rating_files))
        from emogap.annotation.store import open_store
        from emogap.interfaces.annotating_store import StoreBook

        with self._lock:
            if self._store is None:
                self._store = open_store(self._address, create=True)
        return StoreBook(self._store, study, items_of(study)).ratings()
