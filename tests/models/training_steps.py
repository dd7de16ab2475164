"""The steps of a training without its loop: every stage of a model, batch after batch."""

from collections.abc import Iterator

import torch
from torch import Tensor

from emogap.models.batch import Batch
from emogap.models.interface import GradientModel, Stage, TrainingState, stage_parameters, training_only

__all__ = ["gradients_of_stages", "learn", "losses_of_stages"]

LATER = 2
"""An epoch at which what a model does only from its second epoch on has begun."""


def _states(model: GradientModel, stage: Stage, memory: dict[str, Tensor]) -> Iterator[TrainingState]:
    for epoch in range(LATER + 1):
        yield TrainingState(epoch, LATER + 2, epoch, batch=epoch, stage=stage.name, memory=memory)


def losses_of_stages(model: GradientModel, batch: Batch) -> Iterator[tuple[Stage, Tensor, dict[str, Tensor]]]:
    """Loss and parts of a few epochs of every stage; whoever asks for the next one has made its backward pass."""
    memory = model.new_memory(batch)
    for stage in model.stages():
        with training_only(model, stage):
            for state in _states(model, stage, memory):
                output = model.training_forward(batch, state)
                total, parts = model.loss(output, batch, state)
                yield stage, total, parts
                with torch.no_grad():
                    model.after_step(output, batch, state)


def gradients_of_stages(model: GradientModel, batch: Batch) -> dict[str, Tensor]:
    """Sum of the sizes of the gradients of every parameter over a few epochs of all stages."""
    sums = {name: torch.zeros_like(parameter) for name, parameter in model.named_parameters()}
    for _, total, _ in losses_of_stages(model, batch):
        total.backward()
        for name, parameter in model.named_parameters():
            if parameter.grad is not None:
                sums[name] += parameter.grad.abs()
        model.zero_grad()
    return sums


def learn(model: GradientModel, batch: Batch, *, num_epochs: int, learning_rate: float) -> None:
    """One batch per epoch, every stage with an Adam of its own; `share_before` as the loop reads it."""
    memory = model.new_memory(batch)
    optimizers = {
        stage.name: torch.optim.Adam(stage_parameters(model, stage).values(), lr=learning_rate)
        for stage in model.stages()
    }
    before = [(stage, max(1, round(stage.share_before * num_epochs))) for stage in model.stages() if stage.share_before]
    within = [stage for stage in model.stages() if not stage.share_before]
    passes = [(stage, epoch, count) for stage, count in before for epoch in range(count)]
    passes += [(stage, epoch, num_epochs) for epoch in range(num_epochs) for stage in within]
    for stage, epoch, count in passes:
        state = TrainingState(epoch, count, epoch, stage=stage.name, memory=memory)
        with training_only(model, stage):
            output = model.training_forward(batch, state)
            total, _ = model.loss(output, batch, state)
            optimizers[stage.name].zero_grad()
            total.backward()
            optimizers[stage.name].step()
            with torch.no_grad():
                model.after_step(output, batch, state)
