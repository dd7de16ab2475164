"""What the app was opened on: a study, a data set, a run or a recording, and what belongs to it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from emogap.datasets.header import HEADER_FILE, read_header
from emogap.errors import DataError, UsageError
from emogap.recording.derived import DERIVED_LIST, derived_paths
from emogap.recording.opening import find_reader
from emogap.recording.study import open_study
from emogap.reporting.results import open_run

__all__ = ["Opened", "open_place"]

STUDY_FILE = "study.toml"
RUN_FILE = "run.toml"


@dataclass(frozen=True, slots=True)
class Opened:
    """Folders that belong together; None where there is none, or where it is no longer there.

    Attributes
    ----------
    study : Path or None
    dataset : Path or None
    runs : tuple of Path
        Sorted; of the data set, or the one that was opened.
    recording : Path or None
        One file of an eye tracker, opened on its own.
    store : str
        Where experts' answers are kept, an address of a database; empty = the study's own rating files.
    is_simulated : bool
        Whether the people are simulated: every page then says so.
    """

    study: Path | None
    dataset: Path | None
    runs: tuple[Path, ...] = ()
    recording: Path | None = None
    store: str = ""
    is_simulated: bool = False

    @property
    def name(self) -> str:
        """What the pages call it: the name of the outermost folder that there is, or of the file."""
        known = (self.study, self.dataset, *self.runs, self.recording)
        return next(place.name for place in known if place is not None)


def open_place(path: Path, *, store: str = "") -> Opened:
    """The study, data set and runs around `path`, or the one recording that it is.

    A run names its data set. A data set names the study that it was built from in that study's list of what was
    derived; the list is looked for beside the data set. A study names what was built from it there too.

    Raises
    ------
    UsageError
        If the folder is none of the three.
    DataError
        If its header is damaged, or no reader knows the file.
    """
    folder = path.resolve()
    if folder.is_file():
        find_reader(folder)
        return Opened(None, None, recording=folder)
    if (folder / STUDY_FILE).is_file():
        datasets = [place for place in derived_paths(folder) if (place / HEADER_FILE).is_file()]
        dataset = datasets[-1] if datasets else None
        simulated = open_study(folder, with_sessions=False).simulated
        return Opened(folder, dataset, _runs_of(dataset, near=folder), store=store, is_simulated=simulated)
    if (folder / HEADER_FILE).is_file():
        simulated = read_header(folder).simulated
        return Opened(_study_of(folder), folder, _runs_of(folder, near=folder), is_simulated=simulated)
    if (folder / RUN_FILE).is_file():
        dataset = _dataset_of(folder)
        simulated = open_run(folder).record["dataset"]["simulated"]
        return Opened(_study_of(dataset) if dataset else None, dataset, (folder,), is_simulated=simulated)
    if not folder.exists():
        raise UsageError(
            "there is no such file or folder", where=str(path), fix="give the path as it is seen from this folder"
        )
    raise UsageError(
        "this is neither a study nor a data set nor a run",
        where=str(path),
        fix=f"give a folder that holds {STUDY_FILE}, {HEADER_FILE} or {RUN_FILE}",
    )


def _dataset_of(run: Path) -> Path | None:
    try:
        record = tomllib.loads((run / RUN_FILE).read_text(encoding="utf-8"))
        place = Path(str(record["dataset"]["path"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"the run cannot be read: {error}", where=str(run / RUN_FILE), fix="give the folder 'emogap bench' made"
        ) from error
    return place if (place / HEADER_FILE).is_file() else None


def _study_of(dataset: Path) -> Path | None:
    """The study beside or above a data set whose list names it."""
    near = [*dataset.parents[:2], *(entry for entry in sorted(dataset.parent.iterdir()) if entry.is_dir())]
    for folder in near:
        if (folder / DERIVED_LIST).is_file() and dataset in derived_paths(folder):
            return folder
    return None


def _runs_of(dataset: Path | None, *, near: Path) -> tuple[Path, ...]:
    """Finished runs of `dataset` beside it and in ``runs`` beside it."""
    if dataset is None:
        return ()
    places = {near.parent, dataset.parent, dataset.parent / "runs"}
    found = {entry.parent for place in places if place.is_dir() for entry in place.glob(f"*/{RUN_FILE}")}
    return tuple(sorted(run for run in found if (run / "scores.json").is_file() and _is_of(run, dataset)))


def _is_of(run: Path, dataset: Path) -> bool:
    """Whether a folder beside the data set is a run of it; what cannot be read is nobody's."""
    try:
        return _dataset_of(run) == dataset
    except DataError:
        return False
