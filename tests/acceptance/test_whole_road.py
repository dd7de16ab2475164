"""From a simulated recording to a report, through the commands a user types."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from emogap.interfaces.cli import build_app


def emogap(*arguments: object, expect: int = 0) -> str:
    result = CliRunner().invoke(build_app(), [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == expect, result.output
    return result.stdout


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("road")
    study, dataset, run = folder / "study", folder / "dataset", folder / "run"
    emogap(
        "simulate", study, "--participants", 6, "--stimuli", 7, "--clip-s", 3, "--seed", 3, "--no-video", "--jobs", 1
    )
    emogap("build", study, dataset, "--jobs", 1)
    asked = ("--protocol", "er3", "--models", "linear,emert", "--splits", "person,person+stimulus")
    emogap("bench", dataset, *asked, "--preset", "quick", "--folds", 3, "--jobs", 1, "--out", run)
    emogap("report", run)
    return folder


def test_every_clip_is_held_out_exactly_once_under_person(road: Path) -> None:
    predictions = pl.read_parquet(road / "run" / "predictions.parquet")
    linear = predictions.filter(pl.col("split") == "person", pl.col("model") == "linear", pl.col("view") == "felt")
    samples = pl.read_parquet(road / "dataset" / "samples.parquet")
    assert linear.height == samples.height == 6 * 7
    assert set(zip(linear["participant_id"], linear["stimulus_id"], strict=True)) == set(
        zip(samples["participant_id"], samples["stimulus_id"], strict=True)
    )


def test_the_table_holds_floors_and_the_ceiling(road: Path) -> None:
    scores = json.loads((road / "run" / "scores.json").read_text())
    assert scores["simulated"]
    table = next(table for table in scores["tables"] if table["view"] == "felt")
    assert 1 / 3 < table["ceiling"]["uar"] <= 1
    for split in table["splits"]:
        assert {"majority", "person_mean", "stimulus_mean"} <= {row["model"] for row in split["rows"]}


def test_the_report_is_one_file_that_says_it_is_simulated(road: Path) -> None:
    page = (road / "run" / "report.html").read_text()
    assert "SIMULATED" in page.upper()
    assert "does not read feelings" in page
    assert "<link" not in page
    assert 'src="http' not in page


def test_the_audit_finds_nothing_in_an_honest_run(road: Path) -> None:
    emogap("audit", road / "run")
    emogap("audit", road / "dataset")


def test_a_model_trained_on_everyone_predicts_a_session(road: Path) -> None:
    checkpoint = road / "checkpoint"
    emogap("train", road / "dataset", "--protocol", "er3", "--model", "linear", "--out", checkpoint)
    session = road / "study" / "sessions" / "p001"
    table = road / "predictions.tsv"
    answer = json.loads(emogap("predict", checkpoint, session, "--out", table, "--json"))
    assert len(answer["clips"]) == 7
    shares = pl.read_csv(table, separator="\t")
    assert shares["stimulus_id"].n_unique() == 7


def test_asking_again_repeats_nothing_and_changes_nothing(road: Path) -> None:
    before = (road / "run" / "predictions.parquet").read_bytes()
    asked = ("--protocol", "er3", "--models", "linear,emert", "--splits", "person,person+stimulus")
    emogap(
        "bench", road / "dataset", *asked, "--preset", "quick", "--folds", 3, "--jobs", 1, "--out", road / "run"
    )  # fmt: skip
    assert (road / "run" / "predictions.parquet").read_bytes() == before
