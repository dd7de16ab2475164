"""Sliding windows of a session, scored by a stored detector."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from emogap.errors import DataError, MismatchError, UsageError
from emogap.interfaces.cli import build_app
from emogap.interfaces.discord import discord_timeline, write_discord
from emogap.interfaces.stored_detector import StoredDetector, read_detector, write_detector
from emogap.learning.training.checkpoint import load_model
from emogap.recording.derived import derived_paths

DETECTOR = StoredDetector(
    space="emotion3", felt_temperature=1.0, shown_temperature=1.0, slope=1.0, intercept=0.0, threshold=0.0,
    coverage=0.8, num_people=9,
)  # fmt: skip


@pytest.fixture(name="checkpoint")
def _checkpoint(road: Path, tmp_path: Path) -> Path:
    """The floor ``majority`` for felt and shown, with a detector that flags every window."""
    shutil.copytree(road / "majority", tmp_path / "detector")
    write_detector(tmp_path / "detector", DETECTOR)
    return tmp_path / "detector"


def trials_of(session: Path) -> dict[str, tuple[float, float]]:
    table = pl.read_csv(session / "trials.tsv", separator="\t")
    return {name: (onset, onset + length) for _, name, onset, length in table.iter_rows()}


def test_where_every_window_is_flagged_each_stimulus_is_one_segment(road: Path, checkpoint: Path) -> None:
    """Clips of 2 s in windows of 0.8 s every 0.5 s: starts at 0, 0.5, 1 and 1.2 s."""
    session = road / "study" / "sessions" / "p002"
    found = discord_timeline(checkpoint, session, window_s=0.8, step_s=0.5)
    assert len(found.stimuli) + found.num_left_out == 3 * 4
    for each in found.segments:
        start_s, stop_s = trials_of(session)[each.stimulus_id]
        assert (each.segment.start_s, each.segment.stop_s) == pytest.approx((start_s, stop_s))
        assert each.segment.num_windows == 4
    assert len(found.segments) == 3


def test_the_probability_is_that_of_the_two_heads(road: Path, checkpoint: Path) -> None:
    """Both heads say the shares of their training labels, whatever they see."""
    found = discord_timeline(checkpoint, road / "study" / "sessions" / "p002", window_s=2.0, step_s=2.0)
    model = load_model(checkpoint).model
    felt, shown = (model.get_buffer(f"{view}_mean_K").numpy() for view in ("felt", "shown"))
    np.testing.assert_allclose(found.probability, 1 - felt @ shown, atol=1e-5)
    assert found.was_fitted_on


def test_the_models_of_inner_folds_are_averaged(road: Path, checkpoint: Path, tmp_path: Path) -> None:
    """The same model twice is the model alone; a fold of another model moves the mean."""
    session = road / "study" / "sessions" / "p002"
    alone = discord_timeline(checkpoint, session, window_s=2.0, step_s=2.0).probability
    folds = tmp_path / "folds"
    for inner in ("p0", "p1"):
        shutil.copytree(road / "majority", folds / inner)
    arguments = ["train", str(road / "D"), "--protocol", "er3", "--model", "linear", "--out", str(folds / "p2")]
    assert CliRunner().invoke(build_app(), arguments).exit_code == 0
    write_detector(folds, DETECTOR)
    found = discord_timeline(folds, session, window_s=2.0, step_s=2.0)
    shutil.rmtree(folds / "p0")
    shutil.rmtree(folds / "p1")
    other = discord_timeline(folds, session, window_s=2.0, step_s=2.0).probability
    np.testing.assert_allclose(found.probability, (2 * alone + other) / 3)
    assert not np.allclose(other, alone)
    assert found.was_fitted_on


def test_nothing_is_flagged_by_a_detector_of_too_few_people(road: Path, checkpoint: Path, tmp_path: Path) -> None:
    write_detector(checkpoint, dataclasses.replace(DETECTOR, threshold=np.inf))
    assert np.isinf(read_detector(checkpoint).threshold)
    found = discord_timeline(checkpoint, road / "study" / "sessions" / "p001", window_s=1.0, step_s=1.0)
    assert found.segments == ()
    segments, windows = write_discord(found, tmp_path / "p001.discord.tsv", study=road / "study")
    assert segments.read_text().splitlines() == [
        "participant_id\tstimulus_id\tstart_s\tstop_s\tprobability\tnum_windows"
    ]
    assert pl.read_parquet(windows).height == len(found.stimuli)
    assert {segments, windows} <= set(derived_paths(road / "study"))


def test_the_command_writes_segments_and_windows(road: Path, checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "p002.tsv"
    arguments = ["predict", str(checkpoint), str(road / "study" / "sessions" / "p002"), "--discord", "--out", str(out)]
    result = CliRunner().invoke(build_app(), [*arguments, "--window-s", "1", "--step-s", "0.5"])
    assert result.exit_code == 0, result.output
    assert "3 segments in which felt and shown emotion3 seem to differ" in result.output
    assert "this says nothing of new people" in result.output
    table = pl.read_csv(out, separator="\t")
    assert table["stimulus_id"].to_list() == list(trials_of(road / "study" / "sessions" / "p002"))
    assert pl.read_parquet(tmp_path / "p002.windows.parquet")["is_flagged"].all()


def test_a_checkpoint_without_a_detector_is_refused(road: Path) -> None:
    with pytest.raises(DataError, match="the gap detector cannot be read"):
        discord_timeline(road / "majority", road / "study" / "sessions" / "p001", window_s=1.0, step_s=1.0)


def test_a_detector_of_another_space_is_refused(road: Path, checkpoint: Path) -> None:
    write_detector(checkpoint, dataclasses.replace(DETECTOR, space="emotion7"))
    with pytest.raises(MismatchError, match="compares felt and shown emotion7, the model says felt, shown emotion3"):
        discord_timeline(checkpoint, road / "study" / "sessions" / "p001", window_s=1.0, step_s=1.0)


def test_a_folder_that_is_no_session_is_refused(road: Path, checkpoint: Path) -> None:
    with pytest.raises(UsageError, match="no session of a study"):
        discord_timeline(checkpoint, road / "study", window_s=1.0, step_s=1.0)
