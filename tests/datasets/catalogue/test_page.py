"""The example of docs/datasets.md is executed."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "datasets.md"


def test_the_example_of_the_page_does_what_it_prints(study_folder: Path, tmp_path: Path) -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, globs={"study": study_folder, "out": tmp_path / "D"})
    assert result.attempted > 5
    assert result.failed == 0
