"""MMIM: two passes that leave each other's parameters alone, bounds between streams, and a memory for the entropy."""

import dataclasses
import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from emogap.errors import UnknownNameError, UsageError
from emogap.models.batch import Batch, select_rows
from emogap.models.interface import Stage, TrainingState, count_parameters, stage_parameters, training_only
from emogap.models.zoo.mmim import POLARITY, Config, Model
from emogap.types import LabelView, TaskSpec, vocabulary
from tests.models.paper_streams import PAPER_STREAMS
from tests.models.training_steps import learn

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task()


@pytest.fixture
def batch(task: TaskSpec, make_batch: MakeBatch) -> Batch:
    return make_batch(task)


def small(task: TaskSpec, **options: object) -> Model:
    """A narrow MMIM without dropout."""
    torch.manual_seed(0)
    narrow = {"anchor_hidden": 5, "anchor_width": 6, "hidden": 7, "width": 8, "fused_width": 9}
    return Model(Config.model_validate(narrow | {"dropout": 0, "encoder_dropout": 0} | options), task)


def states(memory: dict[str, Tensor], num_steps: int) -> Iterator[TrainingState]:
    for step in range(num_steps):
        yield TrainingState(step // 3, 9, step, batch=step % 3, stage="fit", memory=memory)


def parts_of(model: Model, batch: Batch, state: TrainingState | None = None) -> dict[str, Tensor]:
    state = TrainingState(0, 1, 0, memory=model.new_memory(batch)) if state is None else state
    return model.loss(model(batch), batch, state)[1]


def test_the_number_of_parameters_is_that_of_the_specification() -> None:
    """0.19 M without BERT."""
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    by_hand = 2 * 4 * 32 * (512 + 32 + 2) + 2 * 4 * 16 * (39 + 16 + 2) + 2 * 4 * 16 * (2 + 16 + 2)
    by_hand += (64 * 32 + 32) + 2 * (32 * 16 + 16)
    by_hand += (64 * 128 + 128) + (128 * 128 + 128) + 2 * (128 * 7 + 7)
    by_hand += (128 * 32 + 32) + 2 * (128 * 16 + 16)
    by_hand += 2 * 2 * (32 * 16 + 16 + 16 * 16 + 16)
    assert count_parameters(Model(Config(), task)) == by_hand
    assert by_hand == pytest.approx(0.19e6, rel=0.02)


# A step of the pass 'bound' changes only the parameters of the bounds, one of the pass 'fit' none of them.
@pytest.mark.parametrize("number", [0, 1])
def test_each_pass_changes_its_own_parameters_alone(number: int, task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    stage = model.stages()[number]
    assert stage.name == ("bound", "fit")[number]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    memory = model.new_memory(batch)
    with training_only(model, stage):
        optimizer = torch.optim.Adam(stage_parameters(model, stage).values(), lr=0.01)
        for step in range(8):
            state = TrainingState(0, 1, step, stage=stage.name, memory=memory)
            output = model.training_forward(batch, state)
            optimizer.zero_grad()
            model.loss(output, batch, state)[0].backward()
            optimizer.step()
            with torch.no_grad():
                model.after_step(output, batch, state)
    after = model.state_dict()
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    of_bounds = {name for name, _ in model.named_parameters() if name.startswith("bounds.")}
    assert changed == (of_bounds if number == 0 else {name for name, _ in model.named_parameters()} - of_bounds)


def test_every_parameter_belongs_to_one_of_the_passes(task: TaskSpec) -> None:
    model = small(task)
    bound, fit = (set(stage_parameters(model, stage)) for stage in model.stages())
    assert bound & fit == set()
    assert bound | fit == {name for name, _ in model.named_parameters()}


def test_the_likelihood_teaches_the_encoders_through_bounds_that_stand_still(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    with training_only(model, model.stages()[1]):
        parts_of(model, batch)["likelihood/face/eye"].backward()
    assert model.encoders["face"].linear.weight.grad.any()
    assert model.encoders["eye"].linear.weight.grad.any()
    assert model.encoders["fixation"].linear.weight.grad is None
    assert all(parameter.grad is None for parameter in model.bounds.parameters())


def test_the_first_pass_makes_the_streams_predict_each_other(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    stage = model.stages()[0]
    state = TrainingState(0, 1, 0, stage="bound", memory=model.new_memory(batch))
    optimizer = torch.optim.Adam(stage_parameters(model, stage).values(), lr=0.01)
    likelihoods = []
    for _ in range(30):
        total, parts = model.loss(model(batch), batch, state)
        assert set(parts) == {"likelihood/face/eye", "likelihood/face/fixation"}
        assert total == -sum(parts.values())
        likelihoods.append(sum(parts.values()).item())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
    assert likelihoods[-1] > likelihoods[0] + 1


def test_the_loss_is_the_weighted_sum_of_its_parts(task: TaskSpec, batch: Batch) -> None:
    model = small(task, alpha=0.3, beta=0.2, memory_batches=1)
    memory = model.new_memory(batch)
    for state in states(memory, 3):
        total, parts = model.loss(model(batch), batch, state)
        with torch.no_grad():
            model.after_step(model(batch), batch, state)
    sums = {
        kind: sum(part for name, part in parts.items() if name.startswith(kind))
        for kind in ("task", "contrast", "likelihood", "entropy")
    }
    expected = sums["task"] + 0.3 * sums["contrast"] - 0.2 * (sums["likelihood"] + sums["entropy"])
    torch.testing.assert_close(total, expected)
    assert [sum(name.startswith(kind) for name in parts) for kind in sums] == [2, 3, 2, 2]


@pytest.mark.parametrize("memory_batches", [1, 3])
def test_the_entropy_begins_once_the_memory_has_been_filled(memory_batches: int, task: TaskSpec, batch: Batch) -> None:
    model = small(task, memory_batches=memory_batches)
    memory = model.new_memory(batch)
    begun = [any(name.startswith("entropy") for name in parts_of(model, batch, state)) for state in states(memory, 6)]
    assert begun == [step > memory_batches for step in range(6)]


# The memory is detached and of bounded size: the last batches, and no others.
def test_the_memory_holds_the_last_batches_alone(task: TaskSpec, make_batch: MakeBatch) -> None:
    """Vectors that were stored too long ago are replaced by huge ones: the entropy must not see them."""
    model, train = small(task, memory_batches=2), make_batch(task, 30)
    memory = model.new_memory(train)
    sizes = {name: tensor.shape for name, tensor in memory.items()}
    groups_of_clips = torch.arange(30).split(5)
    for state, rows in zip(states(memory, 5), groups_of_clips, strict=False):
        part = select_rows(train, rows)
        model.after_step(model(part), part, state)
    assert {name: tensor.shape for name, tensor in memory.items()} == sizes
    assert not any(tensor.requires_grad for tensor in memory.values())
    last = select_rows(train, groups_of_clips[5])
    state = TrainingState(1, 9, 5, memory=memory)
    before = parts_of(model, last, state)["entropy/face/eye"]
    recent = torch.cat(groups_of_clips[3:])
    vectors = model(select_rows(train, recent)).extras["encoded/eye"]
    projected = torch.tanh(vectors @ model.projections["face/eye"].weight.t() + model.projections["face/eye"].bias)
    assert before.item() == pytest.approx(entropy_by_numpy(projected, train.labels["felt"][recent]), rel=1e-3)
    memory["projected/face/eye"][:15] = 1e3
    assert parts_of(model, last, state)["entropy/face/eye"] == before
    memory["projected/face/eye"][16] += 1.0
    assert parts_of(model, last, state)["entropy/face/eye"] != before


def test_a_clip_of_the_batch_is_not_remembered_beside_itself(task: TaskSpec, make_batch: MakeBatch) -> None:
    """Every clip of the batch was stored two steps ago, as it will be where an epoch ends and the next begins."""
    model, train = small(task, memory_batches=3), make_batch(task, 30)
    memory = model.new_memory(train)
    first, second = (select_rows(train, rows) for rows in (torch.arange(18), torch.arange(18, 30)))
    for state, part in zip(states(memory, 4), (first, second, first, second), strict=True):
        model.after_step(model(part), part, state)
    state = TrainingState(1, 9, 4, memory=memory)
    found = parts_of(model, first, state)["entropy/face/eye"]
    vectors = model(train).extras["encoded/eye"]
    projected = torch.tanh(vectors @ model.projections["face/eye"].weight.t() + model.projections["face/eye"].bias)
    assert found.item() == pytest.approx(entropy_by_numpy(projected, train.labels["felt"]), rel=1e-3)
    memory["projected/face/eye"][:18] = 1e3
    assert parts_of(model, first, state)["entropy/face/eye"] == found


def test_the_encoders_drop_nothing_unless_asked_to(task: TaskSpec) -> None:
    """The authors' 0.1 stands between layers of an LSTM of one layer."""
    assert Config().encoder_dropout == 0
    assert Config().dropout == 0.1


def entropy_by_numpy(projected: Tensor, label: Tensor) -> float:
    """A quarter of the log determinants of pleasant and unpleasant clips of emotion7, where enough are there."""
    word = np.array(vocabulary("emotion7"))[label.argmax(1).numpy()]
    total = 0.0
    for words in (["happiness"], ["sadness", "fear", "disgust", "anger"]):
        rows = projected.detach().double().numpy()[np.isin(word, words)]
        if len(rows) > projected.shape[1]:
            covariance = np.cov(rows.T, ddof=0) + 1e-4 * np.eye(projected.shape[1])
            total += np.linalg.slogdet(covariance)[1]
    return total / 4


def test_the_projection_is_stored_and_never_trained(task: TaskSpec, batch: Batch) -> None:
    model = small(task)
    before = model.projections["face/eye"].weight.clone()
    learn(model, batch, num_epochs=3, learning_rate=0.1)
    assert torch.equal(model.projections["face/eye"].weight, before)
    assert "projections.face/eye.weight" in model.state_dict()
    assert not list(model.projections.parameters())


def test_a_clip_without_a_label_or_without_the_stream_teaches_nothing(task: TaskSpec, batch: Batch) -> None:
    """The losses of the other clips alone, computed without them, are the same."""
    for view in batch.labels:
        batch.labels[view][:3] = torch.nan
    batch.masks["eye"][3:5] = False
    labelled = select_rows(batch, torch.arange(3, 11))
    seen = select_rows(batch, torch.arange(5, 11))
    model = small(task)
    found = parts_of(model, batch)
    torch.testing.assert_close(found["contrast/face"], fresh_parts(model, labelled)["contrast/face"])
    torch.testing.assert_close(found["contrast/eye"], fresh_parts(model, seen)["contrast/eye"])
    torch.testing.assert_close(found["likelihood/face/eye"], fresh_parts(model, seen)["likelihood/face/eye"])
    with torch.no_grad():
        memory = model.new_memory(batch)
        model.after_step(model(batch), batch, TrainingState(0, 1, 0, memory=memory))
    assert not memory["group/face/eye"][:5].any()
    assert memory["group/face/fixation"][3:].any()


def fresh_parts(model: Model, batch: Batch) -> dict[str, Tensor]:
    return parts_of(model, dataclasses.replace(batch, index=torch.arange(batch.num_clips)))


@pytest.mark.parametrize("likelihood", ["bounded", "gaussian", "code"])
def test_the_likelihood_takes_the_form_that_was_asked_for(likelihood: str, task: TaskSpec, batch: Batch) -> None:
    model = small(task, likelihood=likelihood)
    with torch.no_grad():
        model.bounds["face/eye"].log_variance[2].bias += 3
    output = model(batch)
    mean, log_variance = model.bounds["face/eye"](output.extras["encoded/face"])
    value = output.extras["encoded/eye"]
    if likelihood == "code":
        expected = (-((value - mean) ** 2) / 2 / log_variance.exp()).sum(1).mean()
    else:
        expected = torch.distributions.Normal(mean, (log_variance / 2).exp()).log_prob(value).sum(1).mean()
    torch.testing.assert_close(parts_of(model, batch)["likelihood/face/eye"], expected)
    assert bool((log_variance.abs() <= 1).all()) == (likelihood == "bounded")


def test_a_stream_is_read_in_both_directions_as_by_a_bidirectional_lstm(task: TaskSpec, batch: Batch) -> None:
    """torch's own, packed, with the same weights; clips of several lengths."""
    encoder = small(task).encoders["eye"]
    reference = torch.nn.LSTM(4, 7, batch_first=True, bidirectional=True)
    ways = {"": encoder.forwards, "_reverse": encoder.backwards}
    reference.load_state_dict(
        {f"{name}{suffix}": value for suffix, way in ways.items() for name, value in way.lstm.state_dict().items()}
    )
    length = torch.tensor([7, 1, 3, 5, 2, 6, 4, 7, 7, 1, 2])
    mask = torch.arange(7) < length[:, None]
    packed = pack_padded_sequence(batch.streams["eye"], length, batch_first=True, enforce_sorted=False)
    _, (state, _) = reference(packed)
    torch.testing.assert_close(encoder(batch.streams["eye"], mask), encoder.linear(torch.cat([*state], dim=1)))


@pytest.mark.parametrize("divided", [False, True], ids=["one vote", "five votes"])
@pytest.mark.parametrize("space", ["emotion7", "emotion3", "quadrant"])
def test_pleasant_and_unpleasant_clips_make_the_groups(
    space: str, divided: bool, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    """A clip of divided votes is in each group with the share of the votes for it."""
    task = make_task(space=space)
    batch = make_batch(task, divided=divided)
    share_BK = batch.labels["felt"].numpy()
    with torch.no_grad():
        memory = small(task).new_memory(batch)
        small(task).after_step(small(task)(batch), batch, TrainingState(0, 1, 0, memory=memory))
    for group, members in enumerate(POLARITY[space]):
        expected = share_BK[:, np.isin(vocabulary(space), members)].sum(axis=1)
        np.testing.assert_allclose(memory["group/face/eye"][:, group].numpy(), expected, rtol=1e-6)
    assert "neutral" not in sum(POLARITY[space], ())
    assert set(sum(POLARITY[space], ())) <= set(vocabulary(space))


def groups_of(model: Model, batch: Batch) -> Tensor:
    memory = model.new_memory(batch)
    with torch.no_grad():
        model.after_step(model(batch), batch, TrainingState(0, 1, 0, memory=memory))
    return memory["group/face/eye"]


def test_every_class_may_be_a_group_and_another_view_may_make_them(task: TaskSpec, batch: Batch) -> None:
    assert torch.equal(groups_of(small(task, entropy_groups="classes"), batch), batch.labels["felt"])
    shown = small(task, entropy_groups="classes", group_view="shown")
    assert torch.equal(groups_of(shown, batch), batch.labels["shown"])
    with pytest.raises(UnknownNameError, match="there is no view of the task named 'target'"):
        small(task, group_view="target")


def test_values_are_grouped_by_the_side_of_the_centre(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(views=("shown",), space=None, targets=("arousal", "valence"))
    batch = make_batch(task)
    valence = batch.labels["shown"][:, 1]
    assert torch.equal(groups_of(small(task), batch), torch.stack([valence > 0, valence < 0], dim=1).float())
    task = make_task(views=("shown",), space=None, targets=("intensity",))
    batch = make_batch(task)
    batch.labels["shown"].add_(1).mul_(1.5)
    high = batch.labels["shown"][:, 0] > 1.5
    assert torch.equal(groups_of(small(task), batch), torch.stack([high, ~high], dim=1).float())
    with pytest.raises(UsageError, match="values of intensity have no classes to group by"):
        small(task, entropy_groups="classes")


def test_the_anchor_predicts_the_others_and_they_may_predict_each_other(make_task: MakeTask) -> None:
    streams = {"eye": (7, 4), "face": (3, 5), "head": (4, 6), "fixation": (6, 2)}
    assert list(small(make_task(streams)).pairs) == ["face/eye", "face/head", "face/fixation"]
    assert list(small(make_task(streams), anchor="head").pairs) == ["head/eye", "head/face", "head/fixation"]
    every = ["face/eye", "face/head", "face/fixation", "eye/head", "eye/fixation", "head/fixation"]
    assert list(small(make_task(streams), all_pairs=True).pairs) == every


def test_one_stream_has_nothing_to_predict(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task({"eye": (7, 4)})
    model, batch = small(task), make_batch(task)
    assert model.stages() == (Stage("fit"),)
    state = TrainingState(0, 1, 9, memory=model.new_memory(batch))
    total, parts = model.loss(model(batch), batch, state)
    assert set(parts) == {"task/felt", "task/shown", "contrast/eye"}
    torch.testing.assert_close(total, parts["task/felt"] + parts["task/shown"] + 0.1 * parts["contrast/eye"])


@pytest.mark.parametrize(("likelihood", "log_variance"), [("bounded", -1.0), ("gaussian", -30.0)])
def test_vectors_without_variance_are_rewarded_up_to_a_bound(
    likelihood: str, log_variance: float, task: TaskSpec, batch: Batch
) -> None:
    """The encoders give zero, which is predicted with the least variance on offer; W = 8 the width."""
    model = small(task, likelihood=likelihood)
    for layer in (model.encoders["eye"].linear, model.bounds["face/eye"].mean, model.bounds["face/eye"].log_variance):
        for parameter in layer.parameters():
            torch.nn.init.zeros_(parameter)
    torch.nn.init.constant_(model.bounds["face/eye"].log_variance[2].bias, -30.0)
    expected = -8 / 2 * (log_variance + math.log(2 * math.pi))
    assert parts_of(model, batch)["likelihood/face/eye"].item() == pytest.approx(expected)
