"""Which fits a benchmark consists of: models x splits x cells x seeds x runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel

from emogap.datasets.labels import label_array
from emogap.datasets.splits import Split, load_or_make_split
from emogap.datasets.store import Dataset
from emogap.errors import MismatchError
from emogap.learning.evaluation.protocols import Protocol, heads_carried
from emogap.learning.experiment import FLOORS, BenchConfig, model_and_streams, model_options
from emogap.learning.inputs import stream_shapes
from emogap.learning.pretrained_parts import require_unseen_people, settle_pretrained
from emogap.models.interface import ClosedFormModel
from emogap.models.zoo import ZOO, streams_instead
from emogap.types import LabelView, Target, TaskSpec

__all__ = ["Fit", "fit_options", "is_closed_form", "make_splits", "plan_fits", "runs_of", "task_of"]


@dataclass(frozen=True, slots=True)
class Fit:
    """One model fitted in one cell.

    Attributes
    ----------
    model : str
        As it stands in the table: ``emert`` or ``emert@eye``.
    task : TaskSpec
    split : str
    cell : str
    fold : int
        The fold of people that the cell holds out; for official folds, their number in sorted order.
    seed : int
    train, validation, test : tuple of int
        Rows of ``samples.parquet``; training and validation rows are labelled in at least one view.
    """

    model: str
    task: TaskSpec
    split: str
    cell: str
    fold: int
    seed: int
    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]

    @property
    def identity(self) -> tuple[str, str, str, str, int]:
        """Model, first target, split, cell and seed: what tells it from every other fit of a run."""
        return self.model, self.task.targets[0], self.split, self.cell, self.seed

    @property
    def folder_name(self) -> str:
        """Folder of its checkpoint below the model's, such as ``person-2-0``; a run for one value is named too."""
        name = f"{self.split}-{self.cell}-{self.seed}"
        return name if "class" in self.task.targets else f"{name}-{'-'.join(self.task.targets)}"


def make_splits(dataset: Dataset, config: BenchConfig) -> tuple[Split, ...]:
    """Every split of every seed, made or read from the data set.

    Raises
    ------
    UsageError
        If the data set has too few people, or no official folds.
    MismatchError
        If a stored split belongs to other data.
    """
    return tuple(
        load_or_make_split(dataset, name, seed=seed, folds=config.folds, cells=config.cells_run)
        for seed in range(config.seeds)
        for name in config.splits_run
    )


def runs_of(protocol: Protocol, *, joint: bool) -> tuple[tuple[Target, ...], ...]:
    """The targets of each training: one each, or all in one if `joint`.

    Examples
    --------
    >>> from emogap.learning.evaluation.protocols import open_protocol
    >>> runs_of(open_protocol("er-va"), joint=False)
    (('valence',), ('arousal',))
    """
    return (protocol.targets,) if joint else tuple((target,) for target in protocol.targets)


def task_of(
    dataset: Dataset, protocol: Protocol, targets: tuple[Target, ...], config: BenchConfig, model: str
) -> TaskSpec:
    """What `model` is asked: heads by `config`, streams by its name.

    Raises
    ------
    MismatchError
        If the data set lacks a stream that the name asks for.
    """
    views = (protocol.view,) if config.heads == "single" else heads_carried(protocol, dataset)
    name, named = model_and_streams(model)
    streams = stream_shapes(dataset, named, instead=streams_instead(name, model_options(config, model)))
    return TaskSpec(views=views, targets=targets, space=protocol.space, streams=streams)


def fit_options(config: BenchConfig, fit: Fit) -> BaseModel:
    """The configuration of the model of one fit, with what its pre-trained network decides.

    Raises
    ------
    UsageError
        If the options ask for a pre-trained network and name none.
    DataError, MismatchError
        If its checkpoint cannot be read.
    """
    name, _ = model_and_streams(fit.model)
    place = {"split": fit.split, "cell": fit.cell, "fold": fit.fold, "seed": fit.seed}
    return settle_pretrained(name, model_options(config, fit.model, place))


def is_closed_form(fit: Fit) -> bool:
    """Whether the model of `fit` is fitted in closed form, which takes milliseconds and no epochs."""
    name, _ = model_and_streams(fit.model)
    return issubclass(ZOO.open(name).Model, ClosedFormModel)


def plan_fits(
    dataset: Dataset, config: BenchConfig, protocol: Protocol, splits: Iterable[Split]
) -> tuple[tuple[Fit, ...], dict[str, str]]:
    """Every fit of the benchmark, in the order of the tables, and why a model has none.

    A model whose streams the data set lacks is left out with the reason; the others run. So is one that starts from a
    pre-training in which a validation or test person of one of its fits was seen.

    Raises
    ------
    MismatchError
        If that is so for every model that is no floor.
    """
    fits: list[Fit] = []
    refused: dict[str, MismatchError] = {}
    for model in config.models_run:
        try:
            tasks = [
                task_of(dataset, protocol, targets, config, model) for targets in runs_of(protocol, joint=config.joint)
            ]
            planned = [fit for task in tasks for fit in _fits_of(dataset, task, model, splits)]
            _require_unseen(dataset, config, planned)
        except MismatchError as error:
            refused[model] = error
            continue
        fits += planned
    asked = set(config.models_run) - set(FLOORS)
    if asked and asked <= set(refused):
        raise next(iter(refused.values()))
    return tuple(fits), {model: str(error) for model, error in refused.items()}


def _require_unseen(dataset: Dataset, config: BenchConfig, fits: Iterable[Fit]) -> None:
    for fit in fits:
        name, _ = model_and_streams(fit.model)
        require_unseen_people(name, fit_options(config, fit), dataset, [*fit.validation, *fit.test])


def _fits_of(dataset: Dataset, task: TaskSpec, model: str, splits: Iterable[Split]) -> Iterator[Fit]:
    is_labelled = _is_labelled(dataset, task)

    def labelled(rows: Iterable[int]) -> tuple[int, ...]:
        return tuple(row for row in rows if is_labelled[row])

    for split in splits:
        for position, cell in enumerate(split.cells):
            yield Fit(
                model=model,
                task=task,
                split=split.name,
                cell=cell.name,
                fold=position if cell.person_fold is None else cell.person_fold,
                seed=split.seed,
                train=labelled(cell.train),
                validation=labelled(cell.validation),
                test=tuple(cell.test),
            )


def _is_labelled(dataset: Dataset, task: TaskSpec) -> list[bool]:
    known = np.zeros(len(dataset.keys), bool)
    for view in task.views:
        for target in task.targets:
            label = label_array(dataset, LabelView(view), target, task.space).reshape(len(known), -1)
            known |= np.isfinite(label).all(axis=1)
    return known.tolist()
