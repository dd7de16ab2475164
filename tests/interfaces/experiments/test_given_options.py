"""Options of the command line in place of those of an experiment file."""

from pathlib import Path

import pytest

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.experiments.file import ExperimentFile, read_experiment_file
from emogap.interfaces.experiments.given_options import parse_given, with_given

FILE = """schema = 1
name = "arms"
title = "Arms"
kind = "ablation"
[options]
protocols = ["er3"]
models = ["linear"]
folds = 3
reference = "all"
[[options.arms]]
name = "eye"
model = "linear@eye"
[[options.arms]]
name = "all"
"""


@pytest.fixture
def file(tmp_path: Path) -> ExperimentFile:
    path = tmp_path / "arms.toml"
    path.write_text(FILE)
    return read_experiment_file(path)


def test_values_are_those_of_toml() -> None:
    given = parse_given(["folds=4", 'reference = "eye"', "joint=true", 'splits=["person"]'])
    assert given == {"folds": 4, "reference": "eye", "joint": True, "splits": ["person"]}


@pytest.mark.parametrize("text", ["folds", "split=person", "folds=", "=3"])
def test_what_is_no_value_of_toml_is_refused_with_a_right_one(text: str) -> None:
    with pytest.raises(UsageError, match="no option with a value") as caught:
        parse_given([text])
    assert "with the quotes" in (caught.value.fix or "")


@pytest.mark.parametrize("text", ["folds=3\nseeds=2", "", "[options]\nfolds=3"])
def test_more_or_less_than_one_option_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not one option"):
        parse_given([text])


def test_an_option_that_is_given_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="folds is given twice"):
        parse_given(["folds=3", "folds=4"])


def test_a_given_option_takes_the_place_of_the_file_s_and_leaves_the_others(file: ExperimentFile) -> None:
    changed = with_given(file, {"folds": 7, "splits": ["person"]})
    before, after = file.options.model_dump(), changed.options.model_dump()
    assert {name for name in before if before[name] != after[name]} == {"folds", "splits"}
    assert (after["folds"], after["splits"]) == (7, ("person",))
    assert file.options.model_dump() == before


def test_an_unknown_option_is_named_with_the_nearest_one(file: ExperimentFile) -> None:
    with pytest.raises(UnknownNameError, match="fold") as caught:
        with_given(file, {"fold": 3})
    assert "folds" in (caught.value.fix or "")


@pytest.mark.parametrize(("given", "said"), [({"folds": 1}, "--set folds"), ({"models": "linear"}, "--set models")])
def test_a_value_that_cannot_be_is_refused_with_its_name(
    file: ExperimentFile, given: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        with_given(file, given)


def test_what_the_kind_checks_across_options_is_checked_again(file: ExperimentFile) -> None:
    with pytest.raises(UsageError, match="none"):
        with_given(file, {"reference": "none"})
