"""One network fitted to labelled windows; a fit that was killed goes on as if nothing had happened.

Shapes: B windows of a batch, T frames, D channels, O outputs.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy import ndarray
from torch import Tensor, nn

from emogap.errors import UsageError
from emogap.learning.finetuning.config import FinetuningConfig
from emogap.learning.finetuning.losses import label_loss
from emogap.learning.finetuning.question import Question
from emogap.learning.randomness import derived_seed, seeded, shuffled
from emogap.learning.training.checkpoint import EpochRecord
from emogap.learning.training.resume import (
    RESUME_FILE,
    Standing,
    optimizer_state,
    read_standing,
    restore_optimizers,
    write_standing,
)
from emogap.learning.training.schedule import cosine_rate
from emogap.models.glass.heads import LabelledGlass
from emogap.models.glass.temporal_cnn import TemporalCnn
from emogap.progress import track

__all__ = ["GazeNetwork", "Inputs", "fit_network", "forget_standing", "raw_outputs"]

log = logging.getLogger(__name__)

GazeNetwork = LabelledGlass | TemporalCnn

STAGE = "finetuning"

AT_ONCE = 512
"""Windows that go through a network at once where there is no gradient."""


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What a network is given: standardised gaze, 0 where not valid; and what it is to put out.

    Attributes
    ----------
    gaze : float32 tensor, shape (B, T, D)
    valid : bool tensor, shape (B, T)
    aim : float32 tensor, shape (B, O)
        See :meth:`emogap.learning.finetuning.question.Question.aimed`.
    """

    gaze: Float[Tensor, "B T D"]
    valid: Bool[Tensor, "B T"]
    aim: Float[Tensor, "B O"]

    def to(self, device: torch.device) -> "Inputs":
        """The same on another device."""
        return Inputs(self.gaze.to(device), self.valid.to(device), self.aim.to(device))


def fit_network(
    network: GazeNetwork,
    question: Question,
    training: Inputs,
    validation: Inputs,
    config: FinetuningConfig,
    *,
    seed: int,
    folder: Path,
    job: str,
    title: str,
) -> tuple[tuple[EpochRecord, ...], int]:
    """Train `network` in place; it holds the weights of the epoch with the least validation loss at the end.

    Parameters
    ----------
    network : GazeNetwork
        Its last layer begins at the mean of the aims, so that no epoch is spent on that.
    question : Question
    training, validation : Inputs
        Of different people.
    config : FinetuningConfig
    seed : int
        Of order of windows and dropout.
    folder : Path
        Holds ``resume.safetensors`` while the fit runs.
    job : str
        Fingerprint of everything that decides the result.
    title : str
        For the progress bar.

    Returns
    -------
    history : tuple of EpochRecord
        One per epoch: ``epoch``, ``training``, ``validation``.
    best_epoch : int

    Raises
    ------
    UsageError
        If a loss is not finite.
    MismatchError
        If another unfinished fit is in the folder.
    """
    from lightning_fabric import Fabric

    _start_at_mean(network, question, training.aim)
    fabric = Fabric(accelerator=config.accelerator, devices=1)
    optimizer = _optimizer(network, config)
    fabric.setup(network, optimizer)
    training, validation = training.to(fabric.device), validation.to(fabric.device)
    standing = read_standing(folder, job=job)
    if standing is None:
        standing = _standing(job, network, optimizer, (), None, {})
    else:
        network.load_state_dict(dict(standing.weights))
        restore_optimizers({STAGE: optimizer}, standing.optimizer)
        log.info("%s goes on after epoch %d of %d", title, len(standing.history), config.epochs)
    first = len(standing.history)
    for epoch in track(range(first, config.epochs), title, total=config.epochs - first):
        loss = _one_epoch(network, question, training, optimizer, config, epoch=epoch, seed=seed)
        record = {"epoch": float(epoch), "training": loss, "validation": _loss(network, question, validation, config)}
        _require_finite(record)
        best = standing.best_epoch
        is_best = best is None or record["validation"] < standing.history[best]["validation"]
        standing = _standing(
            job, network, optimizer, (*standing.history, record), epoch if is_best else best,
            {} if is_best else dict(standing.best_weights),
        )  # fmt: skip
        write_standing(folder, standing)
    network.load_state_dict(dict(standing.best_weights))
    network.requires_grad_(True)
    network.cpu().eval()
    assert standing.best_epoch is not None
    return standing.history, standing.best_epoch


def forget_standing(folder: Path) -> None:
    """Remove what an unfinished fit left, once its result is stored."""
    (folder / RESUME_FILE).unlink(missing_ok=True)


@torch.no_grad()
def raw_outputs(
    network: GazeNetwork, gaze: Float[Tensor, "N T D"], valid: Bool[Tensor, "N T"]
) -> Float[ndarray, "N O"]:
    """What a network in evaluation mode puts out, on the device of `gaze`, some windows at a time; float32."""
    network.eval()
    pieces = zip(torch.split(gaze, AT_ONCE), torch.split(valid, AT_ONCE), strict=True)
    return np.concatenate([network(some, known).float().cpu().numpy() for some, known in pieces])


def _start_at_mean(network: GazeNetwork, question: Question, aim_BO: Float[Tensor, "B O"]) -> None:
    mean_O = aim_BO.mean(dim=0)
    with torch.no_grad():
        network.last_layer.bias.copy_(mean_O if question.kind == "values" else mean_O.clamp(min=1e-3).log())


def _optimizer(network: GazeNetwork, config: FinetuningConfig) -> torch.optim.Optimizer:
    """AdamW with two groups, head and encoder; the second is empty for a network without."""
    groups: dict[bool, list[nn.Parameter]] = {False: [], True: []}
    for name, parameter in network.named_parameters():
        groups[name.startswith("encoder.")].append(parameter)
    options = [{"params": members, "is_encoder": is_encoder} for is_encoder, members in groups.items() if members]
    return torch.optim.AdamW(options, lr=config.head_learning_rate, weight_decay=config.weight_decay)


def _set_rates(optimizer: torch.optim.Optimizer, config: FinetuningConfig, epoch: int) -> None:
    """Half a cosine for the head from the first epoch, and for the encoder from the epoch in which it is freed."""
    waiting = config.head_first_epochs
    encoder_rate = 0.0
    if epoch >= waiting:
        encoder_rate = cosine_rate(
            config.encoder_learning_rate, epoch=epoch - waiting, num_epochs=config.epochs - waiting
        )
    head_rate = cosine_rate(config.head_learning_rate, epoch=epoch, num_epochs=config.epochs)
    for group in optimizer.param_groups:
        group["lr"] = encoder_rate if group["is_encoder"] else head_rate


def _one_epoch(
    network: GazeNetwork,
    question: Question,
    training: Inputs,
    optimizer: torch.optim.Optimizer,
    config: FinetuningConfig,
    *,
    epoch: int,
    seed: int,
) -> float:
    """One pass over the training windows; the mean loss."""
    if isinstance(network, LabelledGlass):
        network.unfreeze(config.unfrozen_share if epoch >= config.head_first_epochs else 0.0)
    _set_rates(optimizer, config, epoch)
    order = shuffled(len(training.aim), derived_seed(seed, epoch, 0)).to(training.aim.device)
    total = 0.0
    network.train()
    with seeded(derived_seed(seed, epoch, 1)):
        for rows in torch.split(order, config.batch_size):
            output_BO = network(training.gaze[rows], training.valid[rows])
            loss = label_loss(output_BO, training.aim[rows], question, config.loss)
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), config.clip_norm)
            optimizer.step()
            total += loss.item() * len(rows)
    return total / len(order)


def _loss(network: GazeNetwork, question: Question, inputs: Inputs, config: FinetuningConfig) -> float:
    """The loss over all windows at once: r and CCC of a batch are not those of all."""
    output = torch.from_numpy(raw_outputs(network, inputs.gaze, inputs.valid))
    return label_loss(output, inputs.aim.cpu(), question, config.loss).item()


def _standing(
    job: str,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    history: Sequence[EpochRecord],
    best_epoch: int | None,
    best_weights: dict[str, Tensor],
) -> Standing:
    """Where the fit stands; the weights of now are the best if no others are given."""
    weights = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    return Standing(
        job=job,
        before=(),
        history=tuple(history),
        best_epoch=best_epoch,
        weights=weights,
        best_weights={} if best_epoch is None else best_weights or weights,
        optimizer=optimizer_state({STAGE: optimizer}),
        memory={},
    )


def _require_finite(record: EpochRecord) -> None:
    for name, value in record.items():
        if not math.isfinite(value):
            raise UsageError(
                f"the {name} loss is {value} in epoch {record['epoch']:.0f}", fix="lower the learning rates"
            )
