"""MulT is the network of its authors: the checks of its specification, its size and its options."""

import dataclasses
from collections.abc import Callable

import pytest
import torch

from emogap.errors import UsageError
from emogap.models.batch import Batch
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.zoo.mult import Config, Model
from emogap.types import TaskSpec
from tests.models.paper_streams import PAPER_STREAMS

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]
START = TrainingState(epoch=0, num_epochs=1, step=0)
WIDTH = 10


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task()


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


def small(task: TaskSpec, **options: object) -> Model:
    """A narrow and shallow MulT."""
    torch.manual_seed(0)
    return Model(Config.model_validate({"width": WIDTH, "depth": 2} | options), task).eval()


def collected(model: Model, tokens: dict[str, torch.Tensor], batch: Batch) -> dict[tuple[str, str], torch.Tensor]:
    """What each stream got from each other one, by (target, source)."""
    found = {}
    for target, value in model.collect(tokens, batch.masks).items():
        sources = [source for source in model.modalities if source != target]
        for source, part in zip(sources, value.split(WIDTH, dim=-1), strict=True):
            found[target, source] = part
    return found


def test_six_directional_and_three_self_encoders_share_no_weight(task: TaskSpec) -> None:
    model = small(task)
    expected = {"face<-eye", "face<-fixation", "eye<-face", "eye<-fixation", "fixation<-face", "fixation<-eye"}
    assert set(model.crossings) == expected
    assert set(model.memories) == {"face", "eye", "fixation"}
    encoders = [*model.crossings.values(), *model.memories.values()]
    weights = [id(parameter) for encoder in encoders for parameter in encoder.parameters()]
    assert len(weights) == len(set(weights))
    assert {len(encoder.layers) for encoder in model.crossings.values()} == {2}
    assert {len(encoder.layers) for encoder in model.memories.values()} == {3}, "never fewer than three"
    assert {len(encoder.layers) for encoder in small(task, depth=4).memories.values()} == {4}


def test_the_size_is_that_of_the_specification(make_task: MakeTask) -> None:
    """1.08 million with width 30 and depth 5, two heads of seven classes."""
    assert count_parameters(Model(Config(), make_task(PAPER_STREAMS))) == pytest.approx(1.08e6, rel=0.02)


def test_the_steps_of_the_paper_are_taken_as_they_are(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(PAPER_STREAMS)
    assert small(task)(make_batch(task, 2)).logits["shown"].shape == (2, 7)


def test_a_source_reaches_only_the_halves_that_asked_it(task: TaskSpec, batch: Batch) -> None:
    """With the eye constant, face and fixation get another answer from it, and the same from each other."""
    model = small(task)
    tokens = model.project(batch)
    before = collected(model, tokens, batch)
    after = collected(model, tokens | {"eye": torch.ones_like(tokens["eye"])}, batch)
    changed = {path for path in before if not torch.allclose(after[path], before[path], atol=1e-4)}
    as_source = {("face", "eye"), ("fixation", "eye")}
    as_target = {("eye", "face"), ("eye", "fixation")}
    assert changed == as_source | as_target
    for path in (("face", "fixation"), ("fixation", "face")):
        assert torch.equal(after[path], before[path])


def test_each_pair_is_asked_by_its_own_encoder_and_only_real_steps_answer(task: TaskSpec, batch: Batch) -> None:
    """Noise in place of the tokens of masked steps, which are zero otherwise, is not heard by who asks them."""
    model = small(task)
    tokens = model.project(batch)
    noisy = {
        name: torch.where(batch.masks[name].unsqueeze(-1), token, torch.randn_like(token))
        for name, token in tokens.items()
    }
    for (target, source), part in collected(model, tokens, batch).items():
        crossing = model.crossings[f"{target}<-{source}"]
        torch.testing.assert_close(part, crossing(tokens[target], noisy[source], batch.masks[source]))
        heard = crossing(tokens[target], noisy[source], torch.ones_like(batch.masks[source]))
        assert not torch.allclose(part, heard, atol=1e-3)


def test_the_last_real_step_of_each_stream_is_the_clip(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    tokens = model.project(batch)
    fused = model(batch).extras["fused"]
    parts = []
    for name, value in model.collect(tokens, batch.masks).items():
        memory = model.memories[name](value, None, batch.masks[name])
        parts.append(torch.stack([memory[clip, mask.nonzero()[-1, 0]] for clip, mask in enumerate(batch.masks[name])]))
    last = torch.cat(parts, dim=1)
    assert last.shape == (11, 6 * WIDTH)
    expected = last + model.residual[3](torch.relu(model.residual[0](last)))
    torch.testing.assert_close(fused, expected)
    torch.testing.assert_close(model(batch).logits["felt"], model.heads["felt"](expected))


def test_the_answer_depends_on_the_order_of_the_steps(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    masks = {name: torch.ones_like(mask) for name, mask in batch.masks.items()}
    whole = dataclasses.replace(batch, masks=masks)
    for name in task.streams:
        streams = dict(whole.streams) | {name: whole.streams[name].flip(1)}
        backwards = dataclasses.replace(whole, streams=streams)
        assert not torch.allclose(model(backwards).logits["felt"], model(whole).logits["felt"], atol=1e-4), name


def test_the_mask_of_the_future_can_be_left_out(task: TaskSpec, batch: Batch) -> None:
    with_mask, without = small(task), small(task, causal=False)
    without.load_state_dict(with_mask.state_dict())
    assert not torch.allclose(without(batch).logits["felt"], with_mask(batch).logits["felt"], atol=1e-4)


def test_only_the_task_is_learned(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    total, parts = model.loss(model(batch), batch, START)
    assert total == parts["task/felt"] + parts["task/shown"]


def test_a_lacking_stream_is_a_zero_of_its_own_and_nothing_to_the_others(task: TaskSpec, batch: Batch) -> None:
    """What its masked steps hold cannot matter, and neither can its projection."""
    model = small(task)
    masks = dict(batch.masks) | {"eye": torch.zeros_like(batch.masks["eye"])}
    blind = dataclasses.replace(batch, masks=masks)
    before = model(blind).logits["felt"]
    torch.nn.init.normal_(model.projections["eye"].weight)
    assert torch.equal(model(blind).logits["felt"], before)
    assert not torch.allclose(model(batch).logits["felt"], before, atol=1e-4)


@pytest.mark.parametrize(("num_modalities", "num_crossings"), [(1, 0), (2, 2), (4, 12)])
def test_every_ordered_pair_has_an_encoder(
    num_modalities: int, num_crossings: int, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    task = make_task({f"stream{number}": (3 + number, 2) for number in range(num_modalities)})
    model = small(task)
    assert len(model.crossings) == num_crossings
    output = model(make_batch(task))
    assert output.extras["fused"].shape == (11, num_modalities * max(num_modalities - 1, 1) * WIDTH)


def test_heads_that_cannot_share_the_width_are_refused(task: TaskSpec) -> None:
    with pytest.raises(UsageError, match="4 attention heads cannot share a width of 30 evenly"):
        Model(Config(num_heads=4), task)
