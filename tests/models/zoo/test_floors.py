"""The floors say the mean of what training holds, and nothing else."""

import dataclasses
import math
from collections.abc import Callable

import pytest
import torch

from emogap.models.batch import Batch, select_rows
from emogap.models.zoo import ZOO, majority, person_mean, stimulus_mean
from emogap.types import SampleKey, TaskSpec

PEOPLE = ("ann", "ann", "ann", "bob", "bob", "cid")
STIMULI = ("s1", "s2", "s3", "s1", "s2", "s1")
LABELS = (0, 0, 1, 2, 2, 1)


@pytest.fixture
def task(make_task: Callable[..., TaskSpec]) -> TaskSpec:
    return make_task({"eye": (7, 4)}, views=("felt",), space="emotion3")


@pytest.fixture
def batch() -> Batch:
    keys = tuple(
        SampleKey("d", f"r{row}", person, stimulus, "one group", 0.0, 8.0)
        for row, (person, stimulus) in enumerate(zip(PEOPLE, STIMULI, strict=True))
    )
    return Batch(
        {"eye": torch.zeros(6, 7, 4)},
        {"eye": torch.ones(6, 7, dtype=torch.bool)},
        {"felt": torch.eye(3)[torch.tensor(LABELS)]},
        keys,
        torch.arange(6),
    )


def probabilities(model: torch.nn.Module, batch: Batch) -> list[list[float]]:
    return [[round(share, 3) for share in row] for row in model(batch).logits["felt"].softmax(1).tolist()]


def test_majority_gives_everyone_the_shares_of_training(task: TaskSpec, batch: Batch) -> None:
    model = majority.Model(majority.Config(), task)
    model.fit(batch)
    assert probabilities(model, batch) == [[0.333, 0.333, 0.333]] * 6


def test_a_person_is_given_the_mean_of_their_own_training_clips(task: TaskSpec, batch: Batch) -> None:
    model = person_mean.Model(person_mean.Config(), task)
    model.fit(batch)
    assert probabilities(model, batch)[0] == [0.667, 0.333, 0.0]
    assert probabilities(model, batch)[3] == [0.0, 0.0, 1.0]


def test_a_person_that_training_lacks_is_given_the_majority(task: TaskSpec, batch: Batch) -> None:
    inner, outer = select_rows(batch, torch.arange(5)), select_rows(batch, torch.tensor([5]))
    model, floor = person_mean.Model(person_mean.Config(), task), majority.Model(majority.Config(), task)
    model.fit(inner)
    floor.fit(inner)
    assert probabilities(model, outer) == probabilities(floor, outer) == [[0.4, 0.2, 0.4]]
    assert "majority" in ZOO.open("person_mean").Model.description


def test_a_stimulus_is_not_its_group(task: TaskSpec, batch: Batch) -> None:
    model = stimulus_mean.Model(stimulus_mean.Config(), task)
    model.fit(batch)
    assert probabilities(model, batch)[2] == [0.0, 1.0, 0.0]
    assert probabilities(model, batch)[1] == [0.5, 0.0, 0.5]


def test_the_streams_are_not_looked_at(task: TaskSpec, batch: Batch) -> None:
    noise = dataclasses.replace(batch, streams={"eye": torch.randn(6, 7, 4)})
    for entry in (majority, person_mean, stimulus_mean):
        model = entry.Model(entry.Config(), task)
        model.fit(batch)
        assert torch.equal(model(noise).logits["felt"], model(batch).logits["felt"])


def test_an_unlabelled_clip_does_not_make_its_person_known(task: TaskSpec, batch: Batch) -> None:
    label = batch.labels["felt"].clone()
    label[5] = math.nan
    model = person_mean.Model(person_mean.Config(), task)
    model.fit(dataclasses.replace(batch, labels={"felt": label}))
    assert model.groups["felt"] == ("ann", "bob")
    assert probabilities(model, batch)[5] == [0.4, 0.2, 0.4]


def test_values_are_averaged_as_they_are(make_task: Callable[..., TaskSpec], batch: Batch) -> None:
    task = make_task({"eye": (7, 4)}, views=("felt",), space=None, targets=("valence",))
    label = torch.tensor([[0.5], [-0.5], [0.3], [1.0], [0.0], [-1.0]])
    model = person_mean.Model(person_mean.Config(), task)
    model.fit(dataclasses.replace(batch, labels={"felt": label}))
    assert model(batch).logits["felt"].squeeze(1).tolist() == pytest.approx([0.1, 0.1, 0.1, 0.5, 0.5, -1.0])
