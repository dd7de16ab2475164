"""A whole benchmark on a small data set: what it writes, refuses, survives and finds."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from emogap.errors import MismatchError, OutputError, UsageError
from emogap.learning.evaluation import fitting
from emogap.learning.evaluation.benchmark import BenchReport, run_benchmark
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from tests.learning.evaluation.small_study import PEOPLE, STIMULI, write_small_dataset

FEW = Scoring(draws=1100)
ROOT = Path(__file__).parents[3]
CONFIG = BenchConfig(protocol="er3", models=("linear",), preset="quick", folds=3)
SMALL_EMERT = {"encoder_width": 4, "encoder_layers": 1, "mlp_width": 3, "width": 4, "num_heads": 1, "head_width": 2}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_dataset(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def report(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> BenchReport:
    return run_benchmark(dataset, CONFIG, tmp_path_factory.mktemp("runs") / "run", scoring=FEW)


def predictions_of(report: BenchReport) -> pl.DataFrame:
    return pl.read_parquet(report.path / "predictions.parquet")


def test_the_folder_of_a_run_holds_what_the_contract_says(report: BenchReport) -> None:
    assert sorted(path.name for path in report.path.iterdir()) == [
        "checkpoints",
        "confounds.json",
        "predictions.parquet",
        "run.toml",
        "scores.json",
    ]
    folder = report.path / "checkpoints" / "linear" / "person+stimulus-p1s1-0"
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "weights.safetensors"]


def test_predictions_have_the_columns_of_the_contract(report: BenchReport) -> None:
    keys = ["dataset", "recording_id", "participant_id", "stimulus_id", "stimulus_group", "start_s", "stop_s"]
    fit = ["protocol", "view", "target", "split", "cell", "fold", "seed", "model"]
    assert predictions_of(report).columns == [*keys, *fit, "probability", "label"]


def test_every_clip_is_predicted_once_by_each_model_under_person(report: BenchReport) -> None:
    rows = predictions_of(report).filter((pl.col("split") == "person") & (pl.col("view") == "felt"))
    counts = rows.group_by("model").len()
    assert dict(counts.iter_rows()) == dict.fromkeys(
        ("linear", "majority", "person_mean", "stimulus_mean"), PEOPLE * STIMULI
    )


def test_floors_are_there_without_being_asked_for(report: BenchReport) -> None:
    for table in report.scores["tables"]:
        for split in table["splits"]:
            roles = {row["model"]: row["role"] for row in split["rows"]}
            floors = {"majority", "person_mean", "stimulus_mean", "stratified"}
            assert {name for name, role in roles.items() if role == "floor"} == floors
            assert roles["oracle:person"] == "oracle"


def test_one_training_gives_the_scores_of_both_views(report: BenchReport) -> None:
    assert [table["protocol"] for table in report.scores["tables"]] == ["er3", "fer3"]
    assert report.record["num_fits"] == 4 * (3 + 3 + 3)


def test_a_blocked_score_brings_person_and_thinned_with_it(report: BenchReport) -> None:
    assert set(predictions_of(report)["split"]) == {"person", "person+stimulus", "person-thinned"}
    person, blocked = report.scores["tables"][0]["splits"]
    assert not person["parts"]
    assert [parts["model"] for parts in blocked["parts"]] == ["linear", "majority", "person_mean", "stimulus_mean"]


def test_a_planted_effect_is_found(report: BenchReport) -> None:
    split = report.scores["tables"][0]["splits"][0]
    pair = next(pair for pair in split["pairs"] if {pair["first"], pair["second"]} == {"linear", "majority"})
    assert split["best"] == "linear"
    assert pair["p_holm"] is not None
    assert pair["p_holm"] < 0.05


def test_the_record_says_how_the_numbers_were_made(report: BenchReport) -> None:
    record = report.record
    assert record["is_finished"]
    assert record["config"]["preset"] == "quick"
    assert record["epochs"] == 5
    assert record["dataset"]["simulated"]
    assert set(record["splits"]) == {"person-0", "person+stimulus-0", "person-thinned-0"}
    assert {"emogap", "torch", "numpy"} <= set(record["versions"])


def test_two_processes_write_the_same_bytes_as_one(dataset: Path, report: BenchReport, tmp_path: Path) -> None:
    other = run_benchmark(dataset, CONFIG, tmp_path / "run", jobs=2, scoring=FEW)
    first, second = (run / "predictions.parquet" for run in (report.path, other.path))
    assert first.read_bytes() == second.read_bytes()
    assert other.scores == report.scores
    assert other.confounds == report.confounds


@pytest.fixture
def no_fitting(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a fit that is done was begun again")

    monkeypatch.setattr(fitting, "fit_model", refuse)


@pytest.mark.usefixtures("no_fitting")
def test_the_same_job_is_not_done_again(dataset: Path, report: BenchReport) -> None:
    before = (report.path / "predictions.parquet").stat().st_mtime_ns
    again = run_benchmark(dataset, CONFIG, report.path, scoring=FEW)
    assert again.scores == report.scores
    assert (report.path / "predictions.parquet").stat().st_mtime_ns == before


@pytest.mark.usefixtures("no_fitting")
def test_the_authors_averages_are_added_to_a_finished_run(dataset: Path, report: BenchReport) -> None:
    compat = CONFIG.model_copy(update={"metric_compat": "emer-batch16"})
    row = run_benchmark(dataset, compat, report.path, scoring=FEW).scores["tables"][0]["splits"][0]["rows"][0]
    assert row["metrics"]["uar"]["emer_batch16"] is not None


def test_another_job_in_the_same_folder_is_refused(dataset: Path, report: BenchReport) -> None:
    with pytest.raises(MismatchError, match="other options or other data"):
        run_benchmark(dataset, CONFIG.model_copy(update={"seeds": 2}), report.path)


def test_a_folder_that_holds_something_else_is_refused(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="taken by something else"):
        run_benchmark(dataset, CONFIG, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_question_that_the_data_cannot_answer_is_refused_in_words(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        run_benchmark(dataset, CONFIG.model_copy(update={"protocol": "er7"}), tmp_path / "run")
    assert "felt_emotion3" in str(caught.value)
    assert "choose one of: er3, er-va, felt-va, fer3, target3" in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_fewer_people_than_folds_is_refused_before_anything_is_written(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="10"):
        run_benchmark(dataset, CONFIG.model_copy(update={"folds": 11}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_model_on_one_stream_stands_beside_the_same_on_all(dataset: Path, tmp_path: Path) -> None:
    models = {"models": ("linear", "linear@face"), "splits": ("person",)}
    both = run_benchmark(dataset, CONFIG.model_copy(update=models), tmp_path / "run", scoring=FEW)
    score = {
        row["model"]: row["metrics"]["uar"]["pooled"]["estimate"]
        for row in both.scores["tables"][0]["splits"][0]["rows"]
    }
    assert score["linear"] > score["linear@face"]


def test_a_stream_that_the_data_lack_is_refused(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match="no stream 'pupil'"):
        run_benchmark(dataset, CONFIG.model_copy(update={"models": ("linear@pupil",)}), tmp_path / "run")


def test_a_single_head_leaves_the_other_view_out(dataset: Path, tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"models": ("majority",), "splits": ("person",), "heads": "single"})
    alone = run_benchmark(dataset, config, tmp_path / "run", scoring=FEW)
    assert [table["protocol"] for table in alone.scores["tables"]] == ["er3"]


@pytest.mark.parametrize(("joint", "num_fits"), [(False, 2), (True, 1)])
def test_values_are_fitted_one_by_one_unless_joint(dataset: Path, tmp_path: Path, joint: bool, num_fits: int) -> None:
    options = {"protocol": "felt-va", "models": ("majority",), "splits": ("person",), "joint": joint}
    values = run_benchmark(dataset, CONFIG.model_copy(update=options), tmp_path / "run", scoring=FEW)
    assert [table["target"] for table in values.scores["tables"]] == ["valence", "arousal"]
    assert values.record["num_fits"] == 3 * 3 * num_fits
    assert predictions_of(values)["value"].dtype == pl.Float64


def test_a_failing_model_does_not_stop_the_rest(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    working = fitting.fit_model

    def broken(name: str, *arguments: object, **options: object) -> object:
        if name == "linear":
            raise RuntimeError("shapes do not fit")
        return working(name, *arguments, **options)  # type: ignore[arg-type]

    config = CONFIG.model_copy(update={"splits": ("person",)})
    monkeypatch.setattr(fitting, "fit_model", broken)
    partly = run_benchmark(dataset, config, tmp_path / "run", scoring=FEW)
    assert [failure.problem for failure in partly.failures] == ["RuntimeError: shapes do not fit"] * 3
    assert not partly.record["is_finished"]
    assert set(predictions_of(partly)["model"]) == {"majority", "person_mean", "stimulus_mean"}
    monkeypatch.setattr(fitting, "fit_model", working)
    assert run_benchmark(dataset, config, tmp_path / "run", scoring=FEW).failures == ()


def test_a_model_whose_streams_are_absent_does_not_stop_the_rest(dataset: Path, tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"models": ("linear", "linear@eye+audio"), "splits": ("person",)})
    partly = run_benchmark(dataset, config, tmp_path / "run", scoring=FEW)
    assert [(failure.model, failure.split) for failure in partly.failures] == [("linear@eye+audio", "")]
    assert "no stream 'audio'" in partly.failures[0].problem
    assert set(predictions_of(partly)["model"]) == {"linear", "majority", "person_mean", "stimulus_mean"}


def test_streams_that_are_absent_for_every_model_stop_the_run(dataset: Path, tmp_path: Path) -> None:
    config = CONFIG.model_copy(update={"models": ("linear@audio",), "splits": ("person",)})
    with pytest.raises(MismatchError, match="no stream 'audio'"):
        run_benchmark(dataset, config, tmp_path / "run", scoring=FEW)


def test_a_full_disk_stops_the_run_and_keeps_what_was_done(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = fitting.write_parquet
    config = CONFIG.model_copy(update={"models": ("majority",), "splits": ("person",)})

    def full(path: Path, frame: pl.DataFrame) -> None:
        if path.parent.name == "person_mean":
            raise OutputError("could not write: no space left on device", where=str(path), fix="make room")
        working(path, frame)

    monkeypatch.setattr(fitting, "write_parquet", full)
    with pytest.raises(OutputError, match="no space left"):
        run_benchmark(dataset, config, tmp_path / "run", scoring=FEW)
    assert len(list((tmp_path / "run" / "parts" / "majority").glob("*.parquet"))) == 3
    monkeypatch.setattr(fitting, "write_parquet", working)
    assert run_benchmark(dataset, config, tmp_path / "run", scoring=FEW).record["is_finished"]


KILLED = """
import sys
from pathlib import Path
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.experiment import BenchConfig
run_benchmark(Path(sys.argv[1]), BenchConfig.model_validate_json(sys.argv[3]), Path(sys.argv[2]))
"""


def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(dataset: Path, tmp_path: Path) -> None:
    options = {"models": ("emert",), "splits": ("person",), "options": {"emert": SMALL_EMERT}}
    config = CONFIG.model_copy(update=options)
    arguments = [str(dataset), str(tmp_path / "killed"), config.model_dump_json(exclude_none=True)]
    process = subprocess.Popen([sys.executable, "-c", KILLED, *arguments], cwd=ROOT)
    fitted = tmp_path / "killed" / "checkpoints" / "emert"
    deadline = time.monotonic() + 100
    # The first fold is done and the second has stored at least one epoch.
    while not (fitted / "person-p1-0" / "resume.safetensors").exists() and time.monotonic() < deadline:
        assert process.poll() is None, "the benchmark ended before it could be killed"
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = fitted / "person-p0-0" / "config.json"
    before = done.stat().st_mtime_ns
    resumed = run_benchmark(dataset, config, tmp_path / "killed", scoring=FEW)
    straight = run_benchmark(dataset, config, tmp_path / "straight", scoring=FEW)
    assert done.stat().st_mtime_ns == before
    first, second = (run.path / "predictions.parquet" for run in (resumed, straight))
    assert first.read_bytes() == second.read_bytes()
    assert not (resumed.path / "parts").exists()
