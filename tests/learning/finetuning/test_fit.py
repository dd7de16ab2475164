"""One fit: it goes on after a kill, the head learns first, and the output begins at the mean label."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from emogap.errors import MismatchError
from emogap.learning.finetuning import fit as fitting
from emogap.learning.finetuning.comparison import finetune
from emogap.learning.finetuning.fit import raw_outputs
from emogap.models.glass.heads import LabelledGlass
from tests.learning.finetuning.conftest import QUICK, make_job


def test_a_killed_fit_goes_on_to_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job("vad", tmp_path / "a")
    whole = finetune("pretrained", job.pretrained, job.windows, job.split, QUICK, seed=3, folder=job.folder)
    written = fitting.write_standing

    def killed(folder: Path, standing: fitting.Standing) -> None:
        written(folder, standing)
        if len(standing.history) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "write_standing", killed)
    with pytest.raises(KeyboardInterrupt):
        finetune("pretrained", job.pretrained, job.windows, job.split, QUICK, seed=3, folder=tmp_path / "b")
    assert not (tmp_path / "b" / "pretrained-3" / "config.json").exists()
    monkeypatch.undo()
    resumed = finetune("pretrained", job.pretrained, job.windows, job.split, QUICK, seed=3, folder=tmp_path / "b")
    assert resumed.history == whole.history
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(tensor, resumed.network.state_dict()[name]), name
    assert not (tmp_path / "b" / "pretrained-3" / "resume.safetensors").exists()


def test_the_encoder_stands_still_while_the_head_learns_first(tmp_path: Path) -> None:
    job = make_job("vad", tmp_path)
    config = QUICK.model_copy(update={"head_first_epochs": 3})
    fitted = finetune("pretrained", job.pretrained, job.windows, job.split, config, seed=0, folder=tmp_path)
    assert isinstance(fitted.network, LabelledGlass)
    for name, tensor in job.pretrained.model.encoder.state_dict().items():
        assert torch.equal(tensor, fitted.network.encoder.state_dict()[name]), name


def test_only_the_last_layer_of_the_encoder_learns_if_a_half_is_free(tmp_path: Path) -> None:
    job = make_job("vad", tmp_path)
    config = QUICK.model_copy(update={"unfrozen_share": 0.5})
    fitted = finetune("pretrained", job.pretrained, job.windows, job.split, config, seed=0, folder=tmp_path)
    assert isinstance(fitted.network, LabelledGlass)
    before, after = job.pretrained.model.encoder.state_dict(), fitted.network.encoder.state_dict()
    changed = {".".join(name.split(".")[:2]) for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"layers.1", "norm.weight", "norm.bias"}


def test_the_kept_epoch_is_the_one_with_the_least_validation_loss(tmp_path: Path) -> None:
    job = make_job("vad", tmp_path)
    config = QUICK.model_copy(update={"head_learning_rate": 0.3, "epochs": 4})
    fitted = finetune("cnn", job.pretrained, job.windows, job.split, config, seed=0, folder=tmp_path)
    losses = [record["validation"] for record in fitted.history]
    assert fitted.best_epoch == int(np.argmin(losses))


def test_a_fit_without_a_signal_begins_at_the_mean_label(tmp_path: Path) -> None:
    """All windows alike: after one step at a negligible rate the output is the mean of the training labels."""
    job = make_job("vad", tmp_path)
    windows = dataclasses.replace(job.windows, gaze=np.zeros_like(job.windows.gaze))
    config = QUICK.model_copy(update={"head_learning_rate": 1e-12, "encoder_learning_rate": 1e-12, "epochs": 1})
    fitted = finetune("cnn", job.pretrained, windows, job.split, config, seed=0, folder=tmp_path)
    raw = raw_outputs(fitted.network, torch.zeros(1, 30, 6), torch.ones(1, 30, dtype=torch.bool))
    weight = fitted.network.last_layer.weight.detach().numpy()
    bias = fitted.network.last_layer.bias.detach().numpy()
    np.testing.assert_allclose(bias, windows.label[job.split.training].mean(axis=0), atol=1e-6)
    assert np.abs(raw[0] - bias).max() <= np.abs(weight).sum()


def test_a_folder_with_another_fit_is_refused(tmp_path: Path) -> None:
    job = make_job("vad", tmp_path)
    one_epoch = QUICK.model_copy(update={"epochs": 1})
    finetune("cnn", job.pretrained, job.windows, job.split, one_epoch, seed=0, folder=tmp_path)
    with pytest.raises(MismatchError, match="fitted with other options, data or people"):
        finetune("cnn", job.pretrained, job.windows, job.split, QUICK, seed=0, folder=tmp_path)
