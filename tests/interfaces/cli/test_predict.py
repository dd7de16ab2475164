"""`emogap predict` prints and writes both views, and ends with 0, 1 or 2."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.errors import UsageError
from emogap.interfaces.cli import build_app


def predict(road: Path, model: str, *more: str, person: str = "p003") -> object:
    recording = road / "study" / "sessions" / person
    return CliRunner().invoke(build_app(), ["predict", str(road / model), str(recording), *more])


def test_both_views_are_printed_and_written(road: Path, tmp_path: Path) -> None:
    result = predict(road, "majority", "--out", str(tmp_path / "p003.tsv"))
    assert result.exit_code == 0
    assert "felt: the participant's own report, as majority estimates it" in result.stdout
    assert result.stdout.count("  felt    ") == result.stdout.count("  shown   ") == 3
    assert len((tmp_path / "p003.tsv").read_text().splitlines()) == 4


def test_the_table_is_named_for_the_session(road: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert predict(road, "majority").exit_code == 0
    assert (tmp_path / "p003.predictions.tsv").is_file()


def test_json_is_one_object(road: Path, tmp_path: Path) -> None:
    result = predict(road, "linear", "--out", str(tmp_path / "va.tsv"), "--json")
    clips = json.loads(result.stdout)["clips"]
    assert len(clips) == 3
    assert set(clips[0]["felt"]) == {"valence", "arousal"}


def test_a_clip_that_cannot_be_cut_ends_with_one_and_the_rest_is_saved(road: Path, tmp_path: Path) -> None:
    shutil.copytree(road / "study", tmp_path / "study")
    trials = tmp_path / "study" / "sessions" / "p003" / "trials.tsv"
    lines = trials.read_text().splitlines()
    cells = lines[-1].split("\t")
    onset = lines[0].split("\t").index("onset_s")
    cells[onset] = "9999"
    trials.write_text("\n".join([*lines[:-1], "\t".join(cells)]) + "\n")
    recording = tmp_path / "study" / "sessions" / "p003"
    out = tmp_path / "p003.tsv"
    result = CliRunner().invoke(build_app(), ["predict", str(road / "majority"), str(recording), "--out", str(out)])
    assert result.exit_code == 1
    assert "1 could not be predicted" in result.stdout
    assert len(out.read_text().splitlines()) == 3


def test_a_size_that_is_no_size_is_refused(road: Path) -> None:
    result = predict(road, "majority", "--screen-mm", "527")
    assert isinstance(result.exception, UsageError)
    assert "write it like 527x296" in str(result.exception)
