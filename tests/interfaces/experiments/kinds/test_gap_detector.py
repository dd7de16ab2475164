"""``gap_detector``: who is calibrated on whom, and what is written."""

import shutil
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


SMALL_EMERT = "{encoder_width = 4, encoder_layers = 1, mlp_width = 3, width = 4, num_heads = 1, head_width = 2}"


def written(folder: Path) -> Path:
    path = folder / "small.toml"
    path.write_text(FILE)
    return path


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
        for inner in ("p0", "p1"):
            assert load_model(folder / inner).task.space == detector.space == "emotion3"
        assert np.isfinite(detector.threshold)


def test_differences_are_those_of_the_scores(report: ExperimentReport) -> None:
    scores, _, differences = report.experiment.tables
    auroc = {row[0]["value"]: row[1]["value"] for row in scores["rows"]}
    for row in differences["rows"]:
        first, second = str(row[0]["value"]).split(" - ")
        assert row[1]["value"] == pytest.approx(auroc[first] - auroc[second])


def test_sets_by_all_models_leave_the_probabilities_as_they_are(
    report: ExperimentReport, place: Path, small_dataset: Path
) -> None:
    """Of the same fits; what is compared is said in the notes."""
    (place / "averaged.toml").write_text(FILE.replace('"small"', '"averaged"'))
    averaged = run_experiment(place / "averaged.toml", small_dataset, place / "R", given={"by": "all models"})
    one, every = (pl.read_parquet(each.experiment.path / "clips.parquet") for each in (report, averaged))
    assert one["probability"].equals(every["probability"])
    sets = ["set_holds_no_gap", "set_holds_gap"]
    assert not one[sets].equals(every[sets])
    assert any("dealt to the test person" in note for note in report.experiment.notes)
    assert any("averages over the models" in note for note in averaged.experiment.notes)


def test_two_figures_are_drawn(report: ExperimentReport) -> None:
    assert sorted(report.experiment.figures) == ["small_answers", "small_reliability"]
    for path in sorted(report.experiment.path.glob("figures/*.svg")):
        assert ("SIMULATED people" in path.read_text()) == report.experiment.tables[0]["is_simulated"], path.name


def test_intervals_are_told_of_the_tables_that_have_them(report: ExperimentReport) -> None:
    assert all("95 % intervals" in table["caption"] for table in report.experiment.tables)
    assert not any("intervals" in caption for caption in report.experiment.captions.values())


def test_data_of_one_view_are_refused(tmp_path: Path, small_dataset: Path) -> None:
    (tmp_path / "small.toml").write_text(FILE.replace("[options]", '[options]\nspace = "emotion7"'))
    with pytest.raises(UsageError, match="no clip has emotion7 in both views"):
        run_experiment(tmp_path / "small.toml", small_dataset, tmp_path / "R")


@pytest.fixture(scope="module")
def networks(place: Path, small_dataset: Path) -> ExperimentReport:
    """A network with attention, and one without, each with its inner folds."""
    text = FILE.replace('"small"', '"networks"').replace('["linear"]', '["emert", "lmf"]')
    text = text.replace("inner_folds = 2", "inner_folds = 3")
    (place / "networks.toml").write_text(text[: text.index("options =")] + f"options = {{emert = {SMALL_EMERT}}}\n")
    return run_experiment(place / "networks.toml", small_dataset, place / "R")


def test_every_network_makes_all_kinds_of_detectors(networks: ExperimentReport) -> None:
    assert not networks.experiment.failures
    scores, sets, _ = networks.experiment.tables
    for table in (scores, sets):
        groups = list(zip(table["row_groups"], [row[0]["value"] for row in table["rows"]], strict=True))
        assert groups[: 2 * len(DETECTORS)] == [(model, name) for model in ("emert", "lmf") for name in DETECTORS]
    for row in scores["rows"]:
        assert row[1]["value"] is not None
        assert 0 <= row[1]["value"] <= 1


def test_temperatures_of_networks_are_fitted_in_each_cell(networks: ExperimentReport) -> None:
    """Five epochs leave outputs that say nearly the same of every clip; a temperature is found nevertheless."""
    for model in ("emert", "lmf"):
        folders = list((networks.experiment.path / "detectors" / "views" / model).iterdir())
        assert len(folders) == 2
        for folder in folders:
            detector = read_detector(folder)
            assert 0.05 <= detector.felt_temperature <= 20
            assert 0.05 <= detector.shown_temperature <= 20
            assert load_model(folder / "p2").name == model


def test_test_clips_are_said_by_each_network_and_counted_once(networks: ExperimentReport) -> None:
    stored = pl.read_parquet(networks.experiment.path / "held-out.parquet").filter(question="gap", model="emert")
    assert stored.filter(part="test").height == 3 * PEOPLE * STIMULI
    assert stored.filter(part="calibration").height == PEOPLE * STIMULI  # two cells, half the people train in each
    clips = pl.read_parquet(networks.experiment.path / "clips.parquet").filter(model="emert", detector="gap head")
    assert clips.height == PEOPLE * STIMULI
    people = clips.group_by("participant_id").len()["len"]
    assert people.unique().to_list() == [STIMULI]


def test_a_lost_experiment_of_networks_finds_its_fits(
    networks: ExperimentReport, place: Path, small_dataset: Path
) -> None:
    """Without the folder of the experiment, the fits are in the store: 80 for networks and 12 for floors, none anew."""
    fits = sorted(place.glob("R/fits/*/*/weights.safetensors"))
    before = {path: path.stat().st_mtime_ns for path in fits}
    shutil.rmtree(networks.experiment.path)
    again = run_experiment(place / "networks.toml", small_dataset, place / "R")
    assert not again.was_finished
    assert again.experiment.tables == networks.experiment.tables
    assert {path: path.stat().st_mtime_ns for path in place.glob("R/fits/*/*/weights.safetensors")} == before


def test_what_fails_of_one_model_leaves_the_others(small_dataset: Path, tmp_path: Path) -> None:
    """With two inner folds of five people one fold trains on a single person, who has no gap: that the networks say."""
    text = FILE.replace('["linear"]', '["lmf"]')
    (tmp_path / "small.toml").write_text(text[: text.index("options =")])
    found = run_experiment(tmp_path / "small.toml", small_dataset, tmp_path / "R").experiment
    assert all("inner fold" in failure and "no-gap" in failure for failure in found.failures)
    assert {failure.split(",")[0] for failure in found.failures} == {"lmf (gap)", "lmf@face (gap)"}
    assert [row[0]["value"] for row in found.tables[0]["rows"]] == [
        "two heads, temperatures alone",
        "two heads",
        "face alone, shown head",
        "base rate",
        "stimulus base rate",
    ]
