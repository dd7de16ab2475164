r"""A table of results in LaTeX with booktabs, ready for \input; its first line names the packages that it needs."""

from collections.abc import Iterator, Sequence

from emogap.reporting.latex_text import SIMULATED_COLOUR, escape_latex
from emogap.reporting.result_cells import (
    PRINTED_MARKS,
    SIMULATED,
    WrittenCell,
    WrittenRow,
    WrittenTable,
    column_title,
    legend_lines,
    write_cells,
)
from emogap.types.result_table import ResultTable

__all__ = ["latex_result"]

NEEDS = r"% \usepackage{booktabs,longtable,adjustbox,xcolor}"

MOST_ROWS = 38
"""A longer table goes over pages."""

WIDE_TEXT = 36
"""Characters of the longest text of a column beyond which its lines are broken."""


def latex_result(table: ResultTable) -> str:
    """The table as a float, or as a longtable if it does not fit on a page; ends in a line break.

    Tables of simulated people are set in colour and say so in their caption.

    Raises
    ------
    DataError
        If rows and columns do not fit each other.
    """
    written = write_cells(table)
    caption = rf"\textbf{{{escape_latex(table['title'])}.}} {escape_latex(table['caption'])}"
    if table["is_simulated"]:
        caption += rf" \textbf{{{escape_latex(SIMULATED)}}}"
    label = rf"\label{{tab:{table['name'].replace('_', '-')}}}"
    lines = (
        _long(table, written, caption, label)
        if len(table["rows"]) > MOST_ROWS
        else _float(table, written, caption, label)
    )
    return "\n".join([NEEDS, *lines]) + "\n"


def _float(table: ResultTable, written: WrittenTable, caption: str, label: str) -> list[str]:
    return [
        r"\begin{table}[htbp]",
        *_colour(table),
        r"\centering",
        rf"\caption{{{caption}}}{label}",
        r"\begin{adjustbox}{max width=\linewidth}",
        rf"\begin{{tabular}}{{{_alignment(table)}}}",
        *_head(table),
        *_rows(written.rows, wide=len(table["columns"])),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{adjustbox}",
        *_below(table, written),
        r"\end{table}",
    ]


def _long(table: ResultTable, written: WrittenTable, caption: str, label: str) -> list[str]:
    return [
        r"\begingroup\footnotesize",
        *_colour(table),
        rf"\begin{{longtable}}{{{_alignment(table)}}}",
        rf"\caption{{{caption}}}{label}\\",
        *_head(table),
        r"\endfirsthead",
        *_head(table),
        r"\endhead",
        r"\bottomrule",
        r"\endfoot",
        *_rows(written.rows, wide=len(table["columns"])),
        r"\end{longtable}",
        *_below(table, written),
        r"\endgroup",
    ]


def _colour(table: ResultTable) -> list[str]:
    return [rf"\color[HTML]{{{SIMULATED_COLOUR}}}"] if table["is_simulated"] else []


def _alignment(table: ResultTable) -> str:
    letters = []
    for at in range(len(table["columns"])):
        values = [row[at]["value"] for row in table["rows"]]
        texts = [value for value in values if isinstance(value, str)]
        if max(map(len, texts), default=0) > WIDE_TEXT:
            letters.append("p{6cm}")
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
    text = _minus(cell.text)
    if cell.mark:
        text = rf"\textbf{{{text}}}" if cell.mark == "distinguished" else rf"\underline{{{text}}}"
    limits = rf"~{{\footnotesize {{[}}{' '.join(map(_minus, cell.limits.split()))}{{]}}}}" if cell.limits else ""
    return f"{text}{limits}" + (rf"\textsuperscript{{{cell.footnote}}}" if cell.footnote else "")


def _minus(text: str) -> str:
    """A number with a true minus sign; other text escaped."""
    is_negative = text.startswith("-") and text[1:].replace(".", "", 1).isdecimal()
    return f"$-${text[1:]}" if is_negative else escape_latex(text)


def _below(table: ResultTable, written: WrittenTable) -> list[str]:
    notes = [
        *map(escape_latex, legend_lines(written, PRINTED_MARKS)),
        *(rf"\textsuperscript{{{letter}}}~{escape_latex(note)}." for letter, note in written.footnotes),
        *map(escape_latex, table["notes"]),
    ]
    if not notes:
        return []
    return [r"\par\smallskip\begin{minipage}{\linewidth}\footnotesize\raggedright", *notes, r"\end{minipage}"]
