"""``robustness``: the models of a run on disturbed clips, loaded and never trained again."""

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from emogap.errors import MismatchError, UsageError
from emogap.interfaces.experiments.running import ExperimentReport, run_experiment
from emogap.learning.evaluation import fitting
from emogap.learning.evaluation.predictions import read_predictions, sorted_predictions
from emogap.learning.evaluation.protocols import open_protocol
from emogap.learning.evaluation.robustness.conditions import CLEAN, Condition
from emogap.learning.evaluation.robustness.disturbed import disturbed_predictions, require_reproduced
from emogap.learning.experiment import BenchConfig
from emogap.reporting.results import open_run

FILE = """
schema = 1
name = "spoilt"
title = "Spoilt"
kind = "robustness"
[options]
protocols = ["er3"]
models = ["emert", "linear@face"]
splits = ["person"]
preset = "quick"
folds = 3
[options.options.emert]
encoder_width = 4
encoder_layers = 1
mlp_width = 3
width = 4
num_heads = 1
head_width = 2
[options.conditions]
noise_variance = [0.01, 10.0]
track_loss_share = [0.5]
hold_every = [4]
no_pupil = true
without = ["eye"]
"""


def written(folder: Path, text: str = FILE) -> Path:
    path = folder / "spoilt.toml"
    path.write_text(text)
    return path


def config_of(run: Path) -> BenchConfig:
    return BenchConfig.model_validate_json(json.dumps(open_run(run).record["config"]))


def cells(report: ExperimentReport, condition: str) -> dict[str, dict[str, object]]:
    table = report.experiment.tables[0]
    row = next(row for row in table["rows"] if row[0]["value"] == condition)
    return {column["name"]: cell for column, cell in zip(table["columns"], row, strict=True)}


def test_undisturbed_clips_give_the_stored_predictions_to_the_last_bit(
    report: ExperimentReport, small_dataset: Path
) -> None:
    run = report.experiment.runs[0]
    config = config_of(run)
    made = disturbed_predictions(small_dataset, run, config, open_protocol("er3"), [CLEAN])[CLEAN]
    stored = read_predictions(run / "predictions.parquet").filter(pl.col("model").is_in(config.models))
    assert_frame_equal(made, sorted_predictions([stored]), check_exact=True)


def test_checkpoints_of_another_run_are_found_out(report: ExperimentReport, small_dataset: Path) -> None:
    run = report.experiment.runs[0]
    noise = Condition("noise", 10.0)
    made = disturbed_predictions(small_dataset, run, config_of(run), open_protocol("er3"), [noise])
    with pytest.raises(MismatchError, match="largest difference"):
        require_reproduced(made[noise], read_predictions(run / "predictions.parquet"))


def test_there_is_a_row_for_each_condition(report: ExperimentReport) -> None:
    assert [row[0]["value"] for row in report.experiment.tables[0]["rows"]] == [
        "clean",
        "noise, variance 0.01",
        "noise, variance 10",
        "track lost 50 %",
        "one step of 4 held",
        "no pupil",
        "without eye",
        "majority (floor)",
    ]


def test_the_clean_row_is_the_score_of_the_run(report: ExperimentReport) -> None:
    table = open_run(report.experiment.runs[0]).scores["tables"][0]
    row = next(row for row in table["splits"][0]["rows"] if row["model"] == "emert")
    assert cells(report, "clean")["emert_uar"]["value"] == row["metrics"]["uar"]["pooled"]["estimate"]


def test_a_difference_is_that_of_the_two_rows(report: ExperimentReport) -> None:
    clean, noisy = cells(report, "clean"), cells(report, "noise, variance 10")
    for model in ("emert", "linear@face"):
        difference = noisy[f"{model}_uar"]["value"] - clean[f"{model}_uar"]["value"]
        assert noisy[f"{model}_minus_clean"]["value"] == pytest.approx(difference)


def test_what_does_not_reach_a_model_is_said(report: ExperimentReport) -> None:
    assert cells(report, "track lost 50 %")["emert_uar"]["value"] is not None
    assert "changes nothing" in cells(report, "track lost 50 %")["linear@face_uar"]["note"]
    assert "changes nothing" in cells(report, "no pupil")["emert_uar"]["note"]


def test_curves_are_drawn_for_what_has_levels(report: ExperimentReport) -> None:
    (svg,) = report.experiment.figures.values()
    assert all(words in svg for words in ("Gaussian noise", "track loss in bursts", "steps held", "SIMULATED"))
    assert "slow drift" not in svg


def test_the_caption_of_the_curves_tells_the_curves_and_no_column_of_the_table(report: ExperimentReport) -> None:
    (caption,) = report.experiment.captions.values()
    assert "Bars: 95 % intervals; dashed: majority (floor)." in caption
    assert "only tested on disturbed ones" in caption
    assert not any(word in caption for word in ("Brackets", "difference"))
    assert report.experiment.tables[0]["caption"].endswith("a difference is taken on the same clips.")


def test_another_disturbance_trains_nothing(
    report: ExperimentReport, place: Path, small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(fitting, "fit_model", refuse)
    text = FILE.replace('"spoilt"', '"more"').replace("[0.01, 10.0]", "[0.05]")
    again = run_experiment(written(place, text), small_dataset, place / "R")
    assert again.experiment.runs == report.experiment.runs


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("[0.5]", "[1.5]", "a level of a disturbance is 1.5"),
        ("hold_every = [4]", "hold_every = [1]", "a level of a disturbance is 1"),
        ('["emert", "linear@face"]', '["majority"]', "only floors"),
    ],
)
def test_what_makes_no_sense_is_refused(
    small_dataset: Path, tmp_path: Path, before: str, after: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        run_experiment(written(tmp_path, FILE.replace(before, after)), small_dataset, tmp_path / "R")
