"""All rows on the same windows, what is refused, and what test people must not decide."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from emogap.errors import DataError, MismatchError
from emogap.learning.finetuning.comparison import ROWS, compare, finetune, require_same_gaze
from tests.learning.finetuning.conftest import QUICK, Done, make_job


def test_every_row_says_something_of_every_test_window(vad: Done) -> None:
    num_test = len(vad.job.split.test)
    assert list(vad.compared.told) == list(ROWS)
    shapes = {row: told.shape for row, told in vad.compared.told.items()}
    assert shapes["mean"] == shapes["statistics"] == (1, num_test, 3)
    assert shapes["cnn"] == shapes["random"] == shapes["pretrained"] == (2, num_test, 3)
    assert all(((told >= 0) & (told <= 1)).all() for told in vad.compared.told.values())


def test_the_mean_row_is_the_mean_of_the_training_labels(vad: Done) -> None:
    expected = vad.job.windows.label[vad.job.split.training].mean(axis=0)
    np.testing.assert_allclose(vad.compared.told["mean"][0, 0], expected)


def test_gaze_that_tells_all_is_told_apart(behaviour: Done) -> None:
    label = behaviour.job.windows.label[behaviour.job.split.test].argmax(axis=1)
    for row in ("statistics", "cnn", "pretrained"):
        told = behaviour.compared.told[row][0]
        np.testing.assert_allclose(told.sum(axis=1), 1)
        assert (told.argmax(axis=1) == label).mean() > 0.8, row


def test_test_people_decide_nothing_of_a_fit(tmp_path: Path) -> None:
    """Their gaze and labels replaced by nonsense: the weights stay the same, bit by bit."""
    job = make_job("vad", tmp_path / "a")
    gaze, label = job.windows.gaze.copy(), job.windows.label.copy()
    gaze[job.split.test], label[job.split.test] = 50.0, 0.0
    other = dataclasses.replace(job.windows, gaze=gaze, label=label)
    config = QUICK.model_copy(update={"epochs": 1})
    one, two = (
        finetune("pretrained", job.pretrained, windows, job.split, config, seed=0, folder=tmp_path / name)
        for name, windows in (("a", job.windows), ("b", other))
    )
    np.testing.assert_array_equal(one.mean, two.mean)
    for name, tensor in one.network.state_dict().items():
        assert torch.equal(tensor, two.network.state_dict()[name]), name


def test_gaze_is_standardised_by_training_people_or_by_those_of_the_pretraining(tmp_path: Path) -> None:
    job = make_job("vad", tmp_path)
    pretrained = dataclasses.replace(job.pretrained, mean=np.arange(6.0), sd=np.full(6, 2.0))
    config = QUICK.model_copy(update={"epochs": 1})
    own = finetune("pretrained", pretrained, job.windows, job.split, config, seed=0, folder=tmp_path / "own")
    known = job.windows.gaze[job.split.training][job.windows.valid[job.split.training]]
    np.testing.assert_allclose(own.mean, known.mean(axis=0, dtype=np.float64), rtol=1e-6)
    config = config.model_copy(update={"standardise_by": "pretraining"})
    theirs = finetune("pretrained", pretrained, job.windows, job.split, config, seed=0, folder=tmp_path / "theirs")
    np.testing.assert_array_equal(theirs.mean, np.arange(6.0))
    np.testing.assert_array_equal(theirs.sd, np.full(6, 2.0))


def test_test_people_of_one_class_are_refused_before_anything_is_fitted(tmp_path: Path) -> None:
    job = make_job("behaviour", tmp_path / "labels")
    label = job.windows.label.copy()
    label[job.split.test] = [0.0, 1.0, 0.0]
    windows = dataclasses.replace(job.windows, label=label)
    with pytest.raises(DataError, match="windows are cry, all of the test people: there is nothing to tell apart"):
        compare(job.pretrained, windows, job.split, job.config, folder=tmp_path / "fits")
    assert not (tmp_path / "fits").exists()


def test_undersampling_takes_training_windows_alone(tmp_path: Path) -> None:
    job = make_job("vad", tmp_path)
    label = np.full_like(job.windows.label, 0.5)
    label[job.split.training[:3]] = 1.0
    windows = dataclasses.replace(job.windows, label=label + np.linspace(0, 0.01, len(label))[:, None] * 0.5)
    config = QUICK.model_copy(update={"epochs": 1, "tail_share": 0.4})
    compared = compare(job.pretrained, windows, job.split, config, folder=tmp_path, with_baselines=False)
    assert compared.told["pretrained"].shape == (1, len(job.split.test), 3)


def test_without_test_people_only_the_network_is_made(tmp_path: Path) -> None:
    job = make_job("vad", tmp_path)
    split = dataclasses.replace(job.split, test=np.zeros(0, np.int64))
    config = QUICK.model_copy(update={"epochs": 1})
    compared = compare(job.pretrained, job.windows, split, config, folder=tmp_path)
    assert dict(compared.told) == {}
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["pretrained-0"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"channels": ("gaze_x_deg",) * 6}, "the gaze has the channels gaze_x_deg"),
        ({"rate_hz": 30.0}, "30 frames a second, the network reads 10"),
    ],
)
def test_gaze_of_another_kind_is_refused(tmp_path: Path, change: dict[str, object], what: str) -> None:
    job = make_job("vad", tmp_path)
    with pytest.raises(MismatchError, match=what):
        require_same_gaze(job.pretrained, dataclasses.replace(job.windows, **change))  # type: ignore[arg-type]


def test_a_window_of_no_whole_number_of_patches_is_refused(tmp_path: Path) -> None:
    job = make_job("vad", tmp_path)
    windows = dataclasses.replace(job.windows, gaze=job.windows.gaze[:, :28], valid=job.windows.valid[:, :28])
    with pytest.raises(MismatchError, match="28 frames is no whole number of patches of 5"):
        require_same_gaze(job.pretrained, windows)


def test_people_of_one_class_are_refused(tmp_path: Path) -> None:
    job = make_job("behaviour", tmp_path)
    label = job.windows.label.copy()
    label[job.split.training] = [0, 1, 0]
    windows = dataclasses.replace(job.windows, label=label)
    with pytest.raises(DataError, match="windows are cry, all of the training people"):
        compare(job.pretrained, windows, job.split, QUICK, folder=tmp_path)
