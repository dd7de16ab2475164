"""The confound probe of a run as tables: what each fact that is no emotion predicts, under every split."""

from collections.abc import Iterator, Mapping

from emogap.counted_nouns import counted
from emogap.reporting.numbers import METRIC_TITLES
from emogap.reporting.result_of_run import interval_cell, metric_column, number_cell, text_column, words_cell
from emogap.reporting.result_text import result_text
from emogap.reporting.results import RunResults
from emogap.types.confounds import ConfoundRole, ConfoundRow, ConfoundSplit, ConfoundTable
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable

__all__ = ["confound_tables", "confound_text"]

GROUPS: Mapping[ConfoundRole, str] = {
    "fact": "one fact alone",
    "all": "all facts",
    "stimulus": "floors",
    "floor": "floors",
}

LOWER_BOUND = (
    "Each row is a regression on that alone, fitted and tested in the cells of the models. p is given where the"
    " interval lies above chance: against the majority, whole people exchanged (under person+stimulus a test over"
    " people and stimuli), adjusted by Holm within a split. What only a curve or a network finds in these facts is"
    " not in it."
)


def confound_tables(results: RunResults) -> tuple[ResultTable, ...]:
    """One table for each view and target of the run; none if the run was made before there was a probe."""
    if results.confounds is None:
        return ()
    return tuple(_table(table, results) for table in results.confounds["tables"])


def confound_text(results: RunResults) -> list[str]:
    """The lines of the tables of the view that was asked for, each with an empty line after it."""
    if results.confounds is None:
        return []
    asked = results.confounds["tables"][0]["view"]
    tables = [_table(table, results) for table in results.confounds["tables"] if table["view"] == asked]
    return [line for table in tables for line in (*result_text(table).splitlines(), "")]


def _table(table: ConfoundTable, results: RunResults) -> ResultTable:
    metric = table["primary"]
    names = {row["name"]: row for split in table["splits"] for row in split["rows"]}
    columns = [text_column("fact", "fact"), _known_column()]
    for split in table["splits"]:
        heading = f"{split['split']}: {counted(split['num_clips'], 'clip')}, {counted(split['num_people'], 'person')}"
        columns += [
            metric_column(metric, heading=heading, is_ranked=False),
            ResultColumn(name=f"p_{split['split']}", title="p", heading=heading, unit="p", decimals=3, better=""),
        ]
    rows = [[words_cell(row["title"]), _known(row), *_cells(table, name)] for name, row in names.items()]
    chance = [cell for split in table["splits"] for cell in _chance(split)]
    target = "" if table["space"] else f" {table['target']}"
    return ResultTable(
        name=f"confounds_{table['protocol']}_{table['target']}".replace("-", "_"),
        title=f"{table['protocol']}{target}: what else predicts the label?",
        caption=(
            f"{METRIC_TITLES[metric]} of what is no emotion, with 95 % intervals over people (and stimuli, where these"
            " are unseen too). A fact that predicts the label alone can carry a model's score."
        ),
        columns=columns,
        rows=[*rows, [words_cell("chance"), words_cell(""), *chance]],
        row_groups=[*(GROUPS[row["role"]] for row in names.values()), GROUPS["floor"]],
        is_simulated=results.record["dataset"]["simulated"],
        notes=[LOWER_BOUND, *_unused(table)],
    )


def _known_column() -> ResultColumn:
    return ResultColumn(name="known", title="known", heading="", unit="percent", decimals=0, better="")


def _known(row: ConfoundRow) -> ResultCell:
    if row["role"] in ("stimulus", "floor"):
        return words_cell("")
    return number_cell(row["known_share"], note="")


def _cells(table: ConfoundTable, name: str) -> Iterator[ResultCell]:
    for split in table["splits"]:
        row = next((row for row in split["rows"] if row["name"] == name), None)
        if row is None:
            yield from (number_cell(None, note="a cell is missing"), words_cell(""))
        else:
            yield interval_cell(row["score"], is_ranked=False)
            yield number_cell(row["p_holm"], note="") if _is_above_chance(row, split) else words_cell("")


def _is_above_chance(row: ConfoundRow, split: ConfoundSplit) -> bool:
    """The majority may lie below chance, which it leaves out of training: to be better than that is no finding."""
    low = row["score"]["low"]
    return low is not None and low > split["chance"]


def _chance(split: ConfoundSplit) -> tuple[ResultCell, ResultCell]:
    return number_cell(split["chance"], note=""), words_cell("")


def _unused(table: ConfoundTable) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for fact in table["unused"]:
        reasons.setdefault(fact["reason"], []).append(fact["title"])
    listed = "; ".join(f"{', '.join(titles)} ({reason})" for reason, titles in reasons.items())
    return [f"Not probed: {listed}."] if listed else []
