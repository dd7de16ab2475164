"""Models compared by bootstrap and by mixed model, from one benchmark."""

from pathlib import Path

import pytest

from emogap.interfaces.experiments.kind import ExperimentPlace, ExperimentResult
from emogap.interfaces.experiments.kinds.mixed_effects import Options, run
from emogap.reporting.result_text import result_text


@pytest.fixture(scope="module")
def result(small_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> ExperimentResult:
    out = tmp_path_factory.mktemp("out")
    place = ExperimentPlace("twice", "Twice", small_dataset, out / "twice", out / "runs", out / "fits", 1)
    options = Options(
        protocols=("er3",),
        models=("linear", "majority", "stimulus_mean"),
        splits=("person",),
        preset="quick",
        folds=3,
        heads="single",
        draws=500,
    )
    return run(options, place)


def test_every_pair_has_both_intervals(result: ExperimentResult) -> None:
    (table,) = result.tables
    pairs = [row[0]["value"] for row in table["rows"]]
    assert pairs == ["linear minus majority", "linear minus stimulus_mean", "majority minus stimulus_mean"]
    _, bootstrap, mixed, *shares, alike = table["rows"][0]
    assert bootstrap["value"] == pytest.approx(mixed["value"], abs=0.02)
    assert mixed["low"] is not None
    assert mixed["high"] is not None
    assert mixed["low"] < mixed["value"] < mixed["high"]
    assert sum(cell["value"] for cell in shares) == pytest.approx(1.0)
    assert alike["value"] == pytest.approx(1.0, abs=1e-3)


def test_differences_of_shares_and_their_margin_are_in_percent_as_scores_are(result: ExperimentResult) -> None:
    """Once 8.3 points stood as 0.083 beside tables in percent."""
    (table,) = result.tables
    assert [column["unit"] for column in table["columns"][1:3]] == ["percent", "percent"]
    assert "lies beyond 5 points" in table["caption"]
    shown = f"{100 * table['rows'][0][1]['value']:.1f} ["
    assert shown in result_text(table)


def test_the_table_can_be_printed(result: ExperimentResult) -> None:
    text = result_text(result.tables[0])
    assert "mixed model" in text
    assert result.runs
