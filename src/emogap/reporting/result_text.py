"""A table of results as text for the terminal: as many columns side by side as its width allows."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from emogap.reporting.numbers import NOTHING, plain, short
from emogap.types.result_table import ResultCell, ResultColumn, ResultTable

__all__ = ["SIMULATED", "best_cells", "cell_text", "result_text"]

WIDTH = 100
"""Columns of a terminal that a table may take."""

SIMULATED = "SIMULATED people: these numbers say what the software does, nothing about real people."


def result_text(table: ResultTable, *, width: int = WIDTH) -> str:
    """The table with title, caption and notes; the best of each column has a star.

    Parameters
    ----------
    table : ResultTable
    width : int
        Columns that do not fit stand in a further block below, under the same row names.

    Returns
    -------
    str
        Lines without space at their ends; none is longer than `width` but where a single column is.
    """
    lines = [*wrap(table["title"], width), *wrap(table["caption"], width)]
    if table["is_simulated"]:
        lines += wrap(SIMULATED, width)
    stars = best_cells(table)
    texts = [
        [cell_text(cell, column) + ("*" if (row, at) in stars else "")
         for at, (cell, column) in enumerate(zip(cells, table["columns"], strict=True))]
        for row, cells in enumerate(table["rows"])
    ]  # fmt: skip
    for block in _blocks(table, texts, width):
        lines += ["", *_block_lines(table, texts, block)]
    lines += [""] if table["notes"] else []
    for note in table["notes"]:
        lines += wrap(note, width - 2, initial_indent="- ", subsequent_indent="  ")
    return "\n".join(line.rstrip() for line in lines)


def cell_text(cell: ResultCell, column: ResultColumn) -> str:
    """One value as printed, with its limits.

    Examples
    --------
    >>> cell = ResultCell(value=0.441, low=0.392, high=0.5, note="", is_ranked=True)
    >>> column = ResultColumn(name="uar", title="UAR", heading="", unit="", decimals=2, better="higher")
    >>> cell_text(cell, column), cell_text(cell, {**column, "unit": "percent", "decimals": 1})
    ('0.44 [.39 .50]', '44.1 [39.2 50.0]')
    """
    value, digits = cell["value"], column["decimals"]
    if value is None:
        return f"{NOTHING} ({cell['note']})" if cell["note"] else NOTHING
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    scale, limit = (100, plain) if column["unit"] == "percent" else (1, short)
    text = plain(value * scale, digits=digits)
    if cell["low"] is None or cell["high"] is None:
        return text
    return f"{text} [{limit(cell['low'] * scale, digits=digits)} {limit(cell['high'] * scale, digits=digits)}]"


def best_cells(table: ResultTable) -> frozenset[tuple[int, int]]:
    """Row and column, from zero, of the best ranked value of each column of scores within each group of rows.

    Values that print alike are all best; a lone value is best of nothing.
    """
    best: set[tuple[int, int]] = set()
    for at, column in enumerate(table["columns"]):
        if not column["better"]:
            continue
        for group in dict.fromkeys(table["row_groups"]):
            values = {
                row: round(float(value), column["decimals"] + 2 * (column["unit"] == "percent"))
                for row, cells in enumerate(table["rows"])
                if table["row_groups"][row] == group
                and cells[at]["is_ranked"]
                and isinstance(value := cells[at]["value"], int | float)
            }
            if len(values) > 1:
                top = (max if column["better"] == "higher" else min)(values.values())
                best |= {(row, at) for row, value in values.items() if value == top}
    return frozenset(best)


def _titled(column: ResultColumn) -> str:
    return f"{column['title']} ({'%' if column['unit'] == 'percent' else column['unit']})" if column["unit"] else (
        column["title"]
    )  # fmt: skip


def _width(table: ResultTable, texts: Sequence[Sequence[str]], at: int) -> int:
    return max(len(_titled(table["columns"][at])), *(len(row[at]) for row in texts), 1)


def _blocks(table: ResultTable, texts: Sequence[Sequence[str]], width: int) -> Iterator[list[int]]:
    """Positions of the columns of each block, the first column not counted; headings stay whole where they fit."""
    name_width = _width(table, texts, 0)
    rest = range(1, len(table["columns"]))
    block: list[int] = []
    used = name_width
    for _, group in groupby(rest, key=lambda at: table["columns"][at]["heading"]):
        members = list(group)
        wide = sum(_width(table, texts, at) + 2 for at in members)
        parts = [members] if name_width + wide <= width else [[at] for at in members]
        for part in parts:
            needs = sum(_width(table, texts, at) + 2 for at in part)
            if block and used + needs > width:
                yield block
                block, used = [], name_width
            block, used = block + part, used + needs
    yield block


def _block_lines(table: ResultTable, texts: Sequence[Sequence[str]], block: Sequence[int]) -> Iterator[str]:
    shown = [0, *block]
    widths = {at: _width(table, texts, at) for at in shown}

    def line(cells: Sequence[str]) -> str:
        return "  ".join(f"{cell:<{widths[at]}}" for at, cell in zip(shown, cells, strict=True))

    if any(table["columns"][at]["heading"] for at in block):
        yield _heading_line(table, block, widths)
    yield line([_titled(table["columns"][at]) for at in shown])
    yield "-" * len(line([""] * len(shown)))
    group = ""
    for row, cells in enumerate(texts):
        if table["row_groups"][row] != group:
            group = table["row_groups"][row]
            yield f"{group}:" if group else ""
        yield line([cells[at] for at in shown])


def _heading_line(table: ResultTable, block: Sequence[int], widths: dict[int, int]) -> str:
    text = " " * widths[0]
    for heading, group in groupby(block, key=lambda at: table["columns"][at]["heading"]):
        wide = sum(widths[at] + 2 for at in group) - 2
        text += f"  {heading:<{wide}}"
    return text
