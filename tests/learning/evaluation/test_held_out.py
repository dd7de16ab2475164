"""Test people are in neither the fit nor the calibration."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets.store import Dataset
from emogap.errors import UsageError
from emogap.learning.evaluation.grid import Fit
from emogap.learning.evaluation.held_out import CALIBRATION, TEST, HeldOutJob, cell_fits, held_out_predictions
from emogap.learning.experiment import BenchConfig
from emogap.types import TaskSpec

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
        held_out_predictions(each, CONFIG, job, fits=tmp_path / name)
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
        frame = held_out_predictions(dataset, CONFIG, job_of(task, inner_folds=inner_folds), fits=tmp_path)
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
        held_out_predictions(each, CONFIG, job, fits=tmp_path / name)
        for name, each in (("one", dataset), ("two", dataclasses.replace(dataset, samples=changed)))
    )
    own = pl.col("participant_id") == "p4"
    assert said(first.filter(own), CALIBRATION) == said(second.filter(own), CALIBRATION)
    assert said(first.filter(~own), CALIBRATION) != said(second.filter(~own), CALIBRATION)


def test_a_test_clip_is_predicted_by_every_model_that_calibrates_and_by_no_other(
    make_dataset: MakeDataset, make_task: Callable[..., TaskSpec], tmp_path: Path
) -> None:
    """A model of all training people would have taken more steps than those of the calibration; see the coverage of
    ``test_models_that_mean_different_things_by_a_number_cover_as_stated``."""
    dataset = make_dataset(6, STIMULI)
    frame = held_out_predictions(dataset, CONFIG, job_of(make_task("eye"), inner_folds=3), fits=tmp_path)
    by_part = {part: frame.filter(part=part, view="felt") for part in (CALIBRATION, TEST)}
    assert set(by_part[CALIBRATION]["inner"]) == set(by_part[TEST]["inner"]) == {"p0", "p1", "p2"}
    assert by_part[TEST].height == 3 * STIMULI
    assert by_part[TEST].select("row", "inner").is_unique().all()
    assert len(list((tmp_path / "linear").iterdir())) == 3


def test_more_inner_folds_than_people_are_refused(
    make_dataset: MakeDataset, make_task: Callable[..., TaskSpec]
) -> None:
    with pytest.raises(UsageError, match="5 people cannot be dealt into 9 folds") as caught:
        cell_fits(make_dataset(6, STIMULI), job_of(make_task("eye"), inner_folds=9))
    assert "fewer inner_folds" in (caught.value.fix or "")
    assert caught.value.where == "9 inner folds of the training people of cell p0"
