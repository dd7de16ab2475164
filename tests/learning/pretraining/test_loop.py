"""A pre-training learns, keeps people apart, and goes on bit by bit wherever it was killed."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from emogap.datasets.gaze_index import GazeIndex, people_split
from emogap.errors import DataError, MismatchError, UnknownNameError, UsageError
from emogap.learning.pretraining import loop
from emogap.learning.pretraining.checkpoint import Pretrained, load_glass, save_glass, standardise
from emogap.learning.pretraining.config import PretrainingConfig
from emogap.learning.pretraining.loop import pretrain
from emogap.learning.pretraining.unseen_people import require_unseen, seen_people
from emogap.learning.training.resume import RESUME_FILE
from emogap.models.glass.config import GlassConfig

MakeIndex = Callable[..., GazeIndex]

SMALL = GlassConfig(num_channels=2, patch_frames=3, width=8, num_heads=2, encoder_layers=1, decoder_layers=1)
SEVEN = PretrainingConfig(
    batch_size=16,
    passes=3,
    max_steps=7,
    learning_rate=1e-2,
    validation_share=0.3,
    validate_every=3,
    store_every=2,
    accelerator="cpu",
    held_out=("p03", "p05"),
)


class Killed(BaseException):
    """Stands for a signal: nothing in the program catches it."""


def kill_after(step: int) -> Callable[[Mapping[str, float]], None]:
    def listener(record: Mapping[str, float]) -> None:
        if record["step"] == step:
            raise Killed

    return listener


@pytest.fixture(scope="module")
def index(make_index: MakeIndex) -> GazeIndex:
    return make_index()


@pytest.fixture(scope="module")
def folder(index: GazeIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pre-training of seven steps that ran through."""
    path = tmp_path_factory.mktemp("straight")
    pretrain(index, SMALL, SEVEN, path)
    return path


@pytest.fixture
def straight(folder: Path) -> Pretrained:
    return load_glass(folder)


def require_same(one: Pretrained, other: Pretrained) -> None:
    first, second = one.model.state_dict(), other.model.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert one.history[-1] == other.history[-1]
    assert one.scores == other.scores


@pytest.mark.parametrize("step", [2, 3, 4, 7])
def test_killed_after_any_stretch_it_goes_on_bit_by_bit(
    step: int, index: GazeIndex, straight: Pretrained, tmp_path: Path
) -> None:
    with pytest.raises(Killed):
        pretrain(index, SMALL, SEVEN, tmp_path, on_record=kill_after(step))
    assert (tmp_path / RESUME_FILE).exists()
    torch.manual_seed(step)
    again = pretrain(index, SMALL, SEVEN, tmp_path)
    require_same(again, straight)
    assert again.history == straight.history
    assert not (tmp_path / RESUME_FILE).exists()


def test_killed_between_two_stretches_it_repeats_the_steps_since(
    index: GazeIndex, straight: Pretrained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, steps = loop.one_step, iter(range(100))

    def step_until_killed(*arguments: object) -> object:
        if next(steps) == 5:
            raise Killed
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "one_step", step_until_killed)
    with pytest.raises(Killed):
        pretrain(index, SMALL, SEVEN, tmp_path)
    monkeypatch.undo()
    require_same(pretrain(index, SMALL, SEVEN, tmp_path), straight)


def test_how_often_the_state_is_stored_changes_no_weight(
    index: GazeIndex, straight: Pretrained, tmp_path: Path
) -> None:
    seldom = pretrain(index, SMALL, SEVEN.model_copy(update={"store_every": 100}), tmp_path)
    assert [record["step"] for record in seldom.history] == [3, 6, 7]
    assert [record["step"] for record in straight.history] == [2, 3, 4, 6, 7]
    first, second = straight.model.state_dict(), seldom.model.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert seldom.job == straight.job


def test_nobody_is_on_two_sides_and_everybody_is_named(index: GazeIndex, straight: Pretrained) -> None:
    sides = [set(straight.training_people), set(straight.validation_people), set(straight.held_out)]
    assert [len(side) for side in sides] == [3, 2, 2]
    assert len(set.union(*sides)) == 7
    assert sides[2] == {("waving", "p03"), ("waving", "p05")}
    assert set(straight.people) == sides[0] | sides[1]


def test_held_out_gaze_is_not_looked_at(index: GazeIndex, straight: Pretrained, tmp_path: Path) -> None:
    """Whatever the held-out people's eyes did, the weights and the scale are the same."""
    values = index.values.copy()
    for number, name in enumerate(index.participants):
        if name in SEVEN.held_out:
            values[number * 60 : (number + 1) * 60] *= -3
    other = pretrain(replace(index, values=values), SMALL, SEVEN, tmp_path)
    first, second = straight.model.state_dict(), other.model.state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert other.mean.tolist() == straight.mean.tolist()
    assert other.scores["validation"] == straight.scores["validation"]
    assert other.scores["held_out"] != straight.scores["held_out"]


def test_the_scale_is_that_of_the_training_people(index: GazeIndex, straight: Pretrained) -> None:
    training, _ = people_split(index, share=0.3, held_out=SEVEN.held_out)
    gaze = np.concatenate([index.values[60 * number : 60 * number + 60] for number in np.flatnonzero(training)])
    np.testing.assert_allclose(straight.mean, np.nanmean(gaze.astype(float), axis=0))
    np.testing.assert_allclose(straight.sd, np.nanstd(gaze.astype(float), axis=0))
    scaled = standardise(straight, gaze)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(np.nanstd(scaled, axis=0), 1, rtol=1e-4)


def test_the_kept_weights_are_those_of_the_least_validation_loss(index: GazeIndex, straight: Pretrained) -> None:
    losses = {number: record["validation"] for number, record in enumerate(straight.history) if "validation" in record}
    assert list(losses) == [1, 3, 4]
    assert straight.best == min(losses, key=losses.__getitem__)
    kept = straight.history[straight.best]["validation/pearson_r"]
    assert straight.scores["validation"]["forecasts"]["glass"]["pearson_r"]["estimate"] == pytest.approx(kept)


def test_a_checkpoint_comes_back_as_it_was(folder: Path, tmp_path: Path) -> None:
    save_glass(tmp_path, load_glass(folder))
    for file in ("weights.safetensors", "config.json"):
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes()


def test_a_finished_pre_training_is_read_not_repeated(
    index: GazeIndex, folder: Path, straight: Pretrained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(loop, "one_step")
    require_same(pretrain(index, SMALL, SEVEN, folder), straight)


def test_another_pre_training_in_the_same_folder_is_refused(index: GazeIndex, folder: Path, tmp_path: Path) -> None:
    other = SEVEN.model_copy(update={"seed": 5})
    with pytest.raises(MismatchError, match="pre-trained with other options or another index"):
        pretrain(index, SMALL, other, folder)
    with pytest.raises(Killed):
        pretrain(index, SMALL, SEVEN, tmp_path, on_record=kill_after(2))
    with pytest.raises(MismatchError, match="unfinished fit with other options"):
        pretrain(index, SMALL, other, tmp_path)


def test_the_same_frames_cut_otherwise_are_another_pre_training(index: GazeIndex, folder: Path) -> None:
    """3 s and 1 s, or 1 s and 3 s: where all frames are valid, all files of the two indices are the same."""
    other = replace(index, past_frames=index.future_frames, future_frames=index.past_frames)
    with pytest.raises(MismatchError, match="pre-trained with other options or another index"):
        pretrain(other, SMALL, SEVEN, folder)


def test_a_test_person_who_was_seen_is_refused(straight: Pretrained) -> None:
    seen = straight.training_people[0][1]
    require_unseen(straight, "waving", ["p03", "p05"])
    require_unseen(straight, "another data set", [seen])
    with pytest.raises(MismatchError, match=f"1 of the test people were seen in pre-training, the first is {seen}"):
        require_unseen(straight, "waving", ["p03", seen])
    assert seen_people(straight, "waving", ["p03", seen]) == (seen,)


def test_where_people_are_not_known_nobody_may_be_tested(straight: Pretrained) -> None:
    with pytest.raises(MismatchError, match="does not know all people"):
        require_unseen(replace(straight, people_known=False), "waving", ["p03"])


@pytest.mark.parametrize(
    ("config", "options", "error", "message"),
    [
        ({"num_channels": 6}, {}, MismatchError, "the network reads 6 channels, the index has 2"),
        ({"patch_frames": 5}, {}, UsageError, "the past of 12 frames is no whole number of patches of 5"),
        ({}, {"held_out": ("p3",)}, UnknownNameError, "did you mean 'p03'"),
        ({}, {"accumulate": 17}, UsageError, "cannot be cut into 17 parts"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    config: dict[str, object],
    options: dict[str, object],
    error: type[Exception],
    message: str,
    index: GazeIndex,
    tmp_path: Path,
) -> None:
    with pytest.raises(error, match=message):
        pretrain(index, SMALL.model_copy(update=config), SEVEN.model_copy(update=options), tmp_path)


def test_a_channel_that_never_changes_is_refused(index: GazeIndex, tmp_path: Path) -> None:
    values = index.values.copy()
    values[:, 1] = np.where(index.valid, 2.5, np.nan)
    with pytest.raises(UsageError, match="gaze_y_deg never changes over the training people"):
        pretrain(replace(index, values=values), SMALL, SEVEN, tmp_path)


def test_a_loss_that_is_not_finite_stops_it(index: GazeIndex, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lower the learning rate"):
        pretrain(index, SMALL, SEVEN.model_copy(update={"learning_rate": 1e30, "clip_norm": 1e30}), tmp_path)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"kind": "labelled"}, MismatchError, "of the kind 'labelled', and 'glass' is needed"),
        ({"schema": 7}, MismatchError, "schema 7"),
        ({"config": {"num_channels": 2, "colour": 1}}, DataError, "does not hold what it should"),
        ({"weights_fingerprint": "0"}, DataError, "the weights are damaged"),
    ],
)
def test_a_checkpoint_that_was_touched_is_refused(
    change: dict[str, object], error: type[Exception], message: str, folder: Path, tmp_path: Path
) -> None:
    described = json.loads((folder / "config.json").read_text()) | change
    (tmp_path / "config.json").write_text(json.dumps(described))
    (tmp_path / "weights.safetensors").write_bytes((folder / "weights.safetensors").read_bytes())
    with pytest.raises(error, match=message):
        load_glass(tmp_path)


def test_waving_eyes_are_forecast_better_than_by_their_last_frame(make_index: MakeIndex, tmp_path: Path) -> None:
    """In shuffled order nothing is left of it but where a person looks on average, which a ridge finds as well."""
    config = SMALL.model_copy(update={"width": 32, "dropout": 0.0})
    training = PretrainingConfig(
        batch_size=16, passes=20, max_steps=110, learning_rate=5e-3, validation_share=0.3, accelerator="cpu"
    )
    index = make_index(num_people=10)
    real = pretrain(index, config, training, tmp_path / "real").scores["validation"]
    assert real["differences"]["repeat"]["pearson_r"]["low"] > 0.3
    assert real["forecasts"]["glass"]["pearson_r"]["estimate"] > 0.7
    shuffled = pretrain(
        index, config, training.model_copy(update={"time_order": "shuffled", "max_steps": 40}), tmp_path / "shuffled"
    ).scores["validation"]
    assert shuffled["forecasts"]["glass"]["pearson_r"]["estimate"] < 0.6
