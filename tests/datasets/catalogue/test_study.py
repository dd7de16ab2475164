"""A study as a data set: three views that are never derived from another, and a road that never sees the truth."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.datasets import BuildConfig, build, label_array, open_dataset
from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.simulation.face import draw_face
from emogap.simulation.face_expression import pure_expression
from emogap.simulation.face_identity import sample_identity
from emogap.simulation.face_video import write_face_video
from emogap.types import LabelView

CONFIG = BuildConfig()


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def film(study_folder: Path) -> Callable[..., Path]:
    """Writes a face video at 5 frames/s into a session: so many seconds with a face, so many of plain grey."""
    face = draw_face(sample_identity(np.random.default_rng(3)), pure_expression("happiness"))

    def write(person: str, *, face_s: float, grey_s: float, offset_s: float = 0.25) -> Path:
        frames = [face] * round(5 * face_s) + [np.full_like(face, 128)] * round(5 * grey_s)
        path = study_folder / "sessions" / person / "face.mp4"
        write_face_video(path, iter(frames), rate_hz=5)
        path.with_name("clock.toml").write_text(f"offset_s = {offset_s}\ndrift_ppm = 0.0\n")
        return path

    return write


def test_each_trial_is_a_clip_keyed_by_person_and_stimulus(study_folder: Path, tmp_path: Path) -> None:
    report = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert not report.failures
    assert dataset.name == "study-hand-made"
    assert [tuple(row) for row in dataset.samples.select(pl.nth(range(6))).iter_rows()] == [
        ("p1", "p1", "s1", "g1", 3.0, 5.0),
        ("p1", "p1", "s2", "g1", 0.5, 2.5),
        ("p2", "p2", "s1", "g1", 3.0, 5.0),
        ("p2", "p2", "s2", "g1", 0.5, 2.5),
    ]


def test_channels_the_tracker_lacks_are_left_out_and_named(study_folder: Path, tmp_path: Path) -> None:
    report = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert dataset.streams["eye"].shape == (4, 32, 8)
    assert {"origin_l_x_mm", "origin_r_z_mm", "direction_l_x"} <= set(report.header.streams["eye"].absent)
    assert "pupil_l_mm" not in report.header.streams["eye"].absent


def test_the_three_views_stand_side_by_side(study_folder: Path, tmp_path: Path) -> None:
    build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    first = open_dataset(tmp_path / "D").samples.row(0, named=True)
    assert first["felt_emotion7"] == first["target_emotion7"] == [1, 0, 0, 0, 0, 0, 0]
    assert first["shown_emotion7"] == [0.5, 0, 0, 0, 0, 0, 0.5]
    assert (first["felt_emotion3"], first["target_emotion3"], first["shown_emotion3"]) == (None, [1, 0, 0], None)
    assert (first["felt_valence"], first["felt_arousal"], first["shown_intensity"]) == (0.5, 0.0, 1.5)


def test_machines_vote_only_if_asked_and_the_header_says_who_did(study_folder: Path, tmp_path: Path) -> None:
    report = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    assert report.header.label_sources["shown"] == (
        "vote shares and means of e1, e2; left out as machines: machine-simulated"
    )
    build(study_folder, tmp_path / "E", BuildConfig(machine_ratings=True), jobs=1)
    shown = label_array(open_dataset(tmp_path / "E"), LabelView.SHOWN, "class", "emotion7")
    np.testing.assert_allclose(shown[0], [1 / 3, 0, 0, 0, 0, 1 / 3, 1 / 3])


def test_the_truth_is_never_opened(study_folder: Path, tmp_path: Path) -> None:
    (study_folder / "truth.parquet").write_bytes(b"opening this would be an error")
    build(study_folder, tmp_path / "with", CONFIG, jobs=1)
    (study_folder / "truth.parquet").unlink()
    build(study_folder, tmp_path / "without", CONFIG, jobs=1)
    assert content_of(tmp_path / "with") == content_of(tmp_path / "without")


def test_every_data_set_is_noted_in_the_study_once(study_folder: Path, tmp_path: Path) -> None:
    for name in ("D", "D", "E"):
        build(study_folder, tmp_path / name, CONFIG, jobs=1)
    notes = [json.loads(line) for line in (study_folder / "derived.jsonl").read_text().splitlines()]
    assert [note["path"] for note in notes] == [str((tmp_path / name).resolve()) for name in ("D", "E")]
    assert {note["by"] for note in notes} == {"build"}


def test_every_recording_has_steps(study_folder: Path, tmp_path: Path) -> None:
    build(study_folder, tmp_path / "D", BuildConfig(cleaning="none"), jobs=1)
    steps = [json.loads(text) for text in pl.read_parquet(tmp_path / "D" / "quality.parquet")["steps"]]
    assert all({"trim", "to_degrees"} <= {step["name"] for step in each} for each in steps)


def test_a_face_is_found_where_the_clock_relation_puts_it(
    study_folder: Path, tmp_path: Path, film: Callable[..., Path]
) -> None:
    """The face is seen until 2.5 s of the video, that is 2.75 s of the gaze clock: in trial s2, not in s1."""
    film("p1", face_s=2.5, grey_s=3.0)
    build(study_folder, tmp_path / "D", BuildConfig(frames=True), jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert dataset.masks["face"].sum(axis=1).tolist() == [0, 8, 0, 0]
    assert np.isfinite(dataset.streams["face"][1]).all()
    assert np.isnan(dataset.streams["face"][0]).all()
    frames = dataset.streams["frames"]
    assert (frames.shape, frames.dtype) == ((4, 8, 3, 112, 112), np.uint8)
    assert frames[1].std() > 10
    quality = pl.read_parquet(tmp_path / "D" / "quality.parquet")
    assert quality["face_found_share"].to_list()[:2] == [0, 1]
    assert "no face was found" in quality["doubts"][0]


def test_a_trial_beyond_the_video_keeps_its_eyes(study_folder: Path, tmp_path: Path, film: Callable[..., Path]) -> None:
    film("p1", face_s=2.6, grey_s=0)
    report = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    dataset = open_dataset(tmp_path / "D")
    assert not report.failures
    assert dataset.masks["face"].sum(axis=1).tolist() == [0, 8, 0, 0]
    assert dataset.masks["eye"][0].all()
    quality = pl.read_parquet(tmp_path / "D" / "quality.parquet")
    assert "longer than the face video" in quality["doubts"][0]
    assert "the video runs from 0.000 to 2.400 s" in quality["face_problem"][0]


def test_a_video_that_cannot_be_decoded_is_a_doubt(
    study_folder: Path, tmp_path: Path, film: Callable[..., Path]
) -> None:
    film("p1", face_s=5.5, grey_s=0)
    film("p2", face_s=5.5, grey_s=0).write_bytes(b"no video at all")
    build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    assert open_dataset(tmp_path / "D").masks["face"].any(axis=1).tolist() == [True, True, False, False]
    assert "cannot be read" in pl.read_parquet(tmp_path / "D" / "quality.parquet")["doubts"][2]


def test_without_a_clock_relation_no_face_is_guessed(
    study_folder: Path, tmp_path: Path, film: Callable[..., Path]
) -> None:
    film("p1", face_s=5.5, grey_s=0).with_name("clock.toml").unlink()
    build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    assert "face" not in open_dataset(tmp_path / "D").streams
    assert "clock.toml" in pl.read_parquet(tmp_path / "D" / "quality.parquet")["doubts"][0]


def test_a_trial_outside_the_gaze_file_fails_alone(study_folder: Path, tmp_path: Path) -> None:
    edit(study_folder / "sessions/p1/trials.tsv", "\t3\t2", "\t4\t2")
    report = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    ((item, problem),) = report.failures
    assert item == "p1 s1"
    assert "s1 was on from 4.000 to 6.000 s, but the gaze file runs from 0.000 to 5.492 s" in problem
    assert report.header.num_samples == 3


def test_a_session_at_fault_fails_alone(study_folder: Path, tmp_path: Path) -> None:
    edit(study_folder / "sessions/p2/selfreport.tsv", "\tfear\t", "\tfeer\t")
    report = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    ((item, problem),) = report.failures
    assert item == "p2"
    assert "p2/selfreport.tsv, line 2: 'feer' in 'emotion7' is no word of emotion7" in problem
    assert report.header.num_samples == 2


def test_what_gaze_file_and_study_disagree_in_is_doubted(study_folder: Path, tmp_path: Path) -> None:
    edit(study_folder / "sessions/p1/gaze.tsv", "\tp1\t", "\tAnna\t")
    edit(study_folder / "study.toml", "rate_hz = 120", "rate_hz = 60")
    doubts = "\n".join(build(study_folder, tmp_path / "D", CONFIG, jobs=1).header.doubts)
    assert "names participant Anna, its folder p1 (the like in 2 of 4 clips)" in doubts
    assert "120.0 samples a second, study.toml states 60 (the like in 4 of 4 clips)" in doubts


def test_bad_ratings_stop_the_build_before_it_begins(study_folder: Path, tmp_path: Path) -> None:
    edit(study_folder / "ratings/experts.csv", "neutral", "netral")
    with pytest.raises(DataError, match=r"(?s)experts\.csv, line 3: 'netral'.*did you mean 'neutral'"):
        build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    assert not (tmp_path / "D").exists()


def test_an_unknown_face_encoder_names_the_nearest(study_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'hog'"):
        build(study_folder, tmp_path / "D", BuildConfig(face_encoder="hogg"))


def test_a_withdrawn_gaze_is_excluded_with_its_reason(study_folder: Path, tmp_path: Path) -> None:
    gaze = study_folder / "sessions/p2/gaze.tsv"
    gaze.write_text(gaze.read_text().replace("\tValid\tValid", "\tInvalid\tInvalid"))
    report = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    assert report.excluded == {"gaze": 2}
    assert report.header.num_samples == 2


def yunet_folder(tmp_path: Path, shared_models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights that holds YuNet alone."""
    folder = tmp_path / "weights"
    folder.mkdir()
    shutil.copy(shared_models / "face_detection_yunet_2023mar.onnx", folder)
    monkeypatch.setenv("EMOGAP_WEIGHTS", str(folder))
    return folder


def test_without_weights_auto_is_haar_and_the_header_says_so(
    study_folder: Path, tmp_path: Path, film: Callable[..., Path]
) -> None:
    film("p1", face_s=5.5, grey_s=0)
    config = build(study_folder, tmp_path / "D", CONFIG, jobs=1).header.config
    assert (config["face_detector"], config["face_encoder"], config["illumination"]) == ("haar", "hog", "none")
    assert (config["face_detector_sha256"], config["face_encoder_sha256"]) == ("", "")


def test_with_its_weights_auto_is_yunet_named_by_their_hash(
    study_folder: Path,
    tmp_path: Path,
    film: Callable[..., Path],
    shared_models: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    film("p1", face_s=5.5, grey_s=0)
    build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    weights = yunet_folder(tmp_path, shared_models, monkeypatch)
    header = build(study_folder, tmp_path / "E", CONFIG, jobs=1).header
    assert header.config["face_detector"] == "yunet"
    sha256 = hashlib.sha256(next(weights.iterdir()).read_bytes()).hexdigest()
    assert header.config["face_detector_sha256"] == sha256
    assert open_dataset(tmp_path / "E").masks["face"][:2].all()
    with pytest.raises(UsageError, match="face_detector is haar, not yunet"):
        build(study_folder, tmp_path / "D", CONFIG, jobs=1)


def test_features_of_an_expression_network_are_named_after_it(
    study_folder: Path,
    tmp_path: Path,
    film: Callable[..., Path],
    shared_models: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    film("p1", face_s=5.5, grey_s=0)
    monkeypatch.setenv("EMOGAP_WEIGHTS", str(shared_models))
    config = BuildConfig(face_detector="haar", face_encoder="fer_onnx")
    header = build(study_folder, tmp_path / "D", config, jobs=1).header
    assert [channel.name for channel in header.streams["face"].channels][:2] == [
        "fer2013_mini_xception_0",
        "fer2013_mini_xception_1",
    ]
    assert len(header.streams["face"].channels) == 128
    named = config.model_copy(update={"face_encoder_weights": "fer2013_mini_xception"})
    build(study_folder, tmp_path / "E", named, jobs=1)
    one, other = (open_dataset(tmp_path / name).streams["face"] for name in "DE")
    np.testing.assert_array_equal(one, other)


def test_missing_weights_stop_the_build_before_it_begins(study_folder: Path, tmp_path: Path) -> None:
    for options in (
        {"face_detector": "yunet"},
        {"face_detector": "mtcnn"},
        {"face_encoder": "fer_onnx"},
        {"face_encoder": "emotieffnet_b0"},
        {"face_encoder": "fer_onnx", "face_encoder_weights": "my-net"},
        {"face_encoder": "hog", "face_encoder_weights": "fer2013_mini_xception"},
    ):
        with pytest.raises(UsageError):
            build(study_folder, tmp_path / "D", BuildConfig.model_validate(options), jobs=1)
    assert not (tmp_path / "D").exists()


def test_light_is_evened_out_before_the_face_is_stored(
    study_folder: Path, tmp_path: Path, film: Callable[..., Path]
) -> None:
    film("p1", face_s=5.5, grey_s=0)
    stored = {}
    for method in ("none", "clahe"):
        config = BuildConfig(frames=True, illumination=method)
        build(study_folder, tmp_path / method, config, jobs=1)
        stored[method] = np.asarray(open_dataset(tmp_path / method).streams["frames"][0])
    assert (stored["none"] != stored["clahe"]).any()


def without_gaze(study_folder: Path, person: str, *, stated: bool = True) -> None:
    """Take the gaze file of a session away; `stated` as the recorder does."""
    session = study_folder / "sessions" / person
    (session / "gaze.tsv").unlink()
    if stated:
        (session / "session.toml").write_text('gaze = "none"\n')


def test_a_session_that_states_it_has_no_gaze_gives_faces_and_says_so(
    study_folder: Path, tmp_path: Path, film: Callable[..., Path]
) -> None:
    film("p1", face_s=6, grey_s=0, offset_s=0.0)
    without_gaze(study_folder, "p1")
    report = build(study_folder, tmp_path / "D", BuildConfig(face_detector="haar"), jobs=1)
    assert not report.failures
    assert any("no gaze was recorded" in doubt and "2 of 4" in doubt for doubt in report.header.doubts)
    dataset = open_dataset(tmp_path / "D")
    people = dataset.samples["participant_id"].to_list()
    eye, face = (np.load(tmp_path / "D" / "streams" / f"{name}_mask.npy").any(axis=1) for name in ("eye", "face"))
    assert eye.tolist() == [name == "p2" for name in people]
    assert face.tolist() == [name == "p1" for name in people]


def test_without_gaze_and_without_a_face_a_clip_is_left_out(study_folder: Path, tmp_path: Path) -> None:
    without_gaze(study_folder, "p1")
    report = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    assert report.excluded == {"face": 2}
    reasons = pl.read_parquet(tmp_path / "D" / "excluded.parquet")["reason"].to_list()
    assert all("no gaze was recorded" in reason and "no face video" in reason for reason in reasons)


def test_a_session_that_is_still_recorded_fails_alone_and_says_what_to_do(study_folder: Path, tmp_path: Path) -> None:
    without_gaze(study_folder, "p1")
    state = study_folder / "sessions" / "p1" / "recording" / "state.json"
    state.parent.mkdir()
    state.write_text('{"status": "recording"}')
    failures = build(study_folder, tmp_path / "D", CONFIG, jobs=1).failures
    assert [item for item, _ in failures] == ["p1"]
    assert "sessions/p1: the session was not finished" in failures[0][1]
    assert "run 'emogap open STUDY' and go on" in failures[0][1]
    assert "'emogap forget STUDY p1'" in failures[0][1]
    state.write_text('{"status": "finished"}')
    again = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    assert (again.failures, again.excluded) == ((), {"face": 2})


def test_a_gaze_file_that_is_missing_unsaid_is_a_failure(study_folder: Path, tmp_path: Path) -> None:
    without_gaze(study_folder, "p1", stated=False)
    report = build(study_folder, tmp_path / "D", CONFIG, jobs=1)
    assert [item for item, _ in report.failures] == ["p1"]
    assert "one gaze file, here are 0" in report.failures[0][1]
