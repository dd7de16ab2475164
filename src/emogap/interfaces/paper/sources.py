"""What a paper is made from: folders of runs and of experiments, each under a name of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emogap.errors import UsageError
from emogap.reporting.experiments import EXPERIMENT_FILE, RESULT_FILE, StoredExperiment, open_experiment
from emogap.reporting.results import RunResults, open_run

__all__ = ["PaperSources", "open_sources"]

RUN_FILE = "run.toml"


@dataclass(frozen=True, slots=True, eq=False)
class PaperSources:
    """Runs and experiments that were named, and the runs that the experiments were computed from.

    Attributes
    ----------
    runs : tuple of (name, run)
        Named on the command line, in that order.
    experiments : tuple of StoredExperiment
    other_runs : tuple of (name, run)
        Of the experiments, without those named; for the methods.
    made_for : mapping from str to tuple of str
        For each of the other runs the experiments that it was made for.
    doubts : tuple of str
        What is not finished, or no longer there.
    """

    runs: tuple[tuple[str, RunResults], ...]
    experiments: tuple[StoredExperiment, ...]
    other_runs: tuple[tuple[str, RunResults], ...]
    made_for: Mapping[str, tuple[str, ...]]
    doubts: tuple[str, ...]

    @property
    def all_runs(self) -> tuple[tuple[str, RunResults], ...]:
        """Every run, those named first."""
        return self.runs + self.other_runs


def open_sources(folders: list[Path]) -> PaperSources:
    """Every run and experiment in `folders`.

    Parameters
    ----------
    folders : list of Path
        Each a run, an experiment, or a folder of experiments as ``emogap run`` makes it; the latter are taken in the
        order of their names, and those without a result are left out with a doubt.

    Raises
    ------
    UsageError
        If a folder is none of these, or is named twice.
    DataError
        If a run or an experiment has no result or is damaged.
    """
    places = [folder.resolve() for folder in folders]
    if len(set(places)) < len(places):
        twice = next(folder for folder in folders if places.count(folder.resolve()) > 1)
        raise UsageError("this folder is named twice", where=str(twice), fix="name each folder once")
    runs: dict[Path, RunResults] = {}
    experiments: dict[Path, StoredExperiment] = {}
    doubts: list[str] = []
    for folder, place in zip(folders, places, strict=True):
        if (folder / RUN_FILE).is_file():
            runs[place] = open_run(folder)
        elif (folder / EXPERIMENT_FILE).is_file():
            experiments[place] = open_experiment(folder)
        else:
            found, unfinished = _experiments_in(folder)
            experiments |= {one.resolve(): open_experiment(one) for one in found}
            doubts += [f"{one.name} has no result yet and is left out" for one in unfinished]
    others: dict[Path, RunResults] = {}
    made_for: dict[Path, list[str]] = {}
    for experiment in experiments.values():
        doubts += [f"{experiment.record['name']}: {failure}" for failure in experiment.failures]
        for run in experiment.runs:
            if not (run / RUN_FILE).is_file():
                doubts.append(f"{experiment.record['name']}: its run {run.name} is no longer there")
            elif run not in runs:
                if run not in others:
                    others[run] = open_run(run)
                made_for.setdefault(run, []).append(experiment.record["name"])
    names = _names([*runs, *others])
    return PaperSources(
        runs=tuple((names[place], run) for place, run in runs.items()),
        experiments=tuple(experiments.values()),
        other_runs=tuple((names[place], run) for place, run in others.items()),
        made_for={names[place]: tuple(found) for place, found in made_for.items()},
        doubts=tuple(doubts),
    )


def _experiments_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """Experiments with a result, and those without, in the order of their names."""
    if not folder.is_dir():
        raise UsageError("there is no such folder", where=str(folder), fix="check the path")
    inside = sorted(path.parent for path in folder.glob(f"*/{EXPERIMENT_FILE}"))
    if not inside:
        raise UsageError(
            "this is neither a run nor an experiment",
            where=str(folder),
            fix="give folders that 'emogap bench' or 'emogap run' made",
        )
    finished = [path for path in inside if (path / RESULT_FILE).is_file()]
    return finished, [path for path in inside if path not in finished]


def _names(places: list[Path]) -> dict[Path, str]:
    """The name of each folder; where two are alike, the later ones are numbered."""
    names: dict[Path, str] = {}
    for place in places:
        number = sum(other.name == place.name for other in names)
        names[place] = place.name if number == 0 else f"{place.name} ({number + 1})"
    return names
