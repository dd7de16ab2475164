"""A session is cut and scaled as the training data were, and what is missing is said or refused."""

import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from emogap.datasets import open_dataset
from emogap.errors import DataError, MismatchError, UsageError
from emogap.interfaces import predicting
from emogap.interfaces.predicting import SetUp, column_names, predict_path, write_predictions
from emogap.learning.prediction import predict_rows
from emogap.learning.training.checkpoint import load_model, save_model
from emogap.recording import open_recording

UNKNOWN = SetUp()
SCREEN = SetUp(size_mm=(527.0, 296.0), distance_mm=650.0)


def session(road: Path) -> Path:
    return road / "study" / "sessions" / "p002"


def test_a_session_gets_what_its_clips_get_in_the_data_set(road: Path) -> None:
    dataset = open_dataset(road / "D")
    found = predict_path(road / "linear", session(road), set_up=UNKNOWN)
    rows = [dataset.keys.index(key) for key in found.keys]
    assert len(rows) == 3
    expected = predict_rows(load_model(road / "linear"), dataset, rows)
    assert set(found.output) == {"felt", "shown"}
    for view, output in expected.items():
        np.testing.assert_allclose(found.output[view], output, atol=1e-6)


def test_a_gaze_file_gets_what_its_session_gets(road: Path) -> None:
    alone = predict_path(road / "linear", session(road) / "gaze.tsv", set_up=SCREEN)
    within = predict_path(road / "linear", session(road), set_up=UNKNOWN)
    assert [key.stimulus_id for key in alone.keys] == [key.stimulus_id for key in within.keys]
    assert np.abs(alone.output["felt"] - within.output["felt"]).max() < 0.2


def test_a_gaze_file_that_does_not_state_its_screen_asks_for_it(road: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = open_recording(session(road) / "gaze.tsv")
    assert recording.screen is not None
    silent = dataclasses.replace(recording, screen=dataclasses.replace(recording.screen, size_mm=None))
    monkeypatch.setattr(predicting, "open_recordings", lambda path: (silent,))
    with pytest.raises(UsageError, match=r"--screen-mm 527x296"):
        predict_path(road / "linear", session(road) / "gaze.tsv", set_up=UNKNOWN)
    assert len(predict_path(road / "linear", session(road) / "gaze.tsv", set_up=SCREEN).keys) == 3


def test_a_gaze_file_that_names_no_stimulus_is_one_clip(road: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = dataclasses.replace(open_recording(session(road) / "gaze.tsv"), stimuli=())
    monkeypatch.setattr(predicting, "open_recordings", lambda path: (recording,))
    found = predict_path(road / "linear", session(road) / "gaze.tsv", set_up=SCREEN)
    assert [key.stimulus_id for key in found.keys] == ["whole-recording"]


def test_a_person_of_the_training_set_is_a_doubt(road: Path) -> None:
    found = predict_path(road / "majority", session(road), set_up=UNKNOWN)
    assert any("fitted on clips of p002" in doubt for doubt in found.doubts)


def test_a_model_that_needs_a_face_refuses_a_session_without_a_video(road: Path, tmp_path: Path) -> None:
    trained = load_model(road / "majority")
    streams = {**trained.task.streams, "face": (8, 3)}
    scaler = dataclasses.replace(
        trained.scaler,
        mean={**trained.scaler.mean, "face": np.zeros(3)},
        sd={**trained.scaler.sd, "face": np.ones(3)},
        channels={**trained.scaler.channels, "face": ("a", "b", "c")},
    )
    task = dataclasses.replace(trained.task, streams=streams)
    save_model(tmp_path / "face", dataclasses.replace(trained, task=task, scaler=scaler))
    with pytest.raises(MismatchError, match="needs the stream face, and none of 3 clips has it"):
        predict_path(tmp_path / "face", session(road), set_up=UNKNOWN)


def test_channels_that_the_model_does_not_know_are_doubts(road: Path, tmp_path: Path) -> None:
    trained = load_model(road / "linear")
    channels = ("gaze_x_deg", "gaze_y_deg", "something_else", *trained.scaler.channels["eye"][3:])
    scaler = dataclasses.replace(trained.scaler, channels={**trained.scaler.channels, "eye": channels})
    save_model(tmp_path / "other", dataclasses.replace(trained, scaler=scaler))
    found = predict_path(tmp_path / "other", session(road), set_up=UNKNOWN)
    assert "the stream eye lacks something_else: the model takes the training mean instead" in found.doubts
    assert any(doubt.startswith("the stream eye has direction_l_x, which the model") for doubt in found.doubts)
    assert np.isfinite(found.output["felt"]).all()


def test_a_checkpoint_that_does_not_know_how_its_data_were_cut_is_refused(road: Path, tmp_path: Path) -> None:
    trained = load_model(road / "majority")
    origin = dataclasses.replace(trained.origin, config={})
    save_model(tmp_path / "old", dataclasses.replace(trained, origin=origin))
    with pytest.raises(MismatchError, match="does not say how its data set was built"):
        predict_path(tmp_path / "old", session(road), set_up=UNKNOWN)


def test_a_folder_that_is_no_session_is_refused(road: Path) -> None:
    with pytest.raises(UsageError, match="no session of a study"):
        predict_path(road / "linear", road / "study", set_up=UNKNOWN)


def test_a_folder_without_a_checkpoint_is_refused(road: Path) -> None:
    with pytest.raises(DataError, match="there is no checkpoint"):
        predict_path(road / "D", session(road), set_up=UNKNOWN)


def test_the_table_has_both_views_with_probabilities(road: Path, tmp_path: Path) -> None:
    found = predict_path(road / "majority", session(road), set_up=UNKNOWN)
    out = tmp_path / "p002.tsv"
    write_predictions(found, out, session=session(road))
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["stimulus_id"] for row in rows] == [key.stimulus_id for key in found.keys]
    for view in ("felt", "shown"):
        shares = {name: float(rows[0][f"{view}_{name}"]) for name in column_names(found.task)}
        assert sum(shares.values()) == pytest.approx(1, abs=2e-4)
        assert rows[0][f"{view}_emotion3"] == max(shares, key=lambda name: shares[name])
    notes = [json.loads(line) for line in (road / "study" / "derived.jsonl").read_text().splitlines()]
    assert ("predict", str(out)) in [(note["by"], note["path"]) for note in notes]


def test_a_file_that_holds_something_else_is_kept(road: Path, tmp_path: Path) -> None:
    found = predict_path(road / "majority", session(road), set_up=UNKNOWN)
    out = tmp_path / "notes.tsv"
    out.write_text("my notes")
    with pytest.raises(UsageError, match="holds something else"):
        write_predictions(found, out, session=session(road))
    assert out.read_text() == "my notes"
