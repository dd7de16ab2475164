"""One pass over the training clips, in one stage of a model's training."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from emogap.learning.randomness import derived_seed, seeded, shuffled
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.schedule import rate_factor
from emogap.models.batch import Batch, select_rows
from emogap.models.interface import GradientModel, Stage, TrainingState, stage_parameters, training_only
from emogap.models.recipe import ParameterGroup

__all__ = ["StageRun", "new_optimizer", "num_passes_before", "one_pass"]

Backward = Callable[[Tensor], None]


@dataclass(frozen=True, slots=True, eq=False)
class StageRun:
    """A stage, its place among the stages of the model (from zero), and its optimiser."""

    stage: Stage
    number: int
    optimizer: torch.optim.Optimizer


def num_passes_before(stage: Stage, training: TrainingConfig) -> int:
    """How many passes of `stage` come before the first epoch: none, or its share of the epochs, at least one."""
    return max(1, round(stage.share_before * training.epochs)) if stage.share_before else 0


def new_optimizer(model: GradientModel, stage: Stage, training: TrainingConfig) -> torch.optim.Optimizer:
    """The optimiser of the parameters that `stage` trains.

    Each group remembers its own first learning rate as ``first_lr``: the schedule multiplies it.
    """
    groups: dict[ParameterGroup | None, list[nn.Parameter]] = {None: []}
    for name, parameter in stage_parameters(model, stage).items():
        fitting = (group for group in training.groups if any(piece in name for piece in group.names))
        groups.setdefault(next(fitting, None), []).append(parameter)
    options = [{"params": members, **_group_options(group, training)} for group, members in groups.items() if members]
    kind = torch.optim.AdamW if training.optimizer == "adamw" else torch.optim.Adam
    # Fused: one kernel for all tensors instead of a dozen small ones for each.
    return kind(options, lr=training.learning_rate, weight_decay=training.weight_decay, fused=True)


def one_pass(
    model: GradientModel,
    train: Batch,
    run: StageRun,
    state: TrainingState,
    training: TrainingConfig,
    backward: Backward,
    *,
    validation: Sequence[float] = (),
) -> dict[str, float]:
    """One pass over `train`; mean of the loss (``""``) and of its parts over the clips.

    A part that some batches lack is averaged over the clips of the others.

    Parameters
    ----------
    model : GradientModel
        Changed in place.
    train : Batch
        All training clips.
    run : StageRun
    state : TrainingState
        Epoch, number of epochs, stage and memory; the pass counts the steps.
    training : TrainingConfig
    backward : callable
        Computes the gradients of a loss.
    validation : sequence of float
        Validation losses of the epochs before.
    """
    order_seed, noise_seed = _seeds(run, state, training)
    order = shuffled(train.num_clips, order_seed).to(train.index.device)
    batches = torch.split(order, training.batch_size)
    sums: dict[str, Tensor] = {}
    num_clips: Counter[str] = Counter()
    model.train()
    with seeded(noise_seed), training_only(model, run.stage):
        for position, rows in enumerate(batches):
            _set_rate(run.optimizer, state, training, progress=position / len(batches), validation=validation)
            batch = select_rows(train, rows)
            now = replace(state, step=state.epoch * len(batches) + position, batch=position)
            output = model.training_forward(batch, now)
            total, parts = model.loss(output, batch, now)
            if position % training.accumulate == 0:
                run.optimizer.zero_grad()
            backward(total)
            if (position + 1) % training.accumulate == 0 or position + 1 == len(batches):
                _clip(run.optimizer, training.clip_norm)
                run.optimizer.step()
            with torch.no_grad():
                model.after_step(output, batch, now)
            for name, value in ({"": total} | parts).items():
                sums[name] = sums.get(name, torch.zeros_like(value)) + value.detach() * len(rows)
                num_clips[name] += len(rows)
    return {name: value.item() / num_clips[name] for name, value in sums.items()}


def _seeds(run: StageRun, state: TrainingState, training: TrainingConfig) -> tuple[int, int]:
    """Seeds of the order of clips and of the noise of one pass."""
    below = derived_seed(training.seed, 3) if run.stage.share_before else training.seed
    stage = (run.number,) if run.number else ()
    return derived_seed(below, state.epoch, 0, *stage), derived_seed(below, state.epoch, 1, *stage)


def _group_options(group: ParameterGroup | None, training: TrainingConfig) -> dict[str, float]:
    rate = training.learning_rate if group is None or group.learning_rate is None else group.learning_rate
    decay = training.weight_decay if group is None or group.weight_decay is None else group.weight_decay
    return {"lr": rate, "first_lr": rate, "weight_decay": decay}


def _set_rate(
    optimizer: torch.optim.Optimizer,
    state: TrainingState,
    training: TrainingConfig,
    *,
    progress: float,
    validation: Sequence[float],
) -> None:
    factor = rate_factor(
        training, epoch=state.epoch, num_epochs=state.num_epochs, progress=progress, validation=validation
    )
    for group in optimizer.param_groups:
        group["lr"] = group["first_lr"] * factor


def _clip(optimizer: torch.optim.Optimizer, largest: float | None) -> None:
    if largest is not None:
        members = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        nn.utils.clip_grad_norm_(members, largest)
