"""`emogap finetune` and `emogap vad` from OpenFace files and a JSON of labels to numbers, a table and a figure."""

import dataclasses
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from emogap.datasets.gaze_index import IndexConfig
from emogap.datasets.gaze_index.make import make_index
from emogap.errors import DataError, EmogapError, MismatchError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.learning.finetuning.checkpoint import load_finetuned, save_finetuned
from emogap.learning.pretraining.checkpoint import save_glass
from emogap.recording.derived import derived_notes
from tests.learning.finetuning.miniature import small_pretrained, videos_of, write_miniature

OPTIONS = ("--epochs", "1", "--batch", "32")


def emogap(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(), list(arguments))


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five people's files of OpenFace and their labels, an index of them, a checkpoint that saw 100, and a fit."""
    folder = tmp_path_factory.mktemp("road")
    write_miniature(folder, videos_of("vad", num_people=5, num_videos=1))
    config = IndexConfig.model_validate({"rate_hz": 10.0, "past_s": 3.0, "future_s": 1.0, "stride_frames": 20})
    make_index(folder / "gaze", folder / "G", config, participants=folder / "participants.tsv", jobs=1)
    pretrained = dataclasses.replace(small_pretrained(), training_people=(("gaze", "100"),))
    save_glass(folder / "C", pretrained)
    finetune(folder, "F", "--test", "103,104", "--seeds", "2", *OPTIONS)
    return folder


def finetune(road: Path, out: str, *more: str, task: str = "vad", data: str = "G") -> Result:
    labels = ("--labels", str(road / "labels.json")) if task == "vad" else ()
    where = ("finetune", str(road / "C"), str(road / data), "--task", task, "--out", str(road / out))
    return emogap(*where, *labels, *more)


def test_all_rows_are_told_with_intervals_over_the_test_people(road: Path) -> None:
    result = finetune(road, "F", "--test", "103,104", "--seeds", "2", *OPTIONS)
    assert result.exit_code == 0
    assert "vad on gaze: 70 windows" in result.stdout
    assert "tested    28 windows of 2 people: 103, 104" in result.stdout
    assert "left out  5 windows that end where nothing is labelled" in result.stdout
    assert result.stdout.count("pretrained  ") == 3
    assert "2 people were tested: intervals over so few people say little" in result.stderr


def test_the_files_say_what_the_screen_says(road: Path) -> None:
    result = finetune(road, "F", "--test", "103,104", "--seeds", "2", *OPTIONS, "--json")
    told, stored = json.loads(result.stdout), json.loads((road / "F" / "finetune.json").read_text())
    assert told.pop("path") == str(road / "F")
    assert told == stored
    assert [row["row"] for row in stored["rows"]] == ["mean", "statistics", "cnn", "random", "pretrained"]
    assert stored["people"]["test"] == ["103", "104"]
    assert set(stored["rows"][-1]["gain"]) == {"valence", "arousal", "dominance"}
    table = pl.read_parquet(road / "F" / "predictions.parquet").filter(row="pretrained", output="valence")
    mean = table.group_by("recording_id", "stop_s").agg(pl.mean("label"), pl.mean("told"))
    expected = stored["rows"][-1]["metrics"]["valence"]["mae"]["estimate"]
    assert (mean["label"] - mean["told"]).abs().mean() == pytest.approx(expected)


def test_a_person_seen_in_pretraining_is_no_test_person(road: Path) -> None:
    result = finetune(road, "F2", "--test", "100,104")
    assert isinstance(result.exception, MismatchError)
    assert "the first is 100 of gaze" in str(result.exception)
    assert not (road / "F2").exists()


def test_a_network_may_be_fitted_on_everybody(road: Path) -> None:
    result = finetune(road, "all", "--test", "none", *OPTIONS)
    assert result.exit_code == 0
    assert "tested    0 windows of 0 people" in result.stdout
    assert not (road / "all" / "predictions.parquet").exists()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"task": "vat"}, UnknownNameError, "did you mean 'vad'"),
        ({"task": "felt-va"}, UsageError, "asks a data set"),
        ({"task": "behaviour"}, UsageError, "needs an index of gaze and a file of labels"),
        ({"more": ("--head", "rnn")}, UnknownNameError, "no head named 'rnn'"),
        ({"more": ("--chunk", "5")}, UsageError, "--chunk cannot be 5.0"),
        ({"more": ("--unfrozen", "1.5")}, UsageError, "--unfrozen cannot be 1.5"),
        ({"more": ("--seeds", "0")}, UsageError, "--seeds cannot be 0"),
        ({"more": ("--chunk", "4")}, UsageError, "a chunk of 4 s does not fit"),
        ({"out": "G"}, UsageError, "holds something else"),
        ({"data": "C"}, UsageError, "needs an index of gaze"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    road: Path, options: dict[str, object], error: type[EmogapError], message: str
) -> None:
    more = options.pop("more", ())
    out = options.pop("out", "X")
    result = finetune(road, out, *more, **options)  # type: ignore[arg-type, misc]
    assert isinstance(result.exception, error)
    assert message in str(result.exception)


def test_values_are_told_every_two_and_a_half_seconds(road: Path, tmp_path: Path) -> None:
    file = road / "gaze" / "103.1" / "result.csv"
    result = emogap("vad", str(road / "F"), str(file), "--out", str(tmp_path / "t.csv"))
    assert result.exit_code == 0
    assert "result: 15 of 15 windows, 2 seeds" in result.stdout
    table = pl.read_csv(tmp_path / "t.csv")
    assert table["time_s"].to_list() == np.arange(5.0, 40.1, 2.5).tolist()
    for name in ("valence", "arousal", "dominance"):
        assert ((table[f"{name}_low"] <= table[name]) & (table[name] <= table[f"{name}_high"])).all()
    stored = pl.read_parquet(road / "F" / "predictions.parquet")
    one = (
        stored.filter(row="pretrained", output="valence", participant_id="103").group_by("stop_s").agg(pl.mean("told"))
    )
    both = table.join(one, left_on="time_s", right_on="stop_s")
    assert both.height == 14
    np.testing.assert_allclose(both["valence"], both["told"], atol=2e-4)
    assert ElementTree.parse(tmp_path / "t.svg").getroot().tag.endswith("svg")


def test_what_is_told_of_a_file_in_a_study_is_in_its_list(road: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    study.mkdir()
    (study / "study.toml").touch()
    shutil.copy(road / "gaze" / "103.1" / "result.csv", study / "gaze.csv")
    emogap("vad", str(road / "F" / "pretrained-0"), str(study / "gaze.csv"), "--out", str(tmp_path / "t.csv"))
    assert derived_notes(study) == (("vad", tmp_path / "t.csv"), ("vad", tmp_path / "t.svg"))


def test_gaze_measured_from_something_else_is_doubted(road: Path, tmp_path: Path) -> None:
    """Degrees from the axis of a camera and from the centre of a screen have one name and are not one thing."""
    fit = load_finetuned(road / "F" / "pretrained-0")
    assert fit.measured_from == ("camera of the face",)
    save_finetuned(tmp_path / "S", dataclasses.replace(fit, measured_from=("screen",)))
    words = str(road / "gaze" / "103.1" / "result.csv"), "--out", str(tmp_path / "t.csv")
    told = emogap("vad", str(tmp_path / "S"), *words).stderr
    assert "measured from the camera of the face; the network learned from gaze measured from the screen" in told
    assert "measured from" not in emogap("vad", str(road / "F"), *words).stderr


def test_one_seed_has_no_interval(road: Path, tmp_path: Path) -> None:
    file = road / "gaze" / "103.1" / "result.csv"
    result = emogap("vad", str(road / "F" / "pretrained-1"), str(file), "--out", str(tmp_path / "t.csv"), "--json")
    told = json.loads(result.stdout)
    assert told["recordings"][0]["values"]["valence"]["low"] == [None] * 15
    assert any("one seed has no interval" in doubt for doubt in told["doubts"])


def test_a_file_that_lacks_columns_of_gaze_is_refused_by_their_names(road: Path, tmp_path: Path) -> None:
    table = pl.read_csv(road / "gaze" / "103.1" / "result.csv").drop("gaze_0_y", "gaze_1_z")
    table.write_csv(tmp_path / "cut.csv")
    result = emogap("vad", str(road / "F"), str(tmp_path / "cut.csv"), "--out", str(tmp_path / "t.csv"))
    assert isinstance(result.exception, DataError)
    assert "lacks the gaze columns gaze_0_y, gaze_1_z" in str(result.exception)
    assert not (tmp_path / "t.csv").exists()


def test_gaze_at_another_rate_is_resampled_and_said(road: Path, tmp_path: Path) -> None:
    """The same rows of 40 s at 10 Hz, read as 16 s at 25 Hz, hold the ends at 5, 7.5, 10, 12.5 and 15 s."""
    table = pl.read_csv(road / "gaze" / "103.1" / "result.csv")
    table.with_columns(timestamp=((pl.col("frame") - 1) / 25).round(3)).write_csv(tmp_path / "fast.csv")
    result = emogap("vad", str(road / "F"), str(tmp_path / "fast.csv"), "--out", str(tmp_path / "t.csv"))
    assert result.exit_code == 0
    assert "5 of 5 windows" in result.stdout
    assert "resampled from 25 Hz to the 10 Hz that the network reads" in result.stderr
    assert "resampled" not in emogap("vad", *at_its_own_rate(road, tmp_path)).stderr


def at_its_own_rate(road: Path, tmp_path: Path) -> tuple[str, ...]:
    return str(road / "F"), str(road / "gaze" / "103.1" / "result.csv"), "--out", str(tmp_path / "own.csv")


def test_time_stamps_that_are_no_clock_need_a_rate(road: Path, tmp_path: Path) -> None:
    """A row of images: OpenFace counts milliseconds. With its true rate it is the recording with a clock."""
    table = pl.read_csv(road / "gaze" / "103.1" / "result.csv")
    table.with_columns(timestamp=(pl.col("frame") * 0.001).round(3)).write_csv(tmp_path / "row.csv")
    words = ("vad", str(road / "F"), str(tmp_path / "row.csv"), "--out", str(tmp_path / "t.csv"))
    refused = emogap(*words)
    assert isinstance(refused.exception, DataError)
    assert "--assume-rate" in str(refused.exception)
    assert emogap(*words, "--assume-rate", "10").exit_code == 0
    assert emogap("vad", *at_its_own_rate(road, tmp_path)).exit_code == 0
    found, expected = pl.read_csv(tmp_path / "t.csv"), pl.read_csv(tmp_path / "own.csv")
    assert found.drop("recording_id").equals(expected.drop("recording_id"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.head(25), "lasts 2.50 s; the first window, of 3 s, ends after 5 s"),
        (lambda table: table.with_columns(pl.selectors.starts_with("gaze") * 0.0), "of its frames valid"),
    ],
    ids=["too short", "all zero"],
)
def test_recordings_that_tell_nothing_are_refused(road: Path, tmp_path: Path, change: object, message: str) -> None:
    table = pl.read_csv(road / "gaze" / "103.1" / "result.csv")
    change(table).write_csv(tmp_path / "bad.csv")  # type: ignore[operator]
    result = emogap("vad", str(road / "F"), str(tmp_path / "bad.csv"), "--out", str(tmp_path / "t.csv"))
    assert isinstance(result.exception, EmogapError)
    assert message in str(result.exception)


def test_a_checkpoint_of_another_kind_is_refused(road: Path, tmp_path: Path) -> None:
    file = road / "gaze" / "103.1" / "result.csv"
    for checkpoint, message in ((road / "C", "'glass-finetuned' is needed"), (file, "not the head that they fitted")):
        result = emogap("vad", str(checkpoint), str(file), "--out", str(tmp_path / "t.csv"))
        assert isinstance(result.exception, MismatchError)
        assert message in str(result.exception)
