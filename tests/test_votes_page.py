"""The page about counted votes and traces prints what its own program finds in the published files."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.interfaces.cli import build_app

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "votes.md").read_text()


def shown_for(command: str, page: str = PAGE) -> str:
    (shown,) = re.findall(re.escape(f"$ emogap {command}\n") + r"(.*?)(?=\$ emogap|```)", page, re.DOTALL)
    return str(shown)


def test_both_pages_show_one_table_of_crema_d() -> None:
    agreement = (DOCS / "agreement.md").read_text()
    assert shown_for("agreement tabulatedVotes.csv") == shown_for("agreement cremad_tabulatedVotes.csv", agreement)


@pytest.mark.shared_data
def test_the_spread_of_fer_plus_is_what_the_command_prints(shared_data: Path) -> None:
    file = shared_data / "votes" / "ferplus_fer2013new.csv"
    assert CliRunner().invoke(build_app(), ["agreement", str(file)]).stdout == shown_for("agreement fer2013new.csv")


@pytest.mark.shared_data
def test_the_traces_are_what_the_command_prints(shared_data: Path) -> None:
    """All lines of the page in their order; of the people it shows the first."""
    told = (
        CliRunner().invoke(build_app(), ["agreement", str(shared_data / "ceap360vr"), "--question", "valence"]).stdout
    )
    first, last = shown_for("agreement ceap360vr --question valence").split("  ...\n")
    assert told.startswith(first)
    assert told.endswith(last)
