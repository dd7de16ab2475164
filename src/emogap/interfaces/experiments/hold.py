"""One command at a time in a place of experiments: two would train the same fit into the same folder."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from emogap.errors import UsageError

__all__ = ["hold_place"]


@contextmanager
def hold_place(place: Path) -> Iterator[None]:
    """Keep `place` for this process while the block runs; the folder is made if it is not there.

    A lock of the operating system on the folder itself: nothing is written, and a process that is killed leaves nothing
    behind. Windows has no such lock; there nothing is held.

    Raises
    ------
    UsageError
        If another process holds it.
    """
    place.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    import fcntl

    folder = os.open(place, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                "another 'emogap run' is at work in this place",
                where=str(place),
                fix="wait until it has ended, or give another folder with --out",
            ) from error
        yield
    finally:
        os.close(folder)
