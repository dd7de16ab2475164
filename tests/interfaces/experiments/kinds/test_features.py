"""``features``: the vectors of test clips, drawn and counted."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import UsageError
from emogap.interfaces.experiments.running import ExperimentReport, run_experiment
from emogap.learning.evaluation import fused_features

FILE = """
schema = 1
name = "plane"
title = "Plane"
kind = "features"
[options]
protocols = ["er3"]
models = ["emert"]
splits = ["person"]
preset = "quick"
folds = 2
perplexity = 6.0
draws = 200
[options.options.emert]
encoder_width = 4
encoder_layers = 1
mlp_width = 3
width = 6
num_heads = 1
head_width = 2
"""


def written(folder: Path, text: str = FILE) -> Path:
    path = folder / "plane.toml"
    path.write_text(text)
    return path


def test_only_test_clips_of_one_fit_are_there(report: ExperimentReport) -> None:
    """Ten people in two folds, six stimuli: thirty clips."""
    (path,) = (report.experiment.runs[0] / "features").rglob("*.npz")
    with np.load(path) as stored:
        assert stored["trained"].shape == stored["random"].shape == (30, 6)
        assert not np.allclose(stored["trained"], stored["random"])
    (svg,) = report.experiment.figures.values()
    assert "30 test clips, t-SNE, perplexity 6" in svg
    assert "SIMULATED" in svg


def test_neighbours_are_counted_for_labels_people_and_stimuli(report: ExperimentReport) -> None:
    (table,) = report.experiment.tables
    assert [row[0]["value"] for row in table["rows"]] == [
        "same felt class",
        "same shown class",
        "same person",
        "same stimulus",
    ]
    for row in table["rows"]:
        assert row[3]["value"] == pytest.approx(row[1]["value"] - row[2]["value"])


def test_stored_features_give_the_same_picture_without_the_network(
    report: ExperimentReport, place: Path, small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("opened again")

    monkeypatch.setattr(fused_features, "load_model", refuse)
    again = run_experiment(written(place, FILE.replace('"plane"', '"again"')), small_dataset, place / "R")
    assert list(again.experiment.figures.values()) == list(report.experiment.figures.values())


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('["er3"]', '["er-va"]', "er-va asks for values"),
        ("perplexity = 6.0", "perplexity = 60.0", "30 clips are too few for a perplexity of 60"),
    ],
)
def test_what_makes_no_sense_is_refused(small_dataset: Path, place: Path, before: str, after: str, says: str) -> None:
    text = FILE.replace('"plane"', f'"wrong_{len(after)}"').replace(before, after)
    with pytest.raises(UsageError, match=says):
        run_experiment(written(place, text), small_dataset, place / "R")
