"""The files in experiments/ say what can be run."""

from pathlib import Path

import pytest

from emogap.interfaces.experiments.file import read_experiment_file
from emogap.interfaces.experiments.kinds import KINDS

FILES = sorted((Path(__file__).parents[3] / "experiments").glob("*.toml"))


def test_every_table_of_the_paper_that_is_fitted_has_its_file() -> None:
    wanted = {f"emer_table_{number:02d}" for number in (2, 3, 4, 5, 7, 8, 10, 11, 12)}
    assert wanted <= {path.stem for path in FILES}


def test_every_kind_has_a_file_but_the_one_that_is_a_command_of_its_own() -> None:
    kinds = {read_experiment_file(path).kind for path in FILES}
    assert kinds == set(KINDS.names()) - {"reproduction"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_reads_and_is_named_as_it_says(path: Path) -> None:
    file = read_experiment_file(path)
    assert file.name == path.stem
    assert file.source or not file.name.startswith("emer")
