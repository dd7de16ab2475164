"""Fits of several benchmarks in one pool, before the first is scored."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from emogap.datasets.store import open_dataset
from emogap.errors import UsageError
from emogap.learning.evaluation import fitting
from emogap.learning.evaluation.benchmark import BenchReport, run_benchmark
from emogap.learning.evaluation.fit_ahead import fit_ahead
from emogap.learning.evaluation.grid import make_splits, plan_fits
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from tests.learning.evaluation.small_study import write_small_dataset

FOLDS = 3
NUM_MODELS = 4
"""linear and the three floors."""


def config(protocol: str, **options: object) -> BenchConfig:
    asked = {"models": ("linear",), "preset": "quick", "folds": FOLDS, "splits": ("person",)} | options
    return BenchConfig(protocol=protocol, **asked)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("study"))


def bench(dataset: Path, folder: Path, asked: BenchConfig, fits: Path | None) -> BenchReport:
    return run_benchmark(dataset, asked, folder, scoring=Scoring(draws=50), fits=fits)


def test_what_several_benchmarks_need_is_trained_once_and_nothing_is_left_for_them(
    dataset: Path, tmp_path: Path
) -> None:
    asked = [config("er3"), config("fer3"), config("er3", channels={"eye": ("eye_0",)})]
    fits = tmp_path / "fits"
    trained = fit_ahead(dataset, asked, fits, jobs=2, title="all")
    assert trained == 2 * NUM_MODELS * FOLDS  # felt and shown are one training
    reports = [bench(dataset, tmp_path / str(number), each, fits) for number, each in enumerate(asked)]
    assert [report.num_trained for report in reports] == [0, 0, 0]
    alone = bench(dataset, tmp_path / "alone", asked[2], None)
    stored = [pl.read_parquet(report.path / "predictions.parquet") for report in (reports[2], alone)]
    assert_frame_equal(*stored, check_exact=True)


def test_what_is_in_the_store_is_not_trained_again(dataset: Path, tmp_path: Path) -> None:
    fits = tmp_path / "fits"
    bench(dataset, tmp_path / "one", config("er3"), fits)
    asked = [config("er3"), config("fer3", models=("linear", "linear@eye"))]
    assert fit_ahead(dataset, asked, fits, jobs=2, title="all") == FOLDS


def test_a_fit_that_fails_is_named_and_leaves_nothing_that_looks_finished(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*arguments: object, **options: object) -> None:
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr(fitting, "fit_model", break_down)
    asked, protocol, opened = config("er3"), open_protocol("er3"), open_dataset(dataset)
    planned, _ = plan_fits(opened, asked, protocol, make_splits(opened, asked))
    failure = fitting.store_fit(dataset, asked, protocol, planned[0], fits=tmp_path / "fits")
    assert isinstance(failure, fitting.FitFailure)
    assert (failure.model, failure.problem) == (planned[0].model, "RuntimeError: shapes do not fit")
    assert not list(tmp_path.rglob("predictions.parquet"))


@pytest.mark.parametrize(("number", "jobs"), [(1, 2), (2, 1)])
def test_one_benchmark_or_one_process_has_nothing_to_gain(
    dataset: Path, tmp_path: Path, number: int, jobs: int
) -> None:
    asked = [config("er3"), config("fer3")][:number]
    assert fit_ahead(dataset, asked, tmp_path / "fits", jobs=jobs, title="all") == 0
    assert not (tmp_path / "fits").exists()


def test_a_protocol_without_labels_is_refused_before_anything_is_trained(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        fit_ahead(dataset, [config("er3"), config("sims")], tmp_path / "fits", jobs=2, title="all")
    assert not (tmp_path / "fits").exists()
