"""`emogap pretrain` says who trained and how well the rollout does, and refuses what cannot be."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from emogap.datasets.gaze_index import IndexConfig
from emogap.datasets.gaze_index.make import make_index
from emogap.errors import DataError, EmogapError, MismatchError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.learning.pretraining.checkpoint import load_glass
from tests.datasets.gaze_index.conftest import unit_vectors, write_openface

TINY = ("--preset", "tiny", "--patch", "3", "--batch", "4", "--steps", "2", "--validation-share", "0.4")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six people with 40 frames each: windows of 12 + 6 frames, one every 5."""
    folder = tmp_path_factory.mktemp("gaze")
    for number in range(6):
        write_openface(folder / "openface" / f"p{number}" / "clip.csv", unit_vectors(40, seed=number))
    config = IndexConfig(rate_hz=30.0, past_s=0.4, future_s=0.2, stride_frames=5, people="folder")
    make_index(folder / "openface", folder / "G", config, jobs=1)
    return folder / "G"


def pretrain(index: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(build_app(), ["pretrain", str(index), "--out", str(out), *TINY, *more])


@pytest.fixture(scope="module")
def finished(index: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A checkpoint without p1, and what the command said."""
    out = tmp_path_factory.mktemp("finished") / "C"
    result = pretrain(index, out, "--held-out", "p1")
    assert result.exit_code == 0, result.output
    return out, result.stdout


def test_a_pre_training_is_told_in_a_few_lines(finished: tuple[Path, str]) -> None:
    out, text = finished
    lines = text.splitlines()
    assert lines[0] == f"glass, tiny, on openface in {out}"
    assert "  forecasts 6 frames from 12 (0.2 s from 0.4 s)" in lines
    assert "  trained   3 people, 2 steps" in lines
    assert "validation: 10 windows of 2 people, 95 % intervals over people" in lines
    assert "held out: 5 windows of 1 person, 95 % intervals over people" in lines
    assert sum(line.startswith(("  GLASS ", "  last frame repeated ", "  ridge ")) for line in lines) == 6


def test_the_same_command_again_reads_what_is_there(index: Path, finished: tuple[Path, str]) -> None:
    out, _ = finished
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    result = pretrain(index, out, "--held-out", "p1", "--json")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    facts = json.loads(result.stdout)
    assert (facts["num_training_people"], facts["num_validation_people"], facts["num_held_out"]) == (3, 2, 1)
    assert facts["config"]["patch_frames"] == 3
    assert set(facts["scores"]) == {"validation", "held_out"}
    assert facts["scores"]["validation"]["forecasts"]["ridge"]["mae"]["clusters"] == "2 people"


def test_the_held_out_person_is_not_among_those_seen(finished: tuple[Path, str]) -> None:
    loaded = load_glass(finished[0])
    assert loaded.held_out == (("openface", "p1"),)
    assert set(loaded.people) == {("openface", f"p{number}") for number in (0, 2, 3, 4, 5)}
    assert loaded.channels[0] == "gaze_0_x"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (("--preset", "huge"), UnknownNameError, "there is no preset named 'huge'"),
        (("--held-out", "p9"), UnknownNameError, "there is no participant of this index named 'p9'"),
        (("--held-out", "p1,p0,p2,p3,p4"), UsageError, "1 of 6 people are left"),
        (("--past", "5"), UsageError, "the past of the windows is 0.4 s long, not 5 s"),
        (("--patch", "5"), UsageError, "the past of 12 frames is no whole number of patches of 5"),
        (("--precision", "8"), UsageError, "--precision cannot be '8'"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    options: tuple[str, ...], error: type[EmogapError], message: str, index: Path, tmp_path: Path
) -> None:
    result = pretrain(index, tmp_path / "C", *options)
    assert isinstance(result.exception, error)
    assert message in str(result.exception)
    assert not (tmp_path / "C").exists()


def test_other_folders_are_refused(index: Path, finished: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    assert isinstance(pretrain(index, tmp_path).exception, UsageError)
    assert isinstance(pretrain(tmp_path / "absent", tmp_path / "C").exception, DataError)
    assert isinstance(pretrain(index, finished[0], "--seed", "3").exception, MismatchError)
