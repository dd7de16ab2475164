"""From a data set to calibrated detections of the gap: which models are fitted, and what is made of their words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from numpy.typing import NDArray

from emogap.analysis.gap_detector import (
    CellOutputs,
    Detection,
    TwoHeads,
    calibrated,
    fit_two_heads,
    flag_threshold,
    gap_from_shown,
    gap_rates,
    pooled,
)
from emogap.datasets.labels import label_array
from emogap.datasets.splits import Split, load_or_make_split
from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.interfaces.stored_detector import StoredDetector
from emogap.learning.evaluation.gap_labels import GAP_SPACE, gap_labels
from emogap.learning.evaluation.grid import Fit, task_of
from emogap.learning.evaluation.held_out import CALIBRATION, TEST, HeldOutJob
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.experiment import BenchConfig, model_and_streams
from emogap.scoring import harden
from emogap.scoring.conformal import ConformalSets
from emogap.scoring.temperature import Recalibration
from emogap.types import LabelView, TaskSpec, vocabulary

__all__ = [
    "FLOORS",
    "PROTOCOLS",
    "Conformal",
    "GapData",
    "detections_of",
    "detector_jobs",
    "face_model",
    "gap_data",
    "stored_detectors",
]

PROTOCOLS = {"emotion3": "er3", "emotion7": "er7"}
"""The protocol that trains both heads of a label space."""

FLOORS = {"base rate": "majority", "stimulus base rate": "stimulus_mean"}
"""Detectors that look at no signal, and the model of the shelf that each is."""

VIEWS, GAP, SHOWN = "views", "gap", "shown"
"""What a model is asked: both views, whether there is a gap, or the shown expression alone."""


@dataclass(frozen=True, slots=True)
class Conformal:
    """What the sets promise: see :func:`emogap.analysis.gap_detector.calibrated`."""

    level: float
    by_people: bool
    by_class: bool


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


@dataclass(frozen=True, slots=True)
class _Said:
    """Stored predictions, looked up by question, model, cell and part."""

    frames: Mapping[tuple[object, ...], pl.DataFrame]

    @classmethod
    def of(cls, predictions: pl.DataFrame) -> "_Said":
        named = predictions.with_columns(pl.format("{}/{}", "seed", "cell").alias("place"))
        return cls(dict(named.partition_by("question", "model", "place", as_dict=True)))

    def places(self, question: str, model: str) -> list[str]:
        """Cells, with their seed, in which it was asked."""
        return sorted(str(key[2]) for key in self.frames if key[:2] == (question, model))

    def probability(self, question: str, model: str, place: str, part: str, view: str) -> Float[ndarray, "N K"]:
        """Probabilities in the order of :meth:`rows`."""
        frame = self.frames[question, model, place].filter(part=part, view=view).sort("row")
        return np.array(frame["probability"].to_list(), np.float64)

    def rows(self, question: str, model: str, place: str, part: str) -> Int[ndarray, " N"]:
        """Rows of the data set, rising."""
        frame = self.frames[question, model, place].filter(part=part)
        return np.sort(frame["row"].unique().to_numpy())


def detections_of(
    data: GapData, predictions: pl.DataFrame, *, models: Sequence[str], face: str, conformal: Conformal
) -> dict[tuple[str, str], Detection]:
    """Every detection by model (empty for floors) and name of the detector, in the order of the table.

    Parameters
    ----------
    data : GapData
    predictions : polars.DataFrame
        As :func:`emogap.learning.evaluation.held_out.run_held_out` gives them. A detector of which a cell is missing is
        left out.
    models : sequence of str
    face : str
        Name of the face stream.
    conformal : Conformal
    """
    said = _Said.of(predictions)
    found: dict[tuple[str, str], Detection] = {}

    def add(model: str, name: str, cells: Mapping[str, CellOutputs], *, recalibrate: bool = True) -> None:
        if cells:
            found[model, name] = pooled([_calibrated(cell, conformal, recalibrate)[0] for cell in cells.values()])

    for model in models:
        two = _two_heads(data, said, model)
        add(
            model, "two heads, temperatures alone", {place: cell for place, (_, cell) in two.items()}, recalibrate=False
        )
        add(model, "two heads", {place: cell for place, (_, cell) in two.items()})
        add(model, "gap head", _gap_head(data, said, model))
        if (alone := face_model(model, data.dataset, face)) is not None:
            add(model, "face alone, shown head", _shown_head(data, said, alone))
            add(model, "face alone, gap head", _gap_head(data, said, alone))
    for name, model in FLOORS.items():
        add("", name, _gap_head(data, said, model))
    return found


def stored_detectors(
    data: GapData, predictions: pl.DataFrame, *, model: str, conformal: Conformal
) -> dict[str, StoredDetector]:
    """What "two heads" of `model` needs to be applied to other recordings, by ``seed/cell``."""
    stored = {}
    for place, (heads, cell) in _two_heads(data, _Said.of(predictions), model).items():
        line, sets = _calibrated(cell, conformal, True)[1:]
        stored[place] = StoredDetector(
            space=data.space,
            felt_temperature=heads.felt_temperature,
            shown_temperature=heads.shown_temperature,
            slope=line.slope,
            intercept=line.intercept,
            threshold=flag_threshold(sets),
            coverage=conformal.level,
            num_people=len(np.unique(cell.people)),
        )
    return stored


def _calibrated(
    cell: CellOutputs, conformal: Conformal, recalibrate: bool
) -> tuple[Detection, Recalibration, ConformalSets]:
    return calibrated(
        cell,
        level=conformal.level,
        by_people=conformal.by_people,
        by_class=conformal.by_class,
        recalibrate=recalibrate,
    )


def _two_heads(data: GapData, said: _Said, model: str) -> dict[str, tuple[TwoHeads, CellOutputs]]:
    result = {}
    for place in said.places(VIEWS, model):
        known, new = (said.rows(VIEWS, model, place, part) for part in (CALIBRATION, TEST))
        calibration, test = (
            [said.probability(VIEWS, model, place, part, view) for view in (LabelView.FELT, LabelView.SHOWN)]
            for part in (CALIBRATION, TEST)
        )
        heads = fit_two_heads(data.felt[known], data.shown[known], *calibration)
        result[place] = heads, _outputs(data, place, known, new, heads.apply(*calibration), heads.apply(*test))
    return result


def _gap_head(data: GapData, said: _Said, model: str) -> dict[str, CellOutputs]:
    result = {}
    for place in said.places(GAP, model):
        known, new = (said.rows(GAP, model, place, part) for part in (CALIBRATION, TEST))
        numbers = [said.probability(GAP, model, place, part, LabelView.SHOWN)[:, 1] for part in (CALIBRATION, TEST)]
        result[place] = _outputs(data, place, known, new, *numbers)
    return result


def _shown_head(data: GapData, said: _Said, model: str) -> dict[str, CellOutputs]:
    result = {}
    for place in said.places(SHOWN, model):
        known, new = (said.rows(SHOWN, model, place, part) for part in (CALIBRATION, TEST))
        rates = gap_rates(data.gap[known] == 1, data.shown[known], num_classes=len(vocabulary(data.space)))
        numbers = [
            gap_from_shown(said.probability(SHOWN, model, place, part, LabelView.SHOWN), rates)
            for part in (CALIBRATION, TEST)
        ]
        result[place] = _outputs(data, place, known, new, *numbers)
    return result


def _outputs(
    data: GapData,
    place: str,
    known: Int[ndarray, " C"],
    new: Int[ndarray, " N"],
    said: Float[ndarray, " C"],
    test_said: Float[ndarray, " N"],
) -> CellOutputs:
    return CellOutputs(
        event=data.gap[known] == 1,
        said=said,
        people=data.people[known],
        test_event=data.gap[new] == 1,
        test_said=test_said,
        test_people=data.people[new],
        cell=place,
    )
