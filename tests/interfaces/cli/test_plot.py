"""``emogap plot`` on the command line."""

import json
from pathlib import Path

from typer.testing import CliRunner

from emogap.interfaces.cli import build_app
from tests.interfaces.test_plotting import made

__all__ = ["made"]


def test_the_figure_is_written_where_it_was_asked_for(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "p001.svg"
    command = ["plot", "trace", str(made / "sessions" / "p001" / "gaze.tsv"), str(out), "--from", "0.5", "--to", "2"]
    result = CliRunner().invoke(build_app(), command)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(out)
    assert out.read_text().startswith("<svg")


def test_json_says_what_was_drawn(made: Path, tmp_path: Path) -> None:
    command = ["plot", "scanpath", str(made / "sessions" / "p001" / "gaze.tsv"), str(tmp_path / "a.png"), "--json"]
    result = CliRunner().invoke(build_app(), [*command, "--stimulus", "s002"])
    said = json.loads(result.stdout)
    assert (said["figure"], said["stimulus"], said["from_s"]) == ("scanpath", "s002", 0.0)
    assert said["to_s"] > 1.9
