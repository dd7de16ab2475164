"""``emogap open`` on the command line: what it does before it serves."""

import webbrowser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.errors import UsageError
from emogap.interfaces.cli import build_app
from emogap.interfaces.web import serving
from emogap.recording.study import open_study
from tests.interfaces.web.recorded_study import write_film


def test_a_new_study_is_made_of_films_and_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(serving, "serve", lambda place, **_: opened.append(place))
    (tmp_path / "clips").mkdir()
    write_film(tmp_path / "clips" / "sea.mp4", length_s=0.5, grey=90)
    command = ["open", str(tmp_path / "study"), "--new", "sea-study", "--stimuli", str(tmp_path / "clips")]
    result = CliRunner().invoke(build_app(), command)
    assert result.exit_code == 0, result.output
    study = open_study(tmp_path / "study")
    assert (study.name, [each.stimulus_id for each in study.stimuli]) == ("sea-study", ["sea"])
    assert opened == [tmp_path / "study"]


@pytest.mark.parametrize("more", [["--new", "sea-study"], ["--stimuli", "clips"]])
def test_a_new_study_needs_a_name_and_films(tmp_path: Path, more: list[str]) -> None:
    result = CliRunner().invoke(build_app(), ["open", str(tmp_path / "study"), *more])
    assert isinstance(result.exception, UsageError)
    assert not (tmp_path / "study").exists()


def test_the_browser_is_started_with_what_is_good_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: started.append(address) or True)
    monkeypatch.setattr(serving, "serve", lambda place, **options: options["tell"]("http://long", "http://once"))
    result = CliRunner().invoke(build_app(), ["open", str(tmp_path)])
    assert (result.stdout, started) == ("http://long\n", ["http://once"])
