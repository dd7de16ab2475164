"""NORM-TR as reconstructed: noise in training only, and generic tokens that are taught not to show it."""

import dataclasses
import math
from collections.abc import Callable

import pytest
import torch

from emogap.models.batch import Batch
from emogap.models.interface import Output, TrainingState, count_parameters
from emogap.models.losses import task_loss
from emogap.models.zoo import ZOO
from emogap.models.zoo.norm_tr import Config, Model
from emogap.types import LabelView, TaskSpec
from tests.models.paper_streams import PAPER_STREAMS

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
START = TrainingState(epoch=0, num_epochs=1, step=0)


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task()


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


def small(task: TaskSpec, **options: object) -> Model:
    torch.manual_seed(0)
    sizes = {"width": 10, "generic_tokens": 4, "num_heads": 2, "head_width": 7, "feedforward_width": 9}
    return Model(Config.model_validate(sizes | {"discriminator_width": 6} | options), task).eval()


def in_training(model: Model, batch: Batch, *, seed: int = 1) -> Output:
    """The three copies with the noise of a seed; no dropout, since the model is in eval mode."""
    torch.manual_seed(seed)
    return model.training_forward(batch, START)


def copies(model: Model, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """The streams that the extractors were given, (3, B, T, D): clean, noise in all, noise in one."""
    seen = {}
    extract = model.extract

    def spy(streams: dict[str, torch.Tensor], masks: dict[str, torch.Tensor]) -> object:
        seen.update({name: torch.stack(stream.chunk(3)) for name, stream in streams.items()})
        return extract(streams, masks)

    monkeypatch.setattr(model, "extract", spy)
    in_training(model, batch)
    return seen


def gradients(loss: torch.Tensor, module: torch.nn.Module) -> list[torch.Tensor]:
    found = torch.autograd.grad(loss, list(module.parameters()), retain_graph=True, allow_unused=True)
    return [torch.zeros(()) if gradient is None else gradient for gradient in found]


def test_there_is_no_noise_in_an_answer(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    first, second = model(batch), model(batch)
    assert all(torch.equal(first.logits[view], second.logits[view]) for view in first.logits)
    assert torch.equal(first.logits["felt"], small(task, noise_sd=9.0)(batch).logits["felt"])


def test_the_clean_copy_of_the_training_is_the_answer(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    output = in_training(model, batch)
    torch.testing.assert_close(output.logits["felt"], model(batch).logits["felt"])
    assert (output.extras["all/felt"] - output.logits["felt"]).abs().max() > 1e-4
    assert not torch.equal(output.extras["all/felt"], in_training(model, batch, seed=2).extras["all/felt"])


def test_all_changes_every_modality_and_one_exactly_one(
    make_task: MakeTask, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = make_task({"face": (30, 5), "eye": (70, 4), "fixation": (60, 2)})
    model, batch = small(task), make_batch(task, 40)
    seen = copies(model, batch, monkeypatch)
    where = in_training(model, batch).extras["where"]
    changed = {name: (stream != stream[0]).any(dim=3) for name, stream in seen.items()}
    for name in task.streams:
        assert torch.equal(seen[name][0], batch.streams[name])
        assert changed[name][1].float().mean().item() == pytest.approx(0.3, abs=0.03)
    num_changed = torch.stack([change[2].any(dim=1) for change in changed.values()]).sum(dim=0)
    assert (num_changed == 1).all()
    for number, name in enumerate(task.streams):
        assert torch.equal(changed[name][2].any(dim=1), where == number)
        assert changed[name][2][where == number].float().mean().item() == pytest.approx(0.3, abs=0.06)


def test_the_one_modality_is_one_that_the_clip_has(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    masks = {name: torch.ones(600, shape[0], dtype=torch.bool) for name, shape in task.streams.items()}
    masks["face"][:300] = False
    masks["eye"][:100] = False
    masks["fixation"][:50] = False
    where = model.draw_modality(masks)
    assert set(where[50:100].tolist()) == {2}
    assert set(where[100:300].tolist()) == {1, 2}
    assert torch.bincount(where[300:], minlength=3).float().div(300).sub(1 / 3).abs().max() < 0.1


@pytest.mark.parametrize("part", ["is_noisy", "where_noisy"])
def test_switching_the_reversal_off_flips_the_gradient_of_the_generic_extractor_only(
    part: str, task: TaskSpec, batch: Batch
) -> None:
    model = small(task)
    discriminator = getattr(model, part)
    with_reversal = model.loss(in_training(model, batch), batch, START)[1][part]
    generic, judge = gradients(with_reversal, model.generic_extractor), gradients(with_reversal, discriminator)
    model.reversal = torch.nn.Identity()
    without_reversal = model.loss(in_training(model, batch), batch, START)[1][part]
    assert without_reversal == with_reversal
    assert max(gradient.abs().max().item() for gradient in generic) > 1e-6
    for gradient, other in zip(generic, gradients(without_reversal, model.generic_extractor), strict=True):
        torch.testing.assert_close(other, -gradient)
    for gradient, other in zip(judge, gradients(without_reversal, discriminator), strict=True):
        assert gradient.abs().max() > 1e-6
        torch.testing.assert_close(other, gradient)


def test_the_extractors_of_the_modalities_have_no_adversarial_gradient(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    total, parts = model.loss(in_training(model, batch), batch, START)
    adversarial = parts["is_noisy"] + parts["where_noisy"]
    assert all(not gradient.any() for gradient in gradients(adversarial, model.modality_extractors))
    assert any(gradient.any() for gradient in gradients(total, model.modality_extractors))


def test_logits_depend_on_the_modalities_tokens_through_the_attention_alone(task: TaskSpec, batch: Batch) -> None:
    model = small(task)

    def change() -> float:
        before = model(batch).logits["felt"]
        with torch.no_grad():
            for layers in model.modality_extractors.values():
                layers[0].feedforward[0].weight.mul_(-3)
        return (model(batch).logits["felt"] - before).abs().max().item()

    assert change() > 1e-5
    for layer in model.fusion.layers:
        torch.nn.init.zeros_(layer.attention.output.weight)
        torch.nn.init.zeros_(layer.attention.output.bias)
    assert change() == 0


def test_the_generic_tokens_read_the_streams_themselves(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    generic = model(batch).extras["generic"]
    for name in task.streams:
        other = dict(batch.streams) | {name: -batch.streams[name]}
        moved = model(dataclasses.replace(batch, streams=other)).extras["generic"] - generic
        assert moved.abs().max() > 1e-4


def test_the_discriminators_learn_what_they_are_asked(task: TaskSpec, batch: Batch) -> None:
    """The first: clean or noisy; the second: clean, or noisy in the modality of that number."""
    model = small(task)
    output = in_training(model, batch)
    where = output.extras["where"]
    right = torch.cat([torch.zeros(11, dtype=torch.int64), 1 + where])
    extras = dict(output.extras) | {
        "is_noisy": torch.cat([torch.full((11, 1), -50.0), torch.full((11, 1), 50.0)]),
        "where_noisy": 50.0 * torch.nn.functional.one_hot(right, 4),
    }
    _, parts = model.loss(dataclasses.replace(output, extras=extras), batch, START)
    assert parts["is_noisy"] < 1e-6
    assert parts["where_noisy"] < 1e-6
    extras |= {"is_noisy": torch.zeros(22, 1), "where_noisy": torch.zeros(22, 4)}
    _, parts = model.loss(dataclasses.replace(output, extras=extras), batch, START)
    assert parts["is_noisy"].item() == pytest.approx(math.log(2))
    assert parts["where_noisy"].item() == pytest.approx(math.log(4))


def test_the_total_weighs_its_parts(task: TaskSpec, batch: Batch) -> None:
    model = small(task, noisy_weight=0.25, adversarial_weight=0.4)
    output = in_training(model, batch)
    total, parts = model.loss(output, batch, START)
    tasks = {}
    for copy in ("all", "one"):
        logits = {view: output.extras[f"{copy}/{view}"] for view in output.logits}
        tasks[copy], _ = task_loss(logits, batch.labels, task)
        torch.testing.assert_close(parts[f"task_noisy_{copy}"], tasks[copy])
    expected = parts["task/felt"] + parts["task/shown"] + 0.25 * (tasks["all"] + tasks["one"])
    torch.testing.assert_close(total, expected + 0.4 * (parts["is_noisy"] + parts["where_noisy"]))


def test_unlabelled_and_empty_clips_do_not_teach_the_discriminators(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    labels = {view: label.clone() for view, label in batch.labels.items()}
    masks = {name: mask.clone() for name, mask in batch.masks.items()}
    for label in labels.values():
        label[:3] = torch.nan
    for mask in masks.values():
        mask[3:5] = False
    batch = dataclasses.replace(batch, labels=labels, masks=masks)
    output = in_training(model, batch)
    _, before = model.loss(output, batch, START)
    for part in ("is_noisy", "where_noisy"):
        output.extras[part].data[:5] += 7
        output.extras[part].data[11:16, :1] += 7
    _, after = model.loss(output, batch, START)
    assert all(torch.equal(before[part], after[part]) for part in ("is_noisy", "where_noisy"))
    output.extras["is_noisy"].data[5] += 7
    assert model.loss(output, batch, START)[1]["is_noisy"] != before["is_noisy"]


def test_one_modality_has_two_kinds_of_clips(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task({"eye": (7, 4)})
    model, batch = small(task), make_batch(task)
    output = in_training(model, batch)
    assert output.extras["where_noisy"].shape == (22, 2)
    assert not output.extras["where"].any()


def test_the_number_of_parameters_is_that_of_the_plan() -> None:
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    assert count_parameters(Model(Config(), task)) == 2_197_587
    assert count_parameters(Model(Config(), task)) == pytest.approx(2.2e6, rel=0.1)


def test_it_says_that_it_is_a_reconstruction() -> None:
    entry = ZOO.open("norm_tr")
    assert "reconstruction" in entry.Model.description
    assert "reconstruction" in entry.__doc__
