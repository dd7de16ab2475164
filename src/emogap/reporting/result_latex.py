r"""A table of results in LaTeX with booktabs, ready for \input; its first line names the packages that it needs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from emogap.reporting.latex_text import SIMULATED_COLOUR, escape_latex
from emogap.reporting.numbers import NOTHING
from emogap.reporting.result_cells import (
    PRINTED_MARKS,
    SIMULATED,
    WrittenCell,
    WrittenRow,
    WrittenTable,
    column_title,
    legend_lines,
    title_sentence,
    write_cells,
)
from emogap.types.result_table import ResultTable

__all__ = ["is_long", "latex_result"]

NEEDS = r"% \usepackage{array,booktabs,longtable,graphicx,xcolor}"

FITTED = r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox{0}}\else\usebox{0}\fi"
"""A table wider than the text is made smaller; graphicx alone is needed, which every installation of LaTeX has."""

MOST_ROWS = 38
"""A longer table goes over pages."""

MOST_CHARACTERS = 128
"""So many fit on a line of such a table in ``paper.tex`` (17.6 cm); a wider one is set in parts."""

COLUMN_GAP = 2
"""Characters that the space between two columns takes."""

BROKEN = r">{\raggedright\arraybackslash}p{6cm}"
"""A column of long words, broken into lines without stretching them."""

WIDE_TEXT = 36
"""Characters of the longest text of a column beyond which its lines are broken."""


def latex_result(table: ResultTable) -> str:
    """The table as a float, or as longtables if it does not fit on a page; ends in a line break.

    A float that is wider than the text is made smaller. A longtable cannot be: columns that do not fit beside the
    others follow in a part of their own, under the same number, with the first columns again.

    Tables of simulated people are set in colour and say so in their caption.

    Raises
    ------
    DataError
        If rows and columns do not fit each other.
    """
    written = write_cells(table)
    caption = rf"\textbf{{{escape_latex(title_sentence(table))}}} {escape_latex(table['caption'])}"
    if table["is_simulated"]:
        caption += rf" \textbf{{{escape_latex(SIMULATED)}}}"
    label = rf"\label{{tab:{table['name'].replace('_', '-')}}}"
    lines = _long(table, written, caption, label) if is_long(table) else _float(table, written, caption, label)
    return "\n".join([NEEDS, *lines]) + "\n"


def is_long(table: ResultTable) -> bool:
    """Whether the table goes over pages and is no float."""
    return len(table["rows"]) > MOST_ROWS


def _float(table: ResultTable, written: WrittenTable, caption: str, label: str) -> list[str]:
    return [
        r"\begin{table}[htbp]",
        *_colour(table),
        r"\centering",
        rf"\caption{{{caption}}}{label}",
        r"\smallskip",
        r"\begin{lrbox}{0}",
        rf"\begin{{tabular}}{{{_alignment(table)}}}",
        *_head(table),
        *_rows(written.rows, wide=len(table["columns"])),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{lrbox}",
        FITTED,
        *_below(table, written),
        r"\end{table}",
    ]


def _long(table: ResultTable, written: WrittenTable, caption: str, label: str) -> list[str]:
    lines = [r"\begingroup\footnotesize\setlength{\tabcolsep}{3pt}\setlength{\LTcapwidth}{\linewidth}", *_colour(table)]
    for number, columns in enumerate(_parts(table, written)):
        part, cells = _only(table, written, columns)
        again = rf"\textbf{{{escape_latex(table['title'])}}} (continued)"
        lines += [r"\addtocounter{table}{-1}"] if number else []
        lines += [
            rf"\begin{{longtable}}{{{_alignment(part)}}}",
            rf"\caption{{{again if number else caption}}}{'' if number else label}\\[\smallskipamount]",
            *_head(part),
            r"\endfirsthead",
            *_head(part),
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
            *_rows(cells, wide=len(columns)),
            r"\end{longtable}",
        ]
    return [*lines, *_below(table, written), r"\endgroup"]


def _parts(table: ResultTable, written: WrittenTable) -> list[list[int]]:
    """The columns of each part of a long table: those under one heading stay together, the first ones are in all."""
    groups = [
        list(group) for _, group in groupby(range(len(table["columns"])), lambda at: table["columns"][at]["heading"])
    ]
    first, rest = (groups[0], groups[1:]) if len(groups) > 1 else (groups[0][:1], [[at] for at in groups[0][1:]])
    widths = [_width(table, written, at) for at in range(len(table["columns"]))]
    parts = [list(first)]
    for group in rest:
        if len(parts[-1]) > len(first) and sum(widths[at] for at in (*parts[-1], *group)) > MOST_CHARACTERS:
            parts.append(list(first))
        parts[-1] += group
    return parts


def _width(table: ResultTable, written: WrittenTable, at: int) -> int:
    """Characters that a column takes on a line."""
    cells = [
        len(row.cells[at].text) + len(row.cells[at].limits) + 3 * bool(row.cells[at].limits) for row in written.rows
    ]
    return min(max([len(column_title(table["columns"][at])), *cells]), WIDE_TEXT) + COLUMN_GAP


def _only(
    table: ResultTable, written: WrittenTable, columns: Sequence[int]
) -> tuple[ResultTable, tuple[WrittenRow, ...]]:
    """The table and its rows with these columns alone."""
    part = ResultTable(
        {
            **table,
            "columns": [table["columns"][at] for at in columns],
            "rows": [[row[at] for at in columns] for row in table["rows"]],
        }
    )
    return part, tuple(replace(row, cells=tuple(row.cells[at] for at in columns)) for row in written.rows)


def _colour(table: ResultTable) -> list[str]:
    return [rf"\color[HTML]{{{SIMULATED_COLOUR}}}"] if table["is_simulated"] else []


def _alignment(table: ResultTable) -> str:
    letters = []
    for at in range(len(table["columns"])):
        values = [row[at]["value"] for row in table["rows"]]
        texts = [value for value in values if isinstance(value, str)]
        if max(map(len, texts), default=0) > WIDE_TEXT:
            letters.append(BROKEN)
        else:
            letters.append("l" if at == 0 or len(texts) == len(values) else "r")
    return "".join(letters)


def _head(table: ResultTable) -> list[str]:
    return [r"\toprule", *_headings(table), r"\midrule"]


def _headings(table: ResultTable) -> list[str]:
    """One line of titles; above it, if there are any, the names that columns side by side share."""
    spans: list[tuple[str, int, int]] = []
    for at, column in enumerate(table["columns"], start=1):
        if spans and spans[-1][0] == column["heading"]:
            spans[-1] = (spans[-1][0], spans[-1][1], at)
        else:
            spans.append((column["heading"], at, at))
    titles = " & ".join(escape_latex(column_title(column)) for column in table["columns"]) + r" \\"
    if not any(heading for heading, _, _ in spans):
        return [titles]
    shared = [rf"\multicolumn{{{last - first + 1}}}{{c}}{{{escape_latex(heading)}}}" for heading, first, last in spans]
    rules = " ".join(rf"\cmidrule(lr){{{first}-{last}}}" for heading, first, last in spans if heading)
    return [" & ".join(shared) + r" \\", rules, titles]


def _rows(rows: Sequence[WrittenRow], *, wide: int) -> Iterator[str]:
    for at, row in enumerate(rows):
        if row.heading:
            if at:
                yield r"\midrule"
            yield rf"\multicolumn{{{wide}}}{{l}}{{\emph{{{escape_latex(row.heading)}}}}} \\"
        cells = [_cell(cell) for cell in row.cells]
        if row.is_reference:
            cells[0] += r"\textsuperscript{\textdagger}"
        yield " & ".join(cells) + r" \\"


def _cell(cell: WrittenCell) -> str:
    text = r"\textendash{}" if cell.text == NOTHING else escape_latex(cell.text)
    if cell.mark:
        text = rf"\textbf{{{text}}}" if cell.mark == "distinguished" else rf"\underline{{{text}}}"
    limits = rf"~{{\footnotesize {{[}}{escape_latex(cell.limits)}{{]}}}}" if cell.limits else ""
    return f"{text}{limits}" + (rf"\textsuperscript{{{cell.footnote}}}" if cell.footnote else "")


def _below(table: ResultTable, written: WrittenTable) -> list[str]:
    notes = [
        *map(escape_latex, legend_lines(written, PRINTED_MARKS)),
        *(rf"\textsuperscript{{{letter}}}~{escape_latex(note)}." for letter, note in written.footnotes),
        *map(escape_latex, table["notes"]),
    ]
    if not notes:
        return []
    return [r"\par\smallskip\noindent\begin{minipage}{\linewidth}\footnotesize\raggedright", *notes, r"\end{minipage}"]
