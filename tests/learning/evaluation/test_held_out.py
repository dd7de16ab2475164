"""Test people are in neither the fit nor the calibration."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.store import Dataset
from emogap.learning.evaluation.grid import Fit
from emogap.learning.evaluation.held_out import CALIBRATION, TEST, HeldOutJob, held_out_predictions, run_held_out
from emogap.learning.experiment import BenchConfig
from emogap.types import TaskSpec
from tests.learning.evaluation.small_study import write_small_dataset

MakeDataset = Callable[..., Dataset]
CONFIG = BenchConfig(protocol="er3", models=("linear",), preset="quick", options={"linear": {"penalties": [0.3]}})
STIMULI = 4


def job_of(task: TaskSpec, *, inner_folds: int) -> HeldOutJob:
    """Six people of four stimuli: the first is tested, the second selects the epoch, the others train."""
    rows = np.arange(6 * STIMULI).reshape(6, STIMULI)
    fit = Fit(
        "linear", task, "person", "p0", 0, 0, tuple(rows[2:].ravel().tolist()), tuple(rows[1].tolist()),
        tuple(rows[0].tolist()),
    )  # fmt: skip
    return HeldOutJob("views", "emotion3", fit, inner_folds)


def said(frame: pl.DataFrame, part: str) -> dict[tuple[str, int], list[float]]:
    rows = frame.filter(pl.col("part") == part).select("view", "row", "probability").iter_rows()
    return {(view, row): probability for view, row, probability in rows}


@pytest.mark.parametrize("inner_folds", [0, 3])
def test_nothing_of_a_test_person_reaches_the_calibration(
    inner_folds: int, make_dataset: MakeDataset, make_task: Callable[..., TaskSpec], tmp_path: Path
) -> None:
    """The streams and labels of the test person are replaced: every calibration prediction stays as it was."""
    dataset = make_dataset(6, STIMULI)
    streams = {name: stream.copy() for name, stream in dataset.streams.items()}
    for stream in streams.values():
        stream[:STIMULI] = 50.0
    samples = dataset.samples.with_columns(
        pl.when(pl.col("participant_id") == "p0").then(pl.lit([0.0, 1.0, 0.0])).otherwise(pl.col(name)).alias(name)
        for name in ("felt_emotion3", "shown_emotion3")
    )
    other = dataclasses.replace(dataset, streams=streams, samples=samples)
    job = job_of(make_task("eye", "face"), inner_folds=inner_folds)
    frames = [
        held_out_predictions(each, CONFIG, job, fits=tmp_path / name)[0]
        for name, each in (("one", dataset), ("two", other))
    ]
    first, second = (said(frame, CALIBRATION) for frame in frames)
    assert first == second
    assert said(frames[0], TEST) != said(frames[1], TEST)


def test_every_training_person_is_calibrated_on_and_no_test_person(
    make_dataset: MakeDataset, make_task: Callable[..., TaskSpec], tmp_path: Path
) -> None:
    dataset, task = make_dataset(6, STIMULI), make_task("eye")
    for inner_folds, people in ((0, {"p1"}), (3, {"p1", "p2", "p3", "p4", "p5"})):
        frame, _ = held_out_predictions(dataset, CONFIG, job_of(task, inner_folds=inner_folds), fits=tmp_path)
        assert set(frame.filter(part=CALIBRATION)["participant_id"]) == people
        assert set(frame.filter(part=TEST)["participant_id"]) == {"p0"}
        assert frame.filter(part=CALIBRATION).select("view", "row").is_unique().all()


def test_a_person_is_calibrated_on_by_a_model_that_did_not_see_them(
    make_dataset: MakeDataset, make_task: Callable[..., TaskSpec], tmp_path: Path
) -> None:
    """Other labels for one training person: what is said of that person stays, as no model of theirs is asked."""
    dataset = make_dataset(6, STIMULI)
    changed = dataset.samples.with_columns(
        pl.when(pl.col("participant_id") == "p4")
        .then(pl.lit([0.0, 0.0, 1.0]))
        .otherwise(pl.col("felt_emotion3"))
        .alias("felt_emotion3")
    )
    job = job_of(make_task("eye"), inner_folds=5)
    first, second = (
        held_out_predictions(each, CONFIG, job, fits=tmp_path / name)[0]
        for name, each in (("one", dataset), ("two", dataclasses.replace(dataset, samples=changed)))
    )
    own = pl.col("participant_id") == "p4"
    assert said(first.filter(own), CALIBRATION) == said(second.filter(own), CALIBRATION)
    assert said(first.filter(~own), CALIBRATION) != said(second.filter(~own), CALIBRATION)


def test_what_is_stored_is_not_computed_again(tmp_path: Path, make_task: Callable[..., TaskSpec]) -> None:
    path = write_small_dataset(tmp_path)
    rows = np.arange(60).reshape(10, 6)
    fit = Fit(
        "majority", make_task("eye"), "person", "p0", 0, 0, tuple(rows[2:].ravel().tolist()), tuple(rows[1].tolist()),
        tuple(rows[0].tolist()),
    )  # fmt: skip
    jobs = [HeldOutJob(question, "emotion3", fit, 0) for question in ("views", "again")]
    place, fits = tmp_path / "place", tmp_path / "fits"
    first, failures = run_held_out(path, place, CONFIG, jobs, fits=fits, processes=1, title="test")
    assert not failures
    assert first.height == 2 * 2 * (6 + 6)
    assert len(list((fits / "majority").iterdir())) == 1  # both questions are one training
    before = {file: file.stat().st_mtime_ns for file in place.rglob("*.parquet")}
    second, _ = run_held_out(path, place, CONFIG, jobs, fits=fits, processes=1, title="test")
    assert second.equals(first)
    assert before == {file: file.stat().st_mtime_ns for file in place.rglob("*.parquet")}
