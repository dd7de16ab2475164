"""One fit of a benchmark: train, predict the held-out clips, leave a part file behind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from jaxtyping import Float
from numpy import ndarray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from emogap.datasets.channel_choice import keep_channels
from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import EmogapError, OutputError
from emogap.learning.evaluation.fit_store import fit_folder, link_checkpoint, predictions_of
from emogap.learning.evaluation.grid import Fit, fit_options
from emogap.learning.evaluation.predictions import prediction_frame, sorted_predictions, write_parquet
from emogap.learning.evaluation.protocols import Protocol
from emogap.learning.evaluation.run_folder import PREDICTIONS_FILE
from emogap.learning.experiment import BenchConfig, model_and_streams
from emogap.learning.prediction import predict_rows
from emogap.learning.training.config import TrainingConfig, preset_training
from emogap.learning.training.loop import fit_model
from emogap.progress import without_bars
from emogap.types import Prediction

__all__ = [
    "FitDone",
    "FitFailure",
    "checkpoint_folder",
    "fit_predictions",
    "fit_training",
    "opened_dataset",
    "part_file",
    "run_fit",
    "store_fit",
]

MODEL_ERRORS = (EmogapError, ArithmeticError, RuntimeError, ValueError)
"""What a model may fail with: our own errors, torch's (RuntimeError), NumPy's and scikit-learn's (the others)."""


@dataclass(frozen=True, slots=True)
class FitFailure:
    """A fit that did not come to an end, and why."""

    model: str
    target: str
    split: str
    cell: str
    seed: int
    problem: str


@dataclass(frozen=True, slots=True)
class FitDone:
    """A fit that came to an end; `was_trained` is False if it was found in the store."""

    seconds: float
    was_trained: bool


def part_file(run: Path, fit: Fit) -> Path:
    """Where the predictions of one fit wait until all are there."""
    return run / "parts" / fit.model / f"{fit.folder_name}.parquet"


def checkpoint_folder(run: Path, fit: Fit) -> Path:
    """Where the fitted model is."""
    return run / "checkpoints" / fit.model / fit.folder_name


def fit_training(config: BenchConfig, fit: Fit) -> TrainingConfig:
    """How `fit` is trained."""
    name, _ = model_and_streams(fit.model)
    return preset_training(config.preset, model=name, recipe=config.recipe, seed=fit.seed, num_threads=1)


def run_fit(
    dataset_path: Path, run: Path, config: BenchConfig, protocol: Protocol, fit: Fit, *, fits: Path | None = None
) -> FitFailure | FitDone:
    """Train, predict, write the part file; what that took, or why it failed.

    The same numbers come out whichever process does it: one thread each, and every seed is in `fit`.

    Parameters
    ----------
    dataset_path, run : Path
    config : BenchConfig
    protocol : Protocol
    fit : Fit
    fits : Path, optional
        Store of single fits: what is there is not trained again, and what is trained is kept there.

    Raises
    ------
    OutputError
        If the disk is full: then no other fit could be stored either.
    """

    def work(dataset: Dataset) -> bool:
        folder, was_trained = checkpoint_folder(run, fit), True
        if fits is None:
            frame = _predictions(dataset, folder, config, protocol, fit)
        else:
            stored, frame, was_trained = _stored(dataset, fits, config, protocol, fit)
            link_checkpoint(stored, folder)
        write_parquet(part_file(run, fit), frame)
        return was_trained

    return _attempt(dataset_path, config, fit, work)


def store_fit(
    dataset_path: Path, config: BenchConfig, protocol: Protocol, fit: Fit, *, fits: Path
) -> FitFailure | FitDone:
    """Train and predict into the store `fits`, for whichever run comes to need it; what that took, or why it failed.

    Raises
    ------
    OutputError
        If the disk is full.
    """
    return _attempt(dataset_path, config, fit, lambda dataset: _stored(dataset, fits, config, protocol, fit)[2])


def _attempt(
    dataset_path: Path, config: BenchConfig, fit: Fit, work: Callable[[Dataset], bool]
) -> FitFailure | FitDone:
    """`work` on one thread: it says whether a model was trained."""
    begun = perf_counter()
    try:
        with threadpool_limits(1), without_bars():
            was_trained = work(opened_dataset(dataset_path, config))
    except OutputError:
        raise
    except MODEL_ERRORS as error:
        model, target, split, cell, seed = fit.identity
        problem = str(error) if isinstance(error, EmogapError) else f"{type(error).__name__}: {error}"
        return FitFailure(model, target, split, cell, seed, problem)
    return FitDone(perf_counter() - begun, was_trained)


def opened_dataset(path: Path, config: BenchConfig) -> Dataset:
    """The data set with the channels that models see, checked once per process."""
    return _opened(path, tuple(sorted((config.channels or {}).items())))


@lru_cache(maxsize=4)
def _opened(path: Path, channels: tuple[tuple[str, tuple[str, ...]], ...]) -> Dataset:
    return keep_channels(open_dataset(path), dict(channels))


def _stored(
    dataset: Dataset, fits: Path, config: BenchConfig, protocol: Protocol, fit: Fit
) -> tuple[Path, pl.DataFrame, bool]:
    """The folder of `fit` in the store, its predictions, and whether it had to be trained for that."""
    folder = fit_folder(fits, dataset, fit, fit_options(config, fit), fit_training(config, fit))
    frame = predictions_of(folder, fit, dict(protocol.heads))
    was_trained = frame is None
    if frame is None:
        frame = _predictions(dataset, folder, config, protocol, fit)
        write_parquet(folder / PREDICTIONS_FILE, frame)
    return folder, frame, was_trained


def _predictions(dataset: Dataset, folder: Path, config: BenchConfig, protocol: Protocol, fit: Fit) -> pl.DataFrame:
    name, _ = model_and_streams(fit.model)
    trained = fit_model(
        name,
        fit_options(config, fit),
        fit.task,
        dataset,
        fit.train,
        fit.validation,
        training=fit_training(config, fit),
        folder=folder,
        test_rows=fit.test,
    )
    return fit_predictions(dataset, protocol, fit, predict_rows(trained, dataset, fit.test))


def fit_predictions(
    dataset: Dataset, protocol: Protocol, fit: Fit, outputs: Mapping[str, Float[ndarray, "B K"]]
) -> pl.DataFrame:
    """What a fitted model said of the test clips of `fit`, by view, as rows of a table of predictions."""
    names = dict(protocol.heads)
    frames = []
    for view in fit.task.views:
        for position, target in enumerate(fit.task.targets):
            output = outputs[view.value] if fit.task.is_classification else outputs[view.value][:, position]
            prediction = Prediction(
                keys=tuple(dataset.keys[row] for row in fit.test),
                view=view,
                target=target,
                space=fit.task.space,
                output=np.ascontiguousarray(output),
                label=label_array(dataset, view, target, fit.task.space)[list(fit.test)],
                model=fit.model,
                split=fit.split,
                cell=fit.cell,
                seed=fit.seed,
            )
            frames.append(prediction_frame(prediction, protocol=names[view], fold=fit.fold))
    return sorted_predictions(frames)
