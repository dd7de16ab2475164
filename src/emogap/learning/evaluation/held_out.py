"""Predictions of people that a model was not trained on, beside the test people: what calibration rests on.

Of every cell of a split two kinds of clips are predicted: those of its test people, and those of its training people,
each by a model that was trained on others of them. Test people are in neither the fit nor the calibration.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from emogap.datasets.splits import make_split
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import EmogapError, OutputError
from emogap.learning.evaluation.fit_store import fit_folder, link_checkpoint
from emogap.learning.evaluation.fitting import MODEL_ERRORS, FitFailure, fit_training
from emogap.learning.evaluation.gap_labels import GAP_SPACE, with_gap_labels
from emogap.learning.evaluation.grid import Fit, fit_options
from emogap.learning.evaluation.predictions import KEY_COLUMNS, read_predictions, write_parquet
from emogap.learning.experiment import BenchConfig, model_and_streams
from emogap.learning.prediction import predict_rows
from emogap.learning.training.checkpoint import Trained
from emogap.learning.training.loop import fit_model
from emogap.progress import track, without_bars
from emogap.types import SampleKey

__all__ = ["CALIBRATION", "TEST", "HeldOutJob", "held_out_predictions", "run_held_out"]

CALIBRATION, TEST = "calibration", "test"
"""The two parts of the people whose clips are predicted."""


@dataclass(frozen=True, slots=True)
class HeldOutJob:
    """What is fitted and predicted in one cell.

    Attributes
    ----------
    question : str
        What the model is asked, a name fit for a folder.
    space : str
        Label space that a gap is a gap of; the task's own space is this, or ``gap``.
    fit : Fit
    inner_folds : int
        Folds of the training people, each predicted by a model of the others; 0 = the validation people of the cell,
        predicted by the model that is tested.
    """

    question: str
    space: str
    fit: Fit
    inner_folds: int

    def folder(self, place: Path) -> Path:
        """Where its predictions are, and the checkpoint of the tested model."""
        return place / self.question / self.fit.model / self.fit.folder_name


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
    """The predictions of all `jobs`, and those that failed; what is stored in `place` is not computed again.

    Parameters
    ----------
    dataset_path : Path
    place : Path
        Takes ``<question>/<model>/<split>-<cell>-<seed>/``: the checkpoint of the tested model and
        ``held-out.parquet``.
    config : BenchConfig
        Preset, recipe and options of the models.
    jobs : sequence of HeldOutJob
    fits : Path
        Store of single fits; see :mod:`emogap.learning.evaluation.fit_store`.
    processes : int
    title : str
        Of the progress bar.

    Returns
    -------
    frame : polars.DataFrame
        One row per clip, part and view: the key columns, ``row`` (of the data set), ``protocol view target split cell
        fold seed model``, ``question``, ``part`` (``calibration`` or ``test``), ``probability`` (list) and ``label``
        (null: labels are looked up by ``row``).
    failures : tuple of FitFailure
    """
    pending = [job for job in jobs if not _stored(job, place).is_file()]
    work = [delayed(_run)(dataset_path, place, config, job, fits) for job in pending]
    done = Parallel(n_jobs=processes if len(pending) > 1 else 1, return_as="generator_unordered")(work)
    results = list(track(done, title, total=len(pending)))
    failures = sorted((each for each in results if isinstance(each, FitFailure)), key=lambda each: astuple(each)[:5])
    frames = [read_predictions(_stored(job, place)) for job in jobs if _stored(job, place).is_file()]
    return (pl.concat(frames) if frames else pl.DataFrame()), tuple(failures)


def held_out_predictions(
    dataset: Dataset, config: BenchConfig, job: HeldOutJob, *, fits: Path
) -> tuple[pl.DataFrame, Path]:
    """Fit one model and, with inner folds, one more for each; what they say of the people they did not see.

    Parameters
    ----------
    dataset : Dataset
        With labels of the job's task.
    config : BenchConfig
    job : HeldOutJob
    fits : Path
        Store of single fits.

    Returns
    -------
    frame : polars.DataFrame
        As :func:`run_held_out` gives it.
    checkpoint : Path
        Folder of the tested model in the store.
    """
    fit = job.fit
    trained, checkpoint = _fitted(dataset, config, fit, fits)
    frames = [*_said(dataset, job, trained, fit.test, TEST)]
    if not job.inner_folds:
        frames += _said(dataset, job, trained, fit.validation, CALIBRATION)
    for inner in _inner_fits(dataset, job):
        other, _ = _fitted(dataset, config, inner, fits)
        frames += _said(dataset, job, other, inner.test, CALIBRATION)
    return pl.concat(frames), checkpoint


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Some clips of a data set, to be dealt into folds."""

    keys: tuple[SampleKey, ...]
    fingerprint: str


def _inner_fits(dataset: Dataset, job: HeldOutJob) -> Iterator[Fit]:
    """The fits of the inner folds: over the training and validation people of the cell, who are dealt anew."""
    if not job.inner_folds:
        return
    rows = sorted((*job.fit.train, *job.fit.validation))
    chosen = _Chosen(tuple(dataset.keys[row] for row in rows), dataset.fingerprint)
    for cell in make_split(chosen, "person", seed=job.fit.seed, folds=job.inner_folds).cells:
        train, validation, test = (
            tuple(rows[position] for position in part) for part in (cell.train, cell.validation, cell.test)
        )
        yield replace(job.fit, train=train, validation=validation, test=test)


def _fitted(dataset: Dataset, config: BenchConfig, fit: Fit, fits: Path) -> tuple[Trained, Path]:
    """The model of `fit`, trained unless the store has it, and its folder there."""
    name, _ = model_and_streams(fit.model)
    options, training = fit_options(config, fit), fit_training(config, fit)
    folder = fit_folder(fits, dataset, fit, options, training)
    trained = fit_model(
        name,
        options,
        fit.task,
        dataset,
        fit.train,
        fit.validation,
        training=training,
        folder=folder,
        test_rows=fit.test,
    )
    return trained, folder


def _said(
    dataset: Dataset, job: HeldOutJob, trained: Trained, rows: Sequence[int], part: str
) -> Iterator[pl.DataFrame]:
    """One frame per view of the task."""
    fit = job.fit
    keys = [dataset.keys[row] for row in rows]
    for view, output in predict_rows(trained, dataset, rows).items():
        yield pl.DataFrame(
            {name: [getattr(key, name) for key in keys] for name in KEY_COLUMNS}
            | {"row": np.asarray(rows, np.int64), "probability": output.tolist()},
            schema_overrides={"probability": pl.List(pl.Float64)},
        ).with_columns(
            pl.lit(config_word).alias(name)
            for name, config_word in (
                ("protocol", f"gap-{job.space}"), ("view", view), ("target", "class"), ("split", fit.split),
                ("cell", fit.cell), ("fold", fit.fold), ("seed", fit.seed), ("model", fit.model),
                ("question", job.question), ("part", part),
            )
        ).with_columns(pl.lit(None, pl.List(pl.Float64)).alias("label"))  # fmt: skip


def _run(dataset_path: Path, place: Path, config: BenchConfig, job: HeldOutJob, fits: Path) -> FitFailure | float:
    """Fit, predict, store; seconds that took, or why it failed."""
    begun = perf_counter()
    try:
        with threadpool_limits(1), without_bars():
            dataset = _opened(dataset_path, job.space if job.fit.task.space == GAP_SPACE else None)
            frame, checkpoint = held_out_predictions(dataset, config, job, fits=fits)
    except OutputError:
        raise
    except MODEL_ERRORS as error:
        model, target, split, cell, seed = job.fit.identity
        problem = str(error) if isinstance(error, EmogapError) else f"{type(error).__name__}: {error}"
        return FitFailure(f"{model} ({job.question})", target, split, cell, seed, problem)
    link_checkpoint(checkpoint, job.folder(place))
    write_parquet(_stored(job, place), frame)
    return perf_counter() - begun


@lru_cache(maxsize=2)
def _opened(path: Path, gap_space: str | None) -> Dataset:
    """The data set, with gap labels if a space is given; checked once per process."""
    dataset = open_dataset(path)
    return dataset if gap_space is None else with_gap_labels(dataset, gap_space)


def _stored(job: HeldOutJob, place: Path) -> Path:
    return job.folder(place) / "held-out.parquet"
