"""Many cells of held-out predictions: every fit in parallel, none twice, taken up again where it stopped."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from emogap.counted_nouns import counted
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import EmogapError, OutputError
from emogap.learning.evaluation.fit_store import link_checkpoint
from emogap.learning.evaluation.fitting import MODEL_ERRORS, FitFailure
from emogap.learning.evaluation.gap_labels import GAP_SPACE, with_gap_labels
from emogap.learning.evaluation.grid import is_closed_form
from emogap.learning.evaluation.held_out import CellFit, HeldOutJob, cell_fits, fitted, folder_of, held_out_predictions
from emogap.learning.evaluation.predictions import read_predictions, write_parquet
from emogap.learning.evaluation.run_folder import PREDICTIONS_FILE
from emogap.learning.experiment import BenchConfig
from emogap.learning.training.checkpoint import stored_job
from emogap.progress import announce, track, without_bars

__all__ = ["run_held_out"]

log = logging.getLogger(__name__)


def run_held_out(
    dataset_path: Path,
    place: Path,
    config: BenchConfig,
    jobs: Sequence[HeldOutJob],
    *,
    fits: Path,
    processes: int,
    title: str,
) -> tuple[pl.DataFrame, tuple[FitFailure, ...]]:
    """The predictions of all `jobs`, and what failed; what is stored in `place` or in `fits` is not computed again.

    A job takes a fit for each inner fold. How many that makes in all, and how many of them are to be trained, is said
    before the first begins.

    Parameters
    ----------
    dataset_path : Path
    place : Path
        Takes ``<question>/<model>/<split>-<cell>-<seed>/``: ``predictions.parquet`` and the checkpoints, each in a
        folder named after its inner fold, or beside the predictions if there is but one.
    config : BenchConfig
        Preset, recipe and options of the models.
    jobs : sequence of HeldOutJob
    fits : Path
        Store of single fits; see :mod:`emogap.learning.evaluation.fit_store`.
    processes : int
    title : str
        Of the progress bars.

    Returns
    -------
    frame : polars.DataFrame
        As :func:`emogap.learning.evaluation.held_out.held_out_predictions` gives it. Where one cell of a model failed
        at a question, none of its cells is in it: detectors are compared on the same clips.
    failures : tuple of FitFailure

    Raises
    ------
    UsageError
        If there are too few people for the inner folds.
    OutputError
        If the disk is full: then no other fit could be stored either.
    """
    pending = [job for job in jobs if not _stored(job, place).is_file()]
    failures = _trained(dataset_path, config, pending, fits=fits, processes=processes, title=title)
    ready = [job for job in pending if _name(job) not in failures]
    work = [delayed(_predicted)(dataset_path, place, config, job, fits) for job in ready]
    done = Parallel(n_jobs=processes if len(ready) > 1 else 1, return_as="generator")(work)
    problems = list(track(done, f"{title}: predictions", total=len(ready)))
    for job, problem in zip(ready, problems, strict=True):
        if problem is not None:
            failures[_name(job)] = [_failure(job, "", problem)]
    broken = {(job.question, job.fit.model) for job in jobs if _name(job) in failures}
    whole = [job for job in jobs if (job.question, job.fit.model) not in broken]
    frames = [read_predictions(_stored(job, place)) for job in whole]
    told = tuple(failure for name in sorted(failures) for failure in failures[name])
    return (pl.concat(frames) if frames else pl.DataFrame()), told


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A model that the store is to have, and the jobs that need it."""

    model: CellFit
    gap_space: str | None
    needed_by: tuple[HeldOutJob, ...]


def _trained(
    dataset_path: Path, config: BenchConfig, jobs: Sequence[HeldOutJob], *, fits: Path, processes: int, title: str
) -> dict[Path, list[FitFailure]]:
    """Train what `jobs` need and the store lacks; what failed, by the name of the job."""
    wanted = _wanted(dataset_path, config, jobs, fits)
    lacking = {folder: each for folder, each in wanted.items() if stored_job(folder) is None}
    if wanted:
        found = len(wanted) - len(lacking)
        words = f"{title}: {counted(len(wanted), 'fit')}; there: {found}, to be trained: {len(lacking)}"
        log.info("%s", words)
        announce(words)
    # Networks first: whatever is left at the end is a closed form of milliseconds, so that no process waits long.
    order = sorted(lacking, key=lambda folder: is_closed_form(lacking[folder].model.fit))
    work = [delayed(_fit)(dataset_path, config, folder, lacking[folder], fits) for folder in order]
    done = Parallel(n_jobs=processes if len(order) > 1 else 1, return_as="generator_unordered")(work)
    problems = dict(track(done, f"{title}: fits", total=len(order)))
    failures: dict[Path, list[FitFailure]] = {}
    for folder, each in lacking.items():
        problem = problems[folder]
        if problem is not None:
            for job in each.needed_by:
                failures.setdefault(_name(job), []).append(_failure(job, each.model.inner, problem))
    return failures


def _wanted(dataset_path: Path, config: BenchConfig, jobs: Iterable[HeldOutJob], fits: Path) -> dict[Path, _Wanted]:
    """Every fit that `jobs` need, once, by its folder in the store."""
    wanted: dict[Path, _Wanted] = {}
    for job in jobs:
        gap_space = _gap_space(job)
        dataset = _opened(dataset_path, gap_space)
        for model in cell_fits(dataset, job):
            folder = folder_of(dataset, config, model.fit, fits)
            others = wanted[folder].needed_by if folder in wanted else ()
            wanted[folder] = _Wanted(model, gap_space, (*others, job))
    return wanted


def _fit(dataset_path: Path, config: BenchConfig, folder: Path, wanted: _Wanted, fits: Path) -> tuple[Path, str | None]:
    """The folder of the fit, and why it failed."""
    return folder, _problem(lambda: fitted(_opened(dataset_path, wanted.gap_space), config, wanted.model.fit, fits))


def _predicted(dataset_path: Path, place: Path, config: BenchConfig, job: HeldOutJob, fits: Path) -> str | None:
    """Predict with the models of the store, and put predictions and checkpoint into `place`; why that failed."""

    def store() -> None:
        dataset = _opened(dataset_path, _gap_space(job))
        frame = held_out_predictions(dataset, config, job, fits=fits)
        for model in cell_fits(dataset, job):
            link_checkpoint(folder_of(dataset, config, model.fit, fits), job.folder(place) / model.inner)
        write_parquet(_stored(job, place), frame)

    return _problem(store)


def _problem(step: Callable[[], object]) -> str | None:
    """Why `step` failed, None if it did not; in one thread, so that the numbers do not depend on the processes."""
    try:
        with threadpool_limits(1), without_bars():
            step()
    except OutputError:
        raise
    except MODEL_ERRORS as error:
        return str(error) if isinstance(error, EmogapError) else f"{type(error).__name__}: {error}"
    return None


def _failure(job: HeldOutJob, inner: str, problem: str) -> FitFailure:
    model, target, split, cell, seed = job.fit.identity
    return FitFailure(
        f"{model} ({job.question})", target, split, f"{cell}, inner fold {inner}" if inner else cell, seed, problem
    )


@lru_cache(maxsize=2)
def _opened(path: Path, gap_space: str | None) -> Dataset:
    """The data set, with gap labels if a space is given; checked once per process."""
    dataset = open_dataset(path)
    return dataset if gap_space is None else with_gap_labels(dataset, gap_space)


def _gap_space(job: HeldOutJob) -> str | None:
    """The space of the gap that the job's model is fitted to; None if it is fitted to the labels of views."""
    return job.space if job.fit.task.space == GAP_SPACE else None


def _name(job: HeldOutJob) -> Path:
    return job.folder(Path())


def _stored(job: HeldOutJob, place: Path) -> Path:
    return job.folder(place) / PREDICTIONS_FILE
