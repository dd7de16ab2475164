"""``gap_detector``: who is calibrated on whom, and what is written."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.errors import UsageError
from emogap.interfaces.experiments.running import ExperimentReport, run_experiment
from emogap.interfaces.stored_detector import read_detector
from emogap.learning.training.checkpoint import load_model
from tests.learning.evaluation.small_study import PEOPLE, STIMULI

FILE = """
schema = 1
name = "small"
title = "Small"
kind = "gap_detector"
[options]
models = ["linear"]
preset = "quick"
folds = 2
inner_folds = 2
coverage = 0.6
draws = 100
options = {linear = {penalties = [0.3]}}
"""
DETECTORS = ["two heads, temperatures alone", "two heads", "gap head", "face alone, shown head", "face alone, gap head"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, small_dataset: Path) -> ExperimentReport:
    folder = tmp_path_factory.mktemp("detectors")
    (folder / "small.toml").write_text(FILE)
    return run_experiment(folder / "small.toml", small_dataset, folder / "R")


def test_every_detector_and_floor_has_its_row(report: ExperimentReport) -> None:
    for table in report.experiment.tables[:2]:
        assert [row[0]["value"] for row in table["rows"]] == [*DETECTORS, "base rate", "stimulus base rate"]
        assert table["is_simulated"]
        assert f"{PEOPLE * STIMULI} clips of {PEOPLE} simulated people" in table["caption"]


def test_floors_rank_nothing_within_a_cell_and_are_never_best(report: ExperimentReport) -> None:
    base = report.experiment.tables[0]["rows"][len(DETECTORS)]
    assert base[1]["value"] == 0.5
    assert not base[1]["is_ranked"]


def test_no_test_person_is_in_a_calibration(report: ExperimentReport) -> None:
    stored = pl.read_parquet(report.experiment.path / "held-out.parquet")
    for _, cell in stored.group_by("question", "model", "cell"):
        people = {part: set(cell.filter(part=part)["participant_id"]) for part in ("test", "calibration")}
        assert not people["test"] & people["calibration"]
        assert len(people["test"] | people["calibration"]) == PEOPLE


def test_every_clip_has_a_probability_and_a_set_of_each_detector(report: ExperimentReport) -> None:
    clips = pl.read_parquet(report.experiment.path / "clips.parquet")
    assert clips.group_by("model", "detector").len()["len"].unique().to_list() == [PEOPLE * STIMULI]
    assert clips["probability"].is_between(0, 1).all()


def test_a_stored_detector_lies_beside_its_model_and_people(report: ExperimentReport) -> None:
    for folder in (report.experiment.path / "detectors" / "views" / "linear").iterdir():
        detector = read_detector(folder)
        assert detector.num_people == PEOPLE // 2
        assert load_model(folder).task.space == detector.space == "emotion3"
        assert np.isfinite(detector.threshold)


def test_differences_are_those_of_the_scores(report: ExperimentReport) -> None:
    scores, _, differences = report.experiment.tables
    auroc = {row[0]["value"]: row[1]["value"] for row in scores["rows"]}
    for row in differences["rows"]:
        first, second = str(row[0]["value"]).split(" - ")
        assert row[1]["value"] == pytest.approx(auroc[first] - auroc[second])


def test_two_figures_are_drawn(report: ExperimentReport) -> None:
    assert sorted(report.experiment.figures) == ["small_answers", "small_reliability"]


def test_data_of_one_view_are_refused(tmp_path: Path, small_dataset: Path) -> None:
    (tmp_path / "small.toml").write_text(FILE.replace("[options]", '[options]\nspace = "emotion7"'))
    with pytest.raises(UsageError, match="no clip has emotion7 in both views"):
        run_experiment(tmp_path / "small.toml", small_dataset, tmp_path / "R")
