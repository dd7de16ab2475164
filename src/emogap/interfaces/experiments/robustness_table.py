"""The table and the curves of scores under disturbances."""

from collections.abc import Mapping, Sequence

from emogap.counted_nouns import counted
from emogap.interfaces.experiments.ablation_table import rows_of_model
from emogap.interfaces.experiments.benchmarks import shown_metrics
from emogap.learning.evaluation.arms import ArmDifference
from emogap.learning.evaluation.robustness.conditions import CLEAN, Condition
from emogap.reporting.figures.curves import CurvePanel, CurvePoint, curves
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.result_of_run import (
    data_sentence,
    interval_cell,
    metric_column,
    number_cell,
    table_stem,
    text_column,
    words_cell,
)
from emogap.reporting.results import RunResults
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable
from emogap.types.scores import ScoreRow, ScoreTable, SplitScores

__all__ = ["ModelScores", "robustness_curves", "robustness_table"]

ModelScores = Mapping[Condition, tuple[ScoreRow, ArmDifference | None]]
"""Scores of one model under each condition that reaches it, and the difference from the clean ones."""

FLOOR = "majority"
CURVES = {
    "noise": ("Gaussian noise", "variance on standardised streams"),
    "track loss": ("track loss in bursts", "share of the clip"),
    "drift": ("slow drift", "deg at the end of the clip"),
    "offset": ("calibration offset", "deg"),
    "rate": ("slower tracker", "samples per second"),
    "hold": ("steps held", "steps with one value"),
}


def robustness_table(
    name: str,
    title: str,
    results: RunResults,
    scores: ScoreTable,
    split: str,
    models: Mapping[str, ModelScores],
    conditions: Sequence[Condition],
) -> ResultTable:
    """One row for each condition, and for each model its scores and their difference from the clean ones.

    Parameters
    ----------
    name, title : str
        Of the experiment.
    results : RunResults
    scores : ScoreTable
    split : str
    models : mapping from model to ModelScores
    conditions : sequence of Condition
        In the order of the rows.
    """
    metrics = shown_metrics(scores)
    columns: list[ResultColumn] = [text_column("condition", "test clips")]
    for model in models:
        columns += [
            ResultColumn({**metric_column(metric, heading=model, is_ranked=False), "name": f"{model}_{metric}"})
            for metric in metrics
        ]
        minus = metric_column(scores["primary"], heading=model, is_ranked=False)
        columns.append(
            ResultColumn({**minus, "name": f"{model}_minus_clean", "title": f"{minus['title']} minus clean"})
        )
    floor = rows_of_model(results, scores, FLOOR)[split]
    below: list[ResultCell] = [words_cell(f"{FLOOR} (floor)", is_ranked=False)]
    for _ in models:
        below += [interval_cell(floor["metrics"][metric]["pooled"], is_ranked=False) for metric in metrics]
        below.append(words_cell("", is_ranked=False))
    return ResultTable(
        name=f"{name}_{table_stem(scores)}_{split}".replace("-", "_").replace("+", "_"),
        title=f"{title}: {scores['protocol']}, {scores['title']}",
        caption=f"{_about(results, scores, split)} Brackets: 95 % intervals; a difference is taken on the same clips.",
        columns=columns,
        rows=[*(_cells(condition, models, metrics) for condition in conditions), below],
        row_groups=[*("" for _ in conditions), "for comparison"],
        is_simulated=results.record["dataset"]["simulated"],
        notes=[],
    )


def robustness_curves(
    results: RunResults, scores: ScoreTable, split: str, models: Mapping[str, ModelScores], *, full_hz: float | None
) -> tuple[str, str]:
    """The primary score against the level of each disturbance that has levels; the figure and its caption.

    `full_hz` is the rate of the undisturbed clips; None where no slower tracker is asked for.
    """
    metric = scores["primary"]
    clean_level = {"hold": 1.0} | ({} if full_hz is None else {"rate": full_hz})
    panels = [
        CurvePanel(
            title,
            unit,
            {
                model: _points(kind, held, metric, clean_level.get(kind, 0.0))
                for model, held in models.items()
                if _has(kind, held)
            },
        )
        for kind, (title, unit) in CURVES.items()
        if any(_has(kind, held) for held in models.values())
    ]
    floor = next(row for row in _tested(scores, split)["rows"] if row["model"] == FLOOR)["metrics"][metric]["pooled"][
        "estimate"
    ]
    heading = f"{scores['protocol']}, {split}: {METRIC_TITLES[metric]} on disturbed clips"
    svg = curves(
        panels,
        title=heading,
        metric=METRIC_TITLES[metric],
        floor=floor,
        is_simulated=results.record["dataset"]["simulated"],
    )
    last = ", of a slower tracker the last" if any(_has("rate", held) for held in models.values()) else ""
    return svg, (
        f"{heading}; the first point of each curve is the undisturbed one{last}. Bars: 95 % intervals; dashed: {FLOOR}"
        f" (floor). {_about(results, scores, split)}"
    )


def _about(results: RunResults, scores: ScoreTable, split: str) -> str:
    """What table and curves have in common: the question, the data, and how models met the disturbances."""
    tested = _tested(scores, split)
    return (
        f"{scores['meaning']} Label view: {scores['view']}. {data_sentence(results.record)} Split {split}:"
        f" {counted(tested['num_clips'], 'clip')}, {counted(tested['num_people'], 'person')}. Models were trained on"
        " undisturbed clips and are only tested on disturbed ones; all models meet the same disturbance."
    )


def _tested(scores: ScoreTable, split: str) -> SplitScores:
    return next(held for held in scores["splits"] if held["split"] == split)


def _has(kind: str, held: ModelScores) -> bool:
    return any(condition.kind == kind for condition in held)


def _points(kind: str, held: ModelScores, metric: str, clean_level: float) -> list[CurvePoint]:
    """Points of one model, the undisturbed one among them, by rising level."""
    points = []
    for condition, (row, _) in held.items():
        pooled = row["metrics"][metric]["pooled"]
        if condition.kind in (kind, CLEAN.kind) and pooled["estimate"] is not None:
            level = condition.level if condition.kind == kind else clean_level
            points.append(CurvePoint(level, pooled["estimate"], pooled["low"], pooled["high"]))
    return sorted(points, key=lambda point: point.level)


def _cells(condition: Condition, models: Mapping[str, ModelScores], metrics: Sequence[str]) -> list[ResultCell]:
    cells = [words_cell(condition.title)]
    for held in models.values():
        if condition not in held:
            cells += [number_cell(None, note="changes nothing that the model reads, or leaves it nothing")] * (
                len(metrics) + 1
            )
            continue
        row, difference = held[condition]
        cells += [interval_cell(row["metrics"][metric]["pooled"]) for metric in metrics]
        cells.append(
            words_cell("", is_ranked=False)
            if difference is None
            else interval_cell(difference.difference, is_ranked=False)
        )
    return cells
