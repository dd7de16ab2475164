"""``dataset.toml``: what a data set is, what its columns mean, and the fingerprints of its files."""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from emogap.datasets.toml_header import parse_header
from emogap.errors import DataError
from emogap.files import fingerprint_bytes, fingerprint_json, write_bytes

__all__ = ["HEADER_FILE", "Header", "StreamHeader", "fingerprint_of_files", "fingerprint_spread", "read_header"]

HEADER_FILE = "dataset.toml"

BLOCK_BYTES = 1 << 20
MOST_BLOCKS = 64


class ChannelHeader(BaseModel):
    """Name and unit of one channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    unit: str


class StreamHeader(BaseModel):
    """One stream: its steps and channels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    num_steps: int = Field(description="Steps per sample.")
    channels: tuple[ChannelHeader, ...] = Field(description="Columns, in order; empty for frames.")
    absent: tuple[str, ...] = Field((), description="Channels that no recording has, left out of the array.")


class Header(BaseModel):
    """The content of ``dataset.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_number: Literal[1] = Field(alias="schema", description="Layout of the folder.")
    name: str = Field(description="Catalogue entry and, for a study, the name of the study.")
    catalogue: str = Field(description="Catalogue entry that read the source.")
    cleaning: str = Field(description="Cleaning preset.")
    config: dict[str, str | int | float | bool] = Field(description="Every option of the build.")
    quality_gate: str = Field("", description="SHA-256 of the quality gate that clips were excluded by; empty = none.")
    simulated: bool = Field(description="Whether the people are simulated.")
    source_fingerprint: str = Field(description="Of every source file that was read.")
    fingerprint: str = Field(description="Of the samples, the streams and what their columns mean.")
    num_samples: int
    num_excluded: int
    num_failed: int
    label_sources: dict[str, str] = Field(description="Where the labels of each view come from.")
    doubts: tuple[str, ...] = Field((), description="What a careful reader of the data set would question.")
    versions: dict[str, str] = Field(description="Of the software that made it.")
    ceiling: dict[str, dict[str, float]] = Field(
        default_factory=dict, description="Best possible scores of a simulated study, by view/space."
    )
    streams: dict[str, StreamHeader]
    files: dict[str, str] = Field(description="Fingerprint of each file, by its path in the folder.")

    def data_fingerprint(self) -> str:
        """Fingerprint of the samples, the streams, what their columns mean, and the rate gaze was thinned to."""
        meaning = {name: stream.model_dump(mode="json") for name, stream in self.streams.items()}
        described: dict[str, object] = {"name": self.name, "streams": meaning, "files": self.files}
        if "as_rate" in self.config:
            described["as_rate"] = self.config["as_rate"]
        return fingerprint_json(described)

    def write(self, folder: Path) -> None:
        """Write ``dataset.toml``, whole or not at all."""
        content = self.model_dump(mode="json", by_alias=True)
        write_bytes(folder / HEADER_FILE, tomli_w.dumps(content, multiline_strings=True).encode())


def read_header(folder: Path) -> Header:
    """The header of the data set in `folder`.

    Raises
    ------
    DataError
        If there is no data set, an unfinished one, or ``dataset.toml`` was damaged or edited.
    """
    path = folder / HEADER_FILE
    if not path.is_file():
        unfinished = (folder / "work").is_dir()
        raise DataError(
            "the build of this data set is not finished" if unfinished else f"there is no data set ({HEADER_FILE})",
            where=str(folder),
            fix="run the same 'emogap build' again: it goes on where it stopped"
            if unfinished
            else "make one with 'emogap build SRC OUT', or give the folder that it made",
        )
    header = parse_header(path, Header, fix=_REBUILD)
    if header.data_fingerprint() != header.fingerprint:
        raise DataError("the header was changed after the build", where=str(path), fix=_REBUILD)
    return header


_REBUILD = "build the data set again into a new folder: a data set is never edited"


def fingerprint_of_files(folder: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Fingerprint of each of the files in `folder`, by name."""
    return {name: fingerprint_spread(folder / name) for name in names}


def require_unchanged(folder: Path, files: Mapping[str, str]) -> None:
    """Raise unless every file is as it was when its fingerprint was taken.

    Raises
    ------
    DataError
        Naming the files that are absent or changed.
    """
    absent = [name for name in files if not (folder / name).is_file()]
    if absent:
        raise DataError(f"the data set lacks {', '.join(absent)}", where=str(folder), fix=_REBUILD)
    changed = [name for name, expected in files.items() if fingerprint_spread(folder / name) != expected]
    if changed:
        raise DataError(
            f"{', '.join(changed)} changed after the build, or was damaged", where=str(folder), fix=_REBUILD
        )


def fingerprint_spread(path: Path) -> str:
    """Fingerprint of a file's size and of up to 64 blocks of 1 MiB, spread evenly over it.

    A file of up to 64 MiB is covered whole; a longer one is checked in the time of 64 MiB.
    """
    size = path.stat().st_size
    num_blocks = min(MOST_BLOCKS, -(-size // BLOCK_BYTES))
    starts = np.linspace(0, max(0, size - BLOCK_BYTES), num_blocks).astype(np.int64)
    if size <= MOST_BLOCKS * BLOCK_BYTES:
        starts = np.arange(num_blocks, dtype=np.int64) * BLOCK_BYTES
    with path.open("rb") as stream:
        return fingerprint_bytes(chain([str(size).encode()], (_block(stream, start) for start in starts.tolist())))


def _block(stream: BinaryIO, start: int) -> bytes:
    stream.seek(start)
    return stream.read(BLOCK_BYTES)
