"""The Markdown table: well formed, with everything the terminal marks."""

from emogap.reporting.markdown import markdown_tables
from emogap.reporting.results import RunResults


def test_every_row_of_a_table_has_as_many_cells_as_its_heading(results: RunResults) -> None:
    block: list[int] = []
    for line in [*markdown_tables(results).splitlines(), ""]:
        if line.startswith("|"):
            block.append(line.count("|"))
        elif block:
            assert len(set(block)) == 1
            block = []


def test_floors_oracle_and_simulation_are_marked(results: RunResults) -> None:
    text = markdown_tables(results)
    assert "| *majority* (floor) | 0.33" in text
    assert "| *oracle:person* (oracle) |" in text
    assert "| *best possible* (simulated) | 0.80 | 0.85 | - | 0.70 | 0.75 | - |" in text
    assert "**SIMULATED people" in text


def test_both_splits_stand_in_one_row(results: RunResults) -> None:
    heading = next(line for line in markdown_tables(results).splitlines() if line.startswith("| model"))
    assert "person, 54 clips: UAR" in heading
    assert "person+stimulus, 18 clips: UAR" in heading
