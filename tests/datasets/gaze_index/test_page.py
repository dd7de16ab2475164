"""The example of docs/gaze-index.md is executed."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "gaze-index.md"


def test_the_example_of_the_page_does_what_it_prints(openface_folder: Path, tmp_path: Path) -> None:
    globs = {"source": openface_folder, "out": tmp_path / "G"}
    result = doctest.testfile(str(PAGE), module_relative=False, globs=globs)
    assert result.attempted > 10
    assert result.failed == 0
