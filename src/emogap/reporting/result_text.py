"""A table of results as text for the terminal: as many columns side by side as its width allows."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from emogap.reporting.result_cells import SIMULATED, WrittenCell, WrittenTable, column_title, legend_lines, write_cells
from emogap.types.result_table import ResultTable

__all__ = ["SIMULATED", "WIDTH", "result_text"]

WIDTH = 100
"""Columns of a terminal that a table may take."""

MARKS = {"distinguished": "*", "leads": "+", "": ""}


def result_text(table: ResultTable, *, width: int = WIDTH) -> str:
    """The table with title, caption, marks and notes.

    Parameters
    ----------
    table : ResultTable
    width : int
        Columns that do not fit stand in a further block below, under the same row names.

    Returns
    -------
    str
        Lines without space at their ends; none is longer than `width` but where a single column is.

    Raises
    ------
    DataError
        If a row is not as long as the columns, or the headings are not as many as the rows.
    """
    written = write_cells(table)
    lines = [*wrap(table["title"], width), *wrap(table["caption"], width)]
    lines += wrap(SIMULATED, width) if table["is_simulated"] else []
    texts = [[_cell(cell) for cell in row.cells] for row in written.rows]
    for block in _blocks(table, texts, width):
        lines += ["", *_block_lines(table, written, texts, block)]
    signs = {mark: sign for mark, sign in MARKS.items() if sign}
    below = [
        *legend_lines(written, signs),
        *(f"{letter}: {note}" for letter, note in written.footnotes),
        *table["notes"],
    ]
    lines += [""] if below else []
    for note in below:
        lines += wrap(note, width - 2, initial_indent="- ", subsequent_indent="  ")
    return "\n".join(line.rstrip() for line in lines)


def _cell(cell: WrittenCell) -> str:
    limits = f" [{cell.limits}]" if cell.limits else ""
    footnote = f" {cell.footnote}" if cell.footnote else ""
    return f"{cell.text}{limits}{MARKS[cell.mark]}{footnote}"


def _width(table: ResultTable, texts: Sequence[Sequence[str]], at: int) -> int:
    return max(len(column_title(table["columns"][at])), *(len(row[at]) for row in texts), 1)


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


def _block_lines(
    table: ResultTable, written: WrittenTable, texts: Sequence[Sequence[str]], block: Sequence[int]
) -> Iterator[str]:
    shown = [0, *block]
    widths = {at: _width(table, texts, at) for at in shown}

    def line(cells: Sequence[str]) -> str:
        return "  ".join(f"{cell:<{widths[at]}}" for at, cell in zip(shown, cells, strict=True))

    if any(table["columns"][at]["heading"] for at in block):
        yield _heading_line(table, block, widths)
    yield line([column_title(table["columns"][at]) for at in shown])
    yield "-" * len(line([""] * len(shown)))
    heading = ""
    for row, cells in zip(written.rows, texts, strict=True):
        heading = row.heading or heading
        # A row that has nothing to say of these columns is not repeated under them.
        if not any(cells[at] for at in block):
            continue
        if heading:
            yield f"{heading}:"
            heading = ""
        yield line([cells[at] for at in shown])


def _heading_line(table: ResultTable, block: Sequence[int], widths: dict[int, int]) -> str:
    text = " " * widths[0]
    for heading, group in groupby(block, key=lambda at: table["columns"][at]["heading"]):
        wide = sum(widths[at] + 2 for at in group) - 2
        text += f"  {heading:<{wide}}"
    return text
