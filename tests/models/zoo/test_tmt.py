"""TMT is the network of its paper: few tokens in between, two kinds of them, two directions of asking."""

import dataclasses
from collections.abc import Callable

import pytest
import torch

from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.subspaces import correlation_loss, mean_discrepancy
from emogap.models.zoo.tmt import NATIVE, Config, Model
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
    """A narrow TMT with 3 shared tokens and 2 of each modality, that drops nothing."""
    torch.manual_seed(0)
    sizes = {"width": 10, "consistency_tokens": 3, "num_heads": 2, "head_width": 7, "feedforward_width": 13}
    return Model(Config.model_validate(sizes | options), task).eval()


def parts_of(model: Model, batch: Batch) -> dict[str, torch.Tensor]:
    return model.loss(model(batch), batch, START)[1]


def test_raw_steps_reach_the_heads_through_the_learned_tokens_alone(task: TaskSpec, batch: Batch) -> None:
    """No step goes past the encoder; without its attention, nothing of the streams is left in the answer."""
    model = small(task)
    raw, mask = torch.randn(11, 16, 10), torch.ones(11, 16, dtype=torch.bool)
    assert model.read(raw, mask).shape == (11, 3 + 3 * 2, 10)
    answers = model(batch).logits["felt"]
    assert answers.std(dim=0).min() > 1e-4
    for layer in model.layers:
        torch.nn.init.zeros_(layer.attention.output.weight)
    answers = model(batch).logits["felt"]
    torch.testing.assert_close(answers, answers[:1].expand_as(answers))


def test_dropout_behind_the_positions_meets_learned_tokens_and_steps_alike(task: TaskSpec) -> None:
    """With nothing else dropped, a training run differs from the answer, and drops a tenth of what the layers read."""
    model = small(task, position_dropout=0.1, dropout=0, input_dropout=0)
    seen: list[torch.Tensor] = []
    model.layers[0].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    raw, mask = torch.randn(40, 16, 10), torch.ones(40, 16, dtype=torch.bool)
    model.read(raw, mask)
    model.train().read(raw, mask)
    kept, dropped = seen
    assert not (kept == 0).any()
    for part in (slice(0, 9), slice(9, None)):
        assert (dropped[:, part] == 0).float().mean().item() == pytest.approx(0.1, abs=0.02)
    torch.testing.assert_close(dropped[dropped != 0], kept[dropped != 0] / 0.9)


def test_both_kinds_of_tokens_read_the_steps(task: TaskSpec) -> None:
    model = small(task)
    generator = torch.Generator().manual_seed(3)
    raw, mask = torch.randn(11, 16, 10, generator=generator), torch.ones(11, 16, dtype=torch.bool)
    changed = raw.clone()
    changed[:, 5] *= -1
    moved = (model.read(changed, mask) - model.read(raw, mask)).abs().amax(dim=(0, 2))
    assert moved.min() > 1e-4


@pytest.mark.parametrize("silent", ["own_ask_shared", "shared_ask_own"])
def test_there_are_two_directions_without_shared_weights(silent: str, task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    directions = {"own_ask_shared": model.own_ask_shared, "shared_ask_own": model.shared_ask_own}
    assert not {id(p) for p in model.own_ask_shared.parameters()} & {id(p) for p in model.shared_ask_own.parameters()}
    for layer in directions.pop(silent).layers:
        for parameter in layer.parameters():
            torch.nn.init.zeros_(parameter)
    (other,) = directions.values()
    total, _ = model.loss(model(batch), batch, START)
    total.backward()
    assert all(parameter.grad.any() for name, parameter in other.named_parameters() if "norm_key.bias" not in name)


def test_each_direction_asks_the_tokens_of_the_other_kind(task: TaskSpec) -> None:
    """With the asking side of a direction held still, its answer follows the other kind of tokens."""
    model = small(task)
    generator = torch.Generator().manual_seed(4)
    shared, own = torch.randn(5, 3, 10, generator=generator), torch.randn(5, 6, 10, generator=generator)
    has_own = torch.ones(5, 6, dtype=torch.bool)
    expected = model.own_ask_shared(own, shared, torch.ones(5, 3, dtype=torch.bool)).mean(dim=1)
    expected = expected + model.shared_ask_own(shared, own, has_own).mean(dim=1)
    torch.testing.assert_close(model.exchange(shared, own, has_own), expected)


def test_a_modality_that_a_clip_lacks_has_no_tokens_of_its_own_there(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    masks = {name: mask.clone() for name, mask in batch.masks.items()}
    masks["face"][:4] = False
    partly = dataclasses.replace(batch, masks=masks)
    before = model(partly)
    assert not torch.equal(before.logits["felt"][:4], model(batch).logits["felt"][:4])
    shared, own = torch.randn(11, 3, 10), torch.randn(11, 6, 10)
    has_own = torch.ones(11, 6, dtype=torch.bool)
    has_own[:4, :2] = False
    changed = own.clone()
    changed[:, :2] += 5
    moved = (model.exchange(shared, changed, has_own) - model.exchange(shared, own, has_own)).abs().amax(dim=1)
    assert moved[:4].max() < 1e-6
    assert moved[4:].min() > 1e-3


def test_the_losses_between_tokens_are_the_means_over_modalities_and_pairs(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    extras = model(batch).extras
    everyone = torch.ones(11, dtype=torch.bool)
    face, eye, fixation = (extras[f"own/{name}"] for name in ("face", "eye", "fixation"))
    shared = sum(correlation_loss(extras["consistency"], own, everyone) for own in (face, eye, fixation)) / 3
    pairs = [(face, eye), (face, fixation), (eye, fixation)]
    between = sum(correlation_loss(one, other, everyone) for one, other in pairs) / 3
    similar = [mean_discrepancy(extras[f"raw/{name}"], extras[f"own/{name}"], everyone) for name in task.streams]
    parts = parts_of(model, batch)
    torch.testing.assert_close(parts["orthogonality"], shared + between)
    torch.testing.assert_close(parts["similarity"], sum(similar) / 3)
    assert min(parts.values()) > 0


def test_the_raw_mean_is_of_the_projected_real_steps(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    projected = batch.streams["eye"] @ model.projections["eye"].weight.T + model.projections["eye"].bias
    expected = torch.stack([clip[mask].mean(dim=0) for clip, mask in zip(projected, batch.masks["eye"], strict=True)])
    torch.testing.assert_close(model(batch).extras["raw/eye"], expected)


def test_the_total_weighs_its_parts(task: TaskSpec, batch: Batch) -> None:
    model = small(task, task_weight=10, orthogonality_weight=0.3, similarity_weight=0.7)
    total, parts = model.loss(model(batch), batch, START)
    expected = 10 * (parts["task/felt"] + parts["task/shown"])
    torch.testing.assert_close(total, expected + 0.3 * parts["orthogonality"] + 0.7 * parts["similarity"])


def test_clips_without_a_label_or_the_modality_take_no_part_in_the_losses(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    labels = {view: label.clone() for view, label in batch.labels.items()}
    masks = {name: mask.clone() for name, mask in batch.masks.items()}
    for label in labels.values():
        label[:2] = torch.nan
    masks["face"][2:5] = False
    partly = dataclasses.replace(batch, labels=labels, masks=masks)
    output = model(partly)
    _, before = model.loss(output, partly, START)
    for name, value in output.extras.items():
        value.data[:2] += 9
        if name.endswith("/face"):
            value.data[2:5] += 9
    _, after = model.loss(output, partly, START)
    assert all(torch.equal(before[part], after[part]) for part in before)
    output.extras["own/face"].data[6] += 9
    assert model.loss(output, partly, START)[1]["orthogonality"] != before["orthogonality"]


def test_one_modality_keeps_its_tokens_apart_from_the_shared_ones(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task({"eye": (7, 4)})
    model, batch = small(task), make_batch(task)
    extras, everyone = model(batch).extras, torch.ones(11, dtype=torch.bool)
    expected = correlation_loss(extras["consistency"], extras["own/eye"], everyone)
    torch.testing.assert_close(parts_of(model, batch)["orthogonality"], expected)


def test_the_number_of_parameters_is_that_of_the_authors_code() -> None:
    """4.5 million at depth 2, 7.1 at depth 4 and 2.0 at width 128, counted from the authors' code."""
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    assert count_parameters(Model(Config(), task)) == 4_450_318
    for options, expected in (({}, 4.5e6), ({"cross_depth": 4}, 7.1e6), ({"width": 128}, 2.0e6)):
        assert count_parameters(Model(Config.model_validate(options), task)) == pytest.approx(expected, rel=0.1)


def test_the_native_recipe_is_the_authors() -> None:
    assert (NATIVE.learning_rate, NATIVE.batch_size, NATIVE.epochs, NATIVE.warmup) == (1e-4, 64, 200, 0.1)
