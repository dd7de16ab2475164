"""`emogap annotate auto` on drawn faces whose colour says what a network made by hand must answer, and when."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from emogap.annotation.ratings import read_ratings
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.annotating_faces import annotate_faces, machine_uncertainty
from emogap.interfaces.annotating_session import MachineConfig
from emogap.interfaces.cli import build_app
from emogap.interfaces.weights_keeping import add_weights
from emogap.preprocessing.face.weights import WEIGHTS_VARIABLE
from emogap.recording.video import probe_video
from emogap.simulation.face import FaceIdentity, draw_face, pure_expression
from emogap.simulation.face_video import write_face_video
from emogap.types import vocabulary
from tests.interfaces.small_study import write_study, write_trials
from tests.preprocessing.face.tiny_onnx import tiny_network

CARD = """
name = "tinted_net"
licence = "CC0"
source = "made by hand"
size_px = 9
crop = "box"
colour = "RGB"
layout = "NCHW"
divide_by = 255.0
mean = [0.0, 0.0, 0.0]
sd = [1.0, 1.0, 1.0]
gives = "logits"
classes = ["anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"]
also = ["valence", "arousal"]
embedding = "mean"
"""
MATRIX = np.zeros((3, 10))
MATRIX[:, 0] = 60, -30, -30
MATRIX[:, 6] = -30, -30, 60
MATRIX[:, 5] = -30, 60, -30
MATRIX[:, 8] = 1, 0, -1
MATRIX[:, 9] = 0, 30, 0
"""Red is anger, blue sadness, green neutral; valence is red less blue, arousal beyond its scale."""

FACE = cv2.resize(draw_face(FaceIdentity(), pure_expression("neutral")), (128, 128), interpolation=cv2.INTER_AREA)
EMPTY = np.full((128, 128, 3), 140, np.uint8)
TINT = {"red": (1.0, 0.4, 0.4), "green": (0.4, 1.0, 0.4), "blue": (0.4, 0.4, 1.0)}
OFFSET_S, DRIFT_PPM, RATE_HZ = -0.5, 20000.0, 25
TRIALS_S = {"s1": (0.51, 0.6), "s2": (1.49, 0.8), "s3": (2.63, 0.4)}
COLOUR = {"s1": "red", "s2": "blue", "s3": "none"}


def frames(num_frames: int) -> list[np.ndarray]:
    """Green outside the trials, which are placed by the clock relation and not by the code under test."""
    drawn = []
    for frame in range(num_frames):
        gaze_s = OFFSET_S + frame / RATE_HZ * (1 + DRIFT_PPM * 1e-6)
        on = [name for name, (onset, length) in TRIALS_S.items() if onset <= gaze_s < onset + length]
        colour = COLOUR[on[0]] if on else "green"
        drawn.append(EMPTY if colour == "none" else (FACE * np.array(TINT[colour])).astype(np.uint8))
    return drawn


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "card.toml").write_text(CARD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(WEIGHTS_VARIABLE, str(folder / "weights"))
        add_weights(tiny_network(folder / "net.onnx", MATRIX), card=folder / "card.toml")
    return folder / "weights"


@pytest.fixture
def with_weights(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(weights))


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """p01: 92 frames, all trials within; p02: 60 frames, the video ends in s2."""
    study = write_study(tmp_path_factory.mktemp("filmed") / "study")
    for name, num_frames in (("p01", 92), ("p02", 60)):
        session = study / "sessions" / name
        (session / "clock.toml").write_text(f"offset_s = {OFFSET_S}\ndrift_ppm = {DRIFT_PPM}\n")
        write_trials(session, TRIALS_S)
        write_face_video(session / "face.mp4", frames(num_frames))
    return study


@pytest.fixture(scope="module")
def judged(filmed: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = tmp_path_factory.mktemp("judged") / "study"
    shutil.copytree(filmed, study)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(WEIGHTS_VARIABLE, str(weights))
        result = run(study)
    assert result.exit_code == 1
    (study / "told.json").write_text(result.stdout)
    return study


def run(study: Path, *options: object):
    words = ["annotate", "auto", str(study), "--weights", "tinted_net", "--jobs", "1", "--json", *map(str, options)]
    return CliRunner().invoke(build_app(), words, catch_exceptions=False)


def test_every_frame_of_a_trial_and_no_other_is_judged(judged: Path) -> None:
    """A frame too early or too late would be green, and judged neutral."""
    table = pq.read_table(judged / "derived" / "annotate" / "tinted-net" / "p01.parquet").to_pylist()
    for name, (onset_s, length_s) in TRIALS_S.items():
        rows = [row for row in table if row["stimulus_id"] == name]
        gaze_s = OFFSET_S + np.arange(92) / RATE_HZ * 1.02
        inside = np.flatnonzero((gaze_s >= onset_s) & (gaze_s < onset_s + length_s))
        assert [row["frame"] for row in rows] == inside.tolist()
        np.testing.assert_allclose([row["trial_s"] for row in rows], gaze_s[inside] - onset_s, atol=1e-6)
        probability = np.array([[row[f"probability_{word}"] for word in ("anger", "sadness")] for row in rows], float)
        if name == "s3":
            assert np.isnan(probability).all()
            assert {row["confidence"] for row in rows} == {None}
        else:
            assert (probability[:, ("s1", "s2").index(name)] > 0.99).all()


def test_the_clips_have_shares_halves_and_uncertainty(judged: Path) -> None:
    clips = {
        row["item"]: row
        for row in pq.read_table(judged / "derived" / "annotate" / "tinted-net" / "clips.parquet").to_pylist()
    }
    assert sorted(clips) == ["p01/s1", "p01/s2", "p02/s1"]
    for item, word in (("p01/s1", "anger"), ("p01/s2", "sadness"), ("p02/s1", "anger")):
        clip = clips[item]
        assert clip["emotion7"] == clip["emotion7_first_half"] == clip["emotion7_second_half"] == word
        assert clip[f"frame_share_{word}"] == 1
        assert sum(clip[f"share_{name}"] for name in vocabulary("emotion7")) == pytest.approx(1)
        assert 0 <= clip["uncertainty"] < 0.1
        assert np.sign(clip["valence"]) == (1 if word == "anger" else -1)
        assert clip["valence"] == pytest.approx(
            (clip["valence_first_half"] + clip["valence_second_half"]) / 2, abs=0.02
        )
    assert clips["p01/s1"]["num_frames"] == 15
    assert machine_uncertainty(judged, "machine-tinted-net").keys() == clips.keys()


def test_the_rating_file_holds_the_machine_alone_within_the_scales(judged: Path) -> None:
    ratings = read_ratings([judged / "ratings" / "machine-tinted-net.csv"])
    assert {rating.annotator for rating in ratings} == {"machine-tinted-net"}
    words = {rating.item: rating.value for rating in ratings if rating.question == "emotion7"}
    assert words == {"p01/s1": 5.0, "p01/s2": 1.0, "p02/s1": 5.0}
    assert {rating.value for rating in ratings if rating.question == "arousal"} == {1.0}
    assert {rating.question for rating in ratings} == {"emotion7", "valence", "arousal"}


def test_what_could_not_be_judged_is_told_and_the_rest_is_saved(judged: Path) -> None:
    told = json.loads((judged / "told.json").read_text())
    assert told["labels"]["anger"] == 2
    assert told["problems"].keys() == {"p01/s3", "p02/s2", "p02/s3"}
    assert "no face in any of its 10 frames" in told["problems"]["p01/s3"]
    assert "lasts from 0.000 to 2.400 s" in told["problems"]["p02/s2"]
    assert told["doubts"] == [
        "arousal of 3 clips lies beyond [-1, 1], first p01/s1: in the rating file it stands at the limit"
    ]


def test_what_was_made_is_listed_in_the_study(judged: Path) -> None:
    paths = [json.loads(line)["path"] for line in (judged / "derived.jsonl").read_text().splitlines()]
    assert paths == ["derived/annotate/tinted-net", "ratings/machine-tinted-net.csv"]


@pytest.mark.usefixtures("with_weights")
def test_only_a_session_that_changed_is_judged_again(judged: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(judged, study)
    folder = study / "derived" / "annotate" / "tinted-net"
    rating_file = study / "ratings" / "machine-tinted-net.csv"
    before = (folder / "p01.parquet").stat().st_mtime_ns, rating_file.read_bytes()
    told = json.loads(run(study).stdout)
    assert told["num_sessions_there"] == 2
    assert told["problems"].keys() == {"p01/s3", "p02/s2", "p02/s3"}
    assert ((folder / "p01.parquet").stat().st_mtime_ns, rating_file.read_bytes()) == before
    (study / "sessions" / "p02" / "clock.toml").unlink()
    told = json.loads(run(study).stdout)
    assert told["num_sessions_there"] == 1
    assert "emogap align STUDY" in told["problems"]["p02"]
    assert (folder / "p01.parquet").stat().st_mtime_ns == before[0]
    assert b"p02" not in rating_file.read_bytes()


@pytest.mark.usefixtures("with_weights")
def test_a_damaged_file_of_probabilities_is_made_again(judged: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(judged, study)
    path = study / "derived" / "annotate" / "tinted-net" / "p01.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert json.loads(run(study).stdout)["num_sessions_there"] == 1
    assert pq.read_table(path).equals(pq.read_table(judged / "derived" / "annotate" / "tinted-net" / "p01.parquet"))


@pytest.mark.usefixtures("with_weights")
def test_a_video_that_is_none_is_told_and_hides_no_other_session(judged: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(judged, study)
    (study / "sessions" / "p02" / "face.mp4").write_bytes(b"no video at all")
    told = json.loads(run(study).stdout)
    assert "not a readable video" in told["problems"]["p02"]
    assert told["num_clips"] == 2


def test_without_weights_the_way_to_get_them_is_named_and_nothing_is_written(filmed: Path) -> None:
    with pytest.raises(UsageError, match=r"fer2013_mini_xception(.|\n)*emogap weights add"):
        annotate_faces(filmed, MachineConfig(model="fer_onnx"))
    assert not (filmed / "derived").exists()


@pytest.mark.usefixtures("with_weights")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"model": "hog", "weights": None}, UsageError, "gives features, no expressions"),
        ({"model": "fer_onyx"}, UnknownNameError, "did you mean 'fer_onnx'"),
        ({"weights": "tinted_nett"}, UnknownNameError, "did you mean 'tinted_net'"),
        ({"detector": "harr"}, UnknownNameError, "did you mean 'haar'"),
        ({"face": "biggest"}, UsageError, "chooses no face"),
    ],
)
def test_what_cannot_be_done_is_refused_first(
    filmed: Path, change: dict[str, str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        annotate_faces(filmed, MachineConfig.model_validate({"model": "fer_onnx", "weights": "tinted_net"} | change))
    assert not (filmed / "derived").exists()


@pytest.mark.usefixtures("with_weights")
def test_a_network_without_a_word_of_emotion7_is_refused(filmed: Path, weights: Path, tmp_path: Path) -> None:
    few = CARD.replace('"tinted_net"', '"few"').replace('"fear", ', "")
    (tmp_path / "card.toml").write_text(few)
    add_weights(tiny_network(tmp_path / "few.onnx", MATRIX[:, 1:]), card=tmp_path / "card.toml")
    with pytest.raises(UsageError, match="does not know fear"):
        annotate_faces(filmed, MachineConfig(model="fer_onnx", weights="few"))


@pytest.mark.usefixtures("with_weights")
def test_answers_of_a_person_in_the_machines_file_are_not_replaced(judged: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(judged, study)
    path = study / "ratings" / "machine-tinted-net.csv"
    path.write_text(path.read_text() + "p01/s1,ann,emotion7,fear,1,\n")
    with pytest.raises(DataError, match="holds an answer of ann"):
        run(study)
    assert "p01/s1,ann,emotion7,fear" in path.read_text()


@pytest.mark.usefixtures("with_weights")
def test_a_study_without_videos_is_refused(filmed: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(filmed, study, ignore=shutil.ignore_patterns("*.mp4"))
    with pytest.raises(DataError, match="none of the 2 sessions has a face video"):
        run(study)


def test_the_real_network_judges_every_clip_with_a_face(
    filmed: Path, shared_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labels of drawn faces mean nothing; that each is one of the seven, with shares that sum to 1, does."""
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(shared_models))
    study = tmp_path / "study"
    shutil.copytree(filmed, study)
    report = annotate_faces(study, MachineConfig(model="fer_onnx"))
    assert report.annotator == "machine-fer-onnx"
    assert report.detector == "yunet"
    assert {clip.item for clip in report.clips} >= {"p01/s1", "p01/s2", "p02/s1"}
    for clip in report.clips:
        assert clip.shares.share.sum() == pytest.approx(1)
        assert clip.also == {}
    assert {rating.question for rating in read_ratings([report.rating_file])} == {"emotion7"}


def test_a_real_face_is_judged_as_the_readme_of_the_weights_says(
    shared_data: Path, shared_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its 18 sampled frames of single_face.mp4: 13 happy, the others neutral. No label says which is right."""
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(shared_models))
    video = shared_data / "video" / "single_face.mp4"
    study = write_study(tmp_path / "study")
    session = study / "sessions" / "p01"
    shutil.copy(video, session / "face.mp4")
    (session / "clock.toml").write_text("offset_s = 0.0\ndrift_ppm = 0.0\n")
    write_trials(session, {"s2": (0.0, probe_video(video).duration_s)})
    report = annotate_faces(study, MachineConfig(model="fer_onnx"))
    (clip,) = report.clips
    emotions = vocabulary("emotion7")
    shares = dict(zip(emotions, clip.shares.frame_share, strict=True))
    assert clip.item == "p01/s2"
    assert shares["happiness"] == pytest.approx(13 / 18, abs=0.05)
    assert shares["happiness"] + shares["neutral"] > 0.95
    assert clip.shares.label == emotions.index("happiness")
    assert "0 bytes" in report.problems["p02"]
