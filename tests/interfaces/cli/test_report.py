"""``emogap report`` as it is typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from emogap.interfaces.cli import build_app
from emogap.learning.evaluation.benchmark import run_benchmark
from emogap.learning.evaluation.rows import Scoring
from emogap.learning.experiment import BenchConfig
from emogap.recording.derived import derived_paths
from tests.learning.evaluation.small_study import write_small_dataset


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the floors."""
    folder = tmp_path_factory.mktemp("study")
    config = BenchConfig(protocol="er3", models=("majority",), splits=("person",), preset="quick", folds=2)
    return run_benchmark(write_small_dataset(folder), config, folder / "run", scoring=Scoring(draws=100)).path


def test_report_writes_the_page_and_the_figures(run: Path) -> None:
    result = CliRunner().invoke(build_app(), ["report", str(run), "--json"])
    written = json.loads(result.stdout)
    page = Path(written["page"]).read_text()
    assert Path(written["page"]) == run / "report.html"
    assert "No leak was found" in page
    assert "the data set is the one the run was made with" in page
    assert all(Path(figure).parent == run / "figures" for figure in written["figures"])


def test_report_goes_where_it_is_told(run: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), ["report", str(run), "--out", str(tmp_path / "page.html")])
    assert result.stdout == f"report: {tmp_path / 'page.html'}\n"
    assert (tmp_path / "page.html").is_file()
    assert tmp_path / "page.html" in derived_paths(run)
