"""Fitting one model to the training clips of one fold.

Everything that decides the result is an argument; everything random follows from the seed and the epoch. All
clips are held in memory: a fold of cached features is a few megabytes, and no epoch touches a video.
"""

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Protocol

import torch
from pydantic import BaseModel
from torch import Tensor

from emogap.datasets.store import Dataset
from emogap.errors import MismatchError, UsageError
from emogap.files import fingerprint_json
from emogap.learning.inputs import Rows, Scaler, make_batch
from emogap.learning.randomness import derived_seed, seeded, shuffled
from emogap.learning.training.checkpoint import EpochRecord, Trained, load_model, origin_of, save_model, stored_job
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.resume import (
    RESUME_FILE,
    Standing,
    optimizer_state,
    read_standing,
    restore_optimizer,
    write_standing,
)
from emogap.learning.training.schedule import cosine_rate
from emogap.models.batch import Batch, select_rows, to_device
from emogap.models.interface import ClosedFormModel, GradientModel, TrainingState
from emogap.models.losses import task_loss
from emogap.models.zoo import default_config, new_model
from emogap.progress import track
from emogap.types import TaskSpec

__all__ = ["fit_model"]

log = logging.getLogger(__name__)

CLIPS_AT_ONCE = 256
"""How many validation clips go through the network together."""


def fit_model(
    name: str,
    config: BaseModel | None,
    task: TaskSpec,
    dataset: Dataset,
    train_rows: Rows,
    validation_rows: Rows,
    *,
    training: TrainingConfig,
    folder: Path,
    on_epoch: Callable[[EpochRecord], None] | None = None,
) -> Trained:
    """The model `name` fitted to `train_rows` of `dataset`; saved in `folder`, resumed from there if it was cut off.

    A fit that was killed at any moment and started again gives the same weights, bit by bit, as one that ran
    through. A fit that is finished already is read, not repeated.

    Parameters
    ----------
    name : str
        Name on the shelf of models.
    config : Config of that model, or None
        Its defaults if None.
    task : TaskSpec
        Views, targets, and the streams with their shapes in this data set.
    dataset : Dataset
    train_rows, validation_rows : sequence of int
        Rows of ``samples.parquet``. The scaler and the weights see the first; the second selects the epoch, and
        a closed-form model does not look at them.
    training : TrainingConfig
    folder : Path
        Takes ``weights.safetensors`` and ``config.json``; while the fit runs, ``resume.safetensors``.
    on_epoch : callable, optional
        Told the record of each epoch once that epoch is stored.

    Returns
    -------
    Trained
        The model of the selected epoch.

    Raises
    ------
    UsageError
        If no training clip, or no labelled validation clip to select on, is left; if the loss is not finite.
    MismatchError
        If `folder` holds another fit, or the data set lacks a stream of the task.
    """
    config = default_config(name) if config is None else config
    job = _fingerprint(name, config, task, dataset, train_rows, validation_rows, training)
    if (stored := stored_job(folder)) is not None:
        return _finished(folder, stored=stored, job=job)
    if training.num_threads is not None:
        torch.set_num_threads(training.num_threads)
    scaler = Scaler.fit(dataset, train_rows, tuple(task.streams))
    train = make_batch(dataset, train_rows, scaler, task)
    validation = make_batch(dataset, validation_rows, scaler, task)
    with seeded(derived_seed(training.seed)):
        model = new_model(name, task, config=config)
    history: tuple[EpochRecord, ...] = ()
    best_epoch = None
    if isinstance(model, ClosedFormModel):
        model.fit(train)
    else:
        history, best_epoch = _descend(
            model, train, validation, training=training, job=job, folder=folder, on_epoch=on_epoch, title=name
        )
    trained = Trained(
        name=name,
        config=config,
        task=task,
        model=model.cpu().eval(),
        scaler=scaler,
        training=training,
        origin=origin_of(dataset),
        validation_keys=validation.keys,
        history=history,
        best_epoch=best_epoch,
        job=job,
    )
    save_model(folder, trained)
    (folder / RESUME_FILE).unlink(missing_ok=True)
    return trained


def _fingerprint(
    name: str,
    config: BaseModel,
    task: TaskSpec,
    dataset: Dataset,
    train_rows: Rows,
    validation_rows: Rows,
    training: TrainingConfig,
) -> str:
    return fingerprint_json(
        {
            "model": name,
            "config": config.model_dump(mode="json"),
            "views": task.views,
            "targets": task.targets,
            "space": task.space,
            "streams": [[stream, list(shape)] for stream, shape in task.streams.items()],
            "training": training.model_dump(mode="json", exclude={"accelerator", "num_threads", "tensorboard"}),
            "data": dataset.fingerprint,
            "train": [astuple(dataset.keys[row]) for row in train_rows],
            "validation": [astuple(dataset.keys[row]) for row in validation_rows],
        }
    )


def _finished(folder: Path, *, stored: str, job: str) -> Trained:
    if stored != job:
        raise MismatchError(
            "the folder holds a model that was fitted with other options, data or clips",
            where=str(folder),
            fix="choose another folder, or remove this one",
        )
    return load_model(folder)


def _descend(
    model: GradientModel,
    train: Batch,
    validation: Batch,
    *,
    training: TrainingConfig,
    job: str,
    folder: Path,
    on_epoch: Callable[[EpochRecord], None] | None,
    title: str,
) -> tuple[tuple[EpochRecord, ...], int]:
    """Train `model` in place; the history and the epoch whose weights it holds at the end."""
    from lightning_fabric import Fabric

    _require_labels(train, validation, select=training.select)
    fabric = Fabric(accelerator=training.accelerator, devices=1)
    optimizer = _optimizer(model, training)
    _, fabric_optimizer = fabric.setup(model, optimizer)
    train, validation = to_device(train, fabric.device), to_device(validation, fabric.device)
    standing = read_standing(folder, job=job)
    if standing is not None:
        model.load_state_dict(dict(standing.weights))
        restore_optimizer(optimizer, standing.optimizer)
        log.info("%s goes on after epoch %d of %d", title, len(standing.history), training.epochs)
    first = len(standing.history) if standing else 0
    with _curves(folder, training) as write_curves:
        for epoch in track(range(first, training.epochs), title, total=training.epochs - first):
            rate = cosine_rate(training.learning_rate, epoch=epoch, num_epochs=training.epochs)
            for group in optimizer.param_groups:
                group["lr"] = rate
            losses = _one_epoch(model, train, epoch, training, fabric_optimizer, fabric.backward)
            record = {"epoch": float(epoch), "learning_rate": rate, **losses, **_validate(model, validation)}
            _require_finite(record, training)
            standing = _advance(standing, record, model, optimizer, job=job, select=training.select)
            write_standing(folder, standing)
            write_curves(record)
            if on_epoch is not None:
                on_epoch(record)
    assert standing is not None
    model.load_state_dict(dict(standing.best_weights))
    return standing.history, standing.best_epoch


class _Steps(Protocol):
    """The two things the loop asks of an optimiser."""

    def zero_grad(self) -> None: ...

    def step(self) -> object: ...


def _one_epoch(
    model: GradientModel,
    train: Batch,
    epoch: int,
    training: TrainingConfig,
    optimizer: _Steps,
    backward: Callable[[Tensor], None],
) -> dict[str, float]:
    """One pass over the training clips; mean of the loss and its parts over the steps, weighted by clips."""
    order = shuffled(train.num_clips, derived_seed(training.seed, epoch, 0)).to(train.index.device)
    batches = torch.split(order, training.batch_size)
    sums: dict[str, Tensor] = {}
    model.train()
    with seeded(derived_seed(training.seed, epoch, 1)):
        for position, rows in enumerate(batches):
            batch = select_rows(train, rows)
            state = TrainingState(epoch, training.epochs, epoch * len(batches) + position)
            total, parts = model.loss(model(batch), batch, state)
            optimizer.zero_grad()
            backward(total)
            optimizer.step()
            for name, value in {
                "training": total,
                **{f"training/{part}": loss for part, loss in parts.items()},
            }.items():
                sums[name] = sums.get(name, torch.zeros_like(value)) + value.detach() * len(rows)
    return {name: value.item() / train.num_clips for name, value in sums.items()}


@torch.no_grad()
def _validate(model: GradientModel, validation: Batch) -> dict[str, float]:
    """Task loss of the validation clips, all views together and each; empty if no clip is there."""
    if not validation.num_clips:
        return {}
    model.eval()
    chunks = torch.split(validation.index, CLIPS_AT_ONCE)
    outputs = [model(select_rows(validation, rows)).logits for rows in chunks]
    logits = {view.value: torch.cat([output[view] for output in outputs]) for view in model.task.views}
    total, parts = task_loss(logits, validation.labels, model.task)
    return {"validation": total.item()} | {f"validation/{part}": loss.item() for part, loss in parts.items()}


def _advance(
    before: Standing | None,
    record: EpochRecord,
    model: GradientModel,
    optimizer: torch.optim.Optimizer,
    *,
    job: str,
    select: str,
) -> Standing:
    weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    is_best = before is None or select == "last"
    if before is not None and select == "loss":
        is_best = record["validation"] < before.history[before.best_epoch]["validation"]
    return Standing(
        job=job,
        history=(*(before.history if before else ()), record),
        best_epoch=int(record["epoch"]) if is_best or before is None else before.best_epoch,
        weights=weights,
        best_weights=weights if is_best or before is None else before.best_weights,
        optimizer=optimizer_state(optimizer),
    )


def _optimizer(model: GradientModel, training: TrainingConfig) -> torch.optim.Optimizer:
    kind = torch.optim.AdamW if training.optimizer == "adamw" else torch.optim.Adam
    # Fused: one kernel for all tensors instead of a dozen small ones for each.
    return kind(model.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay, fused=True)


def _require_labels(train: Batch, validation: Batch, *, select: str) -> None:
    """Raise unless every view has a label to learn from, and one has a label to select on."""
    for view, label in train.labels.items():
        if not label.isfinite().any():
            raise UsageError(
                f"none of {train.num_clips} training clips has a label of the view {view}",
                fix="use a split with more people, or leave the view out (--heads single)",
            )
    if select == "loss" and not any(label.isfinite().any() for label in validation.labels.values()):
        raise UsageError(
            f"none of {validation.num_clips} validation clips has a label to select an epoch by",
            fix="use a split with more people, or keep the last epoch (select='last')",
        )


def _require_finite(record: EpochRecord, training: TrainingConfig) -> None:
    bad = [name for name, value in record.items() if not math.isfinite(value)]
    if bad:
        raise UsageError(
            f"{bad[0]} is {record[bad[0]]} in epoch {record['epoch']:.0f}",
            fix=f"lower the learning rate (it is {training.learning_rate:g})",
        )


@contextmanager
def _curves(folder: Path, training: TrainingConfig) -> Iterator[Callable[[EpochRecord], None]]:
    """A function that draws an epoch's numbers in TensorBoard, or does nothing."""
    if not training.tensorboard:
        yield lambda record: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError(
            "TensorBoard is not installed", fix='pip install "emogap[tensorboard]", or leave tensorboard off'
        ) from error
    with SummaryWriter(log_dir=str(folder / "tensorboard")) as writer:

        def write(record: EpochRecord) -> None:
            for name, value in record.items():
                writer.add_scalar(name, value, global_step=int(record["epoch"]))

        yield write
