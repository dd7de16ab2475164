"""Fitting one model on all people of a data set, to be applied to others."""

from pathlib import Path

import numpy as np
from pydantic import BaseModel

from emogap.counted_nouns import counted
from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.learning.randomness import derived_seed
from emogap.learning.training.checkpoint import Trained
from emogap.learning.training.config import TrainingConfig
from emogap.learning.training.loop import fit_model
from emogap.types import TaskSpec

__all__ = ["VALIDATION_SHARE", "fit_everyone", "split_people"]

VALIDATION_SHARE = 0.2
"""Share of the people that the epoch is selected on, as in every cell of a benchmark."""


def fit_everyone(
    name: str, config: BaseModel | None, task: TaskSpec, dataset: Dataset, *, training: TrainingConfig, folder: Path
) -> Trained:
    """The model `name` fitted on every labelled clip but those of the people that the epoch is selected on.

    Nobody is left to judge it by: how good such a model is, a benchmark says.

    Parameters
    ----------
    name, config, task, dataset, training, folder
        As :func:`emogap.learning.training.loop.fit_model` takes them.

    Raises
    ------
    UsageError
        If fewer than two people have labelled clips; else as `fit_model`.
    """
    train, validation = split_people(dataset, task, seed=training.seed)
    return fit_model(name, config, task, dataset, train, validation, training=training, folder=folder)


def split_people(dataset: Dataset, task: TaskSpec, *, seed: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Rows to train on and rows to select on: a fifth of the people, at least one, is dealt to the second.

    Clips without a label in any view of `task` are in neither.

    Raises
    ------
    UsageError
        If fewer than two people have labelled clips.
    """
    rows = [row for row, is_labelled in enumerate(_is_labelled(dataset, task)) if is_labelled]
    people = sorted({dataset.keys[row].participant_id for row in rows})
    if len(people) < 2:
        raise UsageError(
            f"{counted(len(people), 'person', 'has')} labelled clips, and two are needed: one to train on, one to"
            " select on",
            where=str(dataset.path),
            fix="record more people, or use labels that more of them have",
        )
    rng = np.random.default_rng(derived_seed(seed, 2))
    num_held_out = max(1, round(VALIDATION_SHARE * len(people)))
    held_out = {people[position] for position in rng.permutation(len(people))[:num_held_out]}
    train = tuple(row for row in rows if dataset.keys[row].participant_id not in held_out)
    return train, tuple(row for row in rows if dataset.keys[row].participant_id in held_out)


def _is_labelled(dataset: Dataset, task: TaskSpec) -> list[bool]:
    known = np.zeros(len(dataset.keys), bool)
    for view in task.views:
        for target in task.targets:
            label = label_array(dataset, view, target, task.space).reshape(len(known), -1)
            known |= np.isfinite(label).all(axis=1)
    return known.tolist()
