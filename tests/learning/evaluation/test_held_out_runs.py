"""Many cells: each fit once, taken up where it stopped, and what failed left out as a whole."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.learning.evaluation import held_out
from emogap.learning.evaluation.fitting import FitFailure
from emogap.learning.evaluation.grid import Fit
from emogap.learning.evaluation.held_out import HeldOutJob
from emogap.learning.evaluation.held_out_runs import run_held_out
from emogap.learning.experiment import BenchConfig
from emogap.learning.training.checkpoint import load_model
from emogap.types import TaskSpec
from tests.learning.evaluation.small_study import PEOPLE, STIMULI, write_small_dataset

MakeTask = Callable[..., TaskSpec]
Run = Callable[[Sequence[HeldOutJob]], tuple[pl.DataFrame, tuple[FitFailure, ...]]]
CONFIG = BenchConfig(protocol="er3", models=("linear",), preset="quick", options={"linear": {"penalties": [0.3]}})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("study"))


@pytest.fixture
def run(dataset: Path, tmp_path: Path) -> Run:
    place, fits = tmp_path / "place", tmp_path / "fits"
    return lambda jobs: run_held_out(dataset, place, CONFIG, jobs, fits=fits, processes=1, title="test")


def job(
    task: TaskSpec, *, model: str = "majority", question: str = "views", cell: int = 0, inner_folds: int = 0
) -> HeldOutJob:
    """Two people are tested, one selects the epoch, seven train."""
    rows = np.roll(np.arange(PEOPLE * STIMULI).reshape(PEOPLE, STIMULI), 2 * cell, axis=0)
    test, validation, train = (tuple(sorted(part.ravel().tolist())) for part in (rows[:2], rows[2:3], rows[3:]))
    fit = Fit(model, task, "person", f"p{cell}", cell, 0, train, validation, test)
    return HeldOutJob(question, "emotion3", fit, inner_folds)


def test_what_is_stored_is_not_computed_again(run: Run, make_task: MakeTask, tmp_path: Path) -> None:
    jobs = [job(make_task("eye"), question=question) for question in ("views", "again")]
    first, failures = run(jobs)
    assert not failures
    assert first.height == 2 * 2 * (2 + 1) * STIMULI
    assert len(list((tmp_path / "fits" / "majority").iterdir())) == 1  # both questions are one training
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.parquet")}
    second, _ = run(jobs)
    assert second.equals(first)
    assert before == {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.parquet")}


def test_how_many_fits_it_takes_is_said_before_the_first(
    run: Run, make_task: MakeTask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cells of three inner folds, of which the first cell was done before."""
    task, said_before, real = make_task("eye"), [], held_out.fit_model

    def fit_model(*arguments: object, **options: object) -> object:
        said_before.append(list(caplog.messages))
        return real(*arguments, **options)  # type: ignore[arg-type]

    run([job(task, inner_folds=3)])
    monkeypatch.setattr(held_out, "fit_model", fit_model)
    with caplog.at_level(logging.INFO, logger="emogap"):
        run([job(task, question="again", inner_folds=3), job(task, cell=1, inner_folds=3)])
    assert said_before[0] == ["test: 6 fits; there: 3, to be trained: 3"]


def test_a_stopped_run_trains_only_what_is_lacking(
    run: Run, make_task: MakeTask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, real, calls = make_task("eye"), held_out.fit_model, []

    def fit_model(*arguments: object, **options: object) -> object:
        calls.append(0)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(held_out, "fit_model", fit_model)
    with pytest.raises(KeyboardInterrupt):
        run([job(task, inner_folds=3)])
    monkeypatch.setattr(held_out, "fit_model", real)
    with caplog.at_level(logging.INFO, logger="emogap"):
        found, failures = run([job(task, inner_folds=3)])
    assert not failures
    assert caplog.messages == ["test: 3 fits; there: 2, to be trained: 1"]
    assert found.filter(part="calibration").height == 2 * (PEOPLE - 2) * STIMULI
    assert found.filter(part="test").height == 2 * 3 * 2 * STIMULI


def test_a_model_of_which_one_fold_failed_is_left_out_and_the_fold_is_named(
    run: Run, make_task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fifth fit of ``linear``: the second of three inner folds of the second cell."""
    task, real = make_task("eye"), held_out.fit_model
    jobs = [job(task, model=model, cell=cell, inner_folds=3) for model in ("majority", "linear") for cell in (0, 1)]
    calls: list[str] = []

    def fit_model(name: str, *arguments: object, **options: object) -> object:
        calls.append(name)
        if name == "linear" and calls.count("linear") == 5:
            raise RuntimeError("no way")
        return real(name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(held_out, "fit_model", fit_model)
    found, (failure,) = run(jobs)
    assert (failure.model, failure.cell, failure.problem) == (
        "linear (views)",
        "p1, inner fold p1",
        "RuntimeError: no way",
    )
    assert found["model"].unique().to_list() == ["majority"]
    assert sorted(found["cell"].unique()) == ["p0", "p1"]
    monkeypatch.setattr(held_out, "fit_model", real)
    again, failures = run(jobs)
    assert not failures
    assert sorted(again["model"].unique()) == ["linear", "majority"]


def test_each_model_has_its_checkpoint_beside_the_predictions(run: Run, make_task: MakeTask, tmp_path: Path) -> None:
    run([job(make_task("eye"), inner_folds=3), job(make_task("eye"), question="one")])
    cell = tmp_path / "place" / "views" / "majority" / "person-p0-0"
    assert sorted(path.name for path in cell.iterdir()) == ["p0", "p1", "p2", "predictions.parquet"]
    assert load_model(cell / "p1").name == "majority"
    assert load_model(tmp_path / "place" / "one" / "majority" / "person-p0-0").name == "majority"
