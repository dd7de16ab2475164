"""Some people select the epoch, all others train, and nobody does both."""

import dataclasses
from collections.abc import Callable

import polars as pl
import pytest

from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.learning.training.everyone import split_people
from emogap.types import LabelView, TaskSpec

MakeDataset = Callable[..., Dataset]
MakeTask = Callable[..., TaskSpec]


@pytest.mark.parametrize(("num_people", "num_held_out"), [(2, 1), (6, 1), (13, 3)])
def test_a_fifth_of_the_people_at_least_one_is_held_out(
    num_people: int, num_held_out: int, make_dataset: MakeDataset, make_task: MakeTask
) -> None:
    dataset = make_dataset(num_people, 3)
    rows = split_people(dataset, make_task(), seed=0)
    train, validation = ({dataset.keys[row].participant_id for row in part} for part in rows)
    assert len(validation) == num_held_out
    assert len(train) == num_people - num_held_out
    assert not train & validation
    assert sorted([*rows[0], *rows[1]]) == list(range(3 * num_people))


def test_the_seed_deals(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset = make_dataset(13, 3)
    assert split_people(dataset, make_task(), seed=1) == split_people(dataset, make_task(), seed=1)
    assert len({split_people(dataset, make_task(), seed=seed)[1] for seed in range(5)}) > 1


def test_a_clip_without_a_label_is_in_neither(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset = make_dataset()
    task = dataclasses.replace(make_task(), views=(LabelView.SHOWN,))
    train, validation = split_people(dataset, task, seed=0)
    assert 1 not in {*train, *validation}
    assert len(train) + len(validation) == 23


def test_one_person_is_too_few(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset = make_dataset(1, 3)
    with pytest.raises(UsageError, match="1 person has labelled clips, and two are needed"):
        split_people(dataset, make_task(), seed=0)


def test_labels_of_one_view_are_enough(make_dataset: MakeDataset, make_task: MakeTask) -> None:
    dataset = make_dataset()
    silent = dataset.samples.with_columns(pl.Series("felt_emotion3", [None] * 24, dtype=pl.List(pl.Float64)))
    train, validation = split_people(dataclasses.replace(dataset, samples=silent), make_task(), seed=0)
    assert len(train) + len(validation) == 23
