"""Weights of face networks: files that the user brings, kept in one folder, each checked before it is used.

Nothing is ever downloaded unasked. ``known_weights.toml`` names the files that detectors and encoders ask for, with
their size, hash, licence and source; ``emogap weights`` lists, fetches, verifies and adds them.
"""

import hashlib
import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emogap.errors import DataError, UnknownNameError, UsageError

__all__ = [
    "WEIGHTS_VARIABLE",
    "WeightsFile",
    "find_weights",
    "known_weights",
    "recognise_weights",
    "require_weights",
    "sha256_of",
    "verify_weights",
    "weights_folder",
]

WEIGHTS_VARIABLE = "EMOGAP_WEIGHTS"
"""Environment variable that names another folder of weights."""

HEX = "^[0-9a-f]+$"


class WeightsFile(BaseModel):
    """A file of weights that emogap knows.

    `size_bytes` and `sha256`, or `git_blob` alone, say what the file must hold; `url` is where ``emogap weights
    fetch`` gets it, None if it can only be added by hand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    purpose: str
    size_bytes: int | None = Field(default=None, gt=0)
    sha256: str | None = Field(default=None, pattern=HEX, min_length=64, max_length=64)
    git_blob: str | None = Field(default=None, pattern=HEX, min_length=40, max_length=40)
    licence: str
    source: str
    url: str | None = None

    @model_validator(mode="after")
    def _can_be_checked(self) -> "WeightsFile":
        if self.sha256 is None and self.git_blob is None:
            raise ValueError("give sha256 or git_blob: a file that cannot be checked is not known")
        return self


@cache
def known_weights() -> Mapping[str, WeightsFile]:
    """The known weights by name, in the order of ``known_weights.toml``."""
    content = tomllib.loads(Path(__file__).with_name("known_weights.toml").read_text(encoding="utf-8"))
    return {name: WeightsFile.model_validate(entry) for name, entry in content.items()}


def weights_folder() -> Path:
    """Where weights are looked for: $EMOGAP_WEIGHTS, else emogap/weights in the user's data folder.

    The data folder is $XDG_DATA_HOME, or ``~/.local/share`` without it. The folder need not exist.
    """
    if chosen := os.environ.get(WEIGHTS_VARIABLE):
        return Path(chosen)
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "emogap" / "weights"


def find_weights(name: str) -> Path | None:
    """The checked file of the weights `name`, or None if it is not in the folder.

    Raises
    ------
    UnknownNameError
        If emogap knows no such weights.
    DataError
        If the file is there but holds something else.
    """
    known = _known(name)
    path = weights_folder() / known.file
    if not path.is_file():
        return None
    _verify_once(path, path.stat().st_size, path.stat().st_mtime_ns, name)
    return path


def require_weights(name: str) -> Path:
    """The checked file of the weights `name`.

    Raises
    ------
    UsageError
        If the file is not in the folder; says how to get it.
    UnknownNameError, DataError
        As :func:`find_weights`.
    """
    path = find_weights(name)
    if path is not None:
        return path
    known = _known(name)
    fetch = f"emogap weights fetch {name}" if known.url else f"get {known.file} from {known.source}"
    raise UsageError(
        f"the weights '{name}' ({known.purpose}) are not there",
        where=str(weights_folder() / known.file),
        fix=f"{fetch}; or, with the file at hand: emogap weights add {known.file}",
    )


def verify_weights(path: Path, known: WeightsFile) -> None:
    """Raise unless the file at `path` is byte for byte the known one.

    Raises
    ------
    DataError
        If its size or hash is another; says which was found.
    """
    size = path.stat().st_size
    if known.size_bytes is not None and size != known.size_bytes:
        raise _other_file(path, known, found=f"{size:,} bytes", expected=f"{known.size_bytes:,} bytes")
    if known.sha256 is not None:
        found, expected = sha256_of(path), known.sha256
    else:
        found, expected = _git_blob_of(path), str(known.git_blob)
    if found != expected:
        raise _other_file(path, known, found=f"hash {found}", expected=expected)


def recognise_weights(path: Path) -> str | None:
    """Name of the known weights that the file at `path` holds, by its content; None if it is none of them.

    The name of the file does not matter. It is read once per process, and again if its size or time has changed.
    """
    return _recognise_once(path, path.stat().st_size, path.stat().st_mtime_ns)


@cache
def _recognise_once(path: Path, size: int, changed_ns: int) -> str | None:
    sha256, git_blob = sha256_of(path), _git_blob_of(path)
    for name, known in known_weights().items():
        if git_blob == known.git_blob if known.sha256 is None else sha256 == known.sha256:
            return name
    return None


def sha256_of(path: Path) -> str:
    """SHA-256 of the file at `path`, 64 hexadecimal digits."""
    return _digest(path, hashlib.sha256())


def _git_blob_of(path: Path) -> str:
    """git's name of a file: what a repository's listing shows even where its content cannot be had."""
    return _digest(path, hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False))


def _known(name: str) -> WeightsFile:
    known = known_weights()
    if name not in known:
        raise UnknownNameError("file of weights", name, known)
    return known[name]


@cache
def _verify_once(path: Path, size: int, changed_ns: int, name: str) -> None:
    """Verify a file once per process, and again if its size or time has changed."""
    verify_weights(path, known_weights()[name])


def _digest(path: Path, digest: "hashlib._Hash") -> str:
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _other_file(path: Path, known: WeightsFile, *, found: str, expected: str) -> DataError:
    return DataError(
        f"not the {known.purpose} that emogap knows: {found}, not {expected}",
        where=str(path),
        fix=f"remove it and get {known.file} again from {known.source}",
    )
