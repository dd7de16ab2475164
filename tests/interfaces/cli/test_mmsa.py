"""A feature file of MMSA from build to table, as it is typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from emogap.interfaces.cli import build_app
from tests.datasets.mmsa_miniature import CLIPS, VIDEOS, write_miniature

MODELS = ("tfn", "lmf")


def emogap(*words: str) -> Result:
    return CliRunner().invoke(build_app(), list(words))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mmsa")
    source = write_miniature(folder / "unaligned_39.pkl")
    result = emogap("build", str(source), str(folder / "D"), "--catalogue", "mmsa_pickle", "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert "mmsa-sims-unaligned-39: 48 samples, cleaning none" in result.stdout
    return folder / "D"


def test_networks_run_on_the_published_split_and_its_test_clips_alone(dataset: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    options = ["--protocol", "sims", "--models", ",".join(MODELS), "--splits", "official", "--preset", "quick"]
    result = emogap("bench", str(dataset), *options, "--jobs", "1", "--out", str(run))
    assert result.exit_code == 0, result.output
    assert f"counted as on CH-SIMS, official: {CLIPS['test']} clips" in result.stdout
    assert "Table IX of arXiv 2512.16485 is not printed here" in result.stdout
    (table,) = json.loads((run / "scores.json").read_text())["tables"]
    (split,) = table["splits"]
    assert (split["num_clips"], split["num_people"], split["cells"]) == (CLIPS["test"], VIDEOS, 1)
    for row in split["rows"]:
        assert 0 <= row["metrics"]["sims_acc5"]["pooled"]["estimate"] <= 1
    assert set(MODELS) <= {row["model"] for row in split["rows"]}


def test_the_audit_counts_the_videos_on_both_sides(dataset: Path) -> None:
    result = emogap("audit", str(dataset), "--split", "official")
    assert result.exit_code == 1
    assert f"{VIDEOS} people are in test and in training or validation" in result.stdout
