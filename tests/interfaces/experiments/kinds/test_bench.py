"""``bench``: one table for each protocol, and one training for two views."""

from pathlib import Path

import polars as pl
import pytest

from emogap.errors import UsageError
from emogap.interfaces.experiments.running import ExperimentReport, run_experiment
from tests.learning.evaluation.small_study import PEOPLE, STIMULI, write_small_dataset

FILE = """
schema = 1
name = "small"
title = "Small"
kind = "bench"
[options]
protocols = ["er3", "fer3"]
models = ["linear"]
splits = ["person"]
preset = "quick"
folds = 3
"""
FOLDS, NUM_MODELS = 3, 4


def written(folder: Path, text: str = FILE) -> Path:
    path = folder / "small.toml"
    path.write_text(text)
    return path


def test_there_is_a_table_for_each_protocol(report: ExperimentReport) -> None:
    assert [table["name"] for table in report.experiment.tables] == ["small_er3", "small_fer3"]


def test_a_table_is_laid_out_as_in_the_paper(report: ExperimentReport) -> None:
    table = report.experiment.tables[0]
    assert [column["title"] for column in table["columns"][:4]] == ["model", "WAR", "UAR", "F1"]
    assert table["rows"][0][0]["value"] == "linear"
    assert f"{PEOPLE * STIMULI} clips" in table["caption"]


def test_a_number_has_its_interval_and_is_that_of_the_run(report: ExperimentReport) -> None:
    war = report.experiment.tables[1]["rows"][0][1]
    rows = pl.read_parquet(report.experiment.runs[1] / "predictions.parquet").filter(
        (pl.col("model") == "linear") & (pl.col("view") == "shown")
    )
    hits = (rows["probability"].list.arg_max() == rows["label"].list.arg_max()).sum()
    assert war["value"] == pytest.approx(hits / (PEOPLE * STIMULI))
    assert war["low"] < war["value"] < war["high"]


def test_floors_and_the_best_possible_are_there_and_never_ranked(report: ExperimentReport) -> None:
    ranked = {row[0]["value"]: row[1]["is_ranked"] for row in report.experiment.tables[0]["rows"]}
    assert ranked["linear"]
    assert not any(ranked[name] for name in ("majority", "person_mean", "stimulus_mean", "best possible"))


def test_two_views_are_one_training(report: ExperimentReport, place: Path) -> None:
    assert len(list((place / "R" / "fits").glob("*/*"))) == NUM_MODELS * FOLDS
    assert len(report.experiment.runs) == 2


def test_an_experiment_that_was_interrupted_goes_on(
    small_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emogap.learning.evaluation import fitting

    working, trained = fitting.fit_model, []

    def cut_off(*arguments: object, **options: object) -> object:
        trained.append(1)
        if len(trained) == 7:
            raise KeyboardInterrupt
        return working(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(fitting, "fit_model", cut_off)
    with pytest.raises(KeyboardInterrupt):
        run_experiment(written(tmp_path), small_dataset, tmp_path / "R")
    report = run_experiment(written(tmp_path), small_dataset, tmp_path / "R")
    assert report.experiment.record["is_finished"]
    assert len(trained) == 7 + NUM_MODELS * FOLDS - 6


def test_a_view_without_labels_is_refused_by_name(small_dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs labels of the view shown"):
        run_experiment(written(tmp_path, FILE.replace('"fer3"', '"fer7"')), small_dataset, tmp_path / "R")


def test_three_people_are_too_few_for_five_folds(tmp_path: Path) -> None:
    data = write_small_dataset(tmp_path, people=3)
    with pytest.raises(UsageError, match="3 "):
        run_experiment(written(tmp_path, FILE.replace("folds = 3", "folds = 5")), data, tmp_path / "R")


def test_a_class_that_a_fold_lacks_is_said(tmp_path: Path) -> None:
    data = write_small_dataset(tmp_path, people=4, stimuli=2)
    report = run_experiment(written(tmp_path, FILE.replace("folds = 3", "folds = 4")), data, tmp_path / "R")
    assert any("the test clips lack" in note and "in 2" in note for note in report.experiment.notes)


def test_a_protocol_that_stands_twice_is_refused(small_dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="twice"):
        run_experiment(written(tmp_path, FILE.replace('"fer3"', '"er3"')), small_dataset, tmp_path / "R")


def test_averages_over_batches_stand_beside_the_pooled_scores_where_the_file_asks_for_them(
    small_dataset: Path, tmp_path: Path
) -> None:
    """Once they were computed and stood in no table. By hand: the mean over batches of 16, then over folds."""
    text = FILE.replace('["er3", "fer3"]', '["er3"]') + 'metric_compat = "emer-batch16"\n'
    experiment = run_experiment(written(tmp_path, text), small_dataset, tmp_path / "R").experiment
    assert [table["name"] for table in experiment.tables] == ["small_er3", "small_er3_person_batches"]
    rows = pl.read_parquet(experiment.runs[0] / "predictions.parquet").filter(
        (pl.col("model") == "linear") & (pl.col("view") == "felt")
    )
    of_folds = []
    for fold in rows["fold"].unique():
        held = rows.filter(pl.col("fold") == fold).sort("recording_id", "participant_id", "stimulus_id")
        hits = (held["probability"].list.arg_max() == held["label"].list.arg_max()).to_list()
        batches = [hits[start : start + 16] for start in range(0, len(hits), 16)]
        of_folds.append(sum(sum(batch) / len(batch) for batch in batches) / len(batches))
    table = experiment.tables[1]
    linear = dict(zip((column["name"] for column in table["columns"]), table["rows"][0], strict=True))
    assert linear["war_batches"]["value"] == pytest.approx(sum(of_folds) / FOLDS)
    assert linear["war_pooled"]["value"] == experiment.tables[0]["rows"][0][1]["value"]
