"""The page about agreement prints what its own program finds in the real ratings."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.interfaces.cli import build_app

PAGE = (Path(__file__).parents[1] / "docs" / "agreement.md").read_text()


@pytest.mark.shared_data
def test_the_table_of_real_ratings_is_what_the_command_prints(shared_data: Path, tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (shown,) = re.findall(r"\$ emogap agreement ceap.csv --question arousal\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "CEAP360VR").symlink_to(shared_data / "ceap360vr")
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    result = CliRunner().invoke(build_app(), ["agreement", str(tmp_path / "ceap.csv"), "--question", "arousal"])
    assert result.exit_code == 0
    assert shown in result.stdout


@pytest.mark.shared_data
def test_the_table_of_counts_is_what_the_command_prints(shared_data: Path) -> None:
    (shown,) = re.findall(r"\$ emogap agreement cremad_tabulatedVotes.csv\n(.*?)```", PAGE, re.DOTALL)
    file = shared_data / "votes" / "cremad_tabulatedVotes.csv"
    assert CliRunner().invoke(build_app(), ["agreement", str(file)]).stdout == shown
