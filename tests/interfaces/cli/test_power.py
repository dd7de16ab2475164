"""Planning a study at the command line, from stated shares and from a finished run."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.interfaces.power_report import PowerConfig, plan_power
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from tests.learning.evaluation.small_study import PEOPLE, STIMULI, write_small_dataset

FEW = ["--repetitions", "100"]


def power(*words: str) -> str:
    result = CliRunner().invoke(build_app(), ["power", *words, *FEW], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("power")
    config = BenchConfig(
        protocol="er3", models=("linear",), splits=("person",), preset="quick", folds=3, heads="single"
    )
    run_benchmark(write_small_dataset(folder), config, folder / "run", scoring=Scoring(draws=99))
    return folder / "run"


def test_a_table_has_a_row_for_each_size() -> None:
    text = power("--people", "8,30", "--stimuli", "6,9,14", "--difference", "0.1")
    sizes = [line.split()[:3] for line in text.splitlines() if line[:1].isdigit() and "[" in line]
    assert sizes == [
        ["8", "6", "48"],
        ["8", "9", "72"],
        ["8", "14", "112"],
        ["30", "6", "180"],
        ["30", "9", "270"],
        ["30", "14", "420"],
    ]
    assert "defaults are choices" in " ".join(text.split())


def test_json_holds_every_number_of_a_row() -> None:
    row = json.loads(power("--people", "40", "--stimuli", "14", "--models", "3", "--json"))["rows"][0]
    assert (row["people"], row["stimuli"], row["num_clips"], row["repetitions"]) == (40, 14, 560, 100)
    assert row["low"] < row["power"] < row["high"]
    assert row["over_all"] <= row["power"]
    assert 0.03 < row["smallest_at_80"] < 0.2


def test_stimuli_that_are_new_cost_power() -> None:
    words = ["--people", "60", "--stimuli", "10", "--difference", "0.06", "--stimulus-by-model", "0.08", "--json"]
    known, new = (json.loads(power(*words, "--split", s))["rows"][0] for s in ("person", "person+stimulus"))
    assert known["power"] > new["power"] + 0.2


def test_a_run_gives_its_sizes_and_its_shares(run_folder: Path) -> None:
    report = plan_power(PowerConfig(repetitions=100), like=run_folder, pair=("majority", "stimulus_mean"))
    design = report.rows[0].design
    assert (design.people, design.stimuli, design.clips) == (PEOPLE, STIMULI, STIMULI)
    assert report.source.startswith("estimated from majority and stimulus_mean in er3 under person of run")
    assert sum(report.outcome.class_shares) == pytest.approx(1)


def test_a_model_without_an_error_says_nothing_of_errors(run_folder: Path) -> None:
    """The linear model solves the small data set."""
    with pytest.raises(UsageError, match="100% of its clips"):
        plan_power(PowerConfig(repetitions=100), like=run_folder, pair=("linear", "majority"))


def test_a_model_that_the_run_lacks_is_named(run_folder: Path) -> None:
    with pytest.raises(UnknownNameError, match="emert"):
        plan_power(PowerConfig(), like=run_folder, pair=("linear", "emert"))


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"people": (1,)}, "1 person is too few"),
        ({"people": (9,), "stimuli": (7,), "clips": 8}, "8 of 7 stimuli"),
        ({"difference": 0.7, "score": 0.8}, "cannot differ by 0.7"),
        ({"discordant": 0.7}, "is not between"),
        ({"classes": (1.0, 0.0)}, "as common"),
    ],
)
def test_what_cannot_be_is_refused(words: dict[str, object], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        plan_power(PowerConfig.model_validate(words))


@pytest.mark.parametrize(
    "words", [["--people", "ten"], ["--metric", "f1"], ["--models", "1"], ["--pair", "a"], ["--people", "8.5"]]
)
def test_a_word_that_cannot_be_is_refused_by_its_option(words: list[str]) -> None:
    result = CliRunner().invoke(build_app(), ["power", *words])
    assert isinstance(result.exception, UsageError)
    assert words[0] in str(result.exception)
