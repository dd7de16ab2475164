"""What the fitted models of a run say of disturbed clips: loaded from its checkpoints, never trained again."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from emogap.errors import MismatchError
from emogap.learning.evaluation.fitting import checkpoint_folder, fit_predictions, opened_dataset
from emogap.learning.evaluation.grid import Fit, make_splits, plan_fits
from emogap.learning.evaluation.predictions import KEY_COLUMNS, sorted_predictions
from emogap.learning.evaluation.protocols import Protocol
from emogap.learning.evaluation.robustness.conditions import Condition, disturb, is_reached
from emogap.learning.evaluation.robustness.slower import slowed
from emogap.learning.experiment import BenchConfig
from emogap.learning.prediction import predict_rows
from emogap.learning.training.checkpoint import load_model
from emogap.progress import track

__all__ = ["disturbed_predictions", "require_reproduced"]

LARGEST_DEVIATION = 1e-6
"""Between a stored prediction and the same one made again; other versions of torch may differ in the last digits."""


def disturbed_predictions(
    dataset_path: Path,
    run: Path,
    config: BenchConfig,
    protocol: Protocol,
    conditions: Sequence[Condition],
    *,
    seed: int = 0,
    jobs: int = 1,
) -> dict[Condition, pl.DataFrame]:
    """Predictions of the models that were asked for, for each condition; floors look at no stream and are left out.

    Parameters
    ----------
    dataset_path, run : Path
        The data set, and a finished run on it.
    config : BenchConfig
        That of the run.
    protocol : Protocol
    conditions : sequence of Condition
    seed : int
        Of what is drawn.
    jobs : int
        Processes.

    Returns
    -------
    dict from Condition to polars.DataFrame
        Like the predictions of a run. A model that a condition does not reach has no rows there.

    Raises
    ------
    DataError
        If a checkpoint is absent or damaged.
    """
    dataset = opened_dataset(dataset_path, config)
    splits = make_splits(dataset, config)
    fits = [fit for fit in plan_fits(dataset, config, protocol, splits)[0] if fit.model in config.models]
    work = [delayed(_of_fit)(dataset_path, run, config, protocol, fit, tuple(conditions), seed) for fit in fits]
    done = Parallel(n_jobs=jobs if len(fits) > 1 else 1, return_as="generator")(work)
    frames: dict[Condition, list[pl.DataFrame]] = {condition: [] for condition in conditions}
    for of_fit in track(done, f"{protocol.name}: disturbed", total=len(fits)):
        for condition, frame in of_fit.items():
            frames[condition].append(frame)
    return {condition: sorted_predictions(parts) for condition, parts in frames.items() if parts}


def require_reproduced(made: pl.DataFrame, stored: pl.DataFrame) -> None:
    """Raise unless the predictions of undisturbed clips, `made` again, are those that are `stored`.

    Raises
    ------
    MismatchError
        With the largest difference.
    """
    names = ("view", "target", "split", "cell", "seed", "model", *KEY_COLUMNS)
    output = "probability" if "probability" in made.columns else "value"
    both = made.select(*names, output).join(stored.select(*names, output), on=names, how="inner", suffix="_stored")
    pairs = [np.array(both[column].to_list(), np.float64) for column in (output, f"{output}_stored")]
    largest = float(np.abs(pairs[0] - pairs[1]).max()) if both.height else np.inf
    if both.height != made.height or largest > LARGEST_DEVIATION:
        raise MismatchError(
            f"the checkpoints say something else of undisturbed clips than the run has stored: {both.height} of"
            f" {made.height} rows are in both, the largest difference is {largest:g}",
            fix="run the benchmark again into another folder: checkpoints and predictions do not belong together",
        )


def _of_fit(
    dataset_path: Path,
    run: Path,
    config: BenchConfig,
    protocol: Protocol,
    fit: Fit,
    conditions: Sequence[Condition],
    seed: int,
) -> dict[Condition, pl.DataFrame]:
    dataset = opened_dataset(dataset_path, config)
    trained = load_model(checkpoint_folder(run, fit))
    streams = tuple(trained.task.streams)
    frames = {}
    with threadpool_limits(1):
        for condition in conditions:
            if is_reached(condition, dataset, streams):
                if condition.build is not None:
                    slower = opened_dataset(condition.build, config)
                    spoilt = slowed(dataset, slower, fit.test, streams=streams)
                else:
                    spoilt = disturb(dataset, fit.test, condition, streams=streams, sd=trained.scaler.sd, seed=seed)
                outputs = predict_rows(trained, spoilt, range(len(fit.test)))
                frames[condition] = fit_predictions(dataset, protocol, fit, outputs)
    return frames
