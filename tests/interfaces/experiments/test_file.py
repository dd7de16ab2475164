"""Experiment files: what is wrong in one is named with its line."""

from pathlib import Path

import pytest

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.experiments import file as file_module
from emogap.interfaces.experiments.file import read_experiment_file, with_preset
from emogap.shelf import Shelf

GOOD = """schema = 1
name = "counts"
title = "How many"
kind = "counted"
source = "nobody, Table 0"

[options]
factors = [1, 3]

[[options.bins]]
width = 0.5
"""


@pytest.fixture(autouse=True)
def small_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf("tests.interfaces.experiments.small_kinds", kind="kind of experiment", defines=("Options", "run"))
    monkeypatch.setattr(file_module, "KINDS", shelf)


def written(folder: Path, text: str) -> Path:
    path = folder / "counts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problem(folder: Path, text: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read_experiment_file(written(folder, text))
    return caught.value


def test_a_file_is_read_with_the_options_of_its_kind(tmp_path: Path) -> None:
    file = read_experiment_file(written(tmp_path, GOOD))
    assert (file.name, file.kind, file.source, file.published) == ("counts", "counted", "nobody, Table 0", "")
    assert file.options.model_dump() == {
        "factors": (1, 3),
        "preset": "evidence",
        "bins": ({"width": 0.5},),
        "fails": False,
        "beside": "",
    }


def test_an_unknown_option_is_named_with_its_line_and_the_nearest_known_one(tmp_path: Path) -> None:
    error = problem(tmp_path, GOOD.replace("factors =", "factor ="))
    assert error.where.endswith("counts.toml, line 8")
    assert "options, factor: is not known here" in error.what
    assert error.fix == "did you mean 'factors'?"


def test_an_unknown_entry_of_an_array_is_named_with_its_line(tmp_path: Path) -> None:
    error = problem(tmp_path, GOOD.replace("width", "widht"))
    assert error.where.endswith("line 11")
    assert error.fix == "did you mean 'width'?"


def test_an_unknown_entry_above_the_options_is_named(tmp_path: Path) -> None:
    error = problem(tmp_path, GOOD.replace("source", "sauce"))
    assert error.where.endswith("line 5")
    assert error.fix == "did you mean 'source'?"


def test_a_text_where_a_number_belongs_is_refused(tmp_path: Path) -> None:
    error = problem(tmp_path, GOOD.replace("[1, 3]", '["1"]'))
    assert error.where.endswith("line 8")


def test_an_unknown_kind_is_named_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'counted'") as caught:
        read_experiment_file(written(tmp_path, GOOD.replace('"counted"', '"counter"')))
    assert caught.value.where.endswith("line 4")


def test_a_file_without_a_kind_says_which_there_are(tmp_path: Path) -> None:
    error = problem(tmp_path, GOOD.replace('kind = "counted"\n', ""))
    assert "kind: is missing" in error.what
    assert "counted" in error.fix


def test_an_unknown_published_table_is_named_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'emer_table_05'") as caught:
        read_experiment_file(written(tmp_path, GOOD.replace("kind =", 'published = "emer_tabel_05"\nkind =')))
    assert caught.value.where.endswith("line 4")


def test_the_name_of_a_shared_folder_is_refused(tmp_path: Path) -> None:
    assert problem(tmp_path, GOOD.replace('"counts"', '"runs"')).where.endswith("line 2")


def test_an_absent_file_is_said_to_be_absent(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_experiment_file(tmp_path / "no.toml")


def test_the_preset_of_a_file_can_be_replaced(tmp_path: Path) -> None:
    file = with_preset(read_experiment_file(written(tmp_path, GOOD)), "quick")
    assert file.options.preset == "quick"
    assert file.options.factors == (1, 3)


def test_an_unknown_preset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no preset 'fast'"):
        with_preset(read_experiment_file(written(tmp_path, GOOD)), "fast")
