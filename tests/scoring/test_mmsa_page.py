"""The example of docs/mmsa.md is executed."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "mmsa.md"


def test_the_example_of_the_page_does_what_it_prints() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted > 3
    assert result.failed == 0
