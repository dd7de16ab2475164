"""``emogap bench`` as it is typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.learning.evaluation import fitting
from tests.learning.evaluation.small_study import write_small_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("study"))


def bench(dataset: Path, run: Path, *more: str) -> Result:
    options = ["--protocol", "er3", "--models", "majority", "--splits", "person", "--preset", "quick", "--folds", "2"]
    return CliRunner().invoke(build_app(), ["bench", str(dataset), *options, "--jobs", "1", "--out", str(run), *more])


def test_bench_prints_the_table_and_the_next_command(dataset: Path, tmp_path: Path) -> None:
    result = bench(dataset, tmp_path / "run")
    assert result.exit_code == 0
    assert "er3: felt emotion, three classes" in result.stdout
    assert f"next: emogap report {tmp_path / 'run'}" in result.stdout


def test_bench_prints_one_json_object(dataset: Path, tmp_path: Path) -> None:
    content = json.loads(bench(dataset, tmp_path / "run", "--json").stdout)
    assert set(content) == {"path", "run", "scores", "confounds"}
    assert content["run"]["config"]["preset"] == "quick"


def test_bench_ends_with_1_when_a_fit_failed(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    working = fitting.fit_model

    def broken(name: str, *arguments: object, **options: object) -> object:
        if name == "person_mean":
            raise ValueError("no mean of nothing")
        return working(name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(fitting, "fit_model", broken)
    result = bench(dataset, tmp_path / "run")
    assert result.exit_code == 1
    assert "2 of 6 fits failed" in result.stdout
    assert "ValueError: no mean of nothing" in result.stdout


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--preset", "fast", "'quick', 'evidence' or 'protocol'"),
        ("--splits", "random", "'person', 'person\\+stimulus' or 'official'"),
        ("--cells", "none", "'all' or 'diagonal'"),
    ],
)
def test_a_value_that_is_not_on_offer_gets_the_list(
    dataset: Path, tmp_path: Path, option: str, value: str, said: str
) -> None:
    error = bench(dataset, tmp_path / "run", option, value).exception
    assert isinstance(error, UsageError)
    with pytest.raises(UsageError, match=said):
        raise error


def test_all_models_are_every_model_of_the_shelf(dataset: Path, tmp_path: Path) -> None:
    error = bench(dataset, tmp_path / "run", "--models", "all,linear").exception
    assert isinstance(error, UnknownNameError)
