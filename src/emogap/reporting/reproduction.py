"""A run on EMER's data as tables: measured in both conventions, and the paper's numbers beside or apart.

Read :func:`reproduction_tables` first. *Averaged over batches* is how the authors' public code averages
(:mod:`emogap.scoring.compat`), *pooled* is one score over all out-of-fold predictions, with its interval.
"""

from collections.abc import Iterator, Mapping, Sequence

from emogap.counted_nouns import counted
from emogap.reporting.printed_table import DECIMALS, printed_cells, printed_table
from emogap.reporting.published_tables import PrintedRow, PublishedNumbers, open_published, what_differs
from emogap.reporting.result_of_run import (
    data_sentence,
    interval_cell,
    metric_column,
    number_cell,
    text_column,
    words_cell,
)
from emogap.reporting.results import RunResults
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable
from emogap.types.scores import ScoreRow, ScoreTable, SplitScores

__all__ = ["reproduction_tables"]

CLASS_METRICS = ("war", "uar", "f1_weighted")
VALUE_METRICS = ("mae", "mse", "rmse")
"""The paper's, in its order."""

PRINTED_IN = {
    "class": "emer_table_02",
    "valence": "emer_table_03",
    "arousal": "emer_table_03",
    "intensity": "emer_table_04",
}

PUBLISHED, BATCHES, POOLED = "published", "measured, averaged over batches", "measured, pooled"

HEADINGS: Mapping[str, str] = {"model": "models", "floor": "floors", "oracle": "oracles"}


def reproduction_tables(results: RunResults, *, people_known: bool) -> tuple[ResultTable, ...]:
    """The tables of one protocol: for each target and split one of what was measured, and what the paper printed.

    Parameters
    ----------
    results : RunResults
        Of a run with batch averages (``metric_compat = "emer-batch16"``).
    people_known : bool
        Whether it is known whose clips they are; else intervals are said to be about clips.

    Returns
    -------
    tuple of ResultTable
        The printed numbers are columns of the table of the official folds if data and protocol are the same
        (:func:`emogap.reporting.published_tables.what_differs`); else they are a table of their own, which says what
        differs.
    """
    asked = results.scores["protocol"]
    return tuple(
        made
        for table in results.scores["tables"]
        if table["protocol"] == asked
        for made in _tables(results, table, people_known=people_known)
    )


def _tables(results: RunResults, table: ScoreTable, *, people_known: bool) -> Iterator[ResultTable]:
    published = open_published(PRINTED_IN[table["target"]])
    printed = published.rows_about(table["protocol"], table["target"])
    reasons: tuple[str, ...] = ("the official folds were not run",)
    for split in sorted(table["splits"], key=lambda each: each["split"] != "official"):
        differing = what_differs(results.record, split)
        yield _measured(results, table, split, None if differing else published, people_known=people_known)
        if split["split"] == "official":
            reasons = differing
    if reasons and printed:
        yield _printed(table, published, printed, reasons)


def _measured(
    results: RunResults,
    table: ScoreTable,
    split: SplitScores,
    published: PublishedNumbers | None,
    *,
    people_known: bool,
) -> ResultTable:
    metrics = CLASS_METRICS if table["space"] else VALUE_METRICS
    printed = {row.ours: row for row in published.rows_about(table["protocol"], table["target"])} if published else {}
    columns = [text_column("model", "model")]
    for heading in (*((PUBLISHED,) if published else ()), BATCHES, POOLED):
        columns += [_column(metric, heading) for metric in metrics]
    ordered = _ordered(split, tuple(printed))
    rows = [_row(row, metrics, published, printed.get(row["model"])) for row in ordered]
    groups = [HEADINGS[row["role"]] for row in ordered]
    if published is not None:
        absent = [row for name, row in printed.items() if name not in {each["model"] for each in ordered}]
        rows += [_only_printed(published, row, metrics) for row in absent]
        groups += ["printed, not run here"] * len(absent)
    return ResultTable(
        name=f"emer_{_stem(table)}_{split['split'].replace('+', '_')}",
        title=f"{table['title']}, split {split['split']}",
        caption=_caption(results, table, split, people_known=people_known),
        columns=columns,
        rows=rows,
        row_groups=groups,
        is_simulated=results.scores["simulated"],
        notes=[
            f"Averaged over batches: {results.record['config'].get('metric_compat')}, the mean over batches of 16, then"
            " over folds, in the order of the keys; the authors' order is not known. Compare it with printed numbers"
            " only, and never with pooled ones.",
            *_notes_of(published, table),
        ],
    )


def _notes_of(published: PublishedNumbers | None, table: ScoreTable) -> list[str]:
    if published is None:
        return []
    about = published.notes_about(table["protocol"], table["target"])
    return [f"Published: {published.source}; not computed here.", *(f"Published: {note}" for note in about)]


def _ordered(split: SplitScores, printed: Sequence[str]) -> list[ScoreRow]:
    """Models in the order of the paper and then of the run, floors, oracles."""

    def place(row: ScoreRow) -> tuple[int, int]:
        at = printed.index(row["model"]) if row["model"] in printed else len(printed)
        return list(HEADINGS).index(row["role"]), at

    return sorted(split["rows"], key=place)


def _row(
    row: ScoreRow, metrics: Sequence[str], published: PublishedNumbers | None, printed: PrintedRow | None
) -> list[ResultCell]:
    is_ranked = row["role"] == "model"
    cells = [words_cell(row["model"], is_ranked=is_ranked)]
    if published is not None:
        cells += printed_cells(published, printed, metrics)
    cells += [
        number_cell(row["metrics"][metric]["emer_batch16"], note="not computed", is_ranked=is_ranked)
        for metric in metrics
    ]
    return [*cells, *(interval_cell(row["metrics"][metric]["pooled"], is_ranked=is_ranked) for metric in metrics)]


def _only_printed(published: PublishedNumbers, row: PrintedRow, metrics: Sequence[str]) -> list[ResultCell]:
    nothing = [number_cell(None, note="not run")] * (2 * len(metrics))
    return [words_cell(row.model, is_ranked=False), *printed_cells(published, row, metrics), *nothing]


def _printed(
    table: ScoreTable, published: PublishedNumbers, printed: Sequence[PrintedRow], reasons: Sequence[str]
) -> ResultTable:
    return printed_table(
        published,
        printed,
        name=f"emer_{_stem(table)}_published",
        title=table["title"],
        reasons="; ".join(reasons),
        notes=published.notes_about(table["protocol"], table["target"]),
    )


def _column(metric: str, heading: str) -> ResultColumn:
    """A column of one convention; those of the paper have no best, as nothing says how sure they are."""
    column = metric_column(metric, heading=heading, is_ranked=heading == POOLED)
    places = {PUBLISHED: "published", BATCHES: "batches", POOLED: "pooled"}
    name = f"{metric}_{places[heading]}" if heading in places else metric
    decimals = column["decimals"] if heading == POOLED and column["unit"] else DECIMALS[column["unit"]]
    return ResultColumn({**column, "name": name, "decimals": decimals})


def _stem(table: ScoreTable) -> str:
    words = [table["protocol"], *([] if table["target"] == "class" else [table["target"]])]
    return "_".join(dict.fromkeys(words)).replace("-", "_")


def _caption(results: RunResults, table: ScoreTable, split: SplitScores, *, people_known: bool) -> str:
    record = results.record
    people = counted(split["num_people"], "person") if people_known else "people unknown"
    about = (
        "resampled over people" + (" and stimuli" if split["split"] == "person+stimulus" else "")
        if people_known
        else "resampled over clips, as nobody knows the people: too narrow"
    )
    return (
        f"{data_sentence(record)} View {table['view']}: {table['meaning'].rstrip('.')}. Split {split['split']}:"
        f" {counted(split['cells'], 'cell')}, {counted(split['num_clips'], 'clip')}, {people},"
        f" {counted(split['num_stimuli'], 'stimulus')}. In brackets:"
        f" 95 % intervals, {about}."
    )
