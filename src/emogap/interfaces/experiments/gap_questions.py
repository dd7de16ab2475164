"""What a gap detector asks of models, and on which clips: the questions, and every cell in which they are asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from numpy.typing import NDArray

from emogap.datasets.labels import label_array
from emogap.datasets.splits import Split, load_or_make_split
from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.learning.evaluation.gap_labels import GAP_SPACE, gap_labels
from emogap.learning.evaluation.grid import Fit, task_of
from emogap.learning.evaluation.held_out import HeldOutJob
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.experiment import BenchConfig, model_and_streams
from emogap.scoring import harden
from emogap.types import LabelView, TaskSpec

__all__ = ["FLOORS", "GAP", "PROTOCOLS", "SHOWN", "VIEWS", "GapData", "detector_jobs", "face_model", "gap_data"]

PROTOCOLS = {"emotion3": "er3", "emotion7": "er7"}
"""The protocol that trains both heads of a label space."""

FLOORS = {"base rate": "majority", "stimulus base rate": "stimulus_mean"}
"""Detectors that look at no signal, and the model of the shelf that each is."""

VIEWS, GAP, SHOWN = "views", "gap", "shown"
"""What a model is asked: both views, whether there is a gap, or the shown expression alone."""


@dataclass(frozen=True, slots=True, eq=False)
class GapData:
    """Labels of a data set as a detector needs them; N clips of it, NaN or -1 where a view has none.

    Attributes
    ----------
    dataset : Dataset
    space : str
    gap : float64 array, shape (N,)
    felt, shown : int64 arrays, shape (N,)
        Class indices.
    people : str array, shape (N,)
    """

    dataset: Dataset
    space: str
    gap: Float[ndarray, " N"]
    felt: Int[ndarray, " N"]
    shown: Int[ndarray, " N"]
    people: NDArray[np.str_]

    @property
    def is_known(self) -> Bool[ndarray, " N"]:
        """Clips that carry both labels."""
        return np.asarray(np.isfinite(self.gap))


def gap_data(dataset: Dataset, space: str) -> GapData:
    """The labels of `dataset` in `space`.

    Raises
    ------
    UsageError
        If no clip carries both views, or all of those that do have, or lack, a gap.
    """
    gap = gap_labels(dataset, space)
    known = np.isfinite(gap)
    if not known.any() or len(np.unique(gap[known])) < 2:
        problem = "no clip has" if not known.any() else f"all {int(known.sum())} clips that have"
        rest = "" if not known.any() else f" {'differ' if gap[known][0] else 'agree'} in them"
        raise UsageError(
            f"{problem} {space} in both views, felt and shown{rest}",
            where=str(dataset.path),
            fix="give a data set with self-reports and judged expressions of the same clips, such as a simulated one",
        )
    hard = []
    for view in (LabelView.FELT, LabelView.SHOWN):
        label = np.full(len(gap), -1, np.int64)
        label[known] = harden(label_array(dataset, view, "class", space)[known])
        hard.append(label)
    people = np.array([key.participant_id for key in dataset.keys])
    return GapData(dataset, space, gap, hard[0], hard[1], people)


def face_model(model: str, dataset: Dataset, stream: str) -> str | None:
    """The same model on the face alone; None if the data have no such stream, or the model reads nothing else."""
    named = f"{model_and_streams(model)[0]}@{stream}"
    return named if stream in dataset.streams and named != model else None


def detector_jobs(
    data: GapData, config: BenchConfig, *, models: Sequence[str], face: str, inner_folds: int
) -> tuple[HeldOutJob, ...]:
    """Every fit that the detectors rest on, on the clips that carry both labels.

    Raises
    ------
    UsageError
        If the split cannot be made.
    MismatchError
        If the data lack a stream that a model names.
    """
    protocol = open_protocol(config.protocol)
    asked: dict[tuple[str, str], TaskSpec] = {}
    for model in models:
        task = task_of(data.dataset, protocol, ("class",), config, model)
        asked |= {(VIEWS, model): task, (GAP, model): _gap_task(task)}
        if (alone := face_model(model, data.dataset, face)) is not None:
            task = task_of(data.dataset, protocol, ("class",), config, alone)
            asked |= {(SHOWN, alone): replace(task, views=(LabelView.SHOWN,)), (GAP, alone): _gap_task(task)}
    for floor in FLOORS.values():
        asked[GAP, floor] = _gap_task(task_of(data.dataset, protocol, ("class",), config, floor))
    splits = [
        load_or_make_split(data.dataset, config.splits[0], seed=seed, folds=config.folds, cells=config.cells_run)
        for seed in range(config.seeds)
    ]
    return tuple(
        HeldOutJob(question, data.space, fit, inner_folds)
        for (question, model), task in asked.items()
        for fit in _fits(data, model, task, splits)
    )


def _gap_task(task: TaskSpec) -> TaskSpec:
    return replace(task, views=(LabelView.SHOWN,), space=GAP_SPACE)


def _fits(data: GapData, model: str, task: TaskSpec, splits: Sequence[Split]) -> Iterator[Fit]:
    known = data.is_known
    for split in splits:
        for position, cell in enumerate(split.cells):
            train, validation, test = (
                tuple(row for row in rows if known[row]) for rows in (cell.train, cell.validation, cell.test)
            )
            if test:
                fold = position if cell.person_fold is None else cell.person_fold
                yield Fit(model, task, split.name, cell.name, fold, split.seed, train, validation, test)
