"""Write ``docs/paper-evidence.md``: every table and figure of the EMER paper, as the experiment files give them.

``make slow ONLY=paper_tables`` runs the experiments and keeps what they gave in ``docs/evidence/paper_tables.json``;
this turns it into a page: ``python -m docs.paper_evidence_page``. A test compares the two.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.paper_evidence_words import HEAD, HEADINGS, SAID, TIMING

from emogap.reporting.result_cells import SIMULATED
from emogap.reporting.result_markdown import escape_markdown
from emogap.reporting.result_text import result_text
from emogap.types.result_table import ResultTable

DOCS = Path(__file__).parent
PAGE = DOCS / "paper-evidence.md"
WIDTH = 84
"""Columns of a table before it goes on in a further block."""

EVIDENCE = DOCS / "evidence" / "paper_tables.json"


def page(evidence: dict[str, Any]) -> str:
    """The whole page."""
    experiments = evidence["experiments"]
    clips = {f"{name}_clips": f"{number:,}" for name, number in evidence["clips"].items()}
    lines = [HEAD.format(commit=evidence["commit"], timing=TIMING, **clips)]
    for data, heading in HEADINGS.items():
        entries = [entry for entry in experiments if entry["data"] == data]
        lines += [heading, *(part for entry in entries for part in _section(entry))]
    return "\n".join(lines)


def _section(entry: dict[str, Any]) -> Iterator[str]:
    name = entry["experiment"]
    yield f"### {entry['title']} (`{name}`)\n"
    given = "".join(f" --set '{option}={json.dumps(value)}'" for option, value in entry["options_given"].items())
    yield f"`emogap run experiments/{name}.toml --data {entry['data']} --out results{given}`\n"
    if entry["source"]:
        yield f"After: {entry['source']}.\n"
    if name in SAID:
        yield SAID[name]
    for table in entry["tables"]:
        yield _table(table)
    if entry["left_out"]:
        longer = ", ".join(f"`{table}` ({rows} rows)" for table, rows in entry["left_out"].items())
        yield f"Too long for this page, written by the command: {longer}.\n"
    for figure, caption in entry["figures"].items():
        yield f"![{caption}](images/paper_tables/{figure}.svg)\n"
    if entry["notes"]:
        yield "\n".join(f"- {note}" for note in entry["notes"]) + "\n"


def _table(table: ResultTable) -> str:
    """The table as the command prints it, its title and caption as text of the page."""
    _, body = result_text(table, width=WIDTH).split("\n\n", 1)
    simulated = f'<strong style="color: #8a4b08">{SIMULATED}</strong>\n\n' if table["is_simulated"] else ""
    told = f"**{escape_markdown(table['title'])}.** {escape_markdown(table['caption'])}"
    return f"{told}\n\n{simulated}```text\n{body.rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(EVIDENCE.read_text())), encoding="utf-8")
