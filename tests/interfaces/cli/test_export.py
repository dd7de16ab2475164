"""The command, and the official validator as the judge of what it writes."""

import json
import shutil
import subprocess
import sysconfig
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.errors import DataError, UnknownNameError
from emogap.interfaces.cli import build_app
from emogap.recording import open_recording, open_recordings
from tests.recording.bids.planted_recording import assert_same_recording

EXPECTED_WARNINGS = {
    *("Instructions", "CogAtlasID", "CogPOID", "InstitutionName", "InstitutionAddress"),
    *("InstitutionalDepartmentName", "HEDVersion", "SourceDatasets"),
}
"""Recommended keys that only the lab can fill; see docs/bids.md."""


def validate(folder: Path) -> list[dict[str, object]]:
    """What the official validator finds, every row of every table looked at; it needs no network."""
    validator = shutil.which("bids-validator-deno", path=sysconfig.get_path("scripts"))
    if validator is None:
        pytest.skip("the BIDS validator (package bids-validator-deno) is not installed")
    command = [validator, str(folder), "--format", "json", "--max-rows", "-1"]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120)
    issues: list[dict[str, object]] = json.loads(finished.stdout)["issues"]["issues"]
    assert issues, "the validator says nothing at all, not even of recommended keys"
    return issues


def export(*arguments: str) -> str:
    result = CliRunner().invoke(build_app(), ["export", "bids", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def warnings_of(issues: list[dict[str, object]]) -> set[object]:
    return {issue.get("subCode") or issue["code"] for issue in issues if issue["severity"] == "warning"}


def test_the_validator_has_no_error_on_a_simulated_study(road: Path, tmp_path: Path) -> None:
    out = tmp_path / "B"
    output = export(str(road / "study"), str(out), "--jobs", "1", "--author", "A", "--author", "B", "--license", "CC0")
    assert "3 participants, 3 recordings" in output
    issues = validate(out)
    assert [issue for issue in issues if issue["severity"] == "error"] == []
    assert warnings_of(issues) <= EXPECTED_WARNINGS


def test_facts_of_the_lab_leave_two_warnings(road: Path, tmp_path: Path) -> None:
    keys = ("Instructions", "InstitutionName", "InstitutionAddress", "InstitutionalDepartmentName")
    urls = {"CogAtlasID": "https://www.cognitiveatlas.org/task/id/trm_x/", "CogPOID": "http://www.cogpo.org/x"}
    (tmp_path / "facts.json").write_text(json.dumps({key: f"the {key}" for key in keys} | urls))
    credit = ("--author", "A", "--author", "B", "--license", "CC0", "--facts", str(tmp_path / "facts.json"))
    export(str(road / "study"), str(tmp_path / "B"), "--jobs", "1", *credit)
    assert warnings_of(validate(tmp_path / "B")) == {"HEDVersion", "SourceDatasets"}


def test_a_fact_that_bids_does_not_know_is_refused(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text('{"Instruction": "Watch."}')
    with pytest.raises(UnknownNameError, match="did you mean 'Instructions'"):
        export(str(tmp_path), str(tmp_path / "B"), "--facts", str(tmp_path / "facts.json"))
    (tmp_path / "facts.json").write_text('{"Instructions": 3}')
    with pytest.raises(DataError, match="one object of texts"):
        export(str(tmp_path), str(tmp_path / "B"), "--facts", str(tmp_path / "facts.json"))


def test_a_simulated_study_comes_back(road: Path, tmp_path: Path) -> None:
    export(str(road / "study"), str(tmp_path / "B"), "--jobs", "1")
    for session in sorted((road / "study" / "sessions").iterdir()):
        original = open_recording(session / "gaze.tsv")
        path = tmp_path / "B" / f"sub-{session.name}" / "beh" / f"sub-{session.name}_task-watch_recording-eye1_physio"
        back = open_recording(path.with_name(path.name + ".tsv.gz"))
        placed = replace(original, tracker=back.tracker, participant_id=session.name, screen=back.screen)
        assert back.tracker.model == "simulated remote tracker"
        assert_same_recording(placed, back)


def test_the_validator_has_no_error_on_real_recordings(shared_data: Path, tmp_path: Path) -> None:
    """Three images of Uniss-FGD; the benchmark exports all."""
    source = tmp_path / "uniss"
    (source / "fgd").mkdir(parents=True)
    shutil.copy(shared_data / "uniss_fgd" / "StimuliMap.csv", source)
    for image in ("000", "017", "079"):
        shutil.copy(shared_data / "uniss_fgd" / "fgd" / f"{image}.csv.gz", source / "fgd")
    output = export(str(source), str(tmp_path / "B"), "--catalogue", "uniss_fgd", "--jobs", "1")
    assert "16 participants, 48 recordings" in output
    issues = validate(tmp_path / "B")
    assert Counter(issue["code"] for issue in issues if issue["severity"] == "error") == Counter()
    assert warnings_of(issues) <= EXPECTED_WARNINGS
    table = (tmp_path / "B" / "participants.tsv").read_text().splitlines()
    assert table[:3] == ["participant_id\tsex", "sub-00\tM", "sub-01\tM"]
    for recording in open_recordings(source / "fgd" / "017.csv.gz")[:3]:
        name = f"sub-{recording.participant_id}_task-faces_run-017_recording-eye2_physio.tsv.gz"
        assert_same_recording(
            recording, open_recording(tmp_path / "B" / f"sub-{recording.participant_id}" / "beh" / name)
        )


def test_json_is_one_object(road: Path, tmp_path: Path) -> None:
    answer = json.loads(export(str(road / "study"), str(tmp_path / "B"), "--jobs", "1", "--json"))
    assert (answer["participants"], answer["failures"], answer["was_there"]) == (3, [], False)
    assert answer["samples"] > 0


def test_a_session_that_cannot_be_read_gives_exit_code_1(road: Path, tmp_path: Path) -> None:
    shutil.copytree(road / "study", tmp_path / "study")
    (tmp_path / "study" / "sessions" / "p003" / "gaze.tsv").write_bytes(b"")
    result = CliRunner().invoke(
        build_app(), ["export", "bids", str(tmp_path / "study"), str(tmp_path / "B"), "--jobs", "1"]
    )
    assert result.exit_code == 1
    assert "1 could not be read; the rest is saved" in result.output


@pytest.mark.parametrize(
    ("arguments", "near"), [(["bds"], "bids"), (["bids", "--catalogue", "uniss-fgd"], "uniss_fgd")]
)
def test_an_unknown_name_is_answered_with_the_nearest(arguments: list[str], near: str, tmp_path: Path) -> None:
    command = ["export", arguments[0], str(tmp_path), str(tmp_path / "B"), *arguments[1:]]
    with pytest.raises(UnknownNameError, match=f"did you mean '{near}'"):
        CliRunner().invoke(build_app(), command, catch_exceptions=False)
