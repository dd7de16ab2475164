"""The tables of an ablation: scores of each arm, its paired difference from the reference, and EMER's averaging."""

from collections.abc import Iterator, Mapping, Sequence

from emogap.counted_nouns import counted
from emogap.interfaces.experiments.benchmarks import shown_metrics
from emogap.learning.evaluation.arms import ArmDifference
from emogap.reporting.ceilings import BEST_POSSIBLE, ceiling_under
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.result_of_run import (
    batch_table,
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

__all__ = ["Rows", "ablation_table", "about_arms", "batches_of_arms", "rows_of_model"]

FLOOR = "majority"

Rows = Mapping[str, ScoreRow]
"""Scores of one model, by split."""


def rows_of_model(results: RunResults, scores: ScoreTable, model: str) -> Rows:
    """The scores of `model` under each split, from the table of `results` that asks the same as `scores`."""
    table = next(
        table
        for table in results.scores["tables"]
        if (table["protocol"], table["target"]) == (scores["protocol"], scores["target"])
    )
    return {split["split"]: row for split in table["splits"] for row in split["rows"] if row["model"] == model}


def ablation_table(
    name: str,
    title: str,
    results: RunResults,
    scores: ScoreTable,
    rows: Mapping[str, Rows],
    reference: str,
    differences: Mapping[str, Sequence[ArmDifference]],
) -> ResultTable:
    """One protocol (and target): a block of rows for each split.

    Parameters
    ----------
    name, title : str
        Of the experiment.
    results : RunResults
        Run of the reference.
    scores : ScoreTable
        What of it.
    rows : mapping from arm to rows
        In the order of the table.
    reference : str
    differences : mapping from split to sequence of ArmDifference
    """
    metrics = shown_metrics(scores)
    several = len(scores["splits"]) > 1
    cells: list[list[ResultCell]] = []
    groups: list[str] = []
    for split in scores["splits"]:
        compared = {difference.arm: difference for difference in differences[split["split"]]}
        heading = f"{split['split']}: {counted(split['num_clips'], 'clip')}, {counted(split['num_people'], 'person')}"
        block = [_arm_cells(arm, of[split["split"]], metrics, compared.get(arm), reference) for arm, of in rows.items()]
        groups += [heading if several else ""] * len(block)
        cells += block
        below = _below(results, scores, split["split"], metrics)
        groups += [f"{heading}, for comparison" if several else "for comparison"] * len(below)
        cells += below
    return ResultTable(
        name=f"{name}_{table_stem(scores)}",
        title=f"{title}: {scores['protocol']}, {scores['title']}",
        caption=_caption(results, scores, reference),
        columns=_columns(metrics, scores["primary"], reference),
        rows=cells,
        row_groups=groups,
        is_simulated=results.record["dataset"]["simulated"],
        notes=[],
    )


def batches_of_arms(
    name: str, title: str, results: RunResults, scores: ScoreTable, rows: Mapping[str, Rows]
) -> Iterator[ResultTable]:
    """Scores of the arms pooled, and averaged as in EMER's public code; nothing if that was not asked for.

    Parameters
    ----------
    name, title, results, scores, rows
        As of :func:`ablation_table`.
    """
    for split in (each["split"] for each in scores["splits"]):
        shown = [(arm, "", of[split]) for arm, of in rows.items()]
        shown.append((f"{FLOOR} (floor)", "for comparison", rows_of_model(results, scores, FLOOR)[split]))
        stem = f"{name}_{table_stem(scores)}"
        yield from batch_table(stem, f"{title}: {scores['protocol']}", split, shown, results, label="arm")


def _columns(metrics: Sequence[str], primary: str, reference: str) -> list[ResultColumn]:
    heading = f"minus {reference}"
    difference = metric_column(primary, heading=heading, is_ranked=False)
    p = text_column("p", "p", heading=heading)
    return [
        text_column("arm", "arm"),
        *(metric_column(metric) for metric in metrics),
        ResultColumn({**difference, "name": "difference"}),
        ResultColumn({**p, "unit": "p", "decimals": 3}),
        ResultColumn({**p, "name": "p_holm", "title": "p Holm", "unit": "p", "decimals": 3}),
    ]


def _arm_cells(
    arm: str, row: ScoreRow, metrics: Sequence[str], difference: ArmDifference | None, reference: str
) -> list[ResultCell]:
    cells = [words_cell(arm), *(interval_cell(row["metrics"][metric]["pooled"]) for metric in metrics)]
    if difference is None:
        return [*cells, *[words_cell("reference", is_ranked=False), words_cell(""), words_cell("")]]
    same = f"answers every clip as '{reference}' does"
    return [
        *cells,
        interval_cell(difference.difference, is_ranked=False),
        number_cell(difference.p, note=same),
        number_cell(difference.p_holm, note=same),
    ]


def _below(results: RunResults, scores: ScoreTable, split: str, metrics: Sequence[str]) -> list[list[ResultCell]]:
    """The floor, and where it is known the best possible score."""
    floor = rows_of_model(results, scores, FLOOR)[split]
    nothing = [words_cell("", is_ranked=False)] * 3
    shown = [interval_cell(floor["metrics"][metric]["pooled"], is_ranked=False) for metric in metrics]
    below = [[words_cell(f"{FLOOR} (floor)", is_ranked=False), *shown, *nothing]]
    if scores["ceiling"]:
        best = ceiling_under(scores, split)
        numbers = [number_cell(best.get(metric), note="not known") for metric in metrics]
        below.append([words_cell(BEST_POSSIBLE, is_ranked=False), *numbers, *nothing])
    return below


def about_arms(results: RunResults, scores: ScoreTable, splits: Sequence[SplitScores]) -> str:
    """What table and map of the arms have in common: the question, the data, and the folds of `splits`."""
    tested = "; ".join(
        f"{split['split']}: {counted(split['num_clips'], 'clip')}, {counted(split['num_people'], 'person')},"
        f" {counted(split['seeds'], 'seed')}"
        for split in splits
    )
    return (
        f"{scores['meaning']} Label view: {scores['view']}. {data_sentence(results.record)} All arms have the same"
        f" folds and seeds ({tested})."
    )


def _caption(results: RunResults, scores: ScoreTable, reference: str) -> str:
    return (
        f"{about_arms(results, scores, scores['splits'])} Brackets: 95 % intervals of pooled out-of-fold predictions."
        " Differences are"
        f" {METRIC_TITLES[scores['primary']]} of the arm minus that of '{reference}' on the same clips, p by paired"
        " permutation over people (under person+stimulus by a two-way test over people and stimuli), adjusted by Holm"
        " over all arms of a split."
    )
