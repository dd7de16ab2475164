"""What a source must tell before it can be exported, and what is noted of each item when it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from emogap.recording.bids import DatasetDescription

__all__ = ["ExportItem", "ExportOptions", "ExportPlan", "ItemReport"]


class ExportOptions(BaseModel):
    """Everything that changes what is exported."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    catalogue: Literal["study", "uniss_fgd"] = Field(default="study", description="What the source is.")
    raw: bool = Field(default=False, description="Copy the tracker's own files into sourcedata.")
    face_video: bool = Field(default=False, description="Copy face videos into sourcedata.")
    stimuli: bool = Field(default=True, description="Copy stimulus files into stimuli.")
    authors: tuple[str, ...] = Field(default=(), description="Authors of the data set.")
    license: str | None = Field(default=None, description="Licence of the data set.")


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
    derived_list : Path or None
        Where the source keeps a list of what was made from it.
    """

    items: tuple[ExportItem, ...]
    description: DatasetDescription
    traits: Mapping[str, Mapping[str, object]]
    stimuli: Mapping[str, Path]
    shared_files: tuple[Path, ...] = ()
    doubts: tuple[str, ...] = ()
    derived_list: Path | None = None


class ItemReport(BaseModel):
    """What was written of an item; kept beside the data until all is done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    participants: dict[str, dict[str, str | float | None]]
    """Traits by subject label."""
    num_recordings: int
    num_samples: int
    left_out: tuple[str, ...]
