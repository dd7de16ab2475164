import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.errors import UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.interfaces.simulation_options import simulation_config

TINY = ["--participants", "1", "--stimuli", "2", "--clip-s", "2", "--pause-s", "0.5", "--no-video", "--jobs", "1"]


def test_the_command_writes_a_study_and_prints_the_ceilings(tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), ["simulate", str(tmp_path / "study"), *TINY])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "study" / "study.toml").is_file()
    assert "1 person x 2 films = 2 clips" in result.output
    assert "felt/emotion3" in result.output


def test_json_is_one_object_with_the_ceilings(tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), ["simulate", str(tmp_path / "study"), *TINY, "--json"])
    answer = json.loads(result.stdout)
    assert answer["name"] == "simulated-1x2-seed0"
    assert "uar" in answer["ceiling"]["shown/emotion7"]


def test_a_number_out_of_range_is_named_with_its_option() -> None:
    with pytest.raises(UsageError, match=r"--display-rules is 1\.5\n.*less than or equal to 1"):
        simulation_config(display_rules=1.5)
    with pytest.raises(UsageError, match="--rate is 5"):
        simulation_config(rate_hz=5)
    with pytest.raises(UsageError, match=r"--stimuli-per-participant is 9\n.*at most 8"):
        simulation_config(stimuli=8, stimuli_per_participant=9)


def test_each_person_may_be_shown_a_part_of_the_films(tmp_path: Path) -> None:
    words = [*TINY, "--stimuli-per-participant", "1"]
    result = CliRunner().invoke(build_app(), ["simulate", str(tmp_path / "study"), *words])
    assert result.exit_code == 0, result.output
    assert "simulated-1x1of2-seed0: 1 person x 1 of 2 films = 1 clip" in result.output


def test_the_miniature_of_emer_shows_every_film_and_says_so(tmp_path: Path) -> None:
    words = ["--layout", "emer", "--participants", "5", "--stimuli", "2", "--stimuli-per-participant", "1"]
    result = CliRunner().invoke(build_app(), ["simulate", str(tmp_path / "E"), *words])
    assert isinstance(result.exception, UsageError)
    assert "leave this option out" in str(result.exception)


def test_the_layout_emer_writes_a_miniature_of_the_release(tmp_path: Path) -> None:
    words = ["--participants", "5", "--stimuli", "2", "--clip-s", "2", "--pause-s", "0.5", "--rate", "60"]
    result = CliRunner().invoke(build_app(), ["simulate", str(tmp_path / "E"), "--layout", "emer", *words])
    assert result.exit_code == 0, result.output
    assert "10 clips of 5 people" in result.output
    assert len(list((tmp_path / "E" / "eye").glob("*.xlsx"))) == 10


def test_another_layout_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), ["simulate", str(tmp_path / "E"), "--layout", "emmer"])
    assert isinstance(result.exception, UnknownNameError)
