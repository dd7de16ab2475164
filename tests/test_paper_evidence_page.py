"""The page of the paper's tables says what its evidence holds, marks what is simulated, and shows its figures."""

import json

import pytest
from docs.paper_evidence_page import DOCS, EVIDENCE, PAGE, page
from docs.paper_evidence_words import HEADINGS, SAID

from emogap.reporting.result_cells import SIMULATED

FOUND = json.loads(EVIDENCE.read_text())
ENTRIES = {entry["experiment"]: entry for entry in FOUND["experiments"]}
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_its_program_writes() -> None:
    assert page(FOUND) == TEXT, "run: python -m docs.paper_evidence_page"


def test_every_simulated_table_says_so_and_no_other() -> None:
    tables = [(entry["data"], table) for entry in FOUND["experiments"] for table in entry["tables"]]
    assert {table["is_simulated"] for data, table in tables if data == "simulated"} == {True}
    assert {table["is_simulated"] for data, table in tables if data != "simulated"} == {False}
    assert TEXT.count(SIMULATED) == sum(table["is_simulated"] for _, table in tables)


def test_everything_that_is_said_is_said_of_an_experiment_that_was_run() -> None:
    assert set(SAID) <= set(ENTRIES)
    assert {entry["data"] for entry in ENTRIES.values()} == set(HEADINGS)
    assert all(not entry["failures"] for entry in ENTRIES.values())


@pytest.mark.parametrize("name", ENTRIES)
def test_the_figures_of_an_experiment_are_there(name: str) -> None:
    for figure in ENTRIES[name]["figures"]:
        assert (DOCS / "images" / "paper_tables" / f"{figure}.svg").read_text(encoding="utf-8").startswith("<svg")
