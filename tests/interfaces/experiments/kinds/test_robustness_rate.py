"""``robustness`` with slower trackers: the models of the full rate on other builds of the same clips."""

import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from emogap.datasets.plan import Clip
from emogap.errors import DataError, MismatchError, UsageError
from emogap.interfaces.experiments.running import ExperimentReport, run_experiment
from emogap.learning.evaluation import fitting
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.evaluation.robustness.conditions import CLEAN, Condition
from emogap.learning.evaluation.robustness.disturbed import disturbed_predictions
from emogap.learning.evaluation.robustness.slower import open_slower
from emogap.learning.experiment import BenchConfig
from emogap.reporting.results import open_run
from tests.learning.evaluation.slower_build import write_slower
from tests.learning.evaluation.small_study import write_small_dataset

FILE = """
schema = 1
name = "slow"
title = "Slow"
kind = "robustness"
[options]
protocols = ["er3"]
models = ["linear", "linear@eye", "linear@face"]
splits = ["person"]
preset = "quick"
folds = 3
[options.conditions]
noise_variance = [0.1]
as_rate = ["D30", "D60"]
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small study with two slower builds beside it; at 30 Hz one clip has no gaze."""
    dataset = write_small_dataset(tmp_path_factory.mktemp("rates"))
    write_slower(dataset, dataset.parent / "D30", rate_hz=30, dark=[4])
    write_slower(dataset, dataset.parent / "D60", rate_hz=60)
    return dataset


@pytest.fixture(scope="module")
def report(full: Path, place: Path) -> ExperimentReport:
    return run_experiment(written(place), full, place / "R")


def written(folder: Path, text: str = FILE) -> Path:
    path = folder / "slow.toml"
    path.write_text(text)
    return path


def cells(report: ExperimentReport, condition: str) -> dict[str, dict[str, object]]:
    table = report.experiment.tables[0]
    row = next(row for row in table["rows"] if row[0]["value"] == condition)
    return {column["name"]: cell for column, cell in zip(table["columns"], row, strict=True)}


def made_with(report: ExperimentReport, full: Path, build: Path) -> dict[Condition, pl.DataFrame]:
    """What the models of the run say of the clips as they are, and of those of another build."""
    run = report.experiment.runs[0]
    config = BenchConfig.model_validate_json(json.dumps(open_run(run).record["config"]))
    conditions = [CLEAN, open_slower(full, build).condition]
    return disturbed_predictions(full, run, config, open_protocol("er3"), conditions)


def halved(clip: Clip) -> Clip:
    """The clip with the numbers of the full rate: what doubled them is undone."""
    eyes = {name: replace(clip.streams[name], values=clip.streams[name].values / 2) for name in ("eye", "fixation")}
    return replace(clip, streams={**clip.streams, **eyes})


def test_the_fastest_tracker_comes_first(report: ExperimentReport) -> None:
    assert [row[0]["value"] for row in report.experiment.tables[0]["rows"]] == [
        "clean",
        "noise, variance 0.1",
        "tracker of 60 Hz",
        "tracker of 30 Hz",
        "majority (floor)",
    ]


def test_a_model_that_reads_no_eye_is_not_reached(report: ExperimentReport) -> None:
    assert "changes nothing" in str(cells(report, "tracker of 30 Hz")["linear@face_uar"]["note"])
    assert cells(report, "tracker of 30 Hz")["linear@eye_uar"]["value"] is not None
    assert cells(report, "tracker of 30 Hz")["linear_minus_clean"]["value"] is not None


def test_the_same_numbers_in_another_build_give_the_same_predictions(
    report: ExperimentReport, full: Path, tmp_path: Path
) -> None:
    """To the last bit: clips are found by their keys, and standardised as they were in training."""
    made = made_with(report, full, write_slower(full, tmp_path / "same", change=halved))
    clean, slower = (frame.filter(pl.col("model") != "linear@face") for frame in made.values())
    assert_frame_equal(slower, clean, check_exact=True)


def test_nothing_is_standardised_anew(report: ExperimentReport, full: Path, tmp_path: Path) -> None:
    """Every eye stream is doubled: a mean and an SD that were taken of the slower clips would undo that."""
    made = made_with(report, full, write_slower(full, tmp_path / "doubled"))
    clean, slower = (frame.filter(pl.col("model") == "linear@eye")["probability"].to_list() for frame in made.values())
    changed = sum(one != other for one, other in zip(clean, slower, strict=True))
    assert changed == len(clean)


def test_all_clips_are_scored_under_every_condition(report: ExperimentReport, full: Path) -> None:
    made = made_with(report, full, full.parent / "D30")
    clean, slower = (frame.filter(pl.col("model") == "linear") for frame in made.values())
    assert slower["recording_id"].n_unique() == clean["recording_id"].n_unique() == 60


def test_a_clip_without_gaze_is_named(report: ExperimentReport) -> None:
    notes = [note for note in report.experiment.notes if note.startswith("Tracker of")]
    assert [note.split(":")[0] for note in notes] == ["Tracker of 60 Hz", "Tracker of 30 Hz"]
    assert "gaze of 120 Hz, thinned before cleaning" in notes[0]
    assert "No valid point of gaze is left in r0-4 s4:" in notes[1]
    assert "No valid" not in notes[0]


def test_the_full_rate_is_the_right_end_of_the_curve(report: ExperimentReport) -> None:
    (svg,) = report.experiment.figures.values()
    panel = svg[svg.index("slower tracker") :]
    assert panel.index(">30<") < panel.index(">60<") < panel.index(">120<") < panel.index("samples per second")
    (caption,) = report.experiment.captions.values()
    assert "of a slower tracker the last" in caption


def test_another_rate_trains_nothing(
    report: ExperimentReport, place: Path, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(fitting, "fit_model", refuse)
    text = FILE.replace('"slow"', '"slower"').replace('"D30", "D60"', '"D30"')
    again = run_experiment(written(place, text), full, place / "R")
    assert again.experiment.runs == report.experiment.runs


def test_the_record_tells_the_builds_and_another_one_is_another_experiment(
    report: ExperimentReport, place: Path, full: Path, tmp_path: Path
) -> None:
    record = tomllib.loads((report.experiment.path / "experiment.toml").read_text())
    assert [Path(each["path"]).name for each in record["also_read"]] == ["D30", "D60"]
    moved = Path(shutil.copytree(full, tmp_path / "D"))
    for name in ("D30", "D60"):
        write_slower(full, tmp_path / name, rate_hz=float(name[1:]), dark=[8])
    with pytest.raises(MismatchError, match=r"other data: .*D30"):
        run_experiment(written(place), moved, place / "R")


def test_an_experiment_without_slower_trackers_is_the_one_it_was(place: Path, full: Path, tmp_path: Path) -> None:
    """The option is not in its record, so that what was run before there was one is found again."""
    text = FILE.replace('as_rate = ["D30", "D60"]', "")
    plain = run_experiment(written(tmp_path, text), full, tmp_path / "R")
    record = tomllib.loads((plain.experiment.path / "experiment.toml").read_text())
    assert "as_rate" not in record["options"]["conditions"]
    assert "also_read" not in record
    (svg,) = plain.experiment.figures.values()
    assert "slower tracker" not in svg


def test_two_builds_of_one_rate_are_refused(full: Path, tmp_path: Path) -> None:
    write_slower(full, full.parent / "again", rate_hz=30)
    text = FILE.replace('"D60"', '"again"')
    with pytest.raises(UsageError, match="two data sets of 30 Hz"):
        run_experiment(written(tmp_path, text), full, tmp_path / "R")


def test_a_build_that_is_not_there_is_named(full: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no data set(.|\n)*emogap build"):
        run_experiment(written(tmp_path, FILE.replace('"D60"', '"D15"')), full, tmp_path / "R")
