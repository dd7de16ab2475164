"""The whole of a pre-training: split, steps, validation, and the scores of what was kept.

Everything that decides the result is an argument; everything random follows from the seed and the step.
"""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float
from lightning_fabric import Fabric
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.datasets.gaze_index import GazeIndex, channel_statistics, open_index, people_split, window_rows
from emogap.errors import DataError, MismatchError, UsageError
from emogap.files import fingerprint_json
from emogap.learning.pretraining.batches import StepPlan, plan_steps, windows_of_step
from emogap.learning.pretraining.checkpoint import Pretrained, index_origin, load_glass, save_glass, stored_job
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.gradients import Descent, new_descent, one_step
from emogap.learning.pretraining.schedule import learning_rate_at, truth_probability_at
from emogap.learning.pretraining.validation import (
    StandardisedGaze,
    fit_floor,
    score_beside_floors,
    validate,
    windows_of_people,
)
from emogap.learning.randomness import derived_seed, seeded
from emogap.learning.training.checkpoint import EpochRecord
from emogap.learning.training.resume import (
    RESUME_FILE,
    Standing,
    optimizer_state,
    read_standing,
    restore_optimizers,
    write_standing,
)
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.model import Glass
from emogap.progress import track

__all__ = ["pretrain"]

log = logging.getLogger(__name__)

OnRecord = Callable[[EpochRecord], None]
NO_PART_OF_THE_RESULT = {"accelerator", "num_threads", "store_every"}


def pretrain(
    index: GazeIndex,
    config: GlassConfig,
    pretraining: PretrainingConfig,
    folder: Path,
    *,
    on_record: OnRecord | None = None,
) -> Pretrained:
    """GLASS trained to forecast the gaze of `index`; saved in `folder`, resumed from there if it was cut off.

    A pre-training that was killed at any moment and started again gives the same weights, bit by bit, on the same
    machine and number of threads, as one that ran through. One that is finished already is read, not repeated.

    Parameters
    ----------
    index : GazeIndex
    config : GlassConfig
        As many channels as the index has.
    pretraining : PretrainingConfig
    folder : Path
        Takes ``weights.safetensors`` and ``config.json``; while it runs, ``resume.safetensors``.
    on_record : callable, optional
        Told the record of each stretch of steps once it is stored. With several devices it has to be picklable.

    Returns
    -------
    Pretrained

    Raises
    ------
    UsageError
        If the windows are no whole number of patches, a channel never changes, a held-out person is not in the index,
        too few people are left, or the loss is not finite.
    MismatchError
        If `folder` holds another pre-training, or the network reads another number of channels.
    """
    _require_fit(index, config)
    job = _fingerprint(index, config, pretraining)
    if (stored := stored_job(folder)) is not None:
        return _finished(folder, index, stored=stored, job=job)
    gaze, training, validating = _prepared(index, pretraining)
    fabric = _new_fabric(pretraining)
    # Processes of their own open the index anew: a memory-mapped array that is sent to them would be copied.
    source = index if pretraining.devices == 1 else index.path
    fabric.launch(_descend, _Work(source, config, pretraining, folder, job, on_record))
    standing = read_standing(folder, job=job)
    if standing is None or standing.best_epoch is None:
        raise DataError("the state of the pre-training is gone", where=str(folder), fix="run the same command again")
    model = Glass(config)
    model.load_state_dict(dict(standing.best_weights))
    model.to(fabric.device).eval()
    held_out = np.isin(np.array(index.participants), pretraining.held_out)
    ridge = fit_floor(gaze, training)
    groups = {"validation": validating} | ({"held_out": held_out} if held_out.any() else {})
    at_most = pretraining.max_validation_windows
    scores = {
        name: score_beside_floors(model, ridge, gaze, windows_of_people(gaze, segments, at_most), fabric.device)
        for name, segments in groups.items()
    }
    pretrained = Pretrained(
        model=model.cpu(),
        config=config,
        mean=gaze.mean,
        sd=gaze.sd,
        channels=index.channels,
        units=index.units,
        rate_hz=index.rate_hz,
        past_frames=index.past_frames,
        future_frames=index.future_frames,
        training_people=_people(index, training),
        validation_people=_people(index, validating),
        held_out=_people(index, held_out),
        people_known=index.people_known,
        origin=index_origin(index),
        pretraining=pretraining,
        history=standing.history,
        best=standing.best_epoch,
        scores=scores,
        job=job,
    )
    save_glass(folder, pretrained)
    (folder / RESUME_FILE).unlink(missing_ok=True)
    return pretrained


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What a process of a pre-training is told."""

    source: GazeIndex | Path
    config: GlassConfig
    pretraining: PretrainingConfig
    folder: Path
    job: str
    on_record: OnRecord | None


def _descend(fabric: Fabric, work: _Work) -> None:
    """Take all steps that are still to be taken, and leave behind where they led to."""
    pretraining = work.pretraining
    if pretraining.num_threads is not None:
        torch.set_num_threads(pretraining.num_threads)
    index = open_index(work.source) if isinstance(work.source, Path) else work.source
    gaze, training, validating = _prepared(index, pretraining)
    rows = window_rows(index, training)
    plan = plan_steps(len(rows), pretraining)
    shown = windows_of_people(gaze, validating, pretraining.max_validation_windows).windows
    with seeded(derived_seed(pretraining.seed)):
        model = Glass(work.config)
    descent = new_descent(fabric, model, pretraining, plan.num_steps)
    standing = read_standing(work.folder, job=work.job)
    if standing is not None:
        model.load_state_dict(dict(standing.weights))
        restore_optimizers({"steps": descent.optimizer}, standing.optimizer)
        log.info("goes on after step %d of %d", _num_done(standing), plan.num_steps)
    first, losses = _num_done(standing), list[dict[str, float]]()
    for step in track(range(first, plan.num_steps), "glass", total=plan.num_steps - first):
        numbers = windows_of_step(step, rows, plan, seed=pretraining.seed)
        losses.append(one_step(descent, gaze.read(numbers), step))
        if not _ends_stretch(step + 1, plan, pretraining):
            continue
        if fabric.is_global_zero:
            record = _record(step + 1, losses, plan, pretraining)
            if (step + 1) % pretraining.validate_every == 0 or step + 1 == plan.num_steps:
                record |= validate(model, shown, rate_hz=index.rate_hz, device=fabric.device)
            _require_finite(record, pretraining)
            standing = _standing(descent, standing, record, job=work.job)
            write_standing(work.folder, standing)
            if work.on_record is not None:
                work.on_record(record)
        losses.clear()
        fabric.barrier()


def _prepared(
    index: GazeIndex, pretraining: PretrainingConfig
) -> tuple[StandardisedGaze, Bool[ndarray, " S"], Bool[ndarray, " S"]]:
    """The gaze as the network reads it, and the segments of those who train and who validate."""
    training, validating = people_split(
        index, share=pretraining.validation_share, seed=pretraining.seed, held_out=pretraining.held_out
    )
    mean, sd = channel_statistics(index, training)
    _require_change(index, sd)
    shuffle_seed = derived_seed(pretraining.seed, 4) if pretraining.time_order == "shuffled" else None
    return StandardisedGaze(index, mean, sd, shuffle_seed), training, validating


def _new_fabric(pretraining: PretrainingConfig) -> Fabric:
    strategy = "auto" if pretraining.devices == 1 else "ddp_spawn"
    plain = Fabric(accelerator=pretraining.accelerator, devices=pretraining.devices, strategy=strategy)
    if pretraining.precision == "32-true" or (pretraining.precision == "auto" and plain.device.type != "cuda"):
        return plain
    return Fabric(
        accelerator=pretraining.accelerator, devices=pretraining.devices, strategy=strategy, precision="bf16-mixed"
    )


def _fingerprint(index: GazeIndex, config: GlassConfig, pretraining: PretrainingConfig) -> str:
    return fingerprint_json(
        {
            "model": config.model_dump(mode="json"),
            "pretraining": pretraining.model_dump(mode="json", exclude=NO_PART_OF_THE_RESULT),
            "index": index.fingerprint,
        }
    )


def _finished(folder: Path, index: GazeIndex, *, stored: str, job: str) -> Pretrained:
    # The same frames cut into other lengths of past and future are the same files of an index.
    lengths = index.past_frames, index.future_frames
    found = load_glass(folder) if stored == job else None
    if found is None or (found.past_frames, found.future_frames) != lengths:
        raise MismatchError(
            "the folder holds a network that was pre-trained with other options or another index",
            where=str(folder),
            fix="choose another folder, or remove this one",
        )
    return found


def _ends_stretch(done: int, plan: StepPlan, pretraining: PretrainingConfig) -> bool:
    """Whether the state is stored after so many steps."""
    return done == plan.num_steps or done % pretraining.store_every == 0 or done % pretraining.validate_every == 0


def _num_done(standing: Standing | None) -> int:
    return int(standing.history[-1]["step"]) if standing is not None else 0


def _record(
    done: int, losses: Sequence[dict[str, float]], plan: StepPlan, pretraining: PretrainingConfig
) -> dict[str, float]:
    """What a stretch of steps came to: its mean losses, and the schedules at its last step."""
    last = done - 1
    means = {part: math.fsum(loss[part] for loss in losses) / len(losses) for part in losses[0]}
    return {
        "step": float(done),
        "learning_rate": learning_rate_at(last, num_steps=plan.num_steps, config=pretraining),
        "truth_probability": truth_probability_at(last, num_steps=plan.num_steps, config=pretraining),
    } | {"/".join(word for word in ("training", part) if word): mean for part, mean in means.items()}


def _standing(descent: Descent, before: Standing | None, record: EpochRecord, *, job: str) -> Standing:
    """Where the descent stands with `record`; the weights of now are the best if no earlier ones were better."""
    history = (*before.history, record) if before is not None else (record,)
    weights = {name: tensor.detach().clone() for name, tensor in descent.model.state_dict().items()}
    best, best_weights = (before.best_epoch, before.best_weights) if before is not None else (None, {})
    if "validation" in record and (
        best is None or descent.config.select == "last" or record["validation"] < history[best]["validation"]
    ):
        best, best_weights = len(history) - 1, weights
    return Standing(
        job=job,
        before=(),
        history=history,
        best_epoch=best,
        weights=weights,
        best_weights=best_weights,
        optimizer=optimizer_state({"steps": descent.optimizer}),
        memory={},
    )


def _people(index: GazeIndex, segments: Bool[ndarray, " S"]) -> tuple[tuple[str, str], ...]:
    names = sorted({name for name, counts in zip(index.participants, segments.tolist(), strict=True) if counts})
    return tuple((index.name, name) for name in names)


def _require_fit(index: GazeIndex, config: GlassConfig) -> None:
    if config.num_channels != len(index.channels):
        raise MismatchError(
            f"the network reads {counted(config.num_channels, 'channel')}, the index has {len(index.channels)}"
            f" ({', '.join(index.channels)})",
            where=str(index.path),
            fix=f"make the network for {counted(len(index.channels), 'channel')}, or index the gaze with --channels as"
            " it reads",
        )
    for name, num_frames in (("past", index.past_frames), ("future", index.future_frames)):
        if num_frames % config.patch_frames:
            raise UsageError(
                f"the {name} of {counted(num_frames, 'frame')} is no whole number of patches of {config.patch_frames}",
                where=str(index.path),
                fix=f"choose another --patch, or index windows whose {name} is"
                f" {num_frames - num_frames % config.patch_frames} frames long",
            )


def _require_change(index: GazeIndex, sd: Float[ndarray, " D"]) -> None:
    still = [name for name, value in zip(index.channels, sd.tolist(), strict=True) if value < 1e-9]
    if still:
        raise UsageError(
            f"{', '.join(still)} never changes over the training people: there is nothing to forecast",
            where=str(index.path),
            fix="index channels that were measured",
        )


def _require_finite(record: EpochRecord, pretraining: PretrainingConfig) -> None:
    bad = [name for name in ("training", "validation") if name in record and not math.isfinite(record[name])]
    if bad:
        raise UsageError(
            f"the {bad[0]} loss is {record[bad[0]]} after step {record['step']:.0f}",
            fix=f"lower the learning rate (it is {pretraining.learning_rate:g})",
        )
