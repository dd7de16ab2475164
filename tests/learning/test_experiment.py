from pathlib import Path

import pytest
from pydantic import ValidationError

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.learning.experiment import BenchConfig, read_experiment, write_experiment


def test_the_toml_form_gives_the_same_configuration_again(tmp_path: Path) -> None:
    config = BenchConfig(
        protocol="er-va",
        models=("linear", "emert@eye+face"),
        splits=("person",),
        preset="protocol",
        seeds=3,
        options={"emert": {"width": 64, "feature_streams": ["face", "eye"]}},
    )
    path = tmp_path / "experiment.toml"
    path.write_text(write_experiment(config))
    assert read_experiment(path) == config


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('protocol = "er3"\nmodels = ["linear"]\nepochs = 3', "epochs"),
        ('protocol = "er3"\nmodels = ["linear"]\nseeds = "3"', "seeds"),
        ('protocol = "er3"\nmodels = ["linear"]\nsplits = ["random"]', "splits.0"),
        ('protocol = "er3"\nmodels = []', "models"),
    ],
)
def test_a_field_that_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "experiment.toml"
    path.write_text(text)
    with pytest.raises(DataError, match=named):
        read_experiment(path)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "experiment.toml"
    path.write_text("protocol: er3")
    with pytest.raises(DataError, match="cannot be read"):
        read_experiment(path)


def test_a_misspelt_model_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'emert'"):
        BenchConfig(protocol="er3", models=("emrt@eye",))


def test_a_misspelt_protocol_gets_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'er-va'"):
        BenchConfig(protocol="er_va", models=("linear",))


def test_options_are_checked_by_the_model_itself() -> None:
    with pytest.raises(ValidationError, match="widht"):
        BenchConfig(protocol="er3", models=("emert",), options={"emert": {"widht": 64}})


def test_a_model_named_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="stands twice in models"):
        BenchConfig(protocol="er3", models=("linear", "linear"))


@pytest.mark.parametrize(("preset", "cells"), [("quick", "diagonal"), ("evidence", "diagonal"), ("protocol", "all")])
def test_the_preset_decides_the_cells_unless_they_are_given(preset: str, cells: str) -> None:
    config = BenchConfig.model_validate({"protocol": "er3", "models": ("linear",), "preset": preset})
    assert config.cells_run == cells
    assert config.model_copy(update={"cells": "all"}).cells_run == "all"


def test_floors_follow_the_models_whether_asked_for_or_not() -> None:
    config = BenchConfig(protocol="er3", models=("stimulus_mean", "linear"))
    assert config.models_run == ("linear", "majority", "person_mean", "stimulus_mean")


def test_a_blocked_split_brings_what_it_is_compared_with() -> None:
    config = BenchConfig(protocol="er3", models=("linear",), splits=("person+stimulus", "official"))
    assert config.splits_run == ("person", "person+stimulus", "person-thinned", "official")
