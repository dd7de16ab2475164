"""One step: the gradient of a batch, in parts and over devices, and what the optimiser makes of it."""

from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Bool
from lightning_fabric import Fabric
from lightning_fabric.wrappers import _FabricModule
from torch import Tensor

from emogap.learning.pretraining.batches import GazeWindows
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.schedule import learning_rate_at, truth_probability_at
from emogap.learning.randomness import derived_seed, seeded
from emogap.models.glass.losses import DIFFERENCE_WEIGHT, forecast_loss
from emogap.models.glass.model import Glass, draw_truth

__all__ = ["Descent", "new_descent", "one_step"]


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """A network under training: `network` is `model` behind Fabric's precision and devices."""

    fabric: Fabric
    model: Glass
    network: _FabricModule
    optimizer: torch.optim.Optimizer
    config: PretrainingConfig
    num_steps: int


def new_descent(fabric: Fabric, model: Glass, config: PretrainingConfig, num_steps: int) -> Descent:
    """`model` on the device of `fabric`, with an AdamW of its own."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, betas=config.betas, weight_decay=config.weight_decay, fused=True
    )
    network, wrapped = fabric.setup(model, optimizer)
    network.mark_forward_method("scheduled_forecast")
    return Descent(fabric, model, network, wrapped, config, num_steps)


def one_step(descent: Descent, windows: GazeWindows, step: int) -> dict[str, float]:
    """The network after `step` (from zero) on `windows`; the losses ``""``, ``coordinates`` and ``differences``.

    Parameters
    ----------
    descent : Descent
        Network and optimiser are changed in place.
    windows : GazeWindows
        The whole batch, the same on every device; each takes its share.
    step : int

    Notes
    -----
    Each part weighs as many frames as it has, so that the gradient is that of the whole batch however it is cut.
    """
    fabric, config = descent.fabric, descent.config
    for group in descent.optimizer.param_groups:
        group["lr"] = learning_rate_at(step, num_steps=descent.num_steps, config=config)
    truth_BM = _truth(descent, windows, step)
    num_parts = config.accumulate * fabric.world_size
    first = fabric.global_rank * config.accumulate
    whole = torch.stack(_num_frames(windows.future_valid)).clamp(min=1)
    sums = torch.zeros(2, device=fabric.device)
    descent.network.train()
    descent.optimizer.zero_grad()
    with seeded(derived_seed(config.seed, 3, step, fabric.global_rank)):
        for number in range(first, first + config.accumulate):
            part = windows.part(number, num_parts)
            share = (torch.stack(_num_frames(part.future_valid)) / whole).to(fabric.device)
            is_last = number + 1 == first + config.accumulate
            with fabric.no_backward_sync(descent.network, enabled=not is_last):
                losses = share * _losses(descent, part, torch.tensor_split(truth_BM, num_parts)[number])
                # Fabric takes the mean over the devices; the shares already add up to one.
                fabric.backward(_weighted(losses) * fabric.world_size)
            sums += losses.detach()
    # A gradient that is not finite shows in the next loss, which is checked with words.
    fabric.clip_gradients(descent.network, descent.optimizer, max_norm=config.clip_norm, error_if_nonfinite=False)
    descent.optimizer.step()
    total = fabric.all_reduce(sums, reduce_op="sum")
    coordinates, differences = total.tolist()
    return {"": _weighted(total).item(), "coordinates": coordinates, "differences": differences}


def _truth(descent: Descent, windows: GazeWindows, step: int) -> Bool[Tensor, "B M"]:
    """Which patches of the batch are fed as they were measured: the same draw on every device."""
    generator = torch.Generator().manual_seed(derived_seed(descent.config.seed, 2, step))
    probability = truth_probability_at(step, num_steps=descent.num_steps, config=descent.config)
    num_patches = windows.future.shape[1] // descent.model.config.patch_frames
    return draw_truth(len(windows), num_patches, probability, generator)


def _losses(descent: Descent, part: GazeWindows, truth_BM: Bool[Tensor, "B M"]) -> Tensor:
    """Loss of the coordinates and of the differences of a part, shape (2,)."""
    here = part.on(descent.fabric.device)
    # Fabric's wrapper passes on what the network can do; its type does not say so. On one device it would not set
    # the precision of a method that is not called forward.
    with descent.fabric.autocast():
        predicted_BFD = cast(Glass, descent.network).scheduled_forecast(
            here.past, here.past_valid, here.future, here.future_valid, truth_BM.to(descent.fabric.device)
        )
    _, parts = forecast_loss(predicted_BFD, here.future, here.future_valid)
    return torch.stack([parts["coordinates"], parts["differences"]])


def _weighted(losses: Tensor) -> Tensor:
    return losses[0] + DIFFERENCE_WEIGHT * losses[1]


def _num_frames(valid_BF: Bool[Tensor, "B F"]) -> tuple[Tensor, Tensor]:
    """How many frames are valid, and how many differences of two that are."""
    return valid_BF.sum(), (valid_BF[:, 1:] & valid_BF[:, :-1]).sum()
