"""The linear model minimises what it says it minimises, and chooses its penalty on people it did not fit."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch

from emogap.models.batch import Batch
from emogap.models.summary_statistics import clip_statistics
from emogap.models.zoo.linear import Config, Model
from emogap.types import TaskSpec

MakeTask = Callable[..., TaskSpec]
MakeBatch = Callable[..., Batch]


def soft(batch: Batch) -> Batch:
    """The same clips with votes spread over the classes."""
    labels = {
        view: torch.distributions.Dirichlet(torch.ones(label.shape[1])).sample((len(label),))
        for view, label in batch.labels.items()
    }
    return dataclasses.replace(batch, labels=labels)


def features(batch: Batch) -> torch.Tensor:
    statistics = clip_statistics(batch, tuple(batch.streams)).double()
    scaled = (statistics - statistics.nanmean(0)) / statistics.std(0, correction=0).clamp(min=1e-9)
    return scaled.nan_to_num(0.0)


@pytest.mark.parametrize("values", [False, True], ids=["logistic", "ridge"])
def test_the_penalised_loss_has_no_slope_at_the_solution(
    values: bool, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    torch.manual_seed(0)
    task = make_task(space=None, targets=("valence", "arousal")) if values else make_task(space="emotion3")
    batch = make_batch(task, 40)
    if not values:
        batch = soft(batch)
    model = Model(Config(penalties=(0.3,)), task)
    model.fit(batch)
    weight = model.get_buffer("felt_weight_FK").double().requires_grad_()
    intercept = model.get_buffer("felt_intercept_K").double().requires_grad_()
    scores = features(batch) @ weight + intercept
    label = batch.labels["felt"].double()
    squares, entropy = ((scores - label) ** 2).sum(1) / 2, -(label * scores.log_softmax(1)).sum(1)
    loss = (squares if values else entropy).mean()
    (loss + 0.3 / 2 * (weight**2).sum()).backward()
    assert weight.grad.abs().max() < 1e-3
    assert intercept.grad.abs().max() < 1e-3


def test_labels_that_follow_a_channel_are_found_through_the_penalty(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(space="emotion3", views=("felt",))
    batch, fresh = make_batch(task, 200, seed=1), make_batch(task, 90, seed=2)
    for clips in (batch, fresh):
        label = clips.labels["felt"].argmax(1)
        clips.streams["eye"][..., 2] += 3 * label[:, None]
    model = Model(Config(), task)
    model.fit(batch)
    found = model(fresh).logits["felt"].argmax(1)
    assert (found == fresh.labels["felt"].argmax(1)).float().mean() > 0.9


def test_labels_of_chance_take_the_strongest_penalty(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(views=("felt",))
    model = Model(Config(), task)
    model.fit(make_batch(task, 60))
    assert model.get_buffer("felt_penalty").item() == pytest.approx(3.0)


def test_two_people_are_too_few_to_hold_one_out(make_task: MakeTask, make_batch: MakeBatch) -> None:
    task = make_task(views=("felt",))
    batch = make_batch(task, 10)
    keys = tuple(dataclasses.replace(key, participant_id=f"p{row % 2}") for row, key in enumerate(batch.keys))
    model = Model(Config(), task)
    model.fit(dataclasses.replace(batch, keys=keys))
    assert model.get_buffer("felt_penalty").item() == pytest.approx(3.0)


@pytest.mark.parametrize("num_seen", [1, 2, 3])
def test_a_class_that_training_never_held_stays_improbable(
    num_seen: int, make_task: MakeTask, make_batch: MakeBatch
) -> None:
    task = make_task(views=("felt",))
    batch = make_batch(task, 30)
    seen = np.array([5, 1, 3])[:num_seen]
    label = torch.as_tensor(seen[np.arange(30) % num_seen])
    batch = dataclasses.replace(batch, labels={"felt": torch.nn.functional.one_hot(label, 7).float()})
    model = Model(Config(), task)
    model.fit(batch)
    probability = model(batch).logits["felt"].softmax(1)
    assert probability[:, seen].sum(1).min() > 0.99
    assert probability.isfinite().all()
