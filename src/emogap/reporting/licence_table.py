"""The matrix of licences: everything that is used, on which terms, and what of it may be passed on."""

from collections.abc import Sequence

from emogap.reporting.paper_facts import LicenceRow
from emogap.reporting.passages import markdown_gap
from emogap.reporting.result_markdown import escape_markdown

__all__ = ["licence_markdown"]

TITLES = {"package": "Packages", "data": "Data sets", "weights": "Weights"}

ABOUT = {
    "package": (
        "As the installed distributions state it. emogap names them as requirements and ships none of them; a wheel may"
        " hold libraries under other terms, which stand in its own licence files."
    ),
    "data": (
        "As the authors of the data state it; emogap ships none of them. Read the terms at their source before use."
    ),
    "weights": (
        "emogap ships no weights and fetches none unasked; a model trained on data of other terms may be bound by them."
    ),
}

HEADINGS = ("name", "version", "licence", "used for", "may be passed on")


def licence_markdown(rows: Sequence[LicenceRow]) -> str:
    """One table for each kind, rows in their order; ends in a line break."""
    lines = [
        "# Licences",
        "",
        "emogap itself: MIT. What is made with it stays bound by the terms of the data and the weights.",
        "",
    ]
    for kind, title in TITLES.items():
        lines += [f"## {title}", "", ABOUT[kind], "", f"| {' | '.join(HEADINGS)} |", "|---|---|---|---|---|"]
        for row in rows:
            if row.kind == kind:
                licence = escape_markdown(row.licence) if row.licence else markdown_gap("not stated")
                cells = [escape_markdown(text) for text in (row.name, row.version, row.used_for, row.shipped)]
                lines.append(f"| {' | '.join([cells[0], cells[1], licence, *cells[2:]])} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
