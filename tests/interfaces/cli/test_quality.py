"""`emogap quality` prints the flow, and ends with 0, 1 or 2."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.errors import DataError
from emogap.interfaces.cli import build_app


@pytest.fixture
def study(road: Path, tmp_path: Path) -> Path:
    shutil.copytree(road / "study", tmp_path / "study")
    (tmp_path / "qc.toml").write_text("schema = 1\nmin_valid_share = 0.99\n")
    return tmp_path / "study"


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(build_app(), ["quality", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_the_flow_is_told_in_lines(study: Path) -> None:
    code, told = run(study, "--gate", study.parent / "qc.toml")
    assert code == 0
    assert "3 people, 3 sessions, 9 clips" in told
    assert "at least 0.99 of the samples valid" in told
    assert (study / "derived" / "quality" / "exclusion_flow.svg").read_text().startswith("<svg")


def test_json_is_one_object(study: Path, tmp_path: Path) -> None:
    code, told = run(study, "--gate", study.parent / "qc.toml", "--out", tmp_path / "Q", "--json")
    assert code == 0
    assert len(json.loads(told)["gate_sha256"]) == 64


def test_a_session_that_cannot_be_read_ends_in_1(study: Path, tmp_path: Path) -> None:
    sorted(study.glob("sessions/*/trials.tsv"))[0].unlink()
    code, told = run(study, "--out", tmp_path / "Q")
    assert code == 1
    assert "could not be read" in told


def test_a_misspelt_gate_is_bad_input(study: Path) -> None:
    (study.parent / "qc.toml").write_text("schema = 1\nmin_valid = 0.8\n")
    with pytest.raises(DataError, match="line 2"):
        run(study, "--gate", study.parent / "qc.toml")
