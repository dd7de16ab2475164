"""A checkpoint is read back as it was, and refused if anything of it was touched."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets.store import Dataset
from emogap.errors import DataError, MismatchError
from emogap.learning.prediction import predict_rows
from emogap.learning.training.checkpoint import load_model, save_model
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.loop import fit_model
from emogap.models.zoo import ZOO, emert
from emogap.types import TaskSpec

MakeDataset = Callable[..., Dataset]
MakeTask = Callable[..., TaskSpec]
ONCE = TrainingConfig(epochs=1, accelerator="cpu")
SMALL = {"emert": emert.Config(encoder_width=9, width=8, head_width=5)}


@pytest.mark.parametrize("name", ZOO.names())
def test_every_model_comes_back_as_it_was(
    name: str, make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path
) -> None:
    dataset, task = make_dataset(model=name), make_task(model=name)
    trained = fit_model(name, SMALL.get(name), task, dataset, range(16), range(16, 20), training=ONCE, folder=tmp_path)
    loaded = load_model(tmp_path)
    for attribute in (
        "name",
        "config",
        "task",
        "training",
        "origin",
        "validation_keys",
        "history",
        "best_epoch",
        "job",
    ):
        assert getattr(loaded, attribute) == getattr(trained, attribute), attribute
    assert list(loaded.task.streams) == list(task.streams)
    before, after = predict_rows(trained, dataset, range(24)), predict_rows(loaded, dataset, range(24))
    for view in before:
        np.testing.assert_array_equal(after[view], before[view])


def test_the_configuration_names_every_clip_the_scaler_saw(
    make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path
) -> None:
    dataset = make_dataset()
    fit_model("majority", None, make_task(), dataset, [3, 5, 8], [16], training=ONCE, folder=tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert [row[:2] for row in config["scaler_keys"]] == [["noise", f"r{row // 4}-{row % 4}"] for row in (3, 5, 8)]
    assert config["key_fields"][2] == "participant_id"
    assert config["dataset"]["fingerprint"] == dataset.fingerprint
    assert config["dataset"]["cleaning"] == "emer"


def test_a_channel_without_a_mean_survives(make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path) -> None:
    dataset = make_dataset()
    dataset.streams["eye"][..., 3] = np.nan
    trained = fit_model("majority", None, make_task(), dataset, range(16), [], training=ONCE, folder=tmp_path)
    loaded = load_model(tmp_path).scaler
    np.testing.assert_array_equal(loaded.mean["eye"], trained.scaler.mean["eye"])
    assert np.isnan(loaded.sd["eye"]).tolist() == [False, False, False, True]


def test_saving_again_writes_the_same_bytes(make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path) -> None:
    fit_model("linear", None, make_task(), make_dataset(), range(16), [], training=ONCE, folder=tmp_path / "a")
    save_model(tmp_path / "b", load_model(tmp_path / "a"))
    for file in ("weights.safetensors", "config.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.fixture
def checkpoint(make_dataset: MakeDataset, make_task: MakeTask, tmp_path: Path) -> Path:
    fit_model("linear", None, make_task(), make_dataset(), range(16), [], training=ONCE, folder=tmp_path / "linear")
    return tmp_path / "linear"


def test_a_flipped_bit_in_the_weights_is_noticed(checkpoint: Path) -> None:
    path = checkpoint / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="the weights are damaged"):
        load_model(checkpoint)


def test_a_truncated_configuration_is_named(checkpoint: Path) -> None:
    path = checkpoint / "config.json"
    path.write_text(path.read_text()[:-40])
    with pytest.raises(DataError, match=r"config\.json: the checkpoint is damaged"):
        load_model(checkpoint)


@pytest.mark.parametrize("removed", ["config.json", "weights.safetensors"])
def test_an_absent_file_is_named(removed: str, checkpoint: Path) -> None:
    (checkpoint / removed).unlink()
    with pytest.raises(DataError, match=removed):
        load_model(checkpoint)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [("schema", 1, MismatchError), ("task", {}, DataError), ("config", {"colour": "blue"}, DataError)],
)
def test_an_edited_configuration_is_refused(
    field: str, value: object, error: type[Exception], checkpoint: Path
) -> None:
    path = checkpoint / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(error):
        load_model(checkpoint)
