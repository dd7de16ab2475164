"""``ablation``: variants of one model in the same folds, each compared with a reference on the same clips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emogap.interfaces.experiments.ablation_arms import Options, benches_of, named_arms
from emogap.interfaces.experiments.ablation_table import (
    Rows,
    ablation_table,
    about_arms,
    batches_of_arms,
    rows_of_model,
)
from emogap.interfaces.experiments.benchmarks import ProtocolRun, fit_together, run_protocol
from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.learning.evaluation.arms import Arm, ArmDifference, arm_differences, require_same_folds
from emogap.learning.evaluation.predictions import read_predictions
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.evaluation.run_folder import PREDICTIONS_FILE
from emogap.reporting.figures.heat_map import heat_map
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.results import RunResults, open_run
from emogap.types.result_table import ResultTable
from emogap.types.scores import ScoreTable

__all__ = ["Options", "run"]


@dataclass(frozen=True, slots=True, eq=False)
class _Protocol:
    """All arms under one protocol."""

    runs: tuple[ProtocolRun, ...]
    arms: tuple[Arm, ...]
    results: Mapping[str, RunResults]
    """By arm."""


def run(options: Options, place: ExperimentPlace) -> ExperimentResult:
    """Fit every arm, and compare each with the reference.

    Raises
    ------
    UsageError
        If the data do not label the view, or a split cannot be made.
    MismatchError
        If the arms do not have the same folds.
    """
    tables: list[ResultTable] = []
    figures: dict[str, str] = {}
    captions: dict[str, str] = {}
    notes: list[str] = []
    runs: list[ProtocolRun] = []
    fit_together([config for protocol in options.protocols for config, _ in benches_of(options, protocol)], place)
    for protocol in options.protocols:
        fitted = _fitted(options, place, protocol)
        runs += fitted.runs
        if any(one.failures for one in fitted.runs):
            continue
        reference = fitted.results[options.reference]
        for scores in reference.scores["tables"]:
            if scores["protocol"] != protocol:
                continue
            table = _table(options, place, fitted, scores)
            tables += [table, *batches_of_arms(place.name, place.title, reference, scores, _rows(fitted, scores))]
            if options.grid is not None:
                name = f"{table['name']}_map"
                figures[name], captions[name] = _map(options, fitted, scores, table)
    notes += [note for one in runs for note in one.notes]
    return ExperimentResult(
        tables=tuple(tables),
        figures=figures,
        captions=captions,
        notes=tuple(dict.fromkeys(notes)),
        runs=tuple(dict.fromkeys(one.report.path for one in runs)),
        failures=tuple(failure for one in runs for failure in one.failures),
    )


def _fitted(options: Options, place: ExperimentPlace, protocol: str) -> _Protocol:
    runs: list[ProtocolRun] = []
    arms: dict[str, Arm] = {}
    results: dict[str, RunResults] = {}
    for config, models in benches_of(options, protocol):
        done = run_protocol(config, place)
        runs.append(done)
        opened = open_run(done.report.path)
        predictions = read_predictions(done.report.path / PREDICTIONS_FILE)
        for name, model in models.items():
            arms[name] = Arm(name, model, opened.record, predictions)
            results[name] = opened
    ordered = tuple(arms[arm.name] for arm in named_arms(options))
    require_same_folds(ordered)
    return _Protocol(tuple(runs), ordered, results)


def _table(options: Options, place: ExperimentPlace, fitted: _Protocol, scores: ScoreTable) -> ResultTable:
    differences: dict[str, Sequence[ArmDifference]] = {
        split["split"]: arm_differences(
            fitted.arms,
            options.reference,
            view=scores["view"],
            target=scores["target"],
            space=scores["space"],
            split=split["split"],
            scoring=Scoring(),
        )
        for split in scores["splits"]
    }
    return ablation_table(
        place.name,
        place.title,
        fitted.results[options.reference],
        scores,
        _rows(fitted, scores),
        options.reference,
        differences,
    )


def _rows(fitted: _Protocol, scores: ScoreTable) -> dict[str, Rows]:
    """The scores of each arm, in the order of the tables."""
    return {arm.name: rows_of_model(fitted.results[arm.name], scores, arm.model) for arm in fitted.arms}


def _map(options: Options, fitted: _Protocol, scores: ScoreTable, table: ResultTable) -> tuple[str, str]:
    """The heat map of a grid under the first split, and its caption."""
    grid = options.grid
    assert grid is not None
    first = scores["splits"][0]
    names = iter(arm.name for arm in fitted.arms[len(options.arms) :])
    values = [
        [
            rows_of_model(fitted.results[name], scores, options.models[0])[first["split"]]["metrics"][
                scores["primary"]
            ]["pooled"]
            for name in (next(names) for _ in grid.column_values)
        ]
        for _ in grid.row_values
    ]
    metric = METRIC_TITLES[scores["primary"]]
    caption = (
        f"{scores['protocol']}: {metric} of {options.models[0]} under {first['split']} for each {grid.rows} (rows)"
        f" and {grid.columns} (columns), with 95 % intervals of pooled out-of-fold predictions; the shade runs from the"
        f" least to the greatest of these values. {about_arms(fitted.results[options.reference], scores, [first])}"
    )
    svg = heat_map(
        [[record["estimate"] for record in row] for row in values],
        intervals=[[(record["low"], record["high"]) for record in row] for row in values],
        row_labels=[f"{grid.rows} {value}" for value in grid.row_values],
        column_labels=[f"{grid.columns} {value}" for value in grid.column_values],
        title=f"{scores['protocol']}: {metric}",
        is_simulated=table["is_simulated"],
    )
    return svg, caption
