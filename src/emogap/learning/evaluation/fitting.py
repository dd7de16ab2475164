"""One fit of a benchmark: train, predict the held-out clips, leave a part file behind."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset, open_dataset
from emogap.errors import EmogapError, OutputError
from emogap.learning.evaluation.grid import Fit, fit_options
from emogap.learning.evaluation.predictions import prediction_frame, sorted_predictions, write_parquet
from emogap.learning.evaluation.protocols import Protocol
from emogap.learning.experiment import BenchConfig, model_and_streams
from emogap.learning.prediction import predict_rows
from emogap.learning.training.config import preset_training
from emogap.learning.training.loop import fit_model
from emogap.progress import without_bars
from emogap.types import Prediction

__all__ = ["FitFailure", "checkpoint_folder", "part_file", "run_fit"]

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


def part_file(run: Path, fit: Fit) -> Path:
    """Where the predictions of one fit wait until all are there."""
    return run / "parts" / fit.model / f"{fit.folder_name}.parquet"


def checkpoint_folder(run: Path, fit: Fit) -> Path:
    """Where the fitted model is."""
    return run / "checkpoints" / fit.model / fit.folder_name


def run_fit(dataset_path: Path, run: Path, config: BenchConfig, protocol: Protocol, fit: Fit) -> FitFailure | float:
    """Train, predict, write the part file; seconds that took, or why it failed.

    The same numbers come out whichever process does it: one thread each, and every seed is in `fit`.

    Raises
    ------
    OutputError
        If the disk is full: then no other fit could be stored either.
    """
    from time import perf_counter

    begun = perf_counter()
    try:
        with threadpool_limits(1), without_bars():
            frame = _predictions(_opened(dataset_path), run, config, protocol, fit)
    except OutputError:
        raise
    except MODEL_ERRORS as error:
        model, target, split, cell, seed = fit.identity
        problem = str(error) if isinstance(error, EmogapError) else f"{type(error).__name__}: {error}"
        return FitFailure(model, target, split, cell, seed, problem)
    write_parquet(part_file(run, fit), frame)
    return perf_counter() - begun


@lru_cache(maxsize=1)
def _opened(path: Path) -> Dataset:
    """The data set, checked once per process."""
    return open_dataset(path)


def _predictions(dataset: Dataset, run: Path, config: BenchConfig, protocol: Protocol, fit: Fit) -> pl.DataFrame:
    name, _ = model_and_streams(fit.model)
    trained = fit_model(
        name,
        fit_options(config, fit),
        fit.task,
        dataset,
        fit.train,
        fit.validation,
        training=preset_training(config.preset, model=name, recipe=config.recipe, seed=fit.seed, num_threads=1),
        folder=checkpoint_folder(run, fit),
        test_rows=fit.test,
    )
    outputs = predict_rows(trained, dataset, fit.test)
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
