"""What a source must tell before it can be exported, and what is noted of each item when it is done."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.recording.bids import DatasetDescription

__all__ = ["FACTS", "ExportItem", "ExportOptions", "ExportPlan", "ItemReport", "read_facts"]

FACTS = (
    "Instructions",
    "TaskDescription",
    "InstitutionName",
    "InstitutionAddress",
    "InstitutionalDepartmentName",
    "CogAtlasID",
    "CogPOID",
)
"""Keys that BIDS recommends for events, and that no file of a study holds."""


class ExportOptions(BaseModel):
    """Everything that changes what is exported."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    catalogue: Literal["study", "uniss_fgd"] = Field(default="study", description="What the source is.")
    raw: bool = Field(default=False, description="Copy the tracker's own files into sourcedata.")
    face_video: bool = Field(default=False, description="Copy face videos into sourcedata.")
    blur_faces: bool = Field(default=False, description="Blur the faces in those videos; black where none is found.")
    stimuli: bool = Field(default=True, description="Copy stimulus files into stimuli.")
    file_words: bool = Field(
        default=True, description="Keep what the tracker's files say in words: names, messages, notes."
    )
    authors: tuple[str, ...] = Field(default=(), description="Authors of the data set.")
    license: str | None = Field(default=None, description="Licence of the data set.")
    facts: dict[str, str] = Field(default_factory=dict, description="What only the lab knows, by key of BIDS.")


@dataclass(frozen=True, slots=True)
class ExportItem:
    """A file or session that is exported in one go: its name, and every file that it reads."""

    name: str
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """A source, ready to be exported.

    Attributes
    ----------
    items : tuple of ExportItem
    description : DatasetDescription
    traits : mapping from column to its entry in the sidecar
        Columns of ``participants.tsv``.
    stimuli : mapping from path under ``stimuli`` to file
    shared_files : tuple of Path
        Files that every item reads.
    doubts : tuple of str
    study : Path or None
        The study's folder, which keeps a list of what was made from it; None for a public data set.
    """

    items: tuple[ExportItem, ...]
    description: DatasetDescription
    traits: Mapping[str, Mapping[str, object]]
    stimuli: Mapping[str, Path]
    shared_files: tuple[Path, ...] = ()
    doubts: tuple[str, ...] = ()
    study: Path | None = None


class ItemReport(BaseModel):
    """What was written of an item; kept beside the data until all is done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    participants: dict[str, dict[str, str | float | None]]
    """Traits by subject label."""
    num_recordings: int
    num_samples: int
    left_out: tuple[str, ...]


def read_facts(path: Path) -> dict[str, str]:
    """The facts in a JSON file: one object of texts, its keys among `FACTS`.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If it is not JSON, or a value is no text.
    UnknownNameError
        If BIDS does not recommend a key for events; the nearest is in the message.
    """
    if not path.is_file():
        raise UsageError("no such file", where=str(path), fix="check the path")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"this is not JSON: {error}", where=str(path), fix='write {"Instructions": "..."}') from error
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise DataError("facts are one object of texts", where=str(path), fix='write {"Instructions": "..."}')
    for key in content:
        if key not in FACTS:
            raise UnknownNameError("fact", key, FACTS)
    return content
