"""``ablation``: arms in the same folds, compared with a reference on the same clips."""

from pathlib import Path

import polars as pl
import pytest

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.experiments.file import read_experiment_file
from emogap.interfaces.experiments.running import ExperimentReport, run_experiment
from tests.learning.evaluation.small_study import PEOPLE, STIMULI

HEAD = """
schema = 1
name = "arms"
title = "Arms"
kind = "ablation"
[options]
protocols = ["er3"]
models = ["linear"]
splits = ["person"]
preset = "quick"
folds = 3
reference = "all"
"""
ARMS = """
[[options.arms]]
name = "face"
model = "linear@face"
[[options.arms]]
name = "two channels"
channels = { eye = ["eye_3"], face = ["face_[01]"] }
[[options.arms]]
name = "all"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "arms.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, small_dataset: Path) -> ExperimentReport:
    folder = tmp_path_factory.mktemp("place")
    return run_experiment(written(folder, HEAD + ARMS), small_dataset, folder / "R")


def row_of(report: ExperimentReport, arm: str) -> dict[str, dict[str, object]]:
    table = report.experiment.tables[0]
    row = next(row for row in table["rows"] if row[0]["value"] == arm)
    return {column["name"]: cell for column, cell in zip(table["columns"], row, strict=True)}


def test_arms_stand_in_the_order_of_the_file(report: ExperimentReport) -> None:
    rows = report.experiment.tables[0]["rows"]
    assert [row[0]["value"] for row in rows] == ["face", "two channels", "all", "majority (floor)", "best possible"]


def test_arms_that_differ_in_streams_alone_share_a_run(report: ExperimentReport) -> None:
    models = sorted(set(pl.read_parquet(run / "predictions.parquet")["model"]) for run in report.experiment.runs)
    assert len(models) == 2
    assert any({"linear", "linear@face"} <= held for held in models)


def test_a_difference_is_that_of_the_two_scores(report: ExperimentReport) -> None:
    face, whole = row_of(report, "face"), row_of(report, "all")
    assert face["difference"]["value"] == pytest.approx(face["uar"]["value"] - whole["uar"]["value"])
    assert face["difference"]["low"] < face["difference"]["value"] < face["difference"]["high"]


def test_without_the_channels_that_tell_the_class_the_arm_is_found_worse(report: ExperimentReport) -> None:
    """The data set raises eye_0, eye_1 or eye_2 with the felt class; eye_3 and the face tell nothing."""
    arm = row_of(report, "two channels")
    assert arm["difference"]["high"] < 0
    assert arm["p_holm"]["value"] < 0.05


def test_p_is_adjusted_for_both_arms(report: ExperimentReport) -> None:
    p = sorted(
        (row_of(report, arm)["p"]["value"], row_of(report, arm)["p_holm"]["value"]) for arm in ("face", "two channels")
    )
    assert p[0][1] == pytest.approx(min(1, 2 * p[0][0]))
    assert p[1][1] == pytest.approx(max(p[0][1], p[1][0]))


def test_the_reference_is_not_compared_with_itself(report: ExperimentReport) -> None:
    assert row_of(report, "all")["difference"]["value"] == "reference"


def test_the_caption_says_how_many_were_tested(report: ExperimentReport) -> None:
    assert f"{PEOPLE * STIMULI} clips, {PEOPLE} people" in report.experiment.tables[0]["caption"]


GRID = """
[options.options.emert]
encoder_width = 4
encoder_layers = 1
mlp_width = 3
width = 4
num_heads = 1
head_width = 2
[options.grid]
rows = "alpha"
row_values = [0.1, 0.3]
columns = "beta"
column_values = [0.01]
"""


def test_a_grid_makes_an_arm_of_each_combination_and_a_map(small_dataset: Path, tmp_path: Path) -> None:
    head = HEAD.replace('"linear"', '"emert"').replace('"all"', '"alpha=0.3 beta=0.01"')
    report = run_experiment(written(tmp_path, head + GRID), small_dataset, tmp_path / "R")
    names = [row[0]["value"] for row in report.experiment.tables[0]["rows"]]
    assert names[:2] == [f"alpha={alpha} beta={beta}" for alpha in (0.1, 0.3) for beta in (0.01,)]
    svg = report.experiment.figures["arms_er3_map"]
    assert all(f"alpha {alpha}" in svg for alpha in (0.1, 0.3))
    assert "SIMULATED" in svg
    caption = report.experiment.captions["arms_er3_map"]
    assert f"{PEOPLE * STIMULI} clips, {PEOPLE} people" in caption
    assert not any(word in caption for word in ("Differences", "Holm", "Brackets"))


@pytest.mark.parametrize(
    ("arms", "says"),
    [
        (ARMS + '[[options.arms]]\nname = "again"\nmodel = "linear@face"\n', "'face' and 'again' are the same"),
        (ARMS.replace('"two channels"', '"face"'), "each once"),
        ("", "two names or more"),
    ],
)
def test_arms_that_make_no_sense_are_refused(small_dataset: Path, tmp_path: Path, arms: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        run_experiment(written(tmp_path, HEAD + arms), small_dataset, tmp_path / "R")


def test_a_reference_that_is_no_arm_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'face'"):
        read_experiment_file(written(tmp_path, HEAD.replace('"all"', '"fase"') + ARMS))


def test_an_arm_may_not_have_folds_of_its_own(tmp_path: Path) -> None:
    from emogap.errors import DataError

    with pytest.raises(DataError, match="folds: is not known here"):
        read_experiment_file(written(tmp_path, HEAD + ARMS + "folds = 4\n"))


def test_the_fits_of_another_experiment_of_the_place_are_found(small_dataset: Path, tmp_path: Path) -> None:
    bench = HEAD.replace('"ablation"', '"bench"').replace('"arms"', '"bench"').replace('reference = "all"\n', "")
    run_experiment(written(tmp_path, bench), small_dataset, tmp_path / "R")
    before = {path.name for path in (tmp_path / "R" / "fits" / "linear").iterdir()}
    run_experiment(written(tmp_path, HEAD + ARMS), small_dataset, tmp_path / "R")
    after = {path.name for path in (tmp_path / "R" / "fits" / "linear").iterdir()}
    num_folds, num_arms = 3, 3
    assert len(before) == num_folds
    assert before < after
    assert len(after) == num_arms * num_folds


def test_an_arm_that_changes_no_answer_says_so_and_no_constant_guess(small_dataset: Path, tmp_path: Path) -> None:
    """Once it was "says the same of every clip", which is what a constant does."""
    twin = '[[options.arms]]\nname = "twin"\nrecipe = "native"\n[[options.arms]]\nname = "all"\n'
    report = run_experiment(written(tmp_path, HEAD + twin), small_dataset, tmp_path / "R")
    assert row_of(report, "twin")["p"]["note"] == "answers every clip as 'all' does"


def test_averages_over_batches_of_every_arm_follow_where_the_file_asks_for_them(
    small_dataset: Path, tmp_path: Path
) -> None:
    text = HEAD.replace("folds = 3", 'folds = 3\nmetric_compat = "emer-batch16"') + ARMS
    first, batches = run_experiment(written(tmp_path, text), small_dataset, tmp_path / "R").experiment.tables
    assert batches["name"] == "arms_er3_person_batches"
    assert [row[0]["value"] for row in batches["rows"]] == ["face", "two channels", "all", "majority (floor)"]
    columns = [column["name"] for column in batches["columns"]]
    pooled, averaged = columns.index("war_pooled"), columns.index("war_batches")
    assert [row[pooled]["value"] for row in batches["rows"]] == [row[1]["value"] for row in first["rows"][:4]]
    assert all(0 <= row[averaged]["value"] <= 1 for row in batches["rows"])
