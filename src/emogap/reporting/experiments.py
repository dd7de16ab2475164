"""Opening an experiment that was run: its record, its tables, its figures. Nothing is computed."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from emogap.errors import DataError
from emogap.reporting.results import read_record
from emogap.types.result_table import ResultTable

__all__ = [
    "EXPERIMENT_FILE",
    "FIGURES_FOLDER",
    "RESULT_FILE",
    "ExperimentData",
    "ExperimentRecord",
    "ResultRecord",
    "StoredExperiment",
    "open_experiment",
    "read_experiment_record",
]

EXPERIMENT_FILE = "experiment.toml"
RESULT_FILE = "result.json"
FIGURES_FOLDER = "figures"


class ExperimentData(TypedDict):
    """What was read: a data set, a study, or a file of ratings."""

    path: str
    name: str
    fingerprint: str


class ExperimentRecord(TypedDict):
    """A whole ``experiment.toml``: how an experiment was run."""

    schema: int
    job: str
    """Fingerprint of kind, options and data: the same job is taken up again, another is refused."""
    name: str
    title: str
    kind: str
    source: str
    published: str
    is_finished: bool
    command: str
    data: ExperimentData
    also_read: NotRequired[list[ExperimentData]]
    """What the options name beside it, such as the data that models are tested on."""
    preset_given: NotRequired[str]
    """The preset of the command line, where one replaced that of the file."""
    options_given: NotRequired[dict[str, object]]
    """Other options of the command line that replaced those of the file, by name."""
    options: dict[str, object]
    """As they were run."""
    seconds: float
    """Wall time of the commands that worked on this experiment and came to an end."""
    jobs: int
    versions: dict[str, str]
    machine: dict[str, str]


class ResultRecord(TypedDict):
    """A whole ``result.json``. `runs` are relative to the folder of the experiment."""

    schema: int
    tables: list[ResultTable]
    figures: dict[str, str]
    notes: list[str]
    runs: list[str]
    failures: list[str]


@dataclass(frozen=True, slots=True, eq=False)
class StoredExperiment:
    """An experiment as it lies on disk.

    Attributes
    ----------
    path : Path
    record : ExperimentRecord
    tables : tuple of ResultTable
    figures : mapping from name to SVG text
    captions : mapping from name to str
        One paragraph for each figure.
    notes : tuple of str
    runs : tuple of Path
        Folders of the runs that it was computed from.
    failures : tuple of str
        What did not come to an end.
    """

    path: Path
    record: ExperimentRecord
    tables: tuple[ResultTable, ...]
    figures: Mapping[str, str]
    captions: Mapping[str, str]
    notes: tuple[str, ...]
    runs: tuple[Path, ...]
    failures: tuple[str, ...]


def open_experiment(folder: Path) -> StoredExperiment:
    """The experiment in `folder`, which ``emogap run`` made.

    Raises
    ------
    DataError
        If there is none, it has no result yet, or a file is absent, damaged or of another version of the layout.
    """
    record = read_experiment_record(folder)
    again = "run the same 'emogap run' again: the result is made from the runs and fits that are kept"
    result = cast(ResultRecord, read_record(folder / RESULT_FILE, json.loads, again))
    return StoredExperiment(
        path=folder,
        record=record,
        tables=tuple(result["tables"]),
        figures={name: _figure(folder / FIGURES_FOLDER / f"{name}.svg", again) for name in result["figures"]},
        captions=result["figures"],
        notes=tuple(result["notes"]),
        runs=tuple((folder / run).resolve() for run in result["runs"]),
        failures=tuple(result["failures"]),
    )


def read_experiment_record(folder: Path) -> ExperimentRecord:
    """The record in `folder`, whether the experiment is finished or not.

    Raises
    ------
    DataError
        If there is none, it is damaged, or of another version of the layout.
    """
    fix = "give a folder that 'emogap run' made"
    return cast(ExperimentRecord, read_record(folder / EXPERIMENT_FILE, tomllib.loads, fix))


def _figure(path: Path, again: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"the figure cannot be read: {error}", where=str(path), fix=again) from error
