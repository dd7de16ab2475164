"""The checklist in three forms."""

import re

from emogap.reporting.checklist import checklist_html, checklist_latex, checklist_markdown
from emogap.reporting.paper_facts import CheckedItem

ITEMS = (
    CheckedItem("A1", "Manufacturer and model", "Tracker | 5_a", ""),
    CheckedItem("A8", "Environment lighting", "not reported", "dark & light"),
    CheckedItem("A9", "Calibration", "<none>", "method"),
)


def test_only_what_is_missing_is_red() -> None:
    markdown, page, latex = (write([("D", ITEMS)]) for write in (checklist_markdown, checklist_html, checklist_latex))
    assert markdown.count("#b00020") == latex.count("B00020") == 2
    assert re.findall(r'class="gap">([^<]*)<', page) == ["", "dark &amp; light", "method"]
    assert "2 of 3 items lack something." in markdown


def test_words_of_the_files_cannot_break_the_table() -> None:
    assert "| A1 | Manufacturer and model | Tracker \\| 5\\_a |  |" in checklist_markdown([("D", ITEMS)])
    assert "&lt;none&gt;" in checklist_html([("D", ITEMS)])
    rows = [line for line in checklist_latex([("D", ITEMS)]).splitlines() if line.endswith(r"\\")]
    assert [len(re.findall(r"(?<!\\)&", row)) for row in rows] == [3, 3, 3, 3]
