"""What ``emogap look`` says of a video and a still picture, against what the test wrote or the files' README states."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from emogap.errors import DataError
from emogap.interfaces.cli import build_app
from emogap.recording.overview import look_at
from emogap.recording.overview_text import draw_file
from emogap.recording.overview_video import PictureOverview, VideoOverview
from tests.recording.test_video import write_numbered


def look_at_video(path: Path) -> VideoOverview:
    found = look_at(path)
    assert isinstance(found, VideoOverview)
    return found


def test_a_constant_rate_is_said_with_frames_and_duration(tmp_path: Path) -> None:
    found = look_at_video(write_numbered(tmp_path / "face.mp4", list(range(0, 24 * 50, 24))))
    assert (found.num_frames, found.header_num_frames, found.size_px) == (50, 50, (128, 32))
    assert found.rate_hz == pytest.approx(25)
    assert found.duration_s == pytest.approx(2.0)
    assert not found.has_variable_rate
    assert found.audio == ()
    text = draw_file(found)
    assert "25.000 frames per second, constant" in text
    assert "what to question" not in text


def test_a_variable_rate_is_said_with_its_steps_and_questioned(tmp_path: Path) -> None:
    ticks = [*range(0, 600, 20), *range(600, 1200, 40)]
    found = look_at_video(write_numbered(tmp_path / "face.mov", ticks))
    assert found.has_variable_rate
    assert found.step_ms == pytest.approx((1000 / 30, 1000 / 15))
    assert found.mean_rate_hz == pytest.approx(45 / ((1160 + 20) / 600))
    text = draw_file(found)
    assert "variable: 33 to 67 ms" in text
    assert "the rate varies" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_cut_video_is_refused_in_words(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "face.mp4", list(range(0, 480, 24)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match="not a readable video"):
        look_at(path)


def test_a_tail_that_is_missing_is_doubted(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "face.mp4", list(range(0, 24 * 60, 24)), faststart=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    found = look_at_video(path)
    assert found.is_truncated
    assert found.num_frames < 60
    assert any("breaks off: its header promises 2.40 s" in doubt for doubt in found.doubts)


def test_an_empty_video_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "face.MP4").touch()
    with pytest.raises(DataError, match="0 bytes"):
        look_at(tmp_path / "face.MP4")


@pytest.mark.parametrize(("ending", "codec"), [("jpg", "jpeg"), ("png", "png")])
def test_a_picture_is_described_by_format_and_size(tmp_path: Path, ending: str, codec: str) -> None:
    path = tmp_path / f"still.{ending}"
    cv2.imwrite(str(path), np.full((30, 50, 3), 127, np.uint8))
    assert look_at(path) == PictureOverview(path, codec, (50, 30))


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0 no picture", b"\0" * 300])
def test_a_file_that_is_no_picture_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "still.jpg"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"still\.jpg: the picture"):
        look_at(path)


def test_the_command_prints_the_numbers_of_a_video_as_json(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "face.mp4", list(range(0, 24 * 10, 24)))
    result = CliRunner().invoke(build_app(), ["look", str(path), "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["kind"], found["num_frames"], found["size_px"]) == ("video", 10, [128, 32])


@pytest.mark.parametrize(
    ("file", "codec", "size_px", "header_rate_hz", "num_frames"),
    [
        ("single_face.mp4", "h264", (640, 360), 30.0, 72),
        ("WolfgangLanger_Pexels.mp4", "h264", (640, 360), 23.976, 472),
        ("no_face.mp4", "h264", (960, 540), 23.672, 95),
        ("face_noface.mov", "hevc", (960, 540), 26.398, 169),
        ("noface_face.mov", "hevc", (960, 540), 26.495, 169),
    ],
)
def test_real_videos_hold_what_their_readme_states(
    shared_data: Path, file: str, codec: str, size_px: tuple[int, int], header_rate_hz: float, num_frames: int
) -> None:
    found = look_at_video(shared_data / "video" / file)
    assert (found.codec, found.size_px, found.num_frames) == (codec, size_px, num_frames)
    assert found.header_rate_hz == pytest.approx(header_rate_hz, abs=0.001)
    assert max(map(len, draw_file(found).splitlines())) <= 80


def test_the_header_of_the_real_video_that_counts_too_many_frames_is_questioned(shared_data: Path) -> None:
    found = look_at_video(shared_data / "video" / "no_face.mp4")
    assert any("the header counts 98 frames, and 95 are shown" in doubt for doubt in found.doubts)


@pytest.mark.parametrize(("file", "size_px"), [("single_face.jpg", (572, 562)), ("multi_face.jpg", (1000, 667))])
def test_real_pictures_have_the_size_their_readme_states(
    shared_data: Path, file: str, size_px: tuple[int, int]
) -> None:
    found = look_at(shared_data / "video" / file)
    assert isinstance(found, PictureOverview)
    assert (found.codec, found.size_px) == ("jpeg", size_px)
