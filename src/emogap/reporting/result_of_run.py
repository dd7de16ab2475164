"""A run as tables of results: what ``emogap bench`` scored, ready to be written for a paper.

Read :func:`tables_of_run` first. :func:`tables_of_runs` puts several runs under one heading, if they can be compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from emogap.counted_nouns import counted
from emogap.errors import MismatchError
from emogap.reporting.ceilings import BEST_POSSIBLE, ceiling_under
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.results import RunResults
from emogap.reporting.sims_table import published_table
from emogap.reporting.tables import notes_of, parts_shown
from emogap.scoring.compat import EMER_METRICS
from emogap.scoring.sims import SIMS_METRICS
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable
from emogap.types.run import RunRecord
from emogap.types.scores import IntervalRecord, Role, ScoreRow, ScoreTable, SplitScores

__all__ = [
    "batch_table",
    "batch_tables",
    "data_sentence",
    "interval_cell",
    "metric_column",
    "number_cell",
    "require_comparable",
    "score_table",
    "table_stem",
    "tables_of_run",
    "tables_of_runs",
    "text_column",
    "words_cell",
]

CLASS_COLUMNS = ("uar", "war", "f1_weighted")
VALUE_COLUMNS = ("ccc", "mae", "r2")

SHARES = frozenset({"uar", "war", "f1_weighted", "f1_macro", "sims_acc2", "sims_acc3", "sims_acc5", "sims_f1"})
"""Metrics that are shares and are printed in percent."""

LOW_IS_GOOD = frozenset({"mae", "mse", "rmse", "sims_mae"})

HEADINGS: Mapping[Role, str] = {"model": "models", "floor": "floors", "oracle": "oracles"}

PART_TITLES = {
    "person": "person",
    "thinned": "thinned",
    "blocked": "blocked",
    "size_part": "size part",
    "stimulus_part": "stimulus part",
}


def metric_column(metric: str, *, heading: str = "", is_ranked: bool = True) -> ResultColumn:
    """The column of a metric: shares in percent with one decimal, everything else with two."""
    better: Literal["higher", "lower"] = "lower" if metric in LOW_IS_GOOD else "higher"
    return ResultColumn(
        name=metric,
        title=METRIC_TITLES[metric],
        heading=heading,
        unit="percent" if metric in SHARES else "",
        decimals=1 if metric in SHARES else 2,
        better=better if is_ranked else "",
    )


def text_column(name: str, title: str, *, heading: str = "") -> ResultColumn:
    """A column of words."""
    return ResultColumn(name=name, title=title, heading=heading, unit="", decimals=0, better="")


def interval_cell(record: IntervalRecord, *, is_ranked: bool = True) -> ResultCell:
    """A number of a run with its interval; one that does not exist says so."""
    note = "not defined" if record["estimate"] is None else ""
    return ResultCell(value=record["estimate"], low=record["low"], high=record["high"], note=note, is_ranked=is_ranked)


def tables_of_run(results: RunResults) -> tuple[ResultTable, ...]:
    """Every table of `results`: scores under each split, what the stimulus was worth, and EMER's averaging."""
    return tables_of_runs([("", results)])


def tables_of_runs(runs: Sequence[tuple[str, RunResults]]) -> tuple[ResultTable, ...]:
    """The tables of several runs in one: rows of each run under its name, floors once if all runs agree on them.

    Parameters
    ----------
    runs : sequence of (name, run)
        One or more; the name heads the run's rows and is not printed if there is one run only.

    Raises
    ------
    MismatchError
        If two of the runs cannot be compared; says in what they differ.
    """
    first_name, first = runs[0]
    for name, other in runs[1:]:
        require_comparable(first_name, first, name, other)
    tables = []
    for table in first.scores["tables"]:
        alike = [(name, results, _same_table(results, table)) for name, results in runs]
        known = [(name, results, found) for name, results, found in alike if found is not None]
        tables.append(_scores(known))
        if len(runs) == 1:
            tables += [*_parts(table, first.record), *batch_tables(table, first)]
    return tuple(tables)


def require_comparable(first_name: str, first: RunResults, second_name: str, second: RunResults) -> None:
    """Raise unless both runs asked the same of the same data in the same folds, with as many epochs.

    Raises
    ------
    MismatchError
        Naming every difference.
    """
    differences = [
        f"{what}: {one} and {other}"
        for what, one, other in zip(_COMPARED, _compared(first), _compared(second), strict=True)
        if one != other
    ]
    if differences:
        raise MismatchError(
            f"these runs cannot stand in one table; they differ in {'; '.join(differences)}",
            where=f"{first_name} and {second_name}",
            fix="give runs of one data set, protocol, split and preset, or leave out --together",
        )


_COMPARED = ("data (fingerprint)", "protocol", "folds (fingerprints)", "cells", "preset", "epochs")


def _compared(results: RunResults) -> tuple[str, ...]:
    record = results.record
    config = record["config"]
    folds = ", ".join(f"{name} {fingerprint}" for name, fingerprint in sorted(record["splits"].items()))
    data = f"{record['dataset']['name']} {record['dataset']['fingerprint']}"
    words = (results.scores["protocol"], folds, config.get("cells"), config["preset"], record["epochs"])
    return (data, *map(str, words))


def _same_table(results: RunResults, table: ScoreTable) -> ScoreTable | None:
    asked = (table["protocol"], table["target"])
    return next((one for one in results.scores["tables"] if (one["protocol"], one["target"]) == asked), None)


def table_stem(table: ScoreTable) -> str:
    """``er3``, ``er_va_valence``: fit for a file."""
    words = [table["protocol"]] if table["target"] == "class" else [table["protocol"], table["target"]]
    return "_".join(words).replace("-", "_")


def score_table(results: RunResults, table: ScoreTable, metrics: Sequence[str]) -> ResultTable:
    """One table of a run with the scores `metrics`; those of CH-SIMS follow where the protocol has them."""
    return _scores([("", results, table)], metrics)


def _scores(runs: Sequence[tuple[str, RunResults, ScoreTable]], metrics: Sequence[str] | None = None) -> ResultTable:
    _, results, table = runs[0]
    usual = metrics or (CLASS_COLUMNS if table["space"] else VALUE_COLUMNS)
    metrics = (*usual, *(name for name in SIMS_METRICS if name in table["metrics"]))
    splits = [split["split"] for split in table["splits"]]
    columns = [text_column("model", "model")]
    for split in table["splits"]:
        heading = f"{split['split']}: {counted(split['num_clips'], 'clip')}, {counted(split['num_people'], 'person')}"
        columns += [metric_column(metric, heading=heading, is_ranked=len(runs) == 1) for metric in metrics]
        columns.append(text_column(f"group_{split['split']}", "group", heading=heading))
    rows: list[list[ResultCell]] = []
    groups: list[str] = []
    for heading, row in _all_rows(runs, splits, metrics):
        rows.append(row)
        groups.append(heading)
    notes = notes_of(table)
    if len(runs) > 1:
        notes.append("Groups and paired tests are those of each run alone; no test was made between the runs.")
    return ResultTable(
        name=table_stem(table),
        title=f"{table['protocol']}: {table['title']}",
        caption=_caption(table, results.record),
        columns=columns,
        rows=rows,
        row_groups=groups,
        is_simulated=results.record["dataset"]["simulated"],
        notes=[*notes, *_published_note(table, results.record)],
    )


def _all_rows(
    runs: Sequence[tuple[str, RunResults, ScoreTable]], splits: Sequence[str], metrics: Sequence[str]
) -> Iterator[tuple[str, list[ResultCell]]]:
    told: list[tuple[str, list[ResultCell]]] = []
    for role in ("model", "floor", "oracle"):
        for name, _, table in runs:
            for model in _models(table, role):
                row = _row(table, model, role, splits, metrics)
                heading = f"{name}: {HEADINGS[role]}" if role == "model" and len(runs) > 1 else HEADINGS[role]
                if (heading, row) not in told:
                    told.append((heading, row))
    yield from told
    _, results, table = runs[0]
    if table["ceiling"]:
        yield BEST_POSSIBLE, _ceiling_row(table, metrics)
    yield from _published_rows(table, results.record, metrics)


def _models(table: ScoreTable, role: Role) -> list[str]:
    return list(
        dict.fromkeys(row["model"] for split in table["splits"] for row in split["rows"] if row["role"] == role)
    )


def _row(table: ScoreTable, model: str, role: Role, splits: Sequence[str], metrics: Sequence[str]) -> list[ResultCell]:
    is_ranked = role == "model"
    cells = [words_cell(model, is_ranked=is_ranked)]
    for name in splits:
        split = next((split for split in table["splits"] if split["split"] == name), None)
        row = _find(split, model) if split is not None else None
        if row is None:
            missing = ResultCell(value=None, low=None, high=None, note="not scored under this split", is_ranked=False)
            cells += [missing] * len(metrics) + [words_cell("")]
            continue
        cells += [interval_cell(row["metrics"][metric]["pooled"], is_ranked=is_ranked) for metric in metrics]
        cells.append(words_cell(row["letters"]))
    return cells


def _ceiling_row(table: ScoreTable, metrics: Sequence[str]) -> list[ResultCell]:
    cells = [words_cell(BEST_POSSIBLE, is_ranked=False)]
    for split in table["splits"]:
        best = ceiling_under(table, split["split"])
        cells += [number_cell(best.get(metric), note="not known") for metric in metrics] + [words_cell("")]
    return cells


def _published_rows(
    table: ScoreTable, record: RunRecord, metrics: Sequence[str]
) -> Iterator[tuple[str, list[ResultCell]]]:
    published = published_table()
    if not published.is_about(table, record) or not any(map(published.stands_beside, table["splits"])):
        return
    for printed in published.rows:
        cells = [words_cell(printed.model, is_ranked=False)]
        for split in table["splits"]:
            shares = printed.percent if published.stands_beside(split) else {}
            values = [shares.get(metric) for metric in metrics]
            cells += [number_cell(None if value is None else value / 100, note="not printed there") for value in values]
            cells.append(words_cell(""))
        yield "published, not computed here", cells


def _published_note(table: ScoreTable, record: RunRecord) -> list[str]:
    published = published_table()
    if published.is_about(table, record) and any(map(published.stands_beside, table["splits"])):
        return [f"Published: {published.source}. {published.note}"]
    return []


def _parts(table: ScoreTable, record: RunRecord) -> Iterator[ResultTable]:
    for split in table["splits"]:
        shown = parts_shown(split)
        if not shown:
            continue
        primary = metric_column(table["primary"], is_ranked=False)
        columns: list[ResultColumn] = [{**primary, "name": name, "title": title} for name, title in PART_TITLES.items()]
        yield ResultTable(
            name=f"{table_stem(table)}_stimulus_part",
            title=f"{table['protocol']}: how much of the score was the stimulus",
            caption=(
                f"{METRIC_TITLES[table['primary']]} on the same {counted(split['num_clips'], 'clip')} of"
                f" {split['num_people']}"
                " people: with the stimuli seen in training (person), seen but trained on fewer clips (thinned), and"
                " unseen (blocked). Size part = person - thinned, stimulus part = thinned - blocked, with 95 %"
                f" intervals. {data_sentence(record)}"
            ),
            columns=[text_column("model", "model"), *columns],
            rows=[
                [
                    words_cell(parts["model"]),
                    *(
                        interval_cell(parts[name])
                        for name in ("person", "thinned", "blocked", "size_part", "stimulus_part")
                    ),
                ]
                for parts in shown
            ],
            row_groups=[""] * len(shown),
            is_simulated=record["dataset"]["simulated"],
            notes=[],
        )


def batch_tables(table: ScoreTable, results: RunResults) -> Iterator[ResultTable]:
    """Pooled scores beside those averaged over batches of 16, for each split; none if the run did not average so."""
    for split in table["splits"]:
        rows = [(row["model"], HEADINGS[row["role"]], row) for row in split["rows"]]
        yield from batch_table(table_stem(table), table["protocol"], split["split"], rows, results)


def batch_table(
    stem: str,
    title: str,
    split: str,
    rows: Sequence[tuple[str, str, ScoreRow]],
    results: RunResults,
    *,
    label: str = "model",
) -> Iterator[ResultTable]:
    """Of scores under one split: pooled, and averaged as in EMER's public code; nothing if they were not averaged so.

    Parameters
    ----------
    stem, title : str
        What the name and the title of the table begin with.
    split : str
    rows : sequence of (what the row is called, the group that it belongs to, scores)
        None of the groups but the models is ranked.
    results : RunResults
        The run that they come from, or the first of several on the same data.
    label : str
        Title of the first column.
    """
    if results.scores["metric_compat"] != "emer-batch16":
        return
    metrics = [
        metric
        for metric in EMER_METRICS
        if any(metric in row["metrics"] and row["metrics"][metric]["emer_batch16"] is not None for _, _, row in rows)
    ]
    columns = [text_column(label, label)]
    for metric in metrics:
        for of in ("pooled", "batches"):
            column = metric_column(metric, heading=METRIC_TITLES[metric], is_ranked=False)
            columns.append({**column, "name": f"{metric}_{of}", "title": of})
    cells = []
    for name, _, row in rows:
        is_ranked = row["role"] == "model"
        cells.append([words_cell(name, is_ranked=is_ranked)])
        for record in (row["metrics"][metric] for metric in metrics):
            cells[-1] += [
                number_cell(record["pooled"]["estimate"], note="not defined", is_ranked=is_ranked),
                number_cell(record["emer_batch16"], note="not computed", is_ranked=is_ranked),
            ]
    yield ResultTable(
        name=f"{stem}_{split.replace('+', '_').replace('-', '_')}_batches",
        title=f"{title}: pooled, and averaged as in EMER's public code",
        caption=(
            f"Split {split}. Pooled: once from all out-of-fold predictions. Batches: per batch of 16,"
            " averaged over batches and then over folds; for comparison with the tables of arXiv 2512.16485 only."
            f" {data_sentence(results.record)}"
        ),
        columns=columns,
        rows=cells,
        row_groups=[group for _, group, _ in rows],
        is_simulated=results.record["dataset"]["simulated"],
        notes=[],
    )


def _caption(table: ScoreTable, record: RunRecord) -> str:
    splits = " and ".join(split["split"] for split in table["splits"])
    clips = "; ".join(
        f"{split['split']}: {counted(split['num_clips'], 'clip')}, {counted(split['num_people'], 'person')},"
        f" {counted(split['num_stimuli'], 'stimulus')}"
        for split in table["splits"]
    )
    letters = (
        " Models that share a letter (group) are not distinguished."
        if any(row["letters"] for split in table["splits"] for row in split["rows"])
        else ""
    )
    return (
        f"{table['meaning']} Label view: {table['view']}. {data_sentence(record)} Unseen in the test: {splits}"
        f" ({clips}). Brackets: 95 % intervals.{letters}"
    )


def data_sentence(record: RunRecord) -> str:
    """Data set, cleaning and preset; a quick preset is warned of."""
    dataset, preset = record["dataset"], record["config"]["preset"]
    trained = f"preset {preset} ({counted(record['epochs'], 'epoch')})"
    never = " A demonstration: never quote these numbers." if preset == "quick" else ""
    return f"Data set {dataset['name']}, cleaning {dataset['cleaning']}; {trained}.{never}"


def _find(split: SplitScores, model: str) -> ScoreRow | None:
    return next((row for row in split["rows"] if row["model"] == model), None)


def words_cell(text: str, *, is_ranked: bool = True) -> ResultCell:
    """A cell of words."""
    return ResultCell(value=text, low=None, high=None, note="", is_ranked=is_ranked)


def number_cell(value: float | None, *, note: str, is_ranked: bool = False) -> ResultCell:
    """A number without an interval; `note` says why there is none where it is None."""
    return ResultCell(value=value, low=None, high=None, note=note if value is None else "", is_ranked=is_ranked)
