"""The command: what it says, what it exits with, and the official validator of BIDS."""

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.cli import build_app


def release(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(), ["release", *arguments, "--jobs", "1"], catch_exceptions=False)


@pytest.fixture
def study(road: Path, tmp_path: Path) -> Path:
    """Three people; p002 agreed to the lab."""
    shutil.copytree(road / "study", tmp_path / "study")
    table = tmp_path / "study" / "participants.tsv"
    lines = table.read_text().splitlines()
    lines[2] = lines[2].replace("public", "lab")
    table.write_text("\n".join(lines) + "\n")
    return tmp_path / "study"


def test_the_command_names_who_is_held_back(study: Path, tmp_path: Path) -> None:
    result = release(str(study), str(tmp_path / "R"), "--consent", "controlled", "--layout", "bids")
    assert result.exit_code == 0
    assert "released 2 people, 6 clips" in result.stdout
    assert "p002: the consent is 'lab'" in result.stdout


def test_json_holds_counts_doubts_and_whom_it_held_back(study: Path, tmp_path: Path) -> None:
    result = release(str(study), str(tmp_path / "R"), "--consent", "public", "--layout", "bids", "--json")
    told = json.loads(result.stdout)
    assert told["contents"]["people"] == 2
    assert [one["participant_id"] for one in told["held_back"]] == ["p002"]
    assert told["was_there"] is False
    again = release(str(study), str(tmp_path / "R"), "--consent", "public", "--layout", "bids", "--json")
    assert json.loads(again.stdout)["was_there"] is True


def test_a_session_that_cannot_be_read_is_told_and_the_rest_is_saved(study: Path, tmp_path: Path) -> None:
    (study / "sessions" / "p003" / "gaze.tsv").write_text("broken\n")
    result = release(str(study), str(tmp_path / "R"), "--consent", "public", "--layout", "bids")
    assert result.exit_code == 1
    assert "1 could not be read; the rest is saved" in result.stdout
    assert (tmp_path / "R" / "sub-p001").is_dir()


def test_unknown_words_are_refused(study: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="publik"):
        release(str(study), str(tmp_path / "R"), "--consent", "publik")
    with pytest.raises(UnknownNameError, match="emre"):
        release(str(study), str(tmp_path / "R"), "--consent", "public", "--layout", "emre")
    with pytest.raises(UsageError, match="5 sets"):
        release(str(study), str(tmp_path / "R"), "--consent", "public")


def test_the_day_of_the_release_can_be_given(study: Path, tmp_path: Path) -> None:
    table = study / "participants.tsv"
    table.write_text(table.read_text().replace("public\t\n", "public\t2027-03-01\n", 1))
    command = (str(study), str(tmp_path / "R"), "--consent", "public", "--layout", "bids")
    assert "p001: may withdraw until 2027-03-01" in release(*command, "--on", "2027-03-01").stdout
    assert "p001" not in release(str(study), str(tmp_path / "R2"), *command[2:], "--on", "2027-03-02").stdout


def test_the_official_validator_finds_no_error(study: Path, tmp_path: Path) -> None:
    validator = shutil.which("bids-validator-deno", path=sysconfig.get_path("scripts"))
    if validator is None:
        pytest.skip("the BIDS validator (package bids-validator-deno) is not installed")
    release(str(study), str(tmp_path / "R"), "--consent", "public", "--layout", "bids", "--author", "A", "--recode")
    finished = subprocess.run(
        [validator, str(tmp_path / "R"), "--format", "json"], capture_output=True, text=True, timeout=120
    )
    issues = json.loads(finished.stdout)["issues"]["issues"]
    assert issues, "the validator says nothing at all, not even of recommended keys"
    assert [issue for issue in issues if issue["severity"] == "error"] == []
