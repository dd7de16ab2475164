"""Fits that runs share: each trained once, and the same to the last digit wherever it is found."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from emogap.learning.evaluation import fitting
from emogap.learning.evaluation.benchmark import BenchReport, run_benchmark
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from emogap.learning.training.checkpoint import load_model
from tests.learning.evaluation.small_study import write_small_dataset

FEW = Scoring(draws=50)
FOLDS = 3
NUM_MODELS = 4
"""linear and the three floors."""

SMALL_EMERT = {"encoder_width": 4, "encoder_layers": 1, "mlp_width": 3, "width": 4, "num_heads": 1, "head_width": 2}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("study"))


def config(protocol: str = "er3", **options: object) -> BenchConfig:
    asked = {"models": ("linear",), "preset": "quick", "folds": FOLDS, "splits": ("person",)} | options
    return BenchConfig(protocol=protocol, **asked)  # type: ignore[arg-type]


Bench = Callable[..., BenchReport]


@pytest.fixture
def bench(dataset: Path, tmp_path: Path) -> Bench:
    def run(name: str, asked: BenchConfig, *, is_shared: bool = True, jobs: int = 1) -> BenchReport:
        fits = tmp_path / "fits" if is_shared else None
        return run_benchmark(dataset, asked, tmp_path / name, scoring=FEW, fits=fits, jobs=jobs)

    return run


def predictions(report: BenchReport) -> pl.DataFrame:
    return pl.read_parquet(report.path / "predictions.parquet")


def test_felt_and_shown_are_one_training(bench: Bench) -> None:
    felt, shown = bench("er3", config("er3")), bench("fer3", config("fer3"))
    assert (felt.num_trained, shown.num_trained) == (NUM_MODELS * FOLDS, 0)
    assert_frame_equal(predictions(felt), predictions(shown))


def test_a_single_head_is_another_training(bench: Bench) -> None:
    bench("er3", config("er3"))
    assert bench("alone", config("er3", heads="single")).num_trained == NUM_MODELS * FOLDS


def test_a_run_finds_the_models_that_another_has_trained(bench: Bench) -> None:
    bench("one", config())
    more = bench("more", config(models=("linear", "linear@eye")))
    assert more.num_trained == FOLDS


def test_a_split_that_was_not_run_yet_is_all_that_is_trained(bench: Bench) -> None:
    bench("person", config())
    both = bench("both", config(splits=("person", "person+stimulus")))
    assert both.num_trained == NUM_MODELS * (FOLDS + FOLDS)
    """Diagonal cells, and the thinned training sets."""


def test_other_channels_of_the_same_number_are_another_training(bench: Bench) -> None:
    first = bench("first", config(channels={"eye": ("eye_0", "eye_1")}))
    second = bench("second", config(channels={"eye": ("eye_2", "eye_3")}))
    assert second.num_trained == NUM_MODELS * FOLDS
    assert load_model(second.path / "checkpoints/linear/person-p0-0").scaler.channels["eye"] == ("eye_2", "eye_3")
    assert not predictions(first).equals(predictions(second))


def test_the_store_changes_no_prediction_of_either_view(bench: Bench) -> None:
    """``fer3`` is found as the training of ``er3``; alone it must come to the same, whichever view is scored."""
    options = {"models": ("emert",), "options": {"emert": SMALL_EMERT}}
    bench("felt", config("er3", **options))
    shared = bench("shared", config("fer3", **options))
    alone = bench("alone", config("fer3", **options), is_shared=False)
    assert (shared.num_trained, alone.num_trained) == (0, NUM_MODELS * FOLDS)
    assert_frame_equal(predictions(shared), predictions(alone), check_exact=True)


def test_one_model_under_two_names_is_trained_once_in_a_run(bench: Bench) -> None:
    report = bench("twice", config(models=("linear", "linear@eye+face+fixation")), jobs=2)
    assert report.num_trained == NUM_MODELS * FOLDS
    rows = predictions(report)
    named = [rows.filter(pl.col("model") == model) for model in ("linear", "linear@eye+face+fixation")]
    assert named[0]["probability"].to_list() == named[1]["probability"].to_list()


def test_checkpoints_of_a_run_outlive_the_store_and_the_other_way_round(bench: Bench, tmp_path: Path) -> None:
    report = bench("one", config())
    checkpoint = report.path / "checkpoints/linear/person-p1-0"
    stored = next(
        folder
        for folder in (tmp_path / "fits" / "linear").iterdir()
        if folder.joinpath("config.json").samefile(checkpoint / "config.json")
    )
    shutil.rmtree(report.path)
    assert load_model(stored).name == "linear"
    again = bench("one", config())
    assert again.num_trained == 0
    shutil.rmtree(tmp_path / "fits")
    assert load_model(checkpoint).name == "linear"


def test_where_the_disk_knows_no_links_the_checkpoint_is_copied(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr("emogap.learning.evaluation.fit_store.os.link", refuse)
    report = bench("one", config())
    assert load_model(report.path / "checkpoints/linear/person-p1-0").name == "linear"


def test_a_fit_that_was_cut_off_goes_on_in_another_run(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    working, calls = fitting.fit_model, []

    def cut_off(*arguments: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return working(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(fitting, "fit_model", cut_off)
    with pytest.raises(KeyboardInterrupt):
        bench("er3", config("er3"))
    monkeypatch.setattr(fitting, "fit_model", working)
    assert bench("fer3", config("fer3")).num_trained == NUM_MODELS * FOLDS - 5
