"""Self-MM: each modality's labels move by the rule of the paper, and only they make its task count."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch

from emogap.models.batch import Batch, select_rows
from emogap.models.interface import TrainingState, count_parameters
from emogap.models.zoo.self_mm import Config, Model
from emogap.types import LabelView, TaskSpec
from tests.models.paper_streams import PAPER_STREAMS

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]


@pytest.fixture
def task(make_task: MakeTask) -> TaskSpec:
    return make_task()


@pytest.fixture
def values(make_task: MakeTask) -> TaskSpec:
    return make_task(views=("shown",), space=None, targets=("valence", "intensity"))


def small(task: TaskSpec, **options: object) -> Model:
    """A narrow Self-MM without dropout."""
    torch.manual_seed(0)
    narrow = {"hidden": 8, "width": 6, "narrow_hidden": 4, "narrow_width": 3, "fused_width": 9}
    config = Config.model_validate(narrow | {"dropout": 0, "fused_dropout": 0} | options)
    return Model(config, task)


def at(epoch: int, memory: dict[str, torch.Tensor]) -> TrainingState:
    return TrainingState(epoch, 5, 3 * epoch, memory=memory)


def remember(model: Model, batch: Batch, *, num_epochs: int, rows_at_once: int = 4) -> dict[str, torch.Tensor]:
    """The memory after some epochs in which the weights stood still, a few clips at a time."""
    memory = model.new_memory(batch)
    with torch.no_grad():
        for epoch in range(num_epochs):
            for rows in torch.arange(batch.num_clips).split(rows_at_once):
                part = select_rows(batch, rows)
                model.after_step(model(part), part, at(epoch, memory))
    return memory


def with_intensity(batch: Batch) -> Batch:
    """Valence in [-1, 1] stays; the second value is stretched to [0, 3]."""
    stretch = torch.tensor([1.0, 1.5])
    return dataclasses.replace(
        batch, labels={view: (label * stretch) + torch.tensor([0.0, 1.5]) for view, label in batch.labels.items()}
    )


def test_the_number_of_parameters_is_near_that_of_the_specification() -> None:
    """0.22 M without BERT; the layers by hand: LSTMs 147 968 + 26 880 + 1 280 with their two biases, Linear after
    them 4 432, features 12 752, heads of two views 34 830 + 5 930."""
    task = TaskSpec((LabelView.FELT, LabelView.SHOWN), ("class",), "emotion7", PAPER_STREAMS)
    by_hand = 4 * 64 * (512 + 64 + 2) + 4 * 64 * (39 + 64 + 2) + 4 * 16 * (2 + 16 + 2)
    by_hand += 2 * (64 * 32 + 32) + (16 * 16 + 16)
    by_hand += (80 * 128 + 128) + 2 * (32 * 32 + 32) + (16 * 16 + 16)
    by_hand += 2 * sum(width * width + width + width * 7 + 7 for width in (128, 32, 32, 16))
    assert count_parameters(Model(Config(), task)) == by_hand
    assert by_hand == pytest.approx(0.22e6, rel=0.1)


# In the first epoch the modalities' losses and the gradients of their heads are exactly zero.
@pytest.mark.parametrize("kind", ["classes", "values"])
def test_the_first_epoch_trains_the_fused_task_alone(
    kind: str, task: TaskSpec, values: TaskSpec, make_batch: MakeBatch
) -> None:
    chosen = task if kind == "classes" else values
    model, batch = small(chosen), make_batch(chosen)
    state = at(0, model.new_memory(batch))
    total, parts = model.loss(model(batch), batch, state)
    total.backward()
    assert all(parts[f"alone/{name}"] == 0 for name in chosen.streams)
    assert total == sum(parts[f"task/{view}"] for view in chosen.views)
    assert all(not parameter.grad.any() for parameter in model.alone_heads.parameters())
    assert all(parameter.grad.any() for parameter in model.heads.parameters())


@pytest.mark.parametrize("kind", ["classes", "values"])
def test_from_the_second_epoch_on_every_modality_has_a_task(
    kind: str, task: TaskSpec, values: TaskSpec, make_batch: MakeBatch
) -> None:
    chosen = task if kind == "classes" else values
    model, batch = small(chosen), make_batch(chosen)
    memory = remember(model, batch, num_epochs=2)
    total, parts = model.loss(model(batch), batch, at(1, memory))
    total.backward()
    assert all(parts[f"alone/{name}"] > 0 for name in chosen.streams)
    assert all(parameter.grad.any() for parameter in model.alone_heads.parameters())


def test_labels_stay_those_of_the_clip_until_the_second_epoch(task: TaskSpec, make_batch: MakeBatch) -> None:
    model, batch = small(task), make_batch(task)
    first, second = (remember(model, batch, num_epochs=number) for number in (1, 2))
    for name in task.streams:
        assert torch.equal(first[f"label/felt/{name}"], batch.labels["felt"])
        assert not torch.allclose(second[f"label/felt/{name}"], batch.labels["felt"], atol=1e-4)
    assert torch.equal(second["label/felt"], batch.labels["felt"])


def labels_by_the_paper(
    remembered: dict[str, np.ndarray],
    now: dict[str, np.ndarray],
    label: np.ndarray,
    present: dict[str, np.ndarray],
    *,
    centre: float,
    reach: float,
    num_moved: int,
) -> dict[str, np.ndarray]:
    """One target in the second epoch, clip by clip, from the paper's formulas with loops.

    Labels of the first clips move in groups of four, as :func:`remember` shows them. What is remembered stands still.
    """
    own = {name: label.copy() for name in remembered}

    def offset(name: str, clip: int) -> float:
        known = present[name] & ~np.isnan(label)
        upper = remembered[name][known & (own[name] > centre)].mean(0)
        lower = remembered[name][known & (own[name] < centre)].mean(0)
        to_upper, to_lower = (np.linalg.norm(now[name][clip] - point) for point in (upper, lower))
        return float((to_lower - to_upper) / (to_upper + 1e-8))

    for start in range(0, num_moved, 4):
        moved: dict[tuple[str, int], float] = {}
        for name in remembered:
            for clip in range(start, min(start + 4, num_moved)):
                if name == "" or np.isnan(label[clip]) or not present[name][clip]:
                    continue
                alone, fused = offset(name, clip), offset("", clip)
                assert abs(fused) > 1e-3, "the formula of the paper explodes here"
                y = label[clip] - centre
                new = 0.5 * alone / fused * y + 0.5 * (y + alone - fused)
                moved[name, clip] = own[name][clip] / 3 + 2 / 3 * (centre + np.clip(new, -reach, reach))
        for (name, clip), value in moved.items():
            own[name][clip] = value
    return own


def require_labels_of_the_paper(
    memory: dict[str, torch.Tensor],
    remembered: dict[str, np.ndarray],
    now: dict[str, np.ndarray],
    labels: torch.Tensor,
    num_moved: int,
) -> None:
    present = {source: memory[f"is_seen{source}"].numpy() for source in now}
    for target, (centre, reach) in enumerate(((0.0, 1.0), (1.5, 1.5))):
        label = labels[:, target].double().numpy()
        expected = labels_by_the_paper(remembered, now, label, present, centre=centre, reach=reach, num_moved=num_moved)
        for source in ("/face", "/eye", "/fixation"):
            found = memory[f"label/shown{source}"][:, target].numpy()
            np.testing.assert_allclose(found, expected[source], rtol=1e-3, atol=1e-4, equal_nan=True)
            assert np.nanmax(np.abs(found - label)) > 0.05


def features_in(memory: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    return {source: memory[f"feature{source}"].double().numpy() for source in ("", "/face", "/eye", "/fixation")}


def test_labels_move_as_the_formulas_of_the_paper_say(values: TaskSpec, make_batch: MakeBatch) -> None:
    """Two targets, one with another centre; a clip without labels, and one without an eye."""
    batch = with_intensity(make_batch(values, 13))
    batch.labels["shown"][5] = torch.nan
    batch.masks["eye"][2] = False
    memory = remember(small(values), batch, num_epochs=2)
    assert not memory["is_seen/eye"][2]
    features = features_in(memory)
    require_labels_of_the_paper(memory, features, features, batch.labels["shown"], num_moved=13)


def test_labels_move_by_the_centres_of_before_the_batch(values: TaskSpec, make_batch: MakeBatch) -> None:
    """The weights have changed since; what is remembered of the batch is replaced only once its labels have moved."""
    batch = with_intensity(make_batch(values, 13))
    model = small(values)
    memory = remember(model, batch, num_epochs=1)
    remembered = {source: feature.copy() for source, feature in features_in(memory).items()}
    torch.manual_seed(1)
    for parameter in model.encoders.parameters():
        torch.nn.init.normal_(parameter)
    part = select_rows(batch, torch.arange(4))
    with torch.no_grad():
        model.after_step(model(part), part, at(1, memory))
    now = features_in(memory)
    assert all(not np.allclose(now[source][:4], remembered[source][:4]) for source in now)
    require_labels_of_the_paper(memory, remembered, now, batch.labels["shown"], num_moved=4)


def test_a_clip_without_the_modality_or_without_a_label_keeps_what_it_has(
    task: TaskSpec, make_batch: MakeBatch
) -> None:
    batch = make_batch(task)
    batch.masks["eye"][4] = False
    batch.labels["felt"][6] = torch.nan
    memory = remember(small(task), batch, num_epochs=4)
    assert torch.equal(memory["label/felt/eye"][4], batch.labels["felt"][4])
    assert not torch.equal(memory["label/felt/face"][4], batch.labels["felt"][4])
    assert memory["label/felt/eye"][6].isnan().all()
    assert memory["label/shown/eye"][6].isfinite().all()


def test_an_absent_stream_belongs_to_no_centre(task: TaskSpec, make_batch: MakeBatch) -> None:
    """The features of clips without an eye are all alike; in a centre they would draw it towards themselves."""
    batch = make_batch(task)
    batch.masks["eye"][:5] = False
    with_absent = remember(small(task), batch, num_epochs=2, rows_at_once=11)
    without = remember(small(task), select_rows_anew(batch, range(5, 11)), num_epochs=2, rows_at_once=11)
    seen = with_absent["is_seen/eye"]
    assert seen.tolist() == [False] * 5 + [True] * 6
    expected = without["feature/eye"].mean(0)
    torch.testing.assert_close(with_absent["feature/eye"][seen].mean(0), expected)


def select_rows_anew(batch: Batch, rows: range) -> Batch:
    chosen = select_rows(batch, torch.tensor(rows))
    return dataclasses.replace(chosen, index=torch.arange(len(rows)))


def test_values_of_one_pole_alone_leave_the_labels_as_they_are(values: TaskSpec, make_batch: MakeBatch) -> None:
    batch = with_intensity(make_batch(values))
    batch.labels["shown"][:, 0] = batch.labels["shown"][:, 0].abs() + 0.01
    memory = remember(small(values), batch, num_epochs=3)
    for name in values.streams:
        assert torch.equal(memory[f"label/shown/{name}"][:, 0], batch.labels["shown"][:, 0])
        assert not torch.equal(memory[f"label/shown/{name}"][:, 1], batch.labels["shown"][:, 1])


# Labels never leave their range.
def test_labels_stay_in_their_range_for_many_epochs(task: TaskSpec, values: TaskSpec, make_batch: MakeBatch) -> None:
    shares = remember(small(task), make_batch(task), num_epochs=12)
    numbers = remember(small(values), with_intensity(make_batch(values)), num_epochs=12)
    for name in task.streams:
        assert (shares[f"label/felt/{name}"] >= 0).all()
        torch.testing.assert_close(shares[f"label/felt/{name}"].sum(1), torch.ones(11))
        valence, intensity = numbers[f"label/shown/{name}"].T
        assert valence.abs().max() <= 1
        assert intensity.min() >= 0
        assert intensity.max() <= 3


def test_the_views_have_labels_of_their_own(task: TaskSpec, make_batch: MakeBatch) -> None:
    memory = remember(small(task), make_batch(task), num_epochs=2)
    assert not torch.allclose(memory["label/felt/eye"], memory["label/shown/eye"])


# The memory carries no gradient.
def test_the_memory_carries_no_gradient(task: TaskSpec, make_batch: MakeBatch) -> None:
    model, batch = small(task), make_batch(task)
    memory = model.new_memory(batch)
    for epoch in range(3):
        output = model.training_forward(batch, at(epoch, memory))
        model.loss(output, batch, at(epoch, memory))[0].backward()
        model.after_step(output, batch, at(epoch, memory))
    assert len(memory) == 4 + 4 + 2 * 4
    assert not any(tensor.requires_grad for tensor in memory.values())


def test_the_further_a_label_has_moved_the_more_it_counts(task: TaskSpec, make_batch: MakeBatch) -> None:
    """The weight is tanh of half the sum of what the shares differ by; one clip, one modality, by hand."""
    model, batch = small(task), make_batch(task, 1)
    memory = model.new_memory(batch)
    own = torch.tensor([[0.1, 0.2, 0.3, 0.1, 0.1, 0.1, 0.1]])
    memory["label/felt/eye"] = own
    output = model(batch)
    _, parts = model.loss(output, batch, at(1, memory))
    label = batch.labels["felt"]
    cross_entropy = -(own * output.extras["felt/eye"].log_softmax(1)).sum()
    expected = torch.tanh((own - label).clamp(min=0).sum()) * cross_entropy
    torch.testing.assert_close(parts["alone/eye"], expected)
    assert parts["alone/face"] == 0


@pytest.mark.parametrize("criterion", ["l1", "huber"])
def test_values_are_compared_by_the_criterion_that_was_asked_for(
    criterion: str, values: TaskSpec, make_batch: MakeBatch
) -> None:
    model, batch = small(values, criterion=criterion), make_batch(values)
    batch.labels["shown"][3, 1] = torch.nan
    batch.labels["shown"][7, 0] = 3.0
    memory = model.new_memory(batch)
    output = model(batch)
    error = (output.logits["shown"] - batch.labels["shown"]).abs().detach().numpy()
    error = error[np.isfinite(error)]
    expected = error if criterion == "l1" else np.where(error < 1, error**2 / 2, error - 0.5)
    assert (error > 1).any()
    assert model.loss(output, batch, at(0, memory))[1]["task/shown"].item() == pytest.approx(expected.mean(), rel=1e-5)


def test_the_answer_does_not_depend_on_the_tasks_of_the_modalities(task: TaskSpec, make_batch: MakeBatch) -> None:
    model, batch = small(task).eval(), make_batch(task)
    before = model(batch)
    for parameter in (*model.alone_heads.parameters(), *model.features.parameters()):
        torch.nn.init.normal_(parameter)
    after = model(batch)
    assert torch.equal(after.logits["felt"], before.logits["felt"])
    assert not torch.equal(after.extras["felt/eye"], before.extras["felt/eye"])


def test_streams_of_few_channels_get_the_smaller_network(make_task: MakeTask) -> None:
    model = small(make_task({"text": (3, 5), "audio": (7, 4), "fixation": (6, 2)}))
    assert model.widths == {"text": 6, "audio": 3, "fixation": 3}
    assert small(make_task({"audio": (7, 4)}), narrow_streams=()).widths == {"audio": 6}
