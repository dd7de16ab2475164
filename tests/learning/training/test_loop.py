"""A fit learns, selects on validation clips, and survives being killed."""

import dataclasses
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from emogap.datasets.store import Dataset
from emogap.errors import DataError, MismatchError, OutputError, UsageError
from emogap.learning.prediction import predict_rows
from emogap.learning.training import loop, resume, stage
from emogap.learning.training.checkpoint import Trained
from emogap.learning.training.config import PRESET_EPOCHS, TrainingConfig, preset_training
from emogap.learning.training.loop import fit_model
from emogap.models.zoo import emert
from emogap.types import LabelView, TaskSpec

MakeDataset = Callable[..., Dataset]
MakeTask = Callable[..., TaskSpec]

SMALL = emert.Config(encoder_width=8, mlp_width=7, width=4, head_width=5, num_heads=2)
THREE = TrainingConfig(epochs=3, batch_size=5, learning_rate=1e-2, accelerator="cpu", seed=4)


class Killed(BaseException):
    """Stands for a signal: nothing in the program catches it."""


@pytest.fixture
def fit(make_dataset: MakeDataset, make_task: MakeTask) -> Callable[..., Trained]:
    dataset, task = make_dataset(), make_task()

    def run(folder: Path, training: TrainingConfig = THREE, **options: object) -> Trained:
        return fit_model(
            "emert", SMALL, task, dataset, range(16), range(16, 20), training=training, folder=folder, **options
        )  # type: ignore[arg-type]

    return run


def require_same_weights(one: Trained, other: Trained) -> None:
    first, second = one.model.state_dict(), other.model.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert one.history == other.history


def kill_after(epoch: int) -> Callable[[Mapping[str, float]], None]:
    def listener(record: Mapping[str, float]) -> None:
        if record["epoch"] == epoch:
            raise Killed

    return listener


@pytest.mark.parametrize("epoch", [0, 1, 2])
def test_a_fit_killed_after_any_epoch_goes_on_bit_by_bit(
    epoch: int, fit: Callable[..., Trained], tmp_path: Path
) -> None:
    straight = fit(tmp_path / "straight")
    with pytest.raises(Killed):
        fit(tmp_path / "killed", on_epoch=kill_after(epoch))
    torch.manual_seed(epoch)
    require_same_weights(fit(tmp_path / "killed"), straight)
    assert not (tmp_path / "killed" / resume.RESUME_FILE).exists()


@pytest.mark.parametrize("step", [2, 5, 11])
def test_a_fit_killed_within_an_epoch_repeats_that_epoch(
    step: int, fit: Callable[..., Trained], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = fit(tmp_path / "straight")
    select, calls = stage.select_rows, iter(range(10_000))

    def select_until_killed(*arguments: object) -> object:
        if next(calls) == step:
            raise Killed
        return select(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(stage, "select_rows", select_until_killed)
    with pytest.raises(Killed):
        fit(tmp_path / "killed")
    monkeypatch.undo()
    require_same_weights(fit(tmp_path / "killed"), straight)


DYING_FIT = """
import importlib.util, os, signal, sys
from pathlib import Path
import torch
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.loop import fit_model
from emogap.models.zoo import emert

specification = importlib.util.spec_from_file_location("parts", sys.argv[1])
parts = importlib.util.module_from_spec(specification)
specification.loader.exec_module(parts)
torch.set_num_threads(1)
fit_model(
    "emert", emert.Config.model_validate_json(sys.argv[2]), parts.noise_task(), parts.noise_dataset(),
    range(16), range(16, 20), training=TrainingConfig.model_validate_json(sys.argv[3]), folder=Path(sys.argv[4]),
    on_epoch=lambda record: os.kill(os.getpid(), signal.SIGKILL) if record["epoch"] == 1 else None,
)
"""


def test_a_fit_killed_by_the_system_goes_on_bit_by_bit(fit: Callable[..., Trained], tmp_path: Path) -> None:
    """The process is killed with SIGKILL, so that nothing in it can tidy up."""
    arguments = [
        str(Path(__file__).parents[1] / "conftest.py"),
        SMALL.model_dump_json(),
        THREE.model_dump_json(),
        str(tmp_path / "killed"),
    ]
    killed = subprocess.run([sys.executable, "-c", DYING_FIT, *arguments], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert (tmp_path / "killed" / resume.RESUME_FILE).exists()
    require_same_weights(fit(tmp_path / "killed"), fit(tmp_path / "straight"))


def test_the_same_seed_gives_the_same_weights_and_another_does_not(fit: Callable[..., Trained], tmp_path: Path) -> None:
    first = fit(tmp_path / "a")
    torch.rand(100)
    require_same_weights(fit(tmp_path / "b"), first)
    other = fit(tmp_path / "c", THREE.model_copy(update={"seed": 5}))
    assert not torch.equal(other.model.generic_mlp[0].weight, first.model.generic_mlp[0].weight)


def test_a_finished_fit_is_read_not_repeated(
    fit: Callable[..., Trained], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fit(tmp_path)
    monkeypatch.delattr(loop, "_descend")
    require_same_weights(fit(tmp_path), first)


def test_another_fit_in_the_same_folder_is_refused(fit: Callable[..., Trained], tmp_path: Path) -> None:
    with pytest.raises(Killed):
        fit(tmp_path, on_epoch=kill_after(0))
    with pytest.raises(MismatchError, match="an unfinished fit with other options"):
        fit(tmp_path, THREE.model_copy(update={"seed": 5}))
    fit(tmp_path)
    with pytest.raises(MismatchError, match="fitted with other options, data or clips"):
        fit(tmp_path, THREE.model_copy(update={"seed": 5}))


def test_threads_and_device_do_not_make_it_another_fit(fit: Callable[..., Trained], tmp_path: Path) -> None:
    first = fit(tmp_path)
    require_same_weights(fit(tmp_path, THREE.model_copy(update={"num_threads": 1, "accelerator": "auto"})), first)


def test_a_damaged_unfinished_fit_is_named(fit: Callable[..., Trained], tmp_path: Path) -> None:
    with pytest.raises(Killed):
        fit(tmp_path, on_epoch=kill_after(0))
    path = tmp_path / resume.RESUME_FILE
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"resume\.safetensors: the unfinished fit is damaged"):
        fit(tmp_path)


def test_a_full_disk_keeps_the_epoch_before(
    fit: Callable[..., Trained], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    straight = fit(tmp_path / "straight")
    write, calls = Path.write_bytes, iter(range(100))

    def write_until_full(path: Path, content: bytes) -> int:
        if next(calls) == 1:
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", write_until_full)
    with pytest.raises(OutputError, match="No space left"):
        fit(tmp_path / "full")
    monkeypatch.undo()
    standing = resume.read_standing(tmp_path / "full", job=straight.job)
    assert standing is not None
    assert len(standing.history) == 1
    require_same_weights(fit(tmp_path / "full"), straight)


def test_a_fit_learns_what_the_eye_tells(make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path) -> None:
    dataset = make_dataset(24, 6)
    training = TrainingConfig(epochs=10, batch_size=8, learning_rate=3e-3, accelerator="cpu")
    config = emert.Config(encoder_width=32, encoder_layers=1, width=16, encoder_dropout=0.1, dropout=0.1)
    trained = fit_model(
        "emert",
        config,
        make_task("eye", "fixation"),
        dataset,
        range(96),
        range(96, 120),
        training=training,
        folder=tmp_path,
    )
    felt = np.array([share.to_list() for share in dataset.samples["felt_emotion3"][120:]]).argmax(axis=1)
    found = predict_rows(trained, dataset, range(120, 144))["felt"].argmax(axis=1)
    assert (found == felt).mean() > 0.8


def test_the_kept_epoch_has_the_least_validation_loss(
    make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path
) -> None:
    dataset = make_dataset()
    training = THREE.model_copy(update={"epochs": 6, "learning_rate": 0.05})
    trained = fit_model(
        "emert", SMALL, make_task(), dataset, range(16), range(16, 20), training=training, folder=tmp_path
    )
    losses = [record["validation"] for record in trained.history]
    assert trained.best_epoch == int(np.argmin(losses))
    predicted = predict_rows(trained, dataset, range(16, 20))
    found = sum(
        -np.log(predicted[view][row, np.argmax(share)])
        for view in ("felt", "shown")
        for row, share in enumerate(dataset.samples[f"{view}_emotion3"][16:20].to_list())
    )
    assert found / 4 == pytest.approx(min(losses), rel=1e-4)


def test_the_last_epoch_is_kept_where_it_is_asked_for(
    make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path
) -> None:
    training = THREE.model_copy(update={"select": "last"})
    trained = fit_model("emert", SMALL, make_task(), make_dataset(), range(16), [], training=training, folder=tmp_path)
    assert trained.best_epoch == 2
    assert "validation" not in trained.history[0]


def test_selection_without_a_labelled_validation_clip_is_refused(
    make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="none of 0 validation clips has a label to select an epoch by"):
        fit_model("emert", SMALL, make_task(), make_dataset(), range(2, 16), [], training=THREE, folder=tmp_path)


def test_a_view_that_no_training_clip_labels_is_refused(
    make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="none of 1 training clip has a label of the view shown"):
        fit_model("emert", SMALL, make_task(), make_dataset(), [1], range(16, 20), training=THREE, folder=tmp_path)


def test_training_clips_of_one_class_are_refused(
    make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path
) -> None:
    dataset = make_dataset()
    positive = [row for row, share in enumerate(dataset.samples["felt_emotion3"]) if share[0] == 1][:3]
    task = dataclasses.replace(make_task("eye"), views=(LabelView.FELT,))
    with pytest.raises(UsageError, match="all 3 labelled training clips of the view felt are positive"):
        fit_model("emert", SMALL, task, dataset, positive, range(16, 20), training=THREE, folder=tmp_path)


def test_a_loss_that_is_not_finite_stops_the_fit(fit: Callable[..., Trained], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lower the learning rate"):
        fit(tmp_path, THREE.model_copy(update={"learning_rate": 1e30}))


def test_the_validation_clips_change_no_weight(make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path) -> None:
    training = THREE.model_copy(update={"select": "last"})
    one, other = (
        fit_model(
            "emert", SMALL, make_task(), make_dataset(), range(16), rows, training=training, folder=tmp_path / str(rows)
        )
        for rows in (range(16, 20), range(20, 24))
    )
    first, second = one.model.state_dict(), other.model.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_tensorboard_is_asked_for_where_it_is_absent(
    fit: Callable[..., Trained], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(UsageError, match="TensorBoard is not installed"):
        fit(tmp_path, THREE.model_copy(update={"tensorboard": True}))


def test_the_presets_are_those_of_the_contract() -> None:
    assert PRESET_EPOCHS == {"quick": 5, "evidence": 20, "protocol": 200}
    training = preset_training("protocol", seed=3)
    assert json.loads(training.model_dump_json(include={"epochs", "batch_size", "learning_rate", "weight_decay"})) == {
        "epochs": 200, "batch_size": 16, "learning_rate": 1e-4, "weight_decay": 5e-4,
    }  # fmt: skip


def test_a_native_recipe_is_that_of_the_models_authors() -> None:
    training = preset_training("protocol", model="mult", recipe="native", seed=5)
    assert (training.learning_rate, training.batch_size, training.clip_norm) == (1e-3, 24, 0.8)
    assert (training.epochs, training.seed) == (40, 5)
    assert preset_training("evidence", model="mult", recipe="native").epochs == 20
    assert preset_training("protocol", model="mult").learning_rate == 1e-4
