"""A pass trains what its stage names, with the options of the recipe, and remembers what the model asks for."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

from emogap.datasets.store import Dataset
from emogap.learning.inputs import Scaler, make_batch
from emogap.learning.training import loop
from emogap.learning.training.checkpoint import Trained
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.loop import fit_model
from emogap.learning.training.stage import StageRun, new_optimizer, num_passes_before, one_pass
from emogap.models.batch import Batch
from emogap.models.interface import GradientModel, Output, Stage, TrainingState
from emogap.models.recipe import ParameterGroup
from emogap.models.zoo import emert
from emogap.types import TaskSpec

MakeDataset = Callable[..., Dataset]
MakeTask = Callable[..., TaskSpec]

ONCE = TrainingConfig(epochs=4, batch_size=5, learning_rate=1e-2, accelerator="cpu", schedule="constant")


class Staged(GradientModel):
    """Learns to repeat the eye before the first epoch; then, in every epoch, first its bias and then its weights."""

    description: ClassVar[str] = "a network with three stages, for tests"

    def __init__(self, config: emert.Config, task: TaskSpec) -> None:
        super().__init__(task)
        width = task.streams["eye"][1]
        self.decoder = nn.Linear(width, width)
        self.bias_K = nn.Parameter(torch.zeros(task.head_size))
        self.heads = nn.ModuleDict({view.value: nn.Linear(width, task.head_size) for view in task.views})
        self.seen: list[tuple[str, int, int, int]] = []

    def stages(self) -> tuple[Stage, ...]:
        return (
            Stage("repeat", trains=("decoder.",), share_before=0.5),
            Stage("bias", trains=("bias_K",)),
            Stage("fit", trains=("heads.",)),
        )

    def new_memory(self, train: Batch) -> dict[str, Tensor]:
        return {"visits": torch.zeros(train.num_clips)}

    def forward(self, batch: Batch) -> Output:
        mean_BD = batch.streams["eye"].mean(dim=1)
        decoded_BD = self.decoder(mean_BD)
        logits = {view: head(decoded_BD) + self.bias_K for view, head in self.heads.items()}
        return Output(logits, {"mean": mean_BD, "decoded": decoded_BD})

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        self.seen.append((state.stage, state.epoch, state.num_epochs, state.step))
        if state.stage == "repeat":
            return (output.extras["decoded"] - output.extras["mean"]).square().mean(), {}
        return super().loss(output, batch, state)

    def after_step(self, output: Output, batch: Batch, state: TrainingState) -> None:
        assert not torch.is_grad_enabled()
        state.memory["visits"][batch.index] += 1


@pytest.fixture
def batch(make_dataset: MakeDataset, make_task: MakeTask) -> Batch:
    dataset, task = make_dataset(), make_task("eye")
    return make_batch(dataset, range(2, 20), Scaler.fit(dataset, range(20), ("eye",)), task)


@pytest.fixture
def staged(make_task: MakeTask) -> Staged:
    torch.manual_seed(0)
    return Staged(emert.Config(), make_task("eye"))


def run_of(model: GradientModel, number: int, training: TrainingConfig = ONCE) -> StageRun:
    stage = model.stages()[number]
    return StageRun(stage, number, new_optimizer(model, stage, training))


def pass_of(
    model: Staged, batch: Batch, number: int, training: TrainingConfig = ONCE, *, epoch: int = 0
) -> dict[str, float]:
    state = TrainingState(epoch, 4, 0, stage=model.stages()[number].name, memory=model.new_memory(batch))
    return one_pass(model, batch, run_of(model, number, training), state, training, lambda total: total.backward())


class Parted(Staged):
    """Has a part that is there from the third batch on, and is 7 there; and one that is the number of clips."""

    def loss(self, output: Output, batch: Batch, state: TrainingState) -> tuple[Tensor, dict[str, Tensor]]:
        total, _ = super().loss(output, batch, state)
        late = {"late": torch.tensor(7.0)} if state.batch >= 2 else {}
        return total, late | {"size": torch.tensor(float(batch.num_clips))}


def test_a_part_of_some_batches_is_the_mean_over_their_clips(make_task: MakeTask, batch: Batch) -> None:
    """Eighteen clips in batches of 5, 5, 5 and 3: the mean size over the clips is 84 / 18."""
    losses = pass_of(Parted(emert.Config(), make_task("eye")), batch, 2)
    assert losses["late"] == 7.0
    assert losses["size"] == pytest.approx(84 / 18)


@pytest.mark.parametrize(("number", "trained"), [(0, "decoder."), (1, "bias_K"), (2, "heads.")])
def test_a_pass_moves_the_parameters_of_its_stage_and_no_others(
    number: int, trained: str, staged: Staged, batch: Batch
) -> None:
    before = {name: value.clone() for name, value in staged.state_dict().items()}
    pass_of(staged, batch, number)
    moved = {name for name, value in staged.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {name for name in before if name.startswith(trained)}


def test_a_pass_counts_steps_over_epochs(staged: Staged, batch: Batch) -> None:
    pass_of(staged, batch, 2, epoch=3)
    assert staged.seen == [("fit", 3, 4, 12 + position) for position in range(4)]


def test_gradients_of_several_batches_make_one_step(staged: Staged, batch: Batch) -> None:
    steps: list[int] = []
    run = run_of(staged, 2)
    run.optimizer.register_step_post_hook(lambda *_: steps.append(1))
    training = ONCE.model_copy(update={"accumulate": 3})
    state = TrainingState(0, 4, 0, memory=staged.new_memory(batch))
    one_pass(staged, batch, run, state, training, lambda total: total.backward())
    assert len(steps) == 2  # four batches: three, and the one that is left


def test_a_gradient_longer_than_the_limit_is_cut_to_it(staged: Staged, batch: Batch) -> None:
    lengths: list[float] = []
    run = run_of(staged, 2)

    def note_length(optimizer: torch.optim.Optimizer, *_: object) -> None:
        gradients = [parameter.grad.flatten() for parameter in optimizer.param_groups[0]["params"]]
        lengths.append(torch.cat(gradients).norm().item())

    run.optimizer.register_step_pre_hook(note_length)
    training = ONCE.model_copy(update={"clip_norm": 0.01})
    state = TrainingState(0, 4, 0, memory=staged.new_memory(batch))
    one_pass(staged, batch, run, state, training, lambda total: total.backward())
    assert lengths == pytest.approx([0.01] * 4, rel=1e-3)


def test_a_group_keeps_its_own_rate_through_the_schedule(staged: Staged, batch: Batch) -> None:
    groups = (ParameterGroup(names=("bias",), learning_rate=0.5, weight_decay=0.0),)
    training = ONCE.model_copy(update={"groups": groups, "schedule": "cosine"})
    run = run_of(staged, 2, training)
    state = TrainingState(2, 4, 0, memory=staged.new_memory(batch))
    one_pass(staged, batch, run, state, training, lambda total: total.backward())
    found = {(len(group["params"]), group["lr"], group["weight_decay"]) for group in run.optimizer.param_groups}
    assert found == {(2, 0.25, 0.0), (2, 0.005, 5e-4)}


def test_a_pre_training_lasts_for_its_share_of_the_epochs_and_once_at_least() -> None:
    stage = Stage("repeat", share_before=0.25)
    lengths = [num_passes_before(stage, TrainingConfig(epochs=epochs)) for epochs in (1, 20, 200)]
    assert lengths == [1, 5, 50]
    assert num_passes_before(Stage("fit"), TrainingConfig()) == 0


@pytest.fixture
def fit(
    make_dataset: MakeDataset, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Trained, Staged]]:
    dataset, task = make_dataset(), make_task("eye")
    made: list[Staged] = []

    def new(name: str, task: TaskSpec, *, config: emert.Config) -> Staged:
        made.append(Staged(config, task))
        return made[-1]

    monkeypatch.setattr(loop, "new_model", new)

    def run(folder: Path, training: TrainingConfig = ONCE, **options: object) -> tuple[Trained, Staged]:
        trained = fit_model(
            "emert", emert.Config(), task, dataset, range(2, 16), range(16, 20),
            training=training, folder=folder, **options,
        )  # fmt: skip
        return trained, made[-1]

    return run


def test_a_fit_runs_the_pre_training_first_and_the_other_stages_in_every_epoch(
    fit: Callable[..., tuple[Trained, Staged]], tmp_path: Path
) -> None:
    trained, model = fit(tmp_path)
    passes = list(dict.fromkeys((stage, epoch) for stage, epoch, *_ in model.seen))
    expected = [("repeat", 0), ("repeat", 1)] + [(stage, epoch) for epoch in range(4) for stage in ("bias", "fit")]
    assert passes == expected
    assert [record["epoch"] for record in trained.before] == [0, 1]
    assert {"training/repeat", "epoch"} == set(trained.before[0])
    assert {"training/bias", "training/bias/task/felt", "training/task/felt"} <= set(trained.history[0])


class Killed(BaseException):
    """Stands for a signal: nothing in the program catches it."""


@pytest.mark.parametrize("writes", range(1, 6))
def test_a_fit_killed_after_any_pass_goes_on_bit_by_bit(
    writes: int, fit: Callable[..., tuple[Trained, Staged]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight, _ = fit(tmp_path / "straight")
    memories: list[Tensor] = []
    write, calls = loop.write_standing, iter(range(1, 100))

    def write_until_killed(folder: Path, standing: loop.Standing) -> None:
        write(folder, standing)
        memories.append(standing.memory["visits"].clone())
        if next(calls) == writes:
            raise Killed

    monkeypatch.setattr(loop, "write_standing", write_until_killed)
    with pytest.raises(Killed):
        fit(tmp_path / "killed")
    resumed, _ = fit(tmp_path / "killed")
    first, second = straight.model.state_dict(), resumed.model.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert (straight.before, straight.history) == (resumed.before, resumed.history)
    assert memories[-1].tolist() == [2 + 2 * 4] * 14


def test_a_fit_stops_when_validation_has_stood_still(
    fit: Callable[..., tuple[Trained, Staged]], tmp_path: Path
) -> None:
    training = ONCE.model_copy(update={"epochs": 60, "patience": 2, "learning_rate": 1.0})
    trained, _ = fit(tmp_path, training)
    losses = [record["validation"] for record in trained.history]
    assert len(losses) < 60
    assert trained.best_epoch == len(losses) - 3 == losses.index(min(losses))
