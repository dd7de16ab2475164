"""Fitting one model to the training clips of one fold.

Everything that decides the result is an argument; everything random follows from the seed and the epoch. All
clips are held in memory: a fold of cached features is a few megabytes, and no epoch touches a video.
"""

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from pydantic import BaseModel
from torch import Tensor

from emogap.counted_nouns import counted
from emogap.datasets.store import Dataset
from emogap.errors import MismatchError, UsageError
from emogap.files import fingerprint_json
from emogap.learning.inputs import Rows, Scaler, clips_at_once, make_batch
from emogap.learning.pretrained_parts import require_unseen_people, settle_pretrained, start_from_pretrained
from emogap.learning.randomness import derived_seed, seeded
from emogap.learning.training.checkpoint import EpochRecord, Trained, load_model, origin_of, save_model, stored_job
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.resume import (
    RESUME_FILE,
    Standing,
    optimizer_state,
    read_standing,
    restore_optimizers,
    write_standing,
)
from emogap.learning.training.schedule import epochs_without_gain, rate_factor
from emogap.learning.training.stage import Backward, StageRun, new_optimizer, num_passes_before, one_pass
from emogap.models.batch import Batch, select_rows, to_device
from emogap.models.interface import ClosedFormModel, GradientModel, TrainingState
from emogap.models.losses import task_loss
from emogap.models.zoo import default_config, new_model, pretrained_parts
from emogap.progress import track
from emogap.types import TaskSpec
from emogap.types.labels import vocabulary

__all__ = ["fit_fingerprint", "fit_model"]

log = logging.getLogger(__name__)


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
    test_rows: Rows = (),
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
        Its defaults if None. What it leaves to a pre-trained network is settled by its checkpoint.
    task : TaskSpec
        Views, targets, and the streams with their shapes in this data set.
    dataset : Dataset
    train_rows, validation_rows : sequence of int
        Rows of ``samples.parquet``. The scaler and the weights see the first; the second selects the epoch, and
        a closed-form model does not look at them.
    training : TrainingConfig
    folder : Path
        Takes ``weights.safetensors`` and ``config.json``; while the fit runs, ``resume.safetensors``.
    test_rows : sequence of int
        Rows that the model will be tested on. Nothing is read from them: like those of `validation_rows`, their people
        must not have been seen in a pre-training that the model starts from.
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
        If `folder` holds another fit, or the data set lacks a stream of the task; if a validation or test person was
        seen in a pre-training, or the data do not fit that.
    """
    config = settle_pretrained(name, default_config(name) if config is None else config)
    require_unseen_people(name, config, dataset, [*validation_rows, *test_rows])
    job = fit_fingerprint(name, config, task, dataset, train_rows, validation_rows, training)
    if (stored := stored_job(folder)) is not None:
        return _finished(folder, stored=stored, job=job)
    if training.num_threads is not None:
        torch.set_num_threads(training.num_threads)
    scaler = Scaler.fit(dataset, train_rows, tuple(task.streams))
    with seeded(derived_seed(training.seed)):
        model = new_model(name, task, config=config)
    scaler = start_from_pretrained(model, pretrained_parts(name, config), scaler, dataset)
    train = make_batch(dataset, train_rows, scaler, task)
    validation = make_batch(dataset, validation_rows, scaler, task)
    standing = None
    if isinstance(model, ClosedFormModel):
        model.fit(train)
    else:
        standing = _descend(
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
        before=standing.before if standing else (),
        history=standing.history if standing else (),
        best_epoch=standing.best_epoch if standing else None,
        job=job,
    )
    save_model(folder, trained)
    (folder / RESUME_FILE).unlink(missing_ok=True)
    return trained


def fit_fingerprint(
    name: str,
    config: BaseModel,
    task: TaskSpec,
    dataset: Dataset,
    train_rows: Rows,
    validation_rows: Rows,
    training: TrainingConfig,
) -> str:
    """Fingerprint of everything that decides a fit but the weights that a pre-trained part starts from.

    Parameters as :func:`fit_model` takes them, `config` settled.
    """
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
            "train": [dataset.keys[row].values() for row in train_rows],
            "validation": [dataset.keys[row].values() for row in validation_rows],
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


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """A network, its clips, and one run of each stage; what stays the same from epoch to epoch."""

    model: GradientModel
    train: Batch
    validation: Batch
    stages: tuple[StageRun, ...]
    training: TrainingConfig
    backward: Backward
    job: str


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
) -> Standing:
    """Train `model` in place; it holds the weights of the best epoch at the end."""
    from lightning_fabric import Fabric

    _require_labels(model.task, train, validation, select=training.select)
    fabric = Fabric(accelerator=training.accelerator, devices=1)
    stages = tuple(
        StageRun(stage, number, new_optimizer(model, stage, training)) for number, stage in enumerate(model.stages())
    )
    fabric.setup(model, *(run.optimizer for run in stages))
    train, validation = to_device(train, fabric.device), to_device(validation, fabric.device)
    fit = _Fit(model, train, validation, stages, training, fabric.backward, job)
    standing = read_standing(folder, job=job)
    if standing is None:
        standing = _standing(fit, (), (), None, memory=model.new_memory(train))
    else:
        model.load_state_dict(dict(standing.weights))
        restore_optimizers(_optimizers(fit), standing.optimizer)
        standing = replace(standing, memory={name: fabric.to_device(part) for name, part in standing.memory.items()})
        log.info("%s goes on after epoch %d of %d", title, len(standing.history), training.epochs)
    for after_pass in _passes_before(fit, standing, title=title):
        write_standing(folder, after_pass)
        standing = after_pass
    first = len(standing.history)
    with _curves(folder, training) as write_curves:
        for epoch in track(range(first, training.epochs), title, total=training.epochs - first):
            if _stands_still(standing, training):
                break
            standing = _one_epoch(fit, standing, epoch)
            write_standing(folder, standing)
            write_curves(standing.history[-1])
            if on_epoch is not None:
                on_epoch(standing.history[-1])
    model.load_state_dict(dict(standing.best_weights))
    return standing


def _passes_before(fit: _Fit, standing: Standing, *, title: str) -> Iterator[Standing]:
    """Pre-training, pass by pass; where the fit stands after each."""
    passes = [
        (run, epoch, num_passes)
        for run in fit.stages
        for num_passes in (num_passes_before(run.stage, fit.training),)
        for epoch in range(num_passes)
    ]
    done = len(standing.before)
    memory = dict(standing.memory)
    for run, epoch, num_passes in track(passes[done:], f"{title}: before", total=len(passes) - done):
        state = TrainingState(epoch, num_passes, 0, stage=run.stage.name, memory=memory)
        losses = one_pass(fit.model, fit.train, run, state, fit.training, fit.backward)
        record = {"epoch": float(epoch), **_named(losses, run.stage.name)}
        _require_finite(record, fit.training)
        standing = _standing(fit, (*standing.before, record), (), None, memory=memory)
        yield standing


def _one_epoch(fit: _Fit, before: Standing, epoch: int) -> Standing:
    """One pass of every stage that belongs into an epoch, then the validation clips; where the fit stands then."""
    training = fit.training
    runs = [run for run in fit.stages if not run.stage.share_before]
    memory = dict(before.memory)
    seen = [record["validation"] for record in before.history if "validation" in record]
    factor = rate_factor(training, epoch=epoch, num_epochs=training.epochs, progress=0.0, validation=seen)
    record = {"epoch": float(epoch), "learning_rate": training.learning_rate * factor}
    for run in runs:
        state = TrainingState(epoch, training.epochs, 0, stage=run.stage.name, memory=memory)
        losses = one_pass(fit.model, fit.train, run, state, training, fit.backward, validation=seen)
        record |= _named(losses, "" if run is runs[-1] else run.stage.name)
    record |= _validate(fit.model, fit.validation)
    _require_finite(record, training)
    is_best = before.best_epoch is None or training.select == "last"
    if before.best_epoch is not None and training.select == "loss":
        is_best = record["validation"] < before.history[before.best_epoch]["validation"]
    return _standing(
        fit, before.before, (*before.history, record), epoch if is_best else before.best_epoch,
        memory=memory, best_weights=None if is_best else before.best_weights,
    )  # fmt: skip


def _named(losses: Mapping[str, float], stage: str) -> dict[str, float]:
    """Losses as a record names them: ``training``, ``training/<part>``, with the stage between if it is named."""
    return {"/".join(word for word in ("training", stage, part) if word): loss for part, loss in losses.items()}


def _stands_still(standing: Standing, training: TrainingConfig) -> bool:
    seen = [record["validation"] for record in standing.history if "validation" in record]
    return training.patience is not None and epochs_without_gain(seen) >= training.patience


@torch.no_grad()
def _validate(model: GradientModel, validation: Batch) -> dict[str, float]:
    """Task loss of the validation clips, all views together and each; empty if no clip is there."""
    if not validation.num_clips:
        return {}
    model.eval()
    chunks = torch.split(torch.arange(validation.num_clips, device=validation.index.device), clips_at_once(model.task))
    outputs = [model(select_rows(validation, rows)).logits for rows in chunks]
    logits = {view.value: torch.cat([output[view] for output in outputs]) for view in model.task.views}
    total, parts = task_loss(logits, validation.labels, model.task)
    return {"validation": total.item()} | {f"validation/{part}": loss.item() for part, loss in parts.items()}


def _optimizers(fit: _Fit) -> dict[str, torch.optim.Optimizer]:
    return {run.stage.name: run.optimizer for run in fit.stages}


def _standing(
    fit: _Fit,
    before: tuple[EpochRecord, ...],
    history: tuple[EpochRecord, ...],
    best_epoch: int | None,
    *,
    memory: Mapping[str, Tensor],
    best_weights: Mapping[str, Tensor] | None = None,
) -> Standing:
    """Where `fit` stands; the weights of now are the best if no others are given."""
    weights = {name: tensor.detach().clone() for name, tensor in fit.model.state_dict().items()}
    best = best_weights or weights
    return Standing(
        job=fit.job,
        before=before,
        history=history,
        best_epoch=best_epoch,
        weights=weights,
        best_weights={} if best_epoch is None else best,
        optimizer=optimizer_state(_optimizers(fit)),
        memory=memory,
    )


def _require_labels(task: TaskSpec, train: Batch, validation: Batch, *, select: str) -> None:
    """Raise unless every view has labels to learn from, of two classes at least, and one has some to select on."""
    for view, label in train.labels.items():
        if not label.isfinite().any():
            raise UsageError(
                f"none of {counted(train.num_clips, 'training clip')} has a label of the view {view}",
                fix="use a split with more people, or leave the view out (--heads single)",
            )
    classes = vocabulary(task.space) if task.space is not None else ()
    for view, label in train.labels.items() if classes else ():
        known = label[label.isfinite().all(dim=1)]
        found = known.sum(dim=0).nonzero().flatten().tolist()
        if len(found) == 1:
            raise UsageError(
                f"all {len(known)} labelled training clips of the view {view} are {classes[found[0]]}",
                fix="use a split with more people, or labels of more classes: there is nothing to tell apart",
            )
    if select == "loss" and not any(label.isfinite().any() for label in validation.labels.values()):
        raise UsageError(
            f"none of {counted(validation.num_clips, 'validation clip')} has a label to select an epoch by",
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
