"""A table of results in Markdown."""

from collections.abc import Iterator, Sequence

from emogap.reporting.result_cells import (
    PRINTED_MARKS,
    SIMULATED,
    WrittenCell,
    WrittenRow,
    column_title,
    legend_lines,
    title_sentence,
    write_cells,
)
from emogap.types.result_table import ResultColumn, ResultTable

__all__ = ["escape_markdown", "markdown_lines", "markdown_result"]


def markdown_result(table: ResultTable) -> str:
    """The table with its title, caption, legend, footnotes and notes; ends in a line break.

    Raises
    ------
    DataError
        If rows and columns do not fit each other.
    """
    written = write_cells(table)
    lines = [f"**{escape_markdown(title_sentence(table))}** {escape_markdown(table['caption'])}", ""]
    if table["is_simulated"]:
        lines += [f'<strong style="color: #8a4b08">{SIMULATED}</strong>', ""]
    headings = _headings(table["columns"])
    aligned = ["---" if at == 0 or _is_text(table, at) else "---:" for at in range(len(headings))]
    lines += [_line(headings), _line(aligned), *_rows(written.rows, wide=len(headings)), ""]
    lines += [f"- {sentence}" for sentence in legend_lines(written, PRINTED_MARKS)]
    lines += [f"- <sup>{letter}</sup> {escape_markdown(note)}" for letter, note in written.footnotes]
    lines += [f"- {escape_markdown(note)}" for note in table["notes"]]
    return "\n".join(lines).rstrip() + "\n"


def markdown_lines(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table of words, escaped."""
    return [
        _line([escape_markdown(heading) for heading in headings]),
        _line(["---"] * len(headings)),
        *(_line([escape_markdown(cell) for cell in row]) for row in rows),
    ]


def escape_markdown(text: str) -> str:
    r"""`text` so that Markdown prints it as it stands, in a cell of a table too.

    Examples
    --------
    >>> escape_markdown("a|b <i> *x* per_clip")
    'a\\|b &lt;i&gt; \\*x\\* per\\_clip'
    """
    for character in "\\`*_[]|#":
        text = text.replace(character, f"\\{character}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")


def _headings(columns: Sequence[ResultColumn]) -> list[str]:
    """Titles; the name that columns side by side share stands before the first of them."""
    titles, before = [], ""
    for column in columns:
        is_new = column["heading"] and column["heading"] != before
        shared = f"{column['heading']}: " if is_new else ""
        titles.append(escape_markdown(shared + column_title(column)))
        before = column["heading"]
    return titles


def _is_text(table: ResultTable, at: int) -> bool:
    return all(isinstance(row[at]["value"], (str, type(None))) for row in table["rows"])


def _rows(rows: Sequence[WrittenRow], *, wide: int) -> Iterator[str]:
    for row in rows:
        if row.heading:
            yield _line([f"*{escape_markdown(row.heading)}*", *[""] * (wide - 1)])
        cells = [_cell(cell) for cell in row.cells]
        if row.is_reference:
            cells[0] += " \u2020"
        yield _line(cells)


def _cell(cell: WrittenCell) -> str:
    text = escape_markdown(cell.text)
    if cell.mark:
        text = f"**{text}**" if cell.mark == "distinguished" else f"<u>{text}</u>"
    limits = f" \\[{cell.limits}\\]" if cell.limits else ""
    return f"{text}{limits}" + (f"<sup>{cell.footnote}</sup>" if cell.footnote else "")


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
