"""The examples of docs/statistics.md and docs/power.md are executed."""

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("page", "examples"), [("statistics.md", 10), ("power.md", 4)])
def test_the_example_prints_what_the_page_says(page: str, examples: int) -> None:
    outcome = doctest.testfile(str(ROOT / "docs" / page), module_relative=False, encoding="utf-8")
    assert outcome.attempted >= examples
    assert outcome.failed == 0
