"""The example of docs/splits-and-leakage.md is executed."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "splits-and-leakage.md"


def test_the_example_prints_what_the_page_says() -> None:
    outcome = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert outcome.attempted >= 6
    assert outcome.failed == 0
