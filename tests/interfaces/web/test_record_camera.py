"""Pieces of camera video: in order, safe when acknowledged, readable when cut, on the clock of the browser."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from emogap.errors import DataError, UsageError
from emogap.interfaces.web.record_camera import NotedFrames, Segment, fit_camera, keep_piece, write_face
from emogap.recording.video import frame_times, read_frames

NONE = NotedFrames(np.empty(0), 0.0)


def webm(times_s: np.ndarray, *, size_px: tuple[int, int] = (64, 48)) -> bytes:
    """A WebM as browsers stream it: no length, no index; frame i is of grey 10 i, at `times_s`."""
    stream = io.BytesIO()
    stream.seekable = lambda: False  # type: ignore[method-assign]
    with av.open(stream, "w", format="webm", options={"live": "1"}) as container:
        video = container.add_stream("libvpx", rate=30, options={"deadline": "realtime", "cpu-used": "8"})
        video.width, video.height, video.pix_fmt = *size_px, "yuv420p"
        video.time_base = video.codec_context.time_base = Fraction(1, 1000)
        for number, time_s in enumerate(times_s):
            picture = np.full((size_px[1], size_px[0], 3), 10 * number % 250, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(1000 * time_s), Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return stream.getvalue()


def jittered(num_frames: int, seed: int = 4) -> np.ndarray:
    """Times of a camera of 30 frames/s whose frames come up to 8 ms off, in whole ms."""
    times_s = np.arange(num_frames) / 30 + np.random.default_rng(seed).uniform(-0.008, 0.008, num_frames)
    return np.round(np.sort(times_s - times_s[0]), 3)


def test_pieces_are_kept_in_order_and_once(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "camera-1.webm", 0.0)
    assert keep_piece(segment, 0, b"abc") == 1
    assert keep_piece(segment, 0, b"abc") == 1
    assert keep_piece(segment, 1, b"de") == 2
    with pytest.raises(UsageError, match="piece 4 of the video came, 2 is due"):
        keep_piece(segment, 4, b"x")
    assert segment.file.read_bytes() == b"abcde"


def test_what_a_killed_server_wrote_and_did_not_acknowledge_is_written_over(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "camera-1.webm", 0.0)
    keep_piece(segment, 0, b"abc")
    segment.file.write_bytes(b"abcHALF A PIECE")
    segment.sizes_file.write_text("3\n1")
    assert keep_piece(segment, 1, b"de") == 2
    assert segment.file.read_bytes() == b"abcde"


@pytest.mark.parametrize("share", [0.35, 0.6, 0.8, 0.97])
def test_a_video_that_was_cut_anywhere_is_read_as_far_as_it_goes(tmp_path: Path, share: float) -> None:
    """All frames that are whole in what is left, but for the last, which may look cut."""
    content = webm(jittered(40), size_px=(320, 240))
    cut = round(share * len(content))
    with av.open(io.BytesIO(content)) as container:
        num_whole = sum(packet.pos + packet.size <= cut for packet in container.demux(video=0) if packet.size)
    segment = Segment(tmp_path / "camera-1.webm", 100.0)
    keep_piece(segment, 0, content[:cut])
    write_face(tmp_path / "face.mp4", [segment], [NONE])
    kept_s = frame_times(tmp_path / "face.mp4")
    assert 1 < num_whole < 40
    assert num_whole - 1 <= len(kept_s) <= num_whole + 1
    assert kept_s == pytest.approx(jittered(40)[: len(kept_s)], abs=1e-4)


def test_two_stretches_become_one_video_with_the_pause_between(tmp_path: Path) -> None:
    """The second begins 5 s after the first, and is of another size."""
    segments = [Segment(tmp_path / f"camera-{number}.webm", 100.0 + 5 * number) for number in range(2)]
    for number, segment in enumerate(segments):
        keep_piece(segment, 0, webm(jittered(7 + number), size_px=(64 << number, 48)))
    noted = [NotedFrames(100.02 + jittered(7), 0.0), NotedFrames(105.05 + jittered(8), 0.0)]
    written = write_face(tmp_path / "face.mp4", segments, noted)
    assert [clock.offset_s for clock in written.clocks] == pytest.approx([100.02, 105.05])
    assert frame_times(tmp_path / "face.mp4") == pytest.approx([*jittered(7), *(5.03 + jittered(8))], abs=1e-4)
    assert {picture.shape for _, picture in read_frames(tmp_path / "face.mp4")} == {(48, 64, 3)}


def test_a_stretch_that_cannot_be_read_to_its_end_is_named(tmp_path: Path) -> None:
    """Its bytes were once removed all the same. The second is damaged in its middle, the third noise."""
    contents = [webm(jittered(9)), webm(jittered(40), size_px=(320, 240)), b"no video at all"]
    with av.open(io.BytesIO(contents[1])) as container:
        at = next(packet.pos for number, packet in enumerate(container.demux(video=0)) if number == 20) + 3
    contents[1] = contents[1][:at] + bytes(3) + contents[1][at + 3 :]
    segments = [Segment(tmp_path / f"camera-{number}.webm", 10.0 * number) for number in range(3)]
    for segment, content in zip(segments, contents, strict=True):
        keep_piece(segment, 0, content)
    written = write_face(tmp_path / "face.mp4", segments, [NONE, NONE, NONE])
    assert written.unread == ("camera-2.webm", "camera-1.webm")
    assert len(written.clocks) == 2


def test_lines_that_were_cut_off_are_not_joined_with_the_next(tmp_path: Path) -> None:
    """Power that fails while a size is noted: two numbers in one line once made the video as long as both."""
    segment = Segment(tmp_path / "camera-1.webm", 0.0)
    keep_piece(segment, 0, b"abc")
    with segment.sizes_file.open("a") as noted:
        noted.write("7")
    assert keep_piece(segment, 1, b"de") == 2
    assert segment.sizes_file.read_text() == "3\n5\n"
    assert segment.file.read_bytes() == b"abcde"


def test_a_camera_that_gave_nothing_is_said(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "camera-1.webm", 0.0)
    keep_piece(segment, 0, b"no video at all")
    with pytest.raises(DataError, match="the camera gave no video"):
        write_face(tmp_path / "face.mp4", [segment], [NONE])
    assert not (tmp_path / "face.mp4").exists()


def test_the_frames_that_both_clocks_noted_place_the_video(tmp_path: Path) -> None:
    """60 frames, of which the browser noted those before recording too, missed some, and is 3 ms off at one."""
    frame_s = jittered(60)
    captured_s = np.concatenate([1000.23 - np.array([0.1, 0.067, 0.035]), 1000.23 + np.delete(frame_s, [4, 9, 23])])
    captured_s[20] += 0.003
    clock = fit_camera(frame_s, NotedFrames(captured_s, 0.0), started_s=1000.2)
    assert clock.offset_s == pytest.approx(1000.23, abs=5e-4)
    assert clock.num_frames == 57
    assert clock.residual_s == pytest.approx(0.003 / 57**0.5, rel=0.01)


def test_of_a_perfectly_even_camera_the_first_frame_after_the_call_is_taken() -> None:
    frame_s = np.arange(50) / 20
    clock = fit_camera(frame_s, NotedFrames(10.01 + np.arange(-5, 60) / 20, 0.0), started_s=10.03)
    assert clock.offset_s == pytest.approx(10.06)


def test_a_frame_that_was_under_way_when_recording_began_is_the_first() -> None:
    """Captured at 10.01, in the browser 45 ms later: the call at 10.03 once made the one after it the first."""
    captured_s = 10.01 + np.arange(-5, 60) / 20
    clock = fit_camera(np.arange(50) / 20, NotedFrames(captured_s, 0.045), started_s=10.03)
    assert clock.offset_s == pytest.approx(10.01)


def test_without_captured_frames_the_residual_is_not_known() -> None:
    clock = fit_camera(np.array([0.5, 0.6]), NONE, started_s=10.0)
    assert (clock.offset_s, clock.residual_s, clock.num_frames) == (9.5, None, 0)
