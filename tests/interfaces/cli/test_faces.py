"""`emogap faces` on drawn faces, whose place and time are known."""

import csv
import json
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from emogap.errors import DataError, UnknownNameError, UsageError
from emogap.interfaces.cli import build_app
from emogap.interfaces.face_table import COLUMNS
from emogap.preprocessing.face.tracking import follow_faces
from emogap.preprocessing.face.weights import WEIGHTS_VARIABLE
from emogap.recording.video import frame_times, read_frames
from emogap.simulation.face import FaceIdentity, HeadPose, draw_face, face_landmarks, pure_expression
from emogap.simulation.face_video import write_face_video

FACE = draw_face(FaceIdentity(), pure_expression("happiness"), pose=HeadPose((6.0, -5.0)))
LANDMARKS = face_landmarks(FaceIdentity(), pure_expression("happiness"), pose=HeadPose((6.0, -5.0)))
EMPTY = np.full((256, 384, 3), 140, np.uint8)
SHOWN = range(4, 13)


def placed(*lefts: int) -> np.ndarray:
    """A frame of 384 x 256 with a small drawn face at each of `lefts`."""
    frame = EMPTY.copy()
    for left in lefts:
        frame[40:216, left : left + 176] = cv2.resize(FACE, (176, 176), interpolation=cv2.INTER_AREA)
    return frame


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """17 frames at 25 Hz; a face from frame 4 to 12, and a second one in frames 8 to 10."""
    path = tmp_path_factory.mktemp("faces") / "drawn.mp4"
    frames = [placed(*((10, 200) if 8 <= t <= 10 else (10,))) if t in SHOWN else EMPTY for t in range(17)]
    write_face_video(path, frames)
    return path


def run(*options: object):
    return CliRunner().invoke(build_app(), ["faces", *map(str, options)], catch_exceptions=False)


def rows_in(out: Path) -> list[dict[str, str]]:
    with (out / "faces.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(autouse=True)
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "weights"))


def test_every_frame_is_in_the_table_and_the_face_where_it_was_drawn(video: Path, tmp_path: Path) -> None:
    told = json.loads(run(video, tmp_path / "out", "--json").stdout)
    assert told["detector"] == "haar"
    rows = rows_in(tmp_path / "out")
    assert list(rows[0]) == list(COLUMNS)
    assert sorted({int(row["frame"]) for row in rows}) == list(range(17))
    assert {int(row["frame"]) for row in rows if row["face"]} == set(SHOWN)
    scale, shift = 176 / 256, np.array([10, 40])
    for row in (row for row in rows if row["face"] == "1"):
        x0, y0, x1, y1 = (float(row[edge]) for edge in ("x0_px", "y0_px", "x1_px", "y1_px"))
        assert (LANDMARKS.min(axis=0) * scale + shift > [x0, y0]).all()
        assert (LANDMARKS.max(axis=0) * scale + shift < [x1, y1]).all()
        assert row["is_chosen"] == "true"
    for row in (row for row in rows if not row["face"]):
        assert row["x0_px"] == row["confidence"] == row["face_luminance"] == ""
        assert 0 < float(row["no_face_confidence"]) <= 0.95
        assert float(row["frame_luminance"]) == pytest.approx(140 / 255, abs=0.01)


def test_the_summary_says_from_when_to_when_and_how_many(video: Path, tmp_path: Path) -> None:
    told = json.loads(run(video, tmp_path / "out", "--json").stdout)
    assert told["chosen_face_spans"] == [{"from_frame": 4, "from_s": 0.16, "to_frame": 12, "to_s": 0.48}]
    assert told["share_with_face"] == pytest.approx(9 / 17, abs=1e-4)
    assert told["share_with_several_faces"] == pytest.approx(3 / 17, abs=1e-4)
    assert [(face["face"], face["num_frames"]) for face in told["faces"]] == [(1, 9), (2, 3)]
    assert "several faces in 3 of 17 frames" in told["doubts"]
    assert told["problem"] is None
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["num_frames"] == 17


def test_another_face_can_be_chosen(video: Path, tmp_path: Path) -> None:
    told = json.loads(run(video, tmp_path / "out", "--face", "2", "--json").stdout)
    assert told["chosen_face_spans"][0]["from_frame"] == 8
    assert told["num_frames_with_face"] == 9


def test_the_text_names_the_files_and_the_times(video: Path, tmp_path: Path) -> None:
    lines = run(video, tmp_path / "out").stdout.splitlines()
    assert lines[0] == "drawn.mp4: 17 frames, 0.680 s, detector haar"
    assert lines[1] == "  face      in 9 of 17 frames; 2 in all"
    assert lines[2] == "  seen      0.160 to 0.480 s (frames 4 to 12)"
    assert lines[-1] == f"  overlay   {tmp_path / 'out' / 'overlay.png'}"


def test_the_sheet_shows_every_frame_of_a_short_video(video: Path, tmp_path: Path) -> None:
    run(video, tmp_path / "out")
    sheet = cv2.imread(str(tmp_path / "out" / "overlay.png"))
    assert sheet.shape[1] == 4 * 320
    assert sheet.shape[0] == 5 * (2 * round(256 * 320 / 384 / 2) + 26)


def test_the_overlay_video_has_the_frames_at_their_own_times(tmp_path: Path) -> None:
    path = tmp_path / "variable.mkv"
    times_ms = [0, 40, 120, 160, 280, 300]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"threads": "1"})
        stream.height, stream.width, stream.pix_fmt = 256, 384, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for time_ms in times_ms:
            frame = av.VideoFrame.from_ndarray(placed(10), format="rgb24")
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    run(path, tmp_path / "out", "--overlay", "video", "--every", "1")
    overlay = tmp_path / "out" / "overlay.mp4"
    assert np.allclose(frame_times(overlay), np.array(times_ms) / 1000, atol=1e-3)
    _, first = next(read_frames(overlay))
    assert first.shape == (256 + 26, 384, 3)
    green = (first[..., 1].astype(int) - first[..., 0] > 90).sum()
    assert green > 400


def test_parquet_holds_what_the_tsv_holds(video: Path, tmp_path: Path) -> None:
    run(video, tmp_path / "a", "--overlay", "none")
    run(video, tmp_path / "b", "--overlay", "none", "--table", "parquet")
    text = pl.read_csv(tmp_path / "a" / "faces.tsv", separator="\t", infer_schema_length=None)
    parquet = pl.read_parquet(tmp_path / "b" / "faces.parquet")
    assert parquet.columns == text.columns
    assert parquet.cast(pl.String).equals(text.cast(parquet.schema).cast(pl.String))


def test_the_same_again_does_nothing(video: Path, tmp_path: Path) -> None:
    run(video, tmp_path / "out")
    before = (tmp_path / "out" / "faces.tsv").stat().st_mtime_ns
    told = json.loads(run(video, tmp_path / "out", "--json").stdout)
    assert told["was_there"]
    assert (tmp_path / "out" / "faces.tsv").stat().st_mtime_ns == before


def test_the_faces_of_another_job_are_not_overwritten(video: Path, tmp_path: Path) -> None:
    """Once the faces of one video silently took the place of those of another (issue 3)."""
    run(video, tmp_path / "out")
    before = (tmp_path / "out" / "faces.tsv").read_bytes()
    with pytest.raises(UsageError, match="another video, or with other options"):
        run(video, tmp_path / "out", "--every", "1")
    assert (tmp_path / "out" / "faces.tsv").read_bytes() == before


def test_a_folder_of_something_else_is_refused(video: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="no result of 'emogap faces'"):
        run(video, tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["notes.txt"]


def test_what_a_stopped_run_left_is_written_anew(video: Path, tmp_path: Path) -> None:
    run(video, tmp_path / "whole")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "faces.tsv").write_text("frame\n")
    (tmp_path / "out" / "overlay.png.partial").touch()
    assert not json.loads(run(video, tmp_path / "out", "--json").stdout)["was_there"]
    for name in ("faces.tsv", "overlay.png", "summary.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_video_of_a_study_is_noted_there(video: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    (study / "sessions" / "p01").mkdir(parents=True)
    (study / "study.toml").touch()
    copied = study / "sessions" / "p01" / "face.mp4"
    copied.write_bytes(video.read_bytes())
    run(copied, study / "derived" / "faces" / "p01")
    (line,) = (study / "derived.jsonl").read_text().splitlines()
    assert json.loads(line)["path"] == "derived/faces/p01"


def test_a_video_cut_off_gives_its_first_part_and_ends_in_1(tmp_path: Path) -> None:
    whole = tmp_path / "whole.mkv"
    with av.open(str(whole), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"threads": "1", "g": "12"})
        stream.height, stream.width, stream.pix_fmt = 256, 384, "yuv420p"
        for shift in range(60):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(placed(10 + shift), format="rgb24")))
        container.mux(stream.encode(None))
    content = whole.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(content[: int(0.6 * len(content))])
    result = run(tmp_path / "cut.mkv", tmp_path / "out", "--overlay", "none")
    assert result.exit_code == 1
    assert "the video breaks off; what came before it is saved" in result.stdout
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert 10 < summary["num_frames"] < 60
    assert len({row["frame"] for row in rows_in(tmp_path / "out")}) == summary["num_frames"]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (("--detector", "yunnet"), UnknownNameError, "did you mean 'yunet'"),
        (("--detector", "yunet"), UsageError, "emogap weights"),
        (("--overlay", "film"), UsageError, "--overlay cannot be 'film'"),
        (("--every", "0"), UsageError, "--every cannot be 0"),
        (("--face", "biggest"), UsageError, "chooses no face"),
        (("--expression", "hog"), UsageError, "gives features, no expressions"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(
    video: Path, tmp_path: Path, options: tuple[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        run(video, tmp_path / "out", *options)
    assert not list((tmp_path / "out").glob("*"))


def test_expressions_are_columns_that_sum_to_one(
    video: Path, shared_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(shared_models))
    told = json.loads(run(video, tmp_path / "out", "--expression", "fer_onnx", "--overlay", "none", "--json").stdout)
    assert told["detector"] == "yunet"
    for row in rows_in(tmp_path / "out"):
        probability = [value for name, value in row.items() if name.startswith("expression_")]
        assert len(probability) == 7
        if row["face"]:
            assert sum(map(float, probability)) == pytest.approx(1, abs=1e-3)
        else:
            assert set(probability) == {""}


def test_the_overlay_shows_no_face_when_faces_are_blurred(video: Path, tmp_path: Path) -> None:
    for name, options in {"seen": (), "blurred": ("--blur-faces",)}.items():
        run(video, tmp_path / name, "--detector", "haar", "--overlay", "video", *options)
    seen, blurred = (
        list(follow_faces(read_frames(tmp_path / name / "overlay.mp4"), detector="haar", every=1))
        for name in ("seen", "blurred")
    )
    assert sum(bool(frame.faces) for frame in seen) > 5
    assert [frame.faces for frame in blurred] == [()] * 17
    assert (tmp_path / "seen" / "faces.tsv").read_text() == (tmp_path / "blurred" / "faces.tsv").read_text()


def test_an_empty_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(DataError, match=r"empty\.mp4: .*0 bytes"):
        run(tmp_path / "empty.mp4", tmp_path / "out")


def test_a_real_video_without_a_face_has_none(shared_data: Path, shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    weights = shared_models / "face_detection_yunet_2023mar.onnx"
    result = run(shared_data / "video" / "no_face.mp4", out, "--detector", "yunet", "--weights", weights, "--json")
    told = json.loads(result.stdout)
    assert (told["num_frames"], told["num_frames_with_face"]) == (95, 0)
    assert told["doubts"] == ["no face in any frame"]
