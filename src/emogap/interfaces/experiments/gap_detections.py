"""From what models say to calibrated detections of the gap; :mod:`.gap_questions` says what they are asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from jaxtyping import Float, Int
from numpy import ndarray

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
from emogap.interfaces.experiments.gap_questions import FLOORS, GAP, SHOWN, VIEWS, GapData, face_model
from emogap.interfaces.stored_detector import StoredDetector
from emogap.learning.evaluation.held_out import CALIBRATION, TEST
from emogap.scoring.conformal import ConformalSets
from emogap.scoring.temperature import Recalibration
from emogap.types import LabelView, vocabulary

__all__ = ["Conformal", "detections_of", "stored_detectors"]


@dataclass(frozen=True, slots=True)
class Conformal:
    """What the sets promise: see :func:`emogap.analysis.gap_detector.calibrated`."""

    level: float
    by_people: bool
    by_class: bool
    by_one_model: bool


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

    def asked(self, question: str, model: str, place: str) -> "_Cell":
        """What the models of one cell said."""
        return _Cell(self.frames[question, model, place])


@dataclass(frozen=True, slots=True, eq=False)
class _Cell:
    """What the models of one cell said: of C calibration clips one each, of N test clips all M of them."""

    frame: pl.DataFrame

    def rows(self, part: str) -> Int[ndarray, " N"]:
        """Rows of the data set, rising."""
        return np.sort(self.frame.filter(part=part)["row"].unique().to_numpy())

    def models(self) -> Int[ndarray, " C"]:
        """The model that was asked of each calibration clip."""
        names = self.frame["inner"].unique().sort().to_list()
        asked = self.frame.filter(part=CALIBRATION).select("row", "inner").unique().sort("row")["inner"]
        return np.array([names.index(name) for name in asked], np.int64)

    def calibration(self, view: str) -> Float[ndarray, "C K"]:
        """Probabilities in the order of :meth:`rows`."""
        return np.array(self.frame.filter(part=CALIBRATION, view=view).sort("row")["probability"].to_list(), np.float64)

    def test(self, view: str) -> Float[ndarray, "M N K"]:
        """Probabilities by model, in the order of :meth:`rows`."""
        frame = self.frame.filter(part=TEST, view=view).sort("inner", "row")
        said = np.array(frame["probability"].to_list(), np.float64)
        return said.reshape(frame["inner"].n_unique(), -1, said.shape[1])


def detections_of(
    data: GapData, predictions: pl.DataFrame, *, models: Sequence[str], face: str, conformal: Conformal
) -> dict[tuple[str, str], Detection]:
    """Every detection by model (empty for floors) and name of the detector, in the order of the table.

    Parameters
    ----------
    data : GapData
    predictions : polars.DataFrame
        As :func:`emogap.learning.evaluation.held_out_runs.run_held_out` gives them. A detector whose model is not
        among them is left out.
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
        by_one_model=conformal.by_one_model,
        recalibrate=recalibrate,
    )


def _two_heads(data: GapData, said: _Said, model: str) -> dict[str, tuple[TwoHeads, CellOutputs]]:
    result = {}
    for place in said.places(VIEWS, model):
        cell = said.asked(VIEWS, model, place)
        known = cell.rows(CALIBRATION)
        felt, shown = cell.calibration(LabelView.FELT), cell.calibration(LabelView.SHOWN)
        heads = fit_two_heads(data.felt[known], data.shown[known], felt, shown)
        tested = zip(cell.test(LabelView.FELT), cell.test(LabelView.SHOWN), strict=True)
        result[place] = (
            heads,
            _outputs(data, place, cell, heads.apply(felt, shown), np.stack([heads.apply(*each) for each in tested])),
        )
    return result


def _gap_head(data: GapData, said: _Said, model: str) -> dict[str, CellOutputs]:
    result = {}
    for place in said.places(GAP, model):
        cell = said.asked(GAP, model, place)
        known, new = cell.calibration(LabelView.SHOWN)[:, 1], cell.test(LabelView.SHOWN)[:, :, 1]
        result[place] = _outputs(data, place, cell, known, new)
    return result


def _shown_head(data: GapData, said: _Said, model: str) -> dict[str, CellOutputs]:
    result = {}
    for place in said.places(SHOWN, model):
        cell = said.asked(SHOWN, model, place)
        known = cell.rows(CALIBRATION)
        rates = gap_rates(data.gap[known] == 1, data.shown[known], num_classes=len(vocabulary(data.space)))
        calibration, test = (
            gap_from_shown(numbers, rates)
            for numbers in (cell.calibration(LabelView.SHOWN), cell.test(LabelView.SHOWN))
        )
        result[place] = _outputs(data, place, cell, calibration, test)
    return result


def _outputs(
    data: GapData, place: str, cell: _Cell, said: Float[ndarray, " C"], test_said: Float[ndarray, "M N"]
) -> CellOutputs:
    known, new = cell.rows(CALIBRATION), cell.rows(TEST)
    return CellOutputs(
        event=data.gap[known] == 1,
        said=said,
        people=data.people[known],
        models=cell.models(),
        test_event=data.gap[new] == 1,
        test_said=test_said,
        test_people=data.people[new],
        cell=place,
    )
