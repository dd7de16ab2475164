"""An undocumented command or shelf entry fails."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.interfaces.cli import COMMANDS, build_app

ROOT = Path(__file__).parents[1]
PAGES = "\n".join(path.read_text() for path in sorted((ROOT / "docs").rglob("*.md"))) + (ROOT / "README.md").read_text()


@pytest.mark.parametrize("command", [name.replace("_", "-") for name in COMMANDS.names()])
def test_every_command_is_documented(command: str) -> None:
    assert f"emogap {command}" in PAGES


@pytest.mark.parametrize("command", [name.replace("_", "-") for name in COMMANDS.names()])
def test_the_help_of_every_command_shows_an_example(command: str) -> None:
    result = CliRunner().invoke(build_app(), [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: emogap {command}" in " ".join(result.output.split())


@pytest.mark.parametrize("page", ["README.md", "docs/notice.md"])
def test_the_notice_stands_where_people_look(page: str) -> None:
    text = " ".join((ROOT / page).read_text().replace("*", "").replace(">", "").split())
    assert "it does not read feelings" in text
    assert "Not a medical device" in text
