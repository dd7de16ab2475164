"""`emogap train` fits on everyone, says on whom, and refuses what cannot be."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.errors import EmogapError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app


def train(road: Path, out: Path, *more: str, protocol: str = "er3", model: str = "majority") -> object:
    arguments = ["train", str(road / "D"), "--protocol", protocol, "--model", model, "--out", str(out), *more]
    return CliRunner().invoke(build_app(), arguments)


def test_a_fifth_of_the_people_selects_and_the_rest_trains(road: Path, tmp_path: Path) -> None:
    result = train(road, tmp_path / "C", "--json")
    assert result.exit_code == 0
    facts = json.loads(result.stdout)
    assert facts["views"] == ["felt", "shown"]
    assert (facts["num_training_people"], facts["num_validation_people"]) == (2, 1)
    assert (facts["num_training_clips"], facts["num_validation_clips"]) == (6, 3)
    config = json.loads((tmp_path / "C" / "config.json").read_text())
    trained, selected = ({row[2] for row in config[field]} for field in ("scaler_keys", "validation_keys"))
    assert not trained & selected
    assert trained | selected == {"p001", "p002", "p003"}


def test_a_network_is_told_epoch_by_epoch(road: Path, tmp_path: Path) -> None:
    result = train(road, tmp_path / "C", "--preset", "quick", model="emert@fixation")
    assert result.exit_code == 0
    assert "streams   fixation (32, 2)" in result.stdout
    assert "of 5, loss" in result.stdout
    assert "for demonstrations" in result.stderr


def test_valence_and_arousal_are_one_model(road: Path) -> None:
    config = json.loads((road / "linear" / "config.json").read_text())
    assert config["task"]["targets"] == ["valence", "arousal"]


def test_the_same_command_again_changes_nothing(road: Path, tmp_path: Path) -> None:
    train(road, tmp_path / "C")
    before = {path.name: path.read_bytes() for path in (tmp_path / "C").iterdir()}
    assert train(road, tmp_path / "C").exit_code == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "C").iterdir()} == before


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"protocol": "er33"}, UnknownNameError, "did you mean 'er3'"),
        ({"model": "emertt"}, UnknownNameError, "did you mean 'emert'"),
        ({"model": "linear@head"}, EmogapError, "no stream 'head'"),
        ({"protocol": "felt-quadrant"}, UsageError, "needs labels of the view felt"),
    ],
    ids=["protocol", "model", "stream", "labels"],
)
def test_what_is_not_there_is_refused_by_name(
    options: dict[str, str], error: type[Exception], message: str, road: Path, tmp_path: Path
) -> None:
    result = train(road, tmp_path / "C", **options)
    assert isinstance(result.exception, error)
    assert message in str(result.exception)
    assert not (tmp_path / "C").exists()


def test_an_unknown_preset_is_refused_by_name(road: Path, tmp_path: Path) -> None:
    result = train(road, tmp_path / "C", "--preset", "quik")
    assert "did you mean 'quick'" in str(result.exception)


def test_a_folder_that_holds_something_else_is_kept(road: Path) -> None:
    result = train(road, road / "study")
    assert isinstance(result.exception, UsageError)
    assert (road / "study" / "study.toml").is_file()
