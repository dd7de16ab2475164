"""``index.toml``: what a window index is, what its channels mean, what was dropped, and fingerprints of its files."""

from pathlib import Path
from typing import Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from emogap.datasets.gaze_index.config import IndexConfig
from emogap.datasets.header import ChannelHeader
from emogap.datasets.toml_header import parse_header
from emogap.errors import DataError
from emogap.files import fingerprint_json, write_bytes

__all__ = ["INDEX_FILE", "IndexHeader", "read_index_header"]

INDEX_FILE = "index.toml"

_REMAKE = "make the index again into a new folder: an index is never edited"


class IndexHeader(BaseModel):
    """The content of ``index.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_number: Literal[1] = Field(alias="schema", description="Layout of the folder.")
    name: str = Field(description="Of the data that were indexed: uniss_fgd, ceap360vr, study-NAME, or the folder.")
    config: IndexConfig = Field(description="Every option; channels is never auto here.")
    rate_hz: float
    channels: tuple[ChannelHeader, ...] = Field(description="Names and units of the last axis, in order.")
    past_frames: int = Field(ge=1)
    future_frames: int = Field(ge=1)
    simulated: bool = Field(description="Whether the people are simulated.")
    source_fingerprint: str = Field(description="Of every source file that was read.")
    fingerprint: str = Field(description="Of the windows, the frames and what their channels mean.")
    num_windows: int = Field(ge=0, description="Good windows.")
    num_segments: int = Field(ge=0, description="Stretches that hold at least one good window.")
    num_participants: int = Field(ge=0)
    num_unnamed: int = Field(ge=0, description="Segments whose participant nobody named: each is taken as a person.")
    num_resampled: int = Field(ge=0, description="Segments whose rate was another one.")
    dropped_windows: dict[str, int] = Field(description="Windows left out, by reason.")
    dropped_segments: dict[str, int] = Field(description="Segments left out whole, by reason.")
    num_failed: int = Field(ge=0, description="Files that could not be read.")
    doubts: tuple[str, ...] = Field((), description="What a careful reader of the index would question.")
    versions: dict[str, str] = Field(description="Of the software that made it.")
    files: dict[str, str] = Field(description="Fingerprint of each file, by its name in the folder.")

    def index_fingerprint(self) -> str:
        """Fingerprint of the windows, the frames and what their channels mean."""
        meaning = [channel.model_dump() for channel in self.channels]
        return fingerprint_json({"name": self.name, "channels": meaning, "rate": self.rate_hz, "files": self.files})

    def write(self, folder: Path) -> None:
        """Write ``index.toml``, whole or not at all."""
        content = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        write_bytes(folder / INDEX_FILE, tomli_w.dumps(content, multiline_strings=True).encode())


def read_index_header(folder: Path) -> IndexHeader:
    """The header of the index in `folder`.

    Raises
    ------
    DataError
        If there is no index, an unfinished one, or ``index.toml`` was damaged or edited.
    """
    path = folder / INDEX_FILE
    if not path.is_file():
        unfinished = (folder / "work").is_dir()
        raise DataError(
            "this gaze index is not finished" if unfinished else f"there is no gaze index ({INDEX_FILE})",
            where=str(folder),
            fix="run the same 'emogap gaze-index' again: it goes on where it stopped"
            if unfinished
            else "make one with 'emogap gaze-index SRC OUT', or give the folder that it made",
        )
    header = parse_header(path, IndexHeader, fix=_REMAKE)
    if header.index_fingerprint() != header.fingerprint:
        raise DataError("the header was changed after the index was made", where=str(path), fix=_REMAKE)
    return header
