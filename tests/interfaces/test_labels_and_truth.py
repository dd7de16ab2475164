"""Labels of each way against the truth of a simulated study, recomputed from its files."""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.errors import DataError, UsageError
from emogap.interfaces.labels_and_truth import compare_with_truth
from emogap.simulation.config import SimulationConfig
from emogap.simulation.study import simulate_study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = SimulationConfig(participants=6, stimuli=14, clip_s=2.0, pause_s=1.0, rate_hz=60, video=False, seed=5)
    return simulate_study(tmp_path_factory.mktemp("truth") / "study", config, jobs=1)


@pytest.fixture(scope="module")
def clips(study: Path) -> pl.DataFrame:
    """One row per clip: what was felt and shown, reported, and said by the machine."""
    truth = pl.read_parquet(study / "truth.parquet").with_columns(
        item=pl.col("participant_id") + "/" + pl.col("stimulus_id")
    )
    reported = pl.concat(
        pl.read_csv(path, separator="\t").select(
            item=pl.lit(path.parent.name + "/") + pl.col("stimulus_id"), reported="emotion7"
        )
        for path in sorted(study.glob("sessions/*/selfreport.tsv"))
    )
    machine = (
        pl.concat(pl.read_csv(path) for path in sorted(study.glob("ratings/*.csv")))
        .filter(pl.col("annotator") == "machine-simulated", pl.col("question") == "emotion7")
        .select("item", machine="rating")
    )
    return truth.join(reported, on="item").join(machine, on="item")


def test_the_planted_gap_is_stated(study: Path, clips: pl.DataFrame) -> None:
    report = compare_with_truth(study, draws=50)
    assert report.num_clips == 84
    assert report.true_gap == pytest.approx((clips["felt_emotion7"] != clips["shown_emotion7"]).mean())


def test_the_machine_alone_is_as_right_as_its_rating_file(study: Path, clips: pl.DataFrame) -> None:
    row = compare_with_truth(study, draws=50).categories[0]
    assert (row.way, row.num_clips) == ("machine", 84)
    assert row.right.estimate == pytest.approx((clips["machine"] == clips["shown_emotion7"]).mean())
    assert row.gap is not None
    assert row.gap.estimate == pytest.approx((clips["machine"] != clips["reported"]).mean())
    assert row.gap.low <= row.gap.estimate <= row.gap.high


def test_no_gap_is_left_on_clips_that_the_shortcut_accepts(study: Path, clips: pl.DataFrame) -> None:
    """ALA's measured gap is that of the clips experts judged; the shown emotions on the others are not looked at."""
    report = compare_with_truth(study, draws=50)
    accepted = clips.filter(pl.col("machine") == pl.col("reported"))
    assert report.num_accepted == len(accepted)
    assert report.num_accepted_wrong == (accepted["machine"] != accepted["shown_emotion7"]).sum()
    for row in report.categories:
        if row.way == "ala-paper" and row.method == "majority":
            assert row.gap is not None
            assert row.gap.estimate <= 1 - len(accepted) / 84 + 1e-12


def test_more_good_annotators_are_closer_to_the_truth(study: Path) -> None:
    report = compare_with_truth(study, draws=50)
    right = {(row.way, row.method): row.right.estimate for row in report.categories}
    assert right["machine", "majority"] < right["experts", "majority"]
    error = {(row.question, row.way, row.method): row.rmse for row in report.values}
    for question in ("valence", "arousal"):
        assert error[question, "experts + machine", "majority"] < error[question, "machine", "majority"]


def test_values_are_compared_with_what_the_annotators_saw(study: Path, clips: pl.DataFrame) -> None:
    """Four experts and a machine with the same noise SD: the mean errs by SD / sqrt(5), except near the ends."""
    rows = compare_with_truth(study, draws=50).values
    row = next(r for r in rows if (r.question, r.way, r.method) == ("valence", "experts + machine", "majority"))
    noise = SimulationConfig().raters.scale_sd
    assert row.rmse == pytest.approx(noise / np.sqrt(5), rel=0.2)


def test_a_study_without_truth_is_refused(study: Path, tmp_path: Path) -> None:
    shutil.copytree(study, tmp_path / "real")
    (tmp_path / "real" / "truth.parquet").unlink()
    with pytest.raises(DataError, match="only a simulated study has one"):
        compare_with_truth(tmp_path / "real", draws=50)


def test_two_machines_are_refused_unless_one_is_named(study: Path, tmp_path: Path) -> None:
    shutil.copytree(study, tmp_path / "two")
    text = next((tmp_path / "two" / "ratings").glob("machine*.csv")).read_text()
    (tmp_path / "two" / "ratings" / "machine-other.csv").write_text(text.replace("machine-simulated", "machine-other"))
    with pytest.raises(UsageError, match="2 machines and 4 people"):
        compare_with_truth(tmp_path / "two", draws=50)
    assert compare_with_truth(tmp_path / "two", machine="machine-other", draws=50).num_clips == 84
