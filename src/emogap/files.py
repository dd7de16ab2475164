"""Writing that never leaves a half-written file, and fingerprints of what was written.

Everything is written beside its place under a name ending in ``.partial`` and renamed when complete.
"""

import errno
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emogap.errors import OutputError

__all__ = [
    "fingerprint_bytes",
    "fingerprint_file",
    "fingerprint_json",
    "write_aside",
    "write_bytes",
    "write_json",
    "write_to_disk",
]

TRIES, RETRY_S = 100, 0.01


@contextmanager
def write_aside(path: Path) -> Iterator[Path]:
    """A path to write to; when the block ends well it replaces `path`, otherwise `path` stays as it was.

    The block may write a file or make a folder. Parent folders are made.

    Raises
    ------
    OutputError
        If the disk is full or the place cannot be written; what was partly written is removed.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(partial)
        yield partial
        if partial.is_dir() and path.is_dir():
            shutil.rmtree(path)
        _replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            _remove(partial)
        raise _output_error(error, path) from error
    except BaseException:
        _remove(partial)
        raise


def _replace(partial: Path, path: Path) -> None:
    """Rename; what somebody reads at this moment Windows does not replace, so that it is tried again for a while."""
    for _ in range(TRIES if sys.platform == "win32" else 0):
        try:
            partial.replace(path)
        except PermissionError:
            time.sleep(RETRY_S)
        else:
            return
    partial.replace(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _output_error(error: OSError, path: Path) -> OutputError:
    reason = error.strerror or str(error)
    fix = "make room and run the same command again: what was finished is kept"
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        fix = "check that the folder exists and may be written to, then run the same command again"
    return OutputError(f"could not write: {reason}", where=str(path), fix=fix)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with write_aside(path) as partial:
        partial.write_bytes(content)


def write_to_disk(path: Path, content: bytes) -> None:
    """As :func:`write_bytes`, and on the disk when this returns: a loss of power does not undo it.

    Windows does not let a folder be synchronised; there the name follows when the file system writes it.
    """
    with write_aside(path) as partial, partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_json(path: Path, content: object) -> None:
    """Write `content` as indented JSON with sorted keys, whole or not at all."""
    write_bytes(path, (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode())


def fingerprint_bytes(parts: Iterable[bytes]) -> str:
    """The first 16 hexadecimal digits of the SHA-256 over `parts`, each preceded by its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:16]


def fingerprint_json(content: object) -> str:
    """Fingerprint of `content` written as canonical JSON; key order does not matter.

    Examples
    --------
    >>> fingerprint_json({"a": 1, "b": 2}) == fingerprint_json({"b": 2, "a": 1})
    True
    """
    return fingerprint_bytes([json.dumps(content, sort_keys=True, separators=(",", ":")).encode()])


def fingerprint_file(path: Path) -> str:
    """Fingerprint of a file's bytes, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()[:16]
