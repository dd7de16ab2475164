"""Predictions of people that a model was not trained on: what calibration rests on, and what is calibrated.

In every cell of a split the training people are dealt into inner folds. For each fold one model is trained on the
others; it predicts the people of the fold, the calibration, and the test people. So both are predicted by the same
models, none of which saw either. A model trained on all training people would not do for the test: it has taken more
steps than those of the calibration, and a network's probabilities drift with them.

Here is what one cell takes; :mod:`emogap.learning.evaluation.held_out_runs` does many of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from emogap.datasets.splits import make_split
from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.learning.evaluation.fit_store import fit_folder
from emogap.learning.evaluation.fitting import fit_training
from emogap.learning.evaluation.grid import Fit, fit_options
from emogap.learning.evaluation.predictions import KEY_COLUMNS
from emogap.learning.experiment import BenchConfig, model_and_streams
from emogap.learning.prediction import predict_rows
from emogap.learning.training.checkpoint import Trained
from emogap.learning.training.loop import fit_model
from emogap.types import SampleKey

__all__ = ["CALIBRATION", "TEST", "CellFit", "HeldOutJob", "cell_fits", "fitted", "folder_of", "held_out_predictions"]

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
        Of the whole cell.
    inner_folds : int
        Folds of the training people, each predicted by a model of the others; 0 = one model, calibrated on the
        validation people of the cell.
    """

    question: str
    space: str
    fit: Fit
    inner_folds: int

    def folder(self, place: Path) -> Path:
        """Where its predictions are, and its checkpoints."""
        return place / self.question / self.fit.model / self.fit.folder_name


@dataclass(frozen=True, slots=True)
class CellFit:
    """One of the models of a cell.

    Attributes
    ----------
    inner : str
        Name of the inner fold; empty where the cell has one model.
    fit : Fit
        Its `test` rows are those of the calibration and of the test.
    calibration : tuple of int
        Rows of the people of its fold.
    """

    inner: str
    fit: Fit
    calibration: tuple[int, ...]


def held_out_predictions(dataset: Dataset, config: BenchConfig, job: HeldOutJob, *, fits: Path) -> pl.DataFrame:
    """What the models of a cell say of the people they did not see; a model that the store lacks is trained.

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
    polars.DataFrame
        One row per clip, model, part and view: the key columns, ``row`` (of the data set), ``protocol view target split
        cell fold seed model``, ``question``, ``inner`` (the fold that the model has not seen), ``part``
        (``calibration``: once each; ``test``: by every model), ``probability`` (list) and ``label`` (null: labels are
        looked up by ``row``).
    """
    frames: list[pl.DataFrame] = []
    for each in cell_fits(dataset, job):
        trained = fitted(dataset, config, each.fit, fits)
        frames += _said(dataset, job, each, trained, each.calibration, CALIBRATION)
        frames += _said(dataset, job, each, trained, job.fit.test, TEST)
    return pl.concat(frames)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Some clips of a data set, to be dealt into folds."""

    keys: tuple[SampleKey, ...]
    fingerprint: str


def cell_fits(dataset: Dataset, job: HeldOutJob) -> tuple[CellFit, ...]:
    """The models of a cell: one for each inner fold of its training and validation people, who are dealt anew.

    Raises
    ------
    UsageError
        If these people are too few for so many folds.
    """
    if not job.inner_folds:
        return (CellFit("", job.fit, job.fit.validation),)
    rows = sorted((*job.fit.train, *job.fit.validation))
    chosen = _Chosen(tuple(dataset.keys[row] for row in rows), dataset.fingerprint)
    try:
        cells = make_split(chosen, "person", seed=job.fit.seed, folds=job.inner_folds).cells
    except UsageError as error:
        error.where = f"{job.inner_folds} inner folds of the training people of cell {job.fit.cell}"
        error.fix = "use fewer inner_folds, at least 2, or 0 for the validation people alone"
        raise
    found = []
    for cell in cells:
        train, validation, held = (
            tuple(rows[position] for position in part) for part in (cell.train, cell.validation, cell.test)
        )
        fit = replace(job.fit, train=train, validation=validation, test=(*held, *job.fit.test))
        found.append(CellFit(cell.name, fit, held))
    return tuple(found)


def folder_of(dataset: Dataset, config: BenchConfig, fit: Fit, fits: Path) -> Path:
    """Where the store `fits` keeps the model of `fit`, whether it is there or not."""
    return fit_folder(fits, dataset, fit, fit_options(config, fit), fit_training(config, fit))


def fitted(dataset: Dataset, config: BenchConfig, fit: Fit, fits: Path) -> Trained:
    """The model of `fit`, trained unless the store `fits` has it.

    Raises
    ------
    UsageError, MismatchError
        As :func:`emogap.learning.training.loop.fit_model`.
    """
    return fit_model(
        model_and_streams(fit.model)[0],
        fit_options(config, fit),
        fit.task,
        dataset,
        fit.train,
        fit.validation,
        training=fit_training(config, fit),
        folder=folder_of(dataset, config, fit, fits),
        test_rows=fit.test,
    )


def _said(
    dataset: Dataset, job: HeldOutJob, each: CellFit, trained: Trained, rows: Sequence[int], part: str
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
                ("question", job.question), ("inner", each.inner), ("part", part),
            )
        ).with_columns(pl.lit(None, pl.List(pl.Float64)).alias("label"))  # fmt: skip
