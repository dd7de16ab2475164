"""`emogap gaze-index` says what it kept and what it dropped, and ends with 0, 1 or 2."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from emogap.errors import DataError, UsageError
from emogap.interfaces.cli import build_app
from tests.datasets.gaze_index.conftest import unit_vectors, write_openface


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two people with 40 frames at 30 Hz each, and a third with 60 at 60 Hz."""
    folder = tmp_path / "openface"
    for number, person in enumerate(("p1", "p2")):
        write_openface(folder / person / "clip.csv", unit_vectors(40, seed=number))
    write_openface(folder / "p3" / "clip.csv", unit_vectors(60, seed=2), rate_hz=60.0)
    return folder


def options(source: Path, tmp_path: Path, *more: str) -> list[str]:
    lengths = ["--past", "0.4", "--future", "0.2", "--stride", "5"]
    return ["gaze-index", str(source), str(tmp_path / "G"), *lengths, "--people", "folder", "--jobs", "1", *more]


def test_an_index_is_told_in_a_few_lines(source: Path, tmp_path: Path) -> None:
    """18 frames, one window every 5: 40 frames hold 5 windows, and the 30 that 60 become hold 3."""
    write_openface(source / "p4" / "short.csv", unit_vectors(17))
    result = CliRunner().invoke(build_app(), options(source, tmp_path))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"openface: 13 windows in 3 segments of 3 people, in {tmp_path / 'G'}",
        "  window    12 + 6 frames at 30 Hz (0.4 s + 0.2 s), one every 5 frames",
        "  channels  gaze_0_x, gaze_0_y, gaze_0_z, gaze_1_x, gaze_1_y, gaze_1_z (direction)",
        "  resampled 1 of 3 segments, from 60 Hz",
        "  dropped   1 segment: shorter than a window (dropped.parquet says why)",
    ]


def test_json_is_one_object_with_all_of_it(source: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), options(source, tmp_path, "--json"))
    told = json.loads(result.stdout)
    assert told["index"]["num_windows"] == 13
    assert told["index"]["config"]["channels"] == "direction"
    assert told["resampled_from_hz"] == [60.0]
    assert told["failures"] == []


def test_missing_gaze_columns_end_in_1_and_are_named(source: Path, tmp_path: Path) -> None:
    write_openface(source / "p4" / "clip.csv", unit_vectors(40), without=("gaze_1_x",))
    result = CliRunner().invoke(build_app(), options(source, tmp_path))
    assert result.exit_code == 1
    assert "1 file could not be read; the rest is indexed:" in result.stdout
    assert "the file of OpenFace lacks the gaze columns gaze_1_x" in result.stdout


def test_why_segments_cannot_be_used_is_said_once(source: Path, tmp_path: Path) -> None:
    """Two rows of images, whose time stamps count milliseconds: no clock, and the remedy is an option."""
    for name in ("clip", "other"):
        write_openface(source / "p4" / f"{name}.csv", unit_vectors(40), rate_hz=1000.0)
    result = CliRunner().invoke(build_app(), options(source, tmp_path))
    assert result.exit_code == 0
    assert "  dropped   2 segments: cannot be used (dropped.parquet says why)" in result.stdout
    assert result.stdout.count("the time stamps are no clock") == 1
    assert "unusable  p4/clip.csv and 1 more: the frame rate is unknown" in result.stdout
    assert "--assume-rate" in result.stdout


def test_nothing_but_zeros_is_refused(tmp_path: Path) -> None:
    write_openface(tmp_path / "in" / "p1" / "clip.csv", np.zeros((40, 2, 3)))
    result = CliRunner().invoke(build_app(), options(tmp_path / "in", tmp_path))
    assert isinstance(result.exception, DataError)
    assert "1 no valid gaze" in str(result.exception)


def test_channels_that_are_none_list_those_that_are(source: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), options(source, tmp_path, "--channels", "gaze"))
    assert isinstance(result.exception, UsageError)
    assert "--channels cannot be 'gaze'" in str(result.exception)
    assert "'angle+pupil'" in str(result.exception)


@pytest.mark.parametrize("option", [("--rate", "0"), ("--past", "-1"), ("--stride", "0"), ("--min-valid", "1.5")])
def test_a_number_out_of_range_is_refused_by_the_name_of_its_option(
    source: Path, tmp_path: Path, option: tuple[str, str]
) -> None:
    result = CliRunner().invoke(build_app(), options(source, tmp_path, *option))
    assert result.exit_code == 2
    assert option[0] in result.stderr
