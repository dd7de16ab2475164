"""``emogap run`` from the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from emogap.errors import DataError
from emogap.interfaces.cli import build_app
from tests.learning.evaluation.few_draws import few_draws
from tests.learning.evaluation.small_study import write_small_dataset

FILE = """schema = 1
name = "small"
title = "Small"
kind = "bench"
[options]
protocols = ["er3"]
models = ["linear"]
splits = ["person"]
preset = "evidence"
folds = 3
"""


@pytest.fixture(autouse=True, scope="module")
def quickly() -> Iterator[None]:
    with few_draws():
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    write_small_dataset(folder)
    (folder / "small.toml").write_text(FILE)
    return folder


def run(place: Path, *arguments: str, file: str = "small.toml") -> Result:
    command = ["run", str(place / file), "--data", str(place / "D"), "--out", str(place / "R"), "--jobs", "1"]
    return CliRunner().invoke(build_app(), [*command, *arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def first(place: Path) -> Result:
    return run(place, "--preset", "quick")


def test_the_table_is_printed_with_its_warning(first: Result) -> None:
    assert first.exit_code == 0
    assert "Small: er3: felt emotion, three classes" in first.output
    assert "never quote these numbers" in " ".join(first.output.split())
    assert "Simulated people" in first.output


def test_a_table_too_long_for_a_terminal_is_named_and_not_poured_out(
    first: Result, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The correlations of Figure 8 were 2,400 lines, with what was found at their end."""
    monkeypatch.setattr("emogap.interfaces.cli._experiment_telling.LONGEST_TABLE", 1)
    again = run(place, "--preset", "quick").stdout
    assert "rows: " in again
    assert "result.json holds them" in again
    assert "WAR (%)" in first.stdout
    assert "WAR (%)" not in again


def test_the_preset_of_the_command_line_is_said_in_the_record(first: Result, place: Path) -> None:
    told = json.loads(run(place, "--preset", "quick", "--json").stdout)
    assert told["was_finished"]
    assert told["experiment"]["preset_given"] == "quick"
    assert told["tables"][0]["name"] == "small_er3"


def test_options_of_the_command_line_take_the_place_of_the_file_s_and_are_recorded(place: Path) -> None:
    options = ["--preset", "quick", "--set", "folds=2", "--set", 'models=["majority"]', "--json"]
    command = ["run", str(place / "small.toml"), "--data", str(place / "D"), "--out", str(place / "two"), "--jobs", "1"]
    told = json.loads(CliRunner().invoke(build_app(), [*command, *options], catch_exceptions=False).stdout)
    assert told["experiment"]["options_given"] == {"folds": 2, "models": ["majority"]}
    assert told["experiment"]["options"]["folds"] == 2
    (run_folder,) = (place / "two" / "runs").iterdir()
    assert set(pl.read_parquet(run_folder / "predictions.parquet")["fold"]) == {0, 1}


def test_an_audit_of_its_run_finds_no_leak(first: Result, place: Path) -> None:
    (folder,) = (place / "R" / "runs").iterdir()
    result = CliRunner().invoke(build_app(), ["audit", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def test_a_fit_that_failed_makes_exit_code_one(first: Result, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from emogap.learning.evaluation import fitting

    working = fitting.fit_model

    def broken(name: str, *arguments: object, **options: object) -> object:
        if name == "mult":
            raise ValueError("no such luck")
        return working(name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(fitting, "fit_model", broken)
    text = FILE.replace('["linear"]', '["linear", "mult"]').replace('"small"', '"more"').replace("evidence", "quick")
    (place / "more.toml").write_text(text)
    result = run(place, file="more.toml")
    assert result.exit_code == 1
    assert "no such luck" in result.output
    assert "linear" in result.output


def test_an_unknown_option_is_an_error_with_its_line(place: Path) -> None:
    (place / "wrong.toml").write_text(FILE.replace("folds", "fold"))
    with pytest.raises(DataError, match="did you mean 'folds'") as caught:
        run(place, file="wrong.toml")
    assert caught.value.where.endswith("wrong.toml, line 10")
