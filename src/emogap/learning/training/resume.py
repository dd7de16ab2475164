"""Where a fit stands after an epoch, in one file, so that a killed fit goes on as if nothing had happened.

One file is replaced at once or not at all: weights, optimiser and history can never be of different epochs.
Random numbers need no place in it, because those of an epoch follow from the seed and the epoch alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor
from torch.optim import Optimizer

from emogap.errors import DataError, MismatchError
from emogap.files import write_bytes
from emogap.learning.training.checkpoint import EpochRecord

__all__ = ["RESUME_FILE", "Standing", "optimizer_state", "read_standing", "restore_optimizers", "write_standing"]

RESUME_FILE = "resume.safetensors"


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A fit after its last finished epoch.

    Attributes
    ----------
    job : str
        Fingerprint of the fit.
    before : tuple of EpochRecord
        One per finished pass of a pre-training.
    history : tuple of EpochRecord
        One per finished epoch.
    best_epoch : int or None
        The epoch with the least validation loss so far; None before the first.
    weights, best_weights : mapping from name to tensor
        Of the last and of the best epoch; the second is empty before the first epoch.
    optimizer : mapping from name to tensor
        ``"<stage>/<parameter number>/<quantity>"``.
    memory : mapping from name to tensor
        What the model remembers between steps.
    """

    job: str
    before: tuple[EpochRecord, ...]
    history: tuple[EpochRecord, ...]
    best_epoch: int | None
    weights: Mapping[str, Tensor]
    best_weights: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    memory: Mapping[str, Tensor]


def write_standing(folder: Path, standing: Standing) -> None:
    """Replace the file in `folder`, whole or not at all.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written; the epoch before is kept.
    """
    groups = {
        "weights": standing.weights,
        "best": standing.best_weights,
        "optimizer": standing.optimizer,
        "memory": standing.memory,
    }
    tensors = {
        f"{group}:{name}": tensor.detach().cpu().contiguous().clone()
        for group, members in groups.items()
        for name, tensor in members.items()
    }
    progress = {
        "job": standing.job,
        "before": [dict(record) for record in standing.before],
        "history": [dict(record) for record in standing.history],
        "best_epoch": standing.best_epoch,
    }
    write_bytes(folder / RESUME_FILE, save(tensors, metadata={"progress": json.dumps(progress)}))


def read_standing(folder: Path, *, job: str) -> Standing | None:
    """Where the fit in `folder` stands; None if none was begun.

    Raises
    ------
    MismatchError
        If the fit there is another one than `job`.
    DataError
        If the file is damaged.
    """
    path = folder / RESUME_FILE
    if not path.is_file():
        return None
    groups: dict[str, dict[str, Tensor]] = {"weights": {}, "best": {}, "optimizer": {}, "memory": {}}
    try:
        with safe_open(path, framework="pt") as stored:
            progress = json.loads(stored.metadata()["progress"])
            for full_name in stored.keys():  # noqa: SIM118 (a safetensors file is no mapping)
                group, name = full_name.split(":", maxsplit=1)
                groups[group][name] = stored.get_tensor(full_name)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"the unfinished fit is damaged: {error}", where=str(path), fix="remove the file: the fit starts anew"
        ) from error
    if progress["job"] != job:
        raise MismatchError(
            "an unfinished fit with other options, data or clips is here",
            where=str(folder),
            fix="choose another folder, or remove this one",
        )
    return Standing(
        job=job,
        before=tuple(progress["before"]),
        history=tuple(progress["history"]),
        best_epoch=progress["best_epoch"],
        weights=groups["weights"],
        best_weights=groups["best"],
        optimizer=groups["optimizer"],
        memory=groups["memory"],
    )


def optimizer_state(optimizers: Mapping[str, Optimizer]) -> dict[str, Tensor]:
    """Every tensor of the state of the optimisers, named by stage, parameter number and quantity."""
    return {
        f"{stage}/{number}/{quantity}": tensor
        for stage, optimizer in optimizers.items()
        for number, quantities in optimizer.state_dict()["state"].items()
        for quantity, tensor in quantities.items()
    }


def restore_optimizers(optimizers: Mapping[str, Optimizer], state: Mapping[str, Tensor]) -> None:
    """Put back what :func:`optimizer_state` gave; the options of the optimisers stay their own."""
    for stage, optimizer in optimizers.items():
        by_number: dict[int, dict[str, Tensor]] = {}
        for name, tensor in state.items():
            owner, number, quantity = name.split("/")
            if owner == stage:
                by_number.setdefault(int(number), {})[quantity] = tensor
        optimizer.load_state_dict({"state": by_number, "param_groups": optimizer.state_dict()["param_groups"]})
