"""The reporting guideline of Dunn et al. (2023) as Markdown, HTML and LaTeX, with every gap in red."""

from collections.abc import Sequence
from html import escape

from emogap.counted_nouns import counted
from emogap.reporting.latex_text import escape_latex
from emogap.reporting.paper_facts import CheckedItem
from emogap.reporting.passages import GAP_COLOUR, latex_gap, markdown_gap
from emogap.reporting.result_markdown import escape_markdown

__all__ = ["GUIDELINE", "checklist_html", "checklist_latex", "checklist_markdown", "num_gaps"]

GUIDELINE = (
    "Minimal reporting guideline for research involving eye tracking, 2023 edition (Dunn et al. 2023,"
    " doi:10.3758/s13428-023-02187-1), filled in from files. What no file says is not guessed: it stands in red and is"
    " yours to add."
)

HEADINGS = ("item", "asks for", "what the files say", "still to be added")

WIDTHS_CM = (3.0, 7.0, 4.0)
"""Of the columns of words in LaTeX."""

Lists = Sequence[tuple[str, Sequence[CheckedItem]]]
"""Name of a data set and its items."""


def num_gaps(items: Sequence[CheckedItem]) -> int:
    """How many items lack something."""
    return sum(bool(item.missing) for item in items)


def checklist_markdown(lists: Lists) -> str:
    """One table for each data set; ends in a line break."""
    lines = ["# Reporting checklist", "", GUIDELINE, ""]
    for name, items in lists:
        lines += [f"## {escape_markdown(name)}", "", _summary(items), ""]
        lines += [f"| {' | '.join(HEADINGS)} |", "|---|---|---|---|"]
        for item in items:
            cells = [escape_markdown(text) for text in (item.number, item.title, item.content)]
            lines.append(f"| {' | '.join([*cells, markdown_gap(item.missing) if item.missing else ''])} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def checklist_latex(lists: Lists) -> str:
    """The same as longtables; needs array, booktabs, longtable and xcolor."""
    lines = [escape_latex(GUIDELINE), ""]
    for name, items in lists:
        lines += [rf"\paragraph{{{escape_latex(name)}.}} {escape_latex(_summary(items))}"]
        lines += [
            r"\begingroup\footnotesize",
            rf"\begin{{longtable}}{{l{''.join(map(_broken, WIDTHS_CM))}}}",
            r"\toprule",
        ]
        lines += [" & ".join(HEADINGS) + r" \\", r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot"]
        for item in items:
            cells = [escape_latex(text) for text in (item.number, item.title, item.content)]
            lines.append(" & ".join([*cells, latex_gap(item.missing) if item.missing else ""]) + r" \\")
            lines.append(r"\addlinespace")
        lines += [r"\end{longtable}", r"\endgroup", ""]
    return "\n".join(lines)


def checklist_html(lists: Lists) -> str:
    """The same as one page that loads nothing from elsewhere."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reporting checklist</title><style>',
        "body{font:16px/1.5 system-ui,sans-serif;color:#1d2733;max-width:70rem;margin:2rem auto;padding:0 1rem}",
        "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;",
        "border-bottom:1px solid #d5dbe1;overflow-wrap:break-word}th{border-bottom:2px solid #1d2733}",
        "td:first-child{white-space:nowrap}",
        f".gap{{color:#{GAP_COLOUR};font-weight:600}}</style></head><body><h1>Reporting checklist</h1>",
        f"<p>{escape(GUIDELINE)}</p>",
    ]
    for name, items in lists:
        parts.append(f"<h2>{escape(name)}</h2><p>{escape(_summary(items))}</p><table><tr>")
        parts += [f"<th>{heading}</th>" for heading in HEADINGS]
        parts.append("</tr>")
        for item in items:
            cells = "".join(f"<td>{escape(text)}</td>" for text in (item.number, item.title, item.content))
            parts.append(f'<tr>{cells}<td class="gap">{escape(item.missing)}</td></tr>')
        parts.append("</table>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _broken(width_cm: float) -> str:
    return rf">{{\raggedright\arraybackslash}}p{{{width_cm:g}cm}}"


def _summary(items: Sequence[CheckedItem]) -> str:
    return f"{num_gaps(items)} of {counted(len(items), 'item')} lack something."
