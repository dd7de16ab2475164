"""A folder kept for one process at a time, so that two never read and write the same tables at once.

The lock is one of the operating system on an empty file ``.lock`` in the folder: it ends with the process, however the
process ends. The file may stay; what lists, hashes or releases the contents of a folder passes it over.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from emogap.errors import EmogapError, OutputError

__all__ = ["LOCK_FILE", "alone_in"]

LOCK_FILE = ".lock"

RETRY_S = 0.01
"""Between two looks whether the folder is free."""


@contextmanager
def alone_in(
    folder: Path, *, is_made: bool = True, refusal: EmogapError | None = None, fix: str = "make the folder writable"
) -> Iterator[None]:
    """Nobody else is in `folder` while the block runs: no other process, and no other thread of this one.

    Parameters
    ----------
    folder : Path
    is_made : bool
        Whether the folder is made if it is not there.
    refusal : EmogapError, optional
        Raised at once if somebody is in it; without one the block waits until it is free.
    fix : str
        What is advised where the folder cannot be written to.

    Raises
    ------
    OutputError
        If the folder is not there, cannot be made or written to, or its file system keeps no locks.
    EmogapError
        `refusal`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place, alone_in(Path(place) / "ratings"):
    ...     [file.name for file in (Path(place) / "ratings").iterdir()]
    ['.lock']
    """
    # A lock without the operating system would outlive a process that is killed.
    lock = FileLock(folder / LOCK_FILE, poll_interval=RETRY_S, fallback_to_soft=False)
    try:
        if is_made:
            folder.mkdir(parents=True, exist_ok=True)
        elif not folder.is_dir():  # The lock would make it.
            raise FileNotFoundError(errno.ENOENT, "there is no such folder")
        lock.acquire(blocking=refusal is None)
    except Timeout as error:
        assert refusal is not None
        raise refusal from error
    except OSError as error:
        raise OutputError(f"could not write: {error.strerror or error}", where=str(folder), fix=fix) from error
    try:
        yield
    finally:
        lock.release()
