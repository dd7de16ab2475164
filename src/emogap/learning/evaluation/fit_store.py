"""Single fits shared by all runs of a place: what one run has trained, no other trains again.

``<store>/<model>/<fingerprint>/`` holds a checkpoint and, once the fit is finished, its ``predictions.parquet``.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl
from pydantic import BaseModel

from emogap.datasets.store import Dataset
from emogap.errors import OutputError
from emogap.files import fingerprint_json, write_aside
from emogap.learning.evaluation.grid import Fit
from emogap.learning.evaluation.predictions import read_predictions, sorted_predictions
from emogap.learning.evaluation.run_folder import PREDICTIONS_FILE
from emogap.learning.experiment import model_and_streams
from emogap.learning.stored_network import CONFIG_FILE, WEIGHTS_FILE
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.loop import fit_fingerprint
from emogap.models.zoo import pretrained_parts
from emogap.types import LabelView

__all__ = ["fit_folder", "link_checkpoint", "predictions_of"]

SCHEMA = 1
"""Of the store: raised when a fit of the same options would come out otherwise."""


def fit_folder(store: Path, dataset: Dataset, fit: Fit, options: BaseModel, training: TrainingConfig) -> Path:
    """Where the store keeps `fit`, whether it is there or not.

    Parameters
    ----------
    store : Path
    dataset : Dataset
        With the channels that the model sees.
    fit : Fit
    options : pydantic model
        The model's own, settled.
    training : TrainingConfig

    Notes
    -----
    The name of the folder is a fingerprint of the model and its options (with the pre-training that it starts from),
    the task, the keys of training, validation and test clips, the recipe and seed, the data and the names of the
    channels. Neither the protocol nor the run is in it.
    """
    name, _ = model_and_streams(fit.model)
    job = fit_fingerprint(name, options, fit.task, dataset, fit.train, fit.validation, training)
    fingerprint = fingerprint_json(
        {
            "schema": SCHEMA,
            "fit": job,
            "test": [dataset.keys[row].values() for row in fit.test],
            "channels": {stream: [channel.name for channel in dataset.channels[stream]] for stream in fit.task.streams},
            "pretrained": [part.network.job for part in pretrained_parts(name, options)],
        }
    )
    return store / name / fingerprint


def predictions_of(folder: Path, fit: Fit, protocols: Mapping[LabelView, str]) -> pl.DataFrame | None:
    """The predictions of a finished fit under the names that `fit` has in its run; None if it is not finished.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    path = folder / PREDICTIONS_FILE
    if not path.is_file():
        return None
    stored = read_predictions(path)
    names = {view.value: protocol for view, protocol in protocols.items()}
    named = stored.with_columns(
        pl.col("view").replace_strict(names, return_dtype=pl.String).alias("protocol"),
        *(
            pl.lit(value).alias(name)
            for name, value in (("split", fit.split), ("cell", fit.cell), ("model", fit.model))
        ),
        *(pl.lit(value, pl.Int64).alias(name) for name, value in (("fold", fit.fold), ("seed", fit.seed))),
    )
    return sorted_predictions([named])


def link_checkpoint(folder: Path, checkpoint: Path) -> None:
    """Make the checkpoint of the store appear in a run: by hard links, or copies where the disk knows none.

    Either survives when the other is deleted; neither is ever written again.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    if (checkpoint / CONFIG_FILE).is_file():
        return
    for name in (WEIGHTS_FILE, CONFIG_FILE):
        with write_aside(checkpoint / name) as partial:
            try:
                os.link(folder / name, partial)
            except OSError as error:
                if not (folder / name).is_file():
                    raise OutputError(
                        f"the store of fits has lost {name}: {error.strerror}",
                        where=str(folder),
                        fix="remove this folder and run the same command again",
                    ) from error
                shutil.copy2(folder / name, partial)
