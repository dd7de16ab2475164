"""A fitted model, and how it is written to and read from a folder (:mod:`emogap.learning.stored_network`)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import BaseModel, ValidationError

from emogap import __version__
from emogap.datasets.store import Dataset
from emogap.errors import DataError
from emogap.learning.inputs import Scaler
from emogap.learning.stored_network import CONFIG_FILE, LABELLED, read_description, restore_weights, write_network
from emogap.learning.training.config import TrainingConfig
from emogap.models.interface import ClosedFormModel, GradientModel
from emogap.models.zoo import ZOO, new_model
from emogap.types import LabelView, SampleKey, TaskSpec

__all__ = ["DataOrigin", "EpochRecord", "Trained", "load_model", "origin_of", "save_model", "stored_job"]

SCHEMA = 2

EpochRecord = Mapping[str, float]
"""Numbers of one epoch: ``epoch``, ``learning_rate``, ``training`` and its parts, ``validation``."""


@dataclass(frozen=True, slots=True)
class DataOrigin:
    """Which data set a model was fitted on, and how that was built."""

    name: str
    catalogue: str
    cleaning: str
    fingerprint: str
    simulated: bool
    config: Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A fitted model and everything needed to apply it to other clips, or to doubt it.

    Attributes
    ----------
    name : str
        Name on the shelf of models.
    config : pydantic model
        The model's own configuration.
    task : TaskSpec
    model : GradientModel or ClosedFormModel
        On the processor, in evaluation mode.
    scaler : Scaler
        Holds the keys of the training clips.
    training : TrainingConfig
    origin : DataOrigin
    validation_keys : tuple of SampleKey
        The clips that the epoch was selected on.
    before : tuple of EpochRecord
        One per pass of a pre-training; empty for most models.
    history : tuple of EpochRecord
        One per epoch; empty for a closed-form model.
    best_epoch : int or None
        The epoch that was kept, from zero; None for a closed-form model.
    job : str
        Fingerprint of everything that decides the result.
    """

    name: str
    config: BaseModel
    task: TaskSpec
    model: GradientModel | ClosedFormModel
    scaler: Scaler
    training: TrainingConfig
    origin: DataOrigin
    validation_keys: tuple[SampleKey, ...]
    before: tuple[EpochRecord, ...]
    history: tuple[EpochRecord, ...]
    best_epoch: int | None
    job: str


def origin_of(dataset: Dataset) -> DataOrigin:
    """What a checkpoint remembers of its data set."""
    return DataOrigin(
        name=dataset.name,
        catalogue=dataset.catalogue,
        cleaning=dataset.cleaning,
        fingerprint=dataset.fingerprint,
        simulated=dataset.simulated,
        config=dict(dataset.config),
    )


def save_model(folder: Path, trained: Trained) -> None:
    """Write `trained` into `folder`; ``config.json`` comes last, so that a folder that has one is whole.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    write_network(folder, trained.model.state_dict(), _describe(trained))


def load_model(folder: Path) -> Trained:
    """The model in `folder`, on the processor and in evaluation mode.

    Raises
    ------
    DataError
        If a file is absent, damaged or does not belong to the other.
    MismatchError
        If it was written by another version of the layout, or its model is configured otherwise by now.
    """
    described = _read_config(folder)
    try:
        name = described["model"]
        task = _task(described["task"])
        config = ZOO.open(name).Config.model_validate(described["config"])
        trained = Trained(
            name=name,
            config=config,
            task=task,
            model=new_model(name, task, config=config),
            scaler=_scaler(described),
            training=TrainingConfig.model_validate(described["training"]),
            origin=DataOrigin(**described["dataset"]),
            validation_keys=_keys(described["validation_keys"]),
            before=tuple(described["before"]),
            history=tuple(described["history"]),
            best_epoch=described["best_epoch"],
            job=described["job"],
        )
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise DataError(
            f"the checkpoint does not hold what it should: {error}",
            where=str(folder / CONFIG_FILE),
            fix="train again: a checkpoint is never edited",
        ) from error
    if isinstance(trained.model, ClosedFormModel):
        trained.model.restore(described["identity"])
    restore_weights(trained.model, folder, described)
    trained.model.eval()
    return trained


def stored_job(folder: Path) -> str | None:
    """Fingerprint of the finished fit in `folder`; None if there is none."""
    if not (folder / CONFIG_FILE).is_file():
        return None
    return str(_read_config(folder).get("job"))


def _describe(trained: Trained) -> dict[str, object]:
    model, task, scaler = trained.model, trained.task, trained.scaler
    return {
        "schema": SCHEMA,
        "model": trained.name,
        "config": trained.config.model_dump(mode="json"),
        "identity": model.identity() if isinstance(model, ClosedFormModel) else {},
        "task": {
            "views": [view.value for view in task.views],
            "targets": list(task.targets),
            "space": task.space,
            # A list: the order of the streams is that of the tokens, and JSON objects have none.
            "streams": [[name, list(shape)] for name, shape in task.streams.items()],
        },
        "scaler": [
            {"stream": name, "channels": list(channels), "mean": _numbers(scaler.mean[name])}
            | {"sd": _numbers(scaler.sd[name])}
            for name, channels in scaler.channels.items()
        ],
        "key_fields": [field.name for field in fields(SampleKey)],
        "scaler_keys": [list(key.values()) for key in scaler.keys],
        "validation_keys": [list(key.values()) for key in trained.validation_keys],
        "training": trained.training.model_dump(mode="json"),
        "dataset": asdict(trained.origin),
        "before": [dict(record) for record in trained.before],
        "history": [dict(record) for record in trained.history],
        "best_epoch": trained.best_epoch,
        "job": trained.job,
        "versions": {"emogap": __version__} | {name: version(name) for name in ("torch", "numpy", "scikit-learn")},
    }


def _read_config(folder: Path) -> dict[str, Any]:
    return read_description(folder, kind=LABELLED, schema=SCHEMA, command="emogap train")


def _task(described: dict[str, Any]) -> TaskSpec:
    return TaskSpec(
        views=tuple(LabelView(view) for view in described["views"]),
        targets=tuple(described["targets"]),
        space=described["space"],
        streams={name: tuple(shape) for name, shape in described["streams"]},
    )


def _scaler(described: dict[str, Any]) -> Scaler:
    stored = described["scaler"]
    return Scaler(
        mean={entry["stream"]: _array(entry["mean"]) for entry in stored},
        sd={entry["stream"]: _array(entry["sd"]) for entry in stored},
        channels={entry["stream"]: tuple(entry["channels"]) for entry in stored},
        keys=_keys(described["scaler_keys"]),
    )


def _keys(rows: list[list[Any]]) -> tuple[SampleKey, ...]:
    return tuple(SampleKey(*row) for row in rows)


def _numbers(array: Float[ndarray, " D"]) -> list[float | None]:
    """JSON knows no NaN: None stands for it."""
    return [None if np.isnan(number) else number for number in array.tolist()]


def _array(numbers: list[float | None]) -> Float[ndarray, " D"]:
    return np.array([np.nan if number is None else number for number in numbers], np.float64)
