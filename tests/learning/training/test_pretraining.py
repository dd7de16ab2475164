"""A fit whose encoders are pre-trained survives being killed, before its epochs and within them."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch

from emogap.datasets.store import Dataset
from emogap.learning.training import loop, resume, stage
from emogap.learning.training.checkpoint import Trained
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.loop import fit_model
from emogap.models.batch import Batch
from emogap.models.zoo import mma_dfer
from emogap.types import TaskSpec

SMALL = mma_dfer.Config(
    width=8,
    num_blocks=2,
    stage_length=1,
    num_heads=2,
    head_width=5,
    feedforward_width=6,
    bottleneck_width=3,
    temporal_width=8,
    temporal_heads=2,
    temporal_head_width=3,
    temporal_feedforward_width=7,
    pretraining_share=0.5,
)
FOUR = TrainingConfig(epochs=4, batch_size=5, learning_rate=1e-2, accelerator="cpu", seed=4)
BATCHES_OF_A_PASS = 4
"""16 clips in batches of 5."""


class Killed(BaseException):
    """Stands for a signal: nothing in the program catches it."""


@pytest.fixture(scope="module")
def fit(make_dataset: Callable[..., Dataset], make_task: Callable[..., TaskSpec]) -> Callable[..., Trained]:
    dataset, task = make_dataset(), make_task()

    def run(folder: Path, config: mma_dfer.Config = SMALL) -> Trained:
        return fit_model("mma_dfer", config, task, dataset, range(16), range(16, 20), training=FOUR, folder=folder)

    return run


@pytest.fixture(scope="module")
def straight(fit: Callable[..., Trained], tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The fit that ran through."""
    return fit(tmp_path_factory.mktemp("straight"))


def require_same_weights(one: Trained, other: Trained) -> None:
    first, second = one.model.state_dict(), other.model.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert one.before == other.before
    assert one.history == other.history


def encoder_weights(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in weights.items() if name.startswith("encoders.")}


def standings(monkeypatch: pytest.MonkeyPatch) -> list[resume.Standing]:
    """Where the fit stood after each pass and epoch, in a list that fills while it runs."""
    seen: list[resume.Standing] = []
    write = loop.write_standing

    def write_and_remember(folder: Path, standing: resume.Standing) -> None:
        write(folder, standing)
        seen.append(standing)

    monkeypatch.setattr(loop, "write_standing", write_and_remember)
    return seen


def kill_at_batch(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    select, calls = stage.select_rows, iter(range(10_000))

    def select_until_killed(batch: Batch, rows: torch.Tensor) -> Batch:
        if next(calls) == number:
            raise Killed
        return select(batch, rows)

    monkeypatch.setattr(stage, "select_rows", select_until_killed)


def test_half_of_four_epochs_are_two_passes_before_them(straight: Trained) -> None:
    assert [record["epoch"] for record in straight.before] == [0, 1]
    assert set(straight.before[0]) == {
        "epoch", "training/pretraining", *(
            f"training/pretraining/reconstruction/{name}" for name in ("face", "eye", "fixation")
        ),
    }  # fmt: skip
    assert [record["epoch"] for record in straight.history] == [0, 1, 2, 3]
    assert "training/task/felt" in straight.history[0]


@pytest.mark.parametrize(
    "batch",
    [1, BATCHES_OF_A_PASS, 2 * BATCHES_OF_A_PASS - 1, 2 * BATCHES_OF_A_PASS, 3 * BATCHES_OF_A_PASS + 2],
    ids=["first pass", "between passes", "second pass", "before the first epoch", "second epoch"],
)
def test_a_fit_killed_in_or_after_pre_training_goes_on_bit_by_bit(
    batch: int, straight: Trained, fit: Callable[..., Trained], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_at_batch(monkeypatch, batch)
    with pytest.raises(Killed):
        fit(tmp_path)
    monkeypatch.undo()
    torch.manual_seed(batch)
    seen = standings(monkeypatch)
    require_same_weights(fit(tmp_path), straight)
    assert len(seen) == 2 + 4 - batch // BATCHES_OF_A_PASS


def test_pre_training_moves_the_encoders_and_the_epochs_do_not_touch_a_bit(
    fit: Callable[..., Trained], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = standings(monkeypatch)
    trained = fit(tmp_path)
    first, last, *epochs = [encoder_weights(standing.weights) for standing in seen]
    assert len(epochs) == 4
    assert not any(torch.equal(first[name], last[name]) for name in first if "blocks" in name and "weight" in name)
    for weights in (*epochs, encoder_weights(trained.model.state_dict())):
        assert all(torch.equal(weights[name], last[name]) for name in last)


def test_encoders_that_are_not_frozen_go_on_learning(
    fit: Callable[..., Trained], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = standings(monkeypatch)
    fit(tmp_path, SMALL.model_copy(update={"freeze": False}))
    last, epoch = encoder_weights(seen[1].weights), encoder_weights(seen[2].weights)
    assert not torch.equal(last["encoders.eye.stem.weight"], epoch["encoders.eye.stem.weight"])
