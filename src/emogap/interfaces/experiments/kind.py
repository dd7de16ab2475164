"""What a kind of experiment is given, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emogap.types.result_table import ResultTable

__all__ = ["ExperimentPlace", "ExperimentResult"]


@dataclass(frozen=True, slots=True)
class ExperimentPlace:
    """Where an experiment reads and writes.

    Attributes
    ----------
    name : str
        Of the experiment, as in its file; its tables and figures are named after it.
    title : str
    data : Path
        The data set; a study for kinds that read ratings.
    folder : Path
        The experiment's own folder; it exists.
    runs : Path
        Folder of all runs of the place, so that two experiments find each other's; each run is
        ``runs/<protocol>-<hash>``.
    fits : Path
        Store of single fits, shared by all runs: nothing is trained twice.
    jobs : int
        Processes.
    """

    name: str
    title: str
    data: Path
    folder: Path
    runs: Path
    fits: Path
    jobs: int


@dataclass(frozen=True, slots=True)
class ExperimentResult:
    """What came of an experiment.

    Attributes
    ----------
    tables : tuple of ResultTable
    figures : mapping from name to SVG text
        Names without ending, fit for a file.
    captions : mapping from name to str
        One paragraph for each figure.
    notes : tuple of str
        What a reader must know beside what the tables say themselves.
    runs : tuple of Path
        Folders of the runs that it was computed from, for the methods paragraph.
    failures : tuple of str
        What did not come to an end, in words; the experiment is then not finished.
    """

    tables: tuple[ResultTable, ...]
    figures: Mapping[str, str] = field(default_factory=dict)
    captions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    runs: tuple[Path, ...] = ()
    failures: tuple[str, ...] = ()
