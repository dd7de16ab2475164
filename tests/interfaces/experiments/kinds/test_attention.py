"""``attention``: maps of the networks of a run, stored in it, averaged and drawn."""

import json
from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError, UsageError
from emogap.interfaces.experiments.running import ExperimentReport, run_experiment
from emogap.learning.evaluation.attribution import maps as stored_maps
from emogap.learning.evaluation.attribution.maps import read_maps
from emogap.reporting.results import open_run

FILE = """
schema = 1
name = "looked_at"
title = "Looked at"
kind = "attention"
[options]
protocols = ["er3"]
models = ["emert", "resnet_lstm@eye"]
splits = ["person"]
preset = "quick"
folds = 2
clips_per_fit = 7
controls = 2
draws = 200
[options.options.emert]
encoder_width = 4
encoder_layers = 1
mlp_width = 3
width = 4
num_heads = 1
head_width = 2
"""


def written(folder: Path, text: str = FILE) -> Path:
    path = folder / "looked_at.toml"
    path.write_text(text)
    return path


def files_of(report: ExperimentReport) -> list[Path]:
    return sorted((report.experiment.runs[0] / "attribution").rglob("*.npz"))


def test_every_fit_has_its_maps_in_the_run(report: ExperimentReport) -> None:
    assert [path.parent.name for path in files_of(report)] == ["emert"] * 2 + ["resnet_lstm@eye"] * 2
    found = read_maps(files_of(report)[0])
    assert found.streams == {"eye": 7, "face": 3, "fixation": 6}
    assert found.views == ("felt", "shown")
    shapes = {name: array.shape for name, array in found.arrays.items()}
    assert shapes == {
        "class": (2, 7),
        "probability": (3, 2, 7),
        "stream": (3, 2, 7, 3),
        "step": (3, 2, 7, 16),
        "attention": (3, 7, 16),
        "relevance": (3, 2, 7, 16),
    }
    np.testing.assert_allclose(found.arrays["attention"].sum(axis=-1), 1, rtol=1e-5)


def test_the_class_that_is_followed_is_the_one_that_the_network_answers(report: ExperimentReport) -> None:
    """The most probable of three classes has at least a third."""
    found = read_maps(files_of(report)[0])
    assert (found.arrays["probability"][0] >= 1 / 3).all()
    assert found.arrays["probability"][1:].min() < 1 / 3


def test_a_row_of_the_table_is_the_mean_of_what_is_stored(report: ExperimentReport) -> None:
    table = next(one for one in report.experiment.tables if one["name"] == "looked_at_er3_person_emert_streams")
    stored = np.concatenate([read_maps(path).arrays["stream"][0] for path in files_of(report)[:2]], axis=1)
    names = [column["name"] for column in table["columns"]]
    for row, cells in enumerate(table["rows"]):
        for view in (0, 1):
            cell = cells[names.index(("felt", "shown")[view])]
            assert cell["value"] == pytest.approx(stored[view, :, row].mean())
            assert cell["low"] <= cell["value"] <= cell["high"]
        assert cells[names.index("difference")]["value"] == pytest.approx((stored[0] - stored[1])[:, row].mean())
    assert sum(cells[names.index("attention")]["value"] for cells in table["rows"]) == pytest.approx(1, abs=1e-5)


def test_a_model_of_one_stream_would_be_left_with_nothing(report: ExperimentReport) -> None:
    table = next(
        one for one in report.experiment.tables if one["name"] == "looked_at_er3_person_resnet_lstm_eye_streams"
    )
    assert [cell["note"] for cell in table["rows"][0][1:]] == ["the only stream"] * 3


def test_what_cannot_be_told_is_said(report: ExperimentReport) -> None:
    notes = " ".join(report.experiment.notes)
    assert "emert, person: no map 'fall with a patch on the face': the data set has no stream frames" in notes
    assert "build it with --frames" in notes
    assert "resnet_lstm@eye, person: no map 'attention': it has no attention over the steps" in notes
    assert "resnet_lstm@eye, person: no map 'fall with a patch on the face': it does not read the face" in notes


def test_answers_no_better_than_chance_are_named(report: ExperimentReport) -> None:
    """A network so small that five epochs teach it nothing; the score is that of the run."""
    table = open_run(report.experiment.runs[0]).scores["tables"][0]
    uar = next(row for row in table["splits"][0]["rows"] if row["model"] == "emert")["metrics"]["uar"]["pooled"]
    said = [note for note in report.experiment.notes if note.startswith("emert, person: the felt answers")]
    assert (uar["low"] <= 1 / 3) == bool(said)
    assert said == [] or f"(UAR {uar['estimate']:.3f}, chance 0.333)" in said[0]


def test_the_control_of_every_map_stands_beside_it(report: ExperimentReport) -> None:
    table = next(one for one in report.experiment.tables if one["name"] == "looked_at_er3_person_emert_control")
    found = [(row[0]["value"], row[1]["value"]) for row in table["rows"]]
    assert found == [
        ("fall without a step", "felt"),
        ("fall without a step", "shown"),
        ("attention", "all"),
        ("attention that speaks for the answer", "felt"),
        ("attention that speaks for the answer", "shown"),
    ]


def test_figures_are_there_and_coloured_as_simulated(report: ExperimentReport) -> None:
    assert sorted(report.experiment.figures) == [
        "looked_at_er3_person_emert_steps",
        "looked_at_er3_person_resnet_lstm_eye_steps",
    ]
    assert all("SIMULATED people" in svg for svg in report.experiment.figures.values())


def test_captions_name_the_intervals_of_tables_that_have_some_and_of_no_figure(report: ExperimentReport) -> None:
    """The brackets of the control table are least and most of the random networks, and no interval."""
    for name, caption in report.experiment.captions.items():
        assert "intervals" not in caption
        assert ("below, attention" in caption) == ("share of attention" in report.experiment.figures[name])
    for table in report.experiment.tables:
        assert ("95 % intervals" in table["caption"]) == table["name"].endswith("_streams")
        heads = {column["heading"] for column in table["columns"]}
        assert ("Share of attention" in table["caption"]) == ("share" in heads)


def test_stored_maps_are_not_computed_again_and_come_out_the_same(
    report: ExperimentReport, place: Path, small_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in files_of(report)}
    lost = files_of(report)[0]
    lost.unlink()
    run_experiment(written(place, FILE.replace('"looked_at"', '"again"')), small_dataset, place / "R")
    assert {path: path.read_bytes() for path in files_of(report)} == before

    def refuse(*_: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(stored_maps, "maps_of_clips", refuse)
    third = run_experiment(written(place, FILE.replace('"looked_at"', '"third"')), small_dataset, place / "R")
    assert third.experiment.figures["third_er3_person_emert_steps"] == report.experiment.figures[
        "looked_at_er3_person_emert_steps"
    ].replace("looked_at", "third")


def test_damaged_maps_are_found_out(report: ExperimentReport, tmp_path: Path) -> None:
    source = files_of(report)[1]
    copy = tmp_path / source.name
    copy.write_bytes(source.read_bytes()[:-1] + b"x")
    copy.with_suffix(".json").write_bytes(source.with_suffix(".json").read_bytes())
    with pytest.raises(DataError, match="damaged"):
        read_maps(copy)
    told = json.loads(source.with_suffix(".json").read_text())
    assert told["settings"]["clips_per_fit"] == 7
    assert set(told["arrays"]) == {"class", "probability", "stream", "step", "attention", "relevance"}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('["er3"]', '["er-va"]', "er-va asks for values"),
        ('"resnet_lstm@eye"', '"linear"', "linear is no network"),
        ("controls = 2", "controls = 2\nstride_px = 9", "cannot be moved by 9 px"),
    ],
)
def test_what_makes_no_sense_is_refused(
    small_dataset: Path, tmp_path: Path, before: str, after: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        run_experiment(written(tmp_path, FILE.replace(before, after)), small_dataset, tmp_path / "R")
