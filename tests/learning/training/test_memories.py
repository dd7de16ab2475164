"""A killed fit of a model that remembers its clips goes on with what it remembered, and with all its optimisers."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from pydantic import BaseModel

from emogap.datasets.store import Dataset
from emogap.learning.training import resume, stage
from emogap.learning.training.checkpoint import EpochRecord, Trained
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.loop import fit_model
from emogap.models.zoo import mmim, self_mm
from emogap.types import TaskSpec

MakeDataset = Callable[..., Dataset]
MakeTask = Callable[..., TaskSpec]

FOUR = TrainingConfig(epochs=4, batch_size=5, learning_rate=1e-2, accelerator="cpu", seed=4, select="last")
CONFIGS: dict[str, BaseModel] = {
    "self_mm": self_mm.Config(hidden=6, width=5, narrow_hidden=4, narrow_width=3, fused_width=7),
    "mmim": mmim.Config(anchor_hidden=4, anchor_width=6, hidden=3, width=8, fused_width=7, memory_batches=3),
}


class Killed(BaseException):
    """Stands for a signal: nothing in the program catches it."""


@pytest.fixture(scope="module")
def fit(make_dataset: MakeDataset, make_task: MakeTask) -> Callable[..., Trained]:
    dataset, task = make_dataset(), make_task()

    def run(name: str, folder: Path, **options: object) -> Trained:
        config = CONFIGS[name]
        return fit_model(name, config, task, dataset, range(16), range(16, 20), training=FOUR, folder=folder, **options)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="module")
def straight(fit: Callable[..., Trained], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trained]:
    """Each model, fitted without a break."""
    return {name: fit(name, tmp_path_factory.mktemp("straight")) for name in CONFIGS}


@pytest.fixture(scope="module")
def unfinished(fit: Callable[..., Trained], tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], Path]:
    """Fits of each model that were killed after one epoch and after two, by model and epochs."""
    folders = {}
    for name in CONFIGS:
        folder = tmp_path_factory.mktemp(name) / "fit"
        for epoch in range(2):
            with pytest.raises(Killed):
                fit(name, folder, on_epoch=kill_after(epoch))
            folders[name, epoch + 1] = Path(shutil.copytree(folder, folder.with_name(f"after {epoch + 1}")))
    return folders


def are_same(one: Trained, other: Trained) -> bool:
    first, second = one.model.state_dict(), other.model.state_dict()
    return one.history == other.history and all(torch.equal(first[name], second[name]) for name in first)


def kill_after(epoch: int) -> Callable[[EpochRecord], None]:
    def listener(record: EpochRecord) -> None:
        if record["epoch"] == epoch:
            raise Killed

    return listener


@pytest.mark.parametrize("name", CONFIGS)
def test_a_fit_killed_between_two_epochs_goes_on_bit_by_bit(
    name: str,
    fit: Callable[..., Trained],
    straight: dict[str, Trained],
    unfinished: dict[tuple[str, int], Path],
    tmp_path: Path,
) -> None:
    """Killed twice: after two epochs Self-MM's labels have moved, and MMIM remembers clips of the epoch before."""
    folder = shutil.copytree(unfinished[name, 2], tmp_path / "fit")
    torch.manual_seed(7)
    assert are_same(fit(name, Path(folder)), straight[name])


@pytest.mark.parametrize(("name", "batch"), [("self_mm", 10), ("mmim", 17), ("mmim", 22)])
def test_a_fit_killed_within_a_pass_repeats_that_epoch(
    name: str,
    batch: int,
    fit: Callable[..., Trained],
    straight: dict[str, Trained],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Four batches in a pass: the third epoch, in MMIM once in its first and once in its second pass."""
    select, calls = stage.select_rows, iter(range(10_000))

    def select_until_killed(*arguments: object) -> object:
        if next(calls) == batch:
            raise Killed
        return select(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(stage, "select_rows", select_until_killed)
    with pytest.raises(Killed):
        fit(name, tmp_path)
    monkeypatch.undo()
    standing = resume.read_standing(tmp_path, job=straight[name].job)
    assert standing is not None
    assert len(standing.history) == 2
    assert are_same(fit(name, tmp_path), straight[name])


@pytest.mark.parametrize(
    ("name", "lost"),
    [("self_mm", "memory"), ("self_mm", "fit"), ("mmim", "memory"), ("mmim", "bound"), ("mmim", "fit")],
)
def test_a_fit_that_lost_its_memory_or_an_optimiser_ends_elsewhere(
    name: str,
    lost: str,
    fit: Callable[..., Trained],
    straight: dict[str, Trained],
    unfinished: dict[tuple[str, int], Path],
    tmp_path: Path,
) -> None:
    """So nothing that is stored could be left out: the memory of the epoch before, or an optimiser without state."""
    job = straight[name].job
    before, standing = (resume.read_standing(unfinished[name, number], job=job) for number in (1, 2))
    assert before is not None
    assert standing is not None
    optimizer = {key: value for key, value in standing.optimizer.items() if not key.startswith(f"{lost}/")}
    memory = before.memory if lost == "memory" else standing.memory
    resume.write_standing(tmp_path, dataclasses.replace(standing, memory=memory, optimizer=optimizer))
    assert not are_same(fit(name, tmp_path), straight[name])


def test_the_memory_is_not_part_of_a_finished_model(straight: dict[str, Trained]) -> None:
    weights = straight["self_mm"].model.state_dict()
    assert not any("label" in name or "is_seen" in name for name in weights)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("self_mm", {"training/alone/eye"}),
        ("mmim", {"training/bound/likelihood/face/eye", "training/likelihood/face/eye", "training/contrast/eye"}),
    ],
)
def test_every_pass_and_part_is_recorded(name: str, parts: set[str], straight: dict[str, Trained]) -> None:
    assert parts | {"training", "validation", "training/task/felt"} <= set(straight[name].history[-1])
