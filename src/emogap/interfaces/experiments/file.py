"""An experiment file: which kind of experiment, and its options."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.experiments.kinds import KINDS
from emogap.learning.training.config import PRESET_EPOCHS
from emogap.recording.strict_toml import line_of, read_strict_toml
from emogap.reporting.published_tables import open_published

__all__ = ["ExperimentFile", "ExperimentHead", "read_experiment_file", "with_preset"]

TAKEN = ("runs", "fits")
"""Folders that stand beside the experiments of a place."""


class ExperimentHead(BaseModel):
    """What stands above ``[options]``, whatever the kind."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_number: Literal[1] = Field(alias="schema", description="Layout of the file.")
    name: str = Field(
        pattern="^[a-z][a-z0-9_]*$", description="Of the experiment and its folder; its tables and figures begin so."
    )
    title: str = Field(min_length=1, description="One line.")
    kind: str = Field(description="Name on the shelf of kinds, such as bench.")
    source: str = Field("", description="What it follows: paper and table.")
    published: str = Field("", description="Name of the published table that is printed after its own ones.")


class ExperimentFile(ExperimentHead):
    """A whole file, checked by its kind."""

    options: BaseModel = Field(description="The kind's own options.")


def read_experiment_file(path: Path) -> ExperimentFile:
    """The experiment that the TOML file `path` describes.

    Raises
    ------
    UsageError
        If there is no such file, or two options contradict each other.
    UnknownNameError
        If it names a kind, protocol, model or published table that is not on offer; with the nearest name.
    DataError
        If an entry is absent, unknown or not what it has to be; with its line and the nearest known name.
    """
    kind = _kind_of(path)
    options = KINDS.open(kind).Options
    model = create_model(f"ExperimentFile_{kind}", __base__=ExperimentFile, options=(options, ...))
    try:
        file = read_strict_toml(path, model)
    except UsageError as error:
        error.where = error.where or str(path)
        raise
    if file.published:
        try:
            open_published(file.published)
        except UnknownNameError as error:
            error.where = _line(path, "published")
            raise
    if file.name in TAKEN:
        raise DataError(
            f"name: '{file.name}' is the name of a folder beside the experiments",
            where=_line(path, "name"),
            fix="choose another name",
        )
    return file


def with_preset(file: ExperimentFile, preset: str) -> ExperimentFile:
    """`file` with the preset of its options replaced.

    Raises
    ------
    UsageError
        If there is no such preset, or the kind trains nothing and so has none.
    """
    if preset not in PRESET_EPOCHS:
        raise UsageError(f"there is no preset '{preset}'", fix=f"choose one of: {', '.join(PRESET_EPOCHS)}")
    if "preset" not in type(file.options).model_fields:
        raise UsageError(
            f"the kind {file.kind} has no preset: it takes its data as they are",
            fix="run it without --preset",
        )
    return file.model_copy(update={"options": file.options.model_copy(update={"preset": preset})})


def _kind_of(path: Path) -> str:
    """The kind that the file names, known before the rest can be checked."""
    if not path.is_file():
        raise UsageError("there is no such file", where=str(path), fix="check the path")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"this is not TOML: {error}", where=str(path), fix="correct the file") from error
    kind = content.get("kind")
    if not isinstance(kind, str):
        raise DataError(
            "kind: is missing" if kind is None else f"kind: has to be a text, got {kind!r}",
            where=_line(path, "kind"),
            fix=f"name one of: {', '.join(KINDS.names())}",
        )
    try:
        KINDS.open(kind)
    except UsageError as error:
        error.where = _line(path, "kind")
        raise
    return kind


def _line(path: Path, entry: str) -> str:
    line = line_of(path.read_text(encoding="utf-8-sig"), (entry,))
    return f"{path}, line {line}" if line else str(path)
