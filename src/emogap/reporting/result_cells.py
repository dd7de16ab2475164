"""What every writer of a :class:`~emogap.types.result_table.ResultTable` needs: numbers as words, marks, footnotes.

Read :func:`write_cells` first; LaTeX and Markdown only dress what it gives.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.reporting.numbers import NOTHING, rounded, short
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable

__all__ = [
    "PRINTED_MARKS",
    "SIMULATED",
    "WrittenCell",
    "WrittenRow",
    "WrittenTable",
    "column_title",
    "legend_lines",
    "title_sentence",
    "write_cells",
]

SIMULATED = "Simulated people: these numbers say what the software does, nothing about real people."

Mark = Literal["", "distinguished", "leads"]

PRINTED_MARKS = {"distinguished": "Bold", "leads": "Underlined", "reference": "\u2020"}
"""How LaTeX and Markdown show a mark, and a row that is only there for comparison."""


@dataclass(frozen=True, slots=True)
class WrittenCell:
    """One cell in words.

    Attributes
    ----------
    text : str
        The value; ``-`` where there is none.
    limits : str
        Its interval, without brackets; empty if it has none.
    mark : str
        ``distinguished``: best of its block and set apart from all others; ``leads``: best of its block, but not set
        apart; empty otherwise.
    footnote : str
        A letter, or empty.
    """

    text: str
    limits: str = ""
    mark: Mark = ""
    footnote: str = ""


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row in words, the heading above it (empty = none), and whether it is a floor, an oracle or the like.

    Only a table that ranks its rows tells such rows apart.
    """

    cells: tuple[WrittenCell, ...]
    heading: str
    is_reference: bool


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """Rows in words; what their marks mean, by ``distinguished``, ``leads`` and ``reference``; footnotes by letter."""

    rows: tuple[WrittenRow, ...]
    legend: Mapping[str, str]
    footnotes: tuple[tuple[str, str], ...]


def column_title(column: ResultColumn) -> str:
    """Title of a column with its unit in brackets."""
    unit = {"percent": "%", "p": ""}.get(column["unit"], column["unit"])
    return f"{column['title']} ({unit})" if unit else column["title"]


def title_sentence(table: ResultTable) -> str:
    """The title with a full stop, where it does not end a sentence already."""
    return table["title"] if table["title"].endswith(("?", ".", "!")) else f"{table['title']}."


def write_cells(table: ResultTable) -> WrittenTable:
    """Every cell of `table` in words, with the best of each block marked.

    Notes
    -----
    A block is the rows under one heading. The best of a block has the greatest (or least) value among the rows that
    are ranked. It is ``distinguished`` only if its interval shares no point with that of any other ranked row and,
    where letters of a paired test stand under the same heading (a column whose name begins with ``group_``), it shares
    no letter either: many comparisons can set intervals apart by chance. Values that print alike lead together.

    Raises
    ------
    DataError
        If a row is not as long as the columns, or the headings are not as many as the rows.
    """
    _require_whole(table)
    marks = _marks(table)
    notes = list(dict.fromkeys(cell["note"] for row in table["rows"] for cell in row if cell["note"]))
    letters = {note: _letter(number) for number, note in enumerate(notes)}
    is_ranking = any(column["better"] for column in table["columns"])
    rows = []
    for at, cells in enumerate(table["rows"]):
        written = tuple(
            _written(cell, column, marks.get((at, across), ""), letters.get(cell["note"], ""))
            for across, (cell, column) in enumerate(zip(cells, table["columns"], strict=True))
        )
        heading = table["row_groups"][at] if at == 0 or _is_new_block(table, at) else ""
        rows.append(WrittenRow(written, heading, is_ranking and _is_reference(cells)))
    return WrittenTable(
        tuple(rows),
        _legend(rows, table),
        tuple((letter, note) for note, letter in letters.items()),
    )


def _require_whole(table: ResultTable) -> None:
    wide = len(table["columns"])
    wrong = [at for at, row in enumerate(table["rows"]) if len(row) != wide]
    if wrong or len(table["row_groups"]) != len(table["rows"]):
        what = (
            f"row {wrong[0] + 1} has {counted(len(table['rows'][wrong[0]]), 'cell')} and there are {wide} columns"
            if wrong
            else f"{len(table['row_groups'])} headings belong to {counted(len(table['rows']), 'row')}"
        )
        raise DataError(what, where=f"table {table['name']}", fix="run the experiment again: a result is never edited")


def _is_new_block(table: ResultTable, at: int) -> bool:
    return table["row_groups"][at] != table["row_groups"][at - 1]


def _is_reference(cells: Sequence[ResultCell]) -> bool:
    numbers = [cell for cell in cells if _number(cell) is not None]
    return bool(numbers) and not any(cell["is_ranked"] for cell in numbers)


def _number(cell: ResultCell) -> float | None:
    value = cell["value"]
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _written(cell: ResultCell, column: ResultColumn, mark: Mark, footnote: str) -> WrittenCell:
    if isinstance(cell["value"], str):
        return WrittenCell(cell["value"], footnote=footnote)
    value = _number(cell)
    if value is None:
        return WrittenCell(NOTHING, footnote=footnote)
    is_share = column["unit"] == "percent"
    least = 10.0 ** -column["decimals"]
    if column["unit"] == "p" and value < least:
        text = f"<{least:.{column['decimals']}f}"
    elif isinstance(cell["value"], int) and not is_share:
        text = str(cell["value"])
    else:
        text = rounded(value, digits=column["decimals"], is_share=is_share)
    return WrittenCell(text, _limits(cell, column, is_share=is_share), mark, footnote)


def _limits(cell: ResultCell, column: ResultColumn, *, is_share: bool) -> str:
    low, high = cell["low"], cell["high"]
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    digits = column["decimals"]
    if is_share or digits == 0:
        return " ".join(rounded(limit, digits=digits, is_share=is_share) for limit in (low, high))
    return f"{short(low, digits=digits)} {short(high, digits=digits)}"


def _marks(table: ResultTable) -> dict[tuple[int, int], Mark]:
    marks: dict[tuple[int, int], Mark] = {}
    for across, column in enumerate(table["columns"]):
        if not column["better"]:
            continue
        for rows in _blocks(table):
            cells = {at: table["rows"][at][across] for at in rows if table["rows"][at][across]["is_ranked"]}
            values = {at: value for at, cell in cells.items() if (value := _number(cell)) is not None}
            if len(values) < 2:
                continue
            best = (max if column["better"] == "higher" else min)(values, key=values.__getitem__)
            printed = {at: _written(cells[at], column, "", "").text for at in values}
            first = [at for at in values if printed[at] == printed[best]]
            others = [cells[at] for at in values if at not in first]
            apart = len(first) == 1 and all(_is_apart(cells[first[0]], other) for other in others)
            apart = apart and not _shares_letter(table, across, best, [at for at in values if at != best])
            marks |= {(at, across): "distinguished" if apart else "leads" for at in first}
    return marks


def _blocks(table: ResultTable) -> list[list[int]]:
    blocks: list[list[int]] = []
    for at in range(len(table["rows"])):
        if at == 0 or _is_new_block(table, at):
            blocks.append([])
        blocks[-1].append(at)
    return blocks


def _is_apart(best: ResultCell, other: ResultCell) -> bool:
    """Whether two intervals share no point; a value without an interval cannot be told apart."""
    if best["low"] is None or best["high"] is None or other["low"] is None or other["high"] is None:
        return False
    return other["high"] < best["low"] or best["high"] < other["low"]


def _shares_letter(table: ResultTable, across: int, best: int, others: Sequence[int]) -> bool:
    """Whether the letters beside a column say that `best` is not distinguished from one of `others`."""
    at = _letters_of(table, across)
    if at is None:
        return False
    own = set(str(table["rows"][best][at]["value"] or ""))
    return any(own & set(str(table["rows"][other][at]["value"] or "")) for other in others)


def _letters_of(table: ResultTable, across: int) -> int | None:
    """The column with the letters of the paired tests under the heading of a column; None if there is none."""
    heading = table["columns"][across]["heading"]
    beside = [
        at
        for at, column in enumerate(table["columns"])
        if column["name"].startswith("group_") and column["heading"] == heading
    ]
    return next((at for at in beside if any(row[at]["value"] for row in table["rows"])), None)


def legend_lines(written: WrittenTable, marks: Mapping[str, str]) -> list[str]:
    """What the marks of a table mean, each under the sign that a writer gives it; those without a sign are left out."""
    return [f"{marks[mark]}: {meaning}" for mark, meaning in written.legend.items() if mark in marks]


def _legend(rows: Sequence[WrittenRow], table: ResultTable) -> dict[str, str]:
    found = {cell.mark for row in rows for cell in row.cells}
    block = " of its block" if any(table["row_groups"]) else ""
    legend = {}
    has_letters = any(_letters_of(table, at) is not None for at in range(len(table["columns"])))
    if "distinguished" in found:
        tested = "and no other shares its letter" if has_letters else "not corrected for the number of comparisons"
        legend["distinguished"] = f"best{block}; its 95 % interval lies apart from all others, {tested}."
    if "leads" in found:
        shared = ", or another shares its letter" if has_letters else ""
        legend["leads"] = f"best value{block}; its 95 % interval does not lie apart from all others{shared}."
    if any(row.is_reference for row in rows):
        legend["reference"] = "floor, oracle or best possible score: shown for comparison, never marked as best."
    return legend


def _letter(number: int) -> str:
    """a to z, then aa, ab and on."""
    return chr(ord("a") + number) if number < 26 else _letter(number // 26 - 1) + _letter(number % 26)
