"""Truth: every generated frame carries its number as black and white blocks, and its time is known to the writer."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from emogap.errors import DataError, UsageError
from emogap.recording.video import frame_times, probe_video, read_frames, read_frames_at

BLOCK_PX, NUM_BITS = 16, 8
TIME_BASE = Fraction(1, 600)


def numbered_frame(number: int) -> np.ndarray:
    """A picture of 32 x 128 pixels: the number in binary above, its complement below."""
    bits = np.array([(number >> bit) & 1 for bit in range(NUM_BITS)], np.uint8)
    rows = np.stack([bits, 1 - bits])
    return np.kron(rows, np.ones((BLOCK_PX, BLOCK_PX), np.uint8))[..., None].repeat(3, axis=2) * 255


def number_of(frame: np.ndarray) -> int:
    centres = frame[BLOCK_PX // 2 :: BLOCK_PX, BLOCK_PX // 2 :: BLOCK_PX, 0] > 127
    assert (centres[0] != centres[1]).all()
    return int((centres[0] * (1 << np.arange(NUM_BITS))).sum())


def write_numbered(path: Path, ticks: list[int], *, faststart: bool = False, codec: str = "libx264") -> Path:
    """A video with B-frames and a keyframe every 12 frames, frame i shown at ticks[i] / 600 s."""
    options = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=25, options={"g": "12", "bf": "3", "threads": "1"})
        stream.height, stream.width = numbered_frame(0).shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        for number, tick in enumerate(ticks):
            frame = av.VideoFrame.from_ndarray(numbered_frame(number), format="rgb24")
            frame.pts, frame.time_base = tick, TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def irregular_ticks(num_frames: int, *, seed: int = 0) -> list[int]:
    steps = np.random.default_rng(seed).integers(7, 60, size=num_frames - 1)
    return [0, *np.cumsum(steps).tolist()]


@pytest.fixture(scope="module")
def variable_rate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    ticks = irregular_ticks(131)
    path = write_numbered(tmp_path_factory.mktemp("video") / "variable.mov", ticks)
    return path, np.array(ticks) / 600


@pytest.fixture(scope="module")
def constant_rate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_numbered(tmp_path_factory.mktemp("video") / "constant.mp4", list(range(0, 24 * 100, 24)))


def test_the_times_of_frames_are_those_written(variable_rate: tuple[Path, np.ndarray]) -> None:
    path, times_s = variable_rate
    assert np.allclose(frame_times(path), times_s, atol=1e-6)


@pytest.mark.parametrize("num_times", [1, 5, 40, 300])
def test_the_nearest_frame_is_read_at_a_variable_rate(variable_rate: tuple[Path, np.ndarray], num_times: int) -> None:
    path, times_s = variable_rate
    wanted_s = np.sort(np.random.default_rng(num_times).uniform(0, times_s[-1], num_times))
    read = [(time_s, number_of(frame)) for time_s, frame in read_frames_at(path, wanted_s)]
    nearest = np.abs(times_s[:, None] - wanted_s).argmin(axis=0)
    assert [number for _, number in read] == nearest.tolist()
    assert np.allclose([time_s for time_s, _ in read], times_s[nearest], atol=1e-6)


def test_every_frame_is_read_once_in_order(constant_rate: Path) -> None:
    numbers = [number_of(frame) for _, frame in read_frames_at(constant_rate, frame_times(constant_rate))]
    assert numbers == list(range(100))


def test_the_same_time_twice_gives_the_same_frame_twice(constant_rate: Path) -> None:
    numbers = [number_of(frame) for _, frame in read_frames_at(constant_rate, np.array([1.0, 1.0, 1.001]))]
    assert numbers == [25, 25, 25]


def test_of_two_frames_equally_near_the_earlier_is_read(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "ties.mp4", [0, 300, 600])
    assert [number_of(frame) for _, frame in read_frames_at(path, np.array([0.25, 0.75]))] == [0, 1]


def test_no_times_give_no_frames(constant_rate: Path) -> None:
    assert list(read_frames_at(constant_rate, np.empty(0))) == []


def test_a_video_of_one_frame_is_read(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "one.mp4", [0])
    assert [number_of(frame) for _, frame in read_frames_at(path, np.array([0.0]))] == [0]
    assert np.isnan(probe_video(path).rate_hz)


@pytest.mark.parametrize(
    ("codec", "suffix"), [("mpeg4", "avi"), ("libx264", "mkv"), ("libvpx", "webm"), ("libx264", "ts")]
)
def test_other_containers_give_the_frame_of_the_time(tmp_path: Path, codec: str, suffix: str) -> None:
    path = write_numbered(tmp_path / f"other.{suffix}", list(range(0, 24 * 40, 24)), codec=codec)
    times_s = frame_times(path)
    wanted = [3, 4, 17, 39]
    assert [number_of(frame) for _, frame in read_frames_at(path, times_s[wanted])] == wanted


def test_probing_counts_frames_and_sees_the_variable_rate(
    variable_rate: tuple[Path, np.ndarray], constant_rate: Path
) -> None:
    variable, constant = probe_video(variable_rate[0]), probe_video(constant_rate)
    assert (variable.num_frames, variable.has_variable_rate) == (131, True)
    assert (constant.num_frames, constant.has_variable_rate) == (100, False)
    assert constant.rate_hz == pytest.approx(25)
    assert constant.duration_s == pytest.approx(4.0)
    assert (constant.size_px, constant.codec) == ((128, 32), "h264")
    assert not constant.is_truncated


def test_a_turned_video_is_read_upright(tmp_path: Path) -> None:
    """The display matrix of ISO 14496-12 with a, b, c, d = 0, 1, -1, 0 turns the picture clockwise."""
    path = tmp_path / "portrait.mov"
    lying = np.zeros((64, 96, 3), np.uint8)
    lying[-24:, :24] = 255
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "yuv420p"
        stream.set_display_matrix([0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30])
        container.mux(stream.encode(av.VideoFrame.from_ndarray(lying, format="rgb24")))
        container.mux(stream.encode(None))
    _, upright = next(read_frames_at(path, np.array([0.0])))
    assert upright.shape == (96, 64, 3)
    assert upright[:20, :20].min() > 200
    assert upright[30:].max() < 60
    assert probe_video(path).size_px == (64, 96)


def test_a_time_after_the_end_names_file_and_time_before_any_frame_is_read(constant_rate: Path) -> None:
    with pytest.raises(DataError, match=r"constant\.mp4: a frame at 4\.500 s is wanted \(2 such times\).*4\.000 s"):
        read_frames_at(constant_rate, np.array([1.0, 4.5, 5.0]))


def test_the_last_frame_lasts_as_long_as_the_others(constant_rate: Path) -> None:
    assert number_of(next(read_frames_at(constant_rate, np.array([3.999])))[1]) == 99


@pytest.mark.parametrize("times", [[1.0, 0.5], [0.0, float("nan")]])
def test_unsorted_or_missing_times_are_refused(constant_rate: Path, times: list[float]) -> None:
    with pytest.raises(UsageError, match="never decrease"):
        read_frames_at(constant_rate, np.array(times))


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.mp4"):
        frame_times(tmp_path / "gone.mp4")


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(DataError, match=r"empty\.mp4: .*0 bytes"):
        probe_video(tmp_path / "empty.mp4")


def test_a_file_that_is_no_video_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("time_s\n0.1\n")
    with pytest.raises(DataError, match=r"text\.mp4: not a readable video"):
        frame_times(tmp_path / "text.mp4")


def test_a_file_with_sound_only_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(DataError, match=r"no video stream .*audio"):
        frame_times(path)


def test_a_file_cut_off_before_its_index_is_refused(constant_rate: Path, tmp_path: Path) -> None:
    content = constant_rate.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"cut\.mp4: not a readable video"):
        frame_times(tmp_path / "cut.mp4")


def test_a_truncated_file_gives_its_first_part_and_refuses_the_rest(tmp_path: Path) -> None:
    whole = write_numbered(tmp_path / "whole.mp4", list(range(0, 24 * 100, 24)), faststart=True)
    content = whole.read_bytes()
    path = tmp_path / "truncated.mp4"
    path.write_bytes(content[: int(0.6 * len(content))])
    assert probe_video(path).is_truncated
    assert number_of(next(read_frames_at(path, np.array([0.2])))[1]) == 5
    with pytest.raises(DataError, match="truncated"):
        read_frames_at(path, np.array([0.2, 3.9]))


def test_all_frames_are_read_in_one_pass_at_a_variable_rate(variable_rate: tuple[Path, np.ndarray]) -> None:
    path, times_s = variable_rate
    read = [(time_s, number_of(frame)) for time_s, frame in read_frames(path)]
    assert [number for _, number in read] == list(range(131))
    assert np.allclose([time_s for time_s, _ in read], times_s, atol=1e-6)


@pytest.mark.parametrize(
    ("codec", "suffix", "share"),
    [("libx264", "mp4", 0.62), ("libx264", "mp4", 0.8), ("libx264", "mkv", 0.5), ("libvpx", "webm", 0.77)]
    + [("mpeg4", "avi", share) for share in (0.3, 0.31, 0.33)],
)
def test_a_cut_file_gives_the_frames_before_the_cut_as_they_are_and_then_says_so(
    tmp_path: Path, codec: str, suffix: str, share: float
) -> None:
    whole = write_numbered(
        tmp_path / f"whole.{suffix}", list(range(0, 24 * 100, 24)), codec=codec, faststart=suffix == "mp4"
    )
    content = whole.read_bytes()
    path = tmp_path / f"cut.{suffix}"
    path.write_bytes(content[: int(share * len(content))])
    read = []
    with pytest.raises(DataError, match=rf"cut\.{suffix}: the (video breaks off|frame) at \d\.\d{{3}} s"):
        read.extend(read_frames(path))
    assert 5 < len(read) < 100
    for (time_s, frame), (true_time_s, true_frame) in zip(read, read_frames(whole), strict=False):
        assert time_s == pytest.approx(true_time_s)
        assert np.array_equal(frame, true_frame)


@pytest.mark.parametrize(("promised", "truncated"), [(37, False), (4000, True)])
def test_a_wrong_frame_count_in_the_header_is_not_believed(tmp_path: Path, promised: int, truncated: bool) -> None:
    """Too few promised are passed over: the frames are there. Too many are a file cut off, as far as anyone can see."""
    path = write_numbered(tmp_path / "count.avi", list(range(0, 24 * 100, 24)), codec="mpeg4")
    content = bytearray(path.read_bytes())
    place = content.index(b"strh") + 8 + 32
    content[place : place + 4] = promised.to_bytes(4, "little")
    path.write_bytes(content)
    info = probe_video(path)
    assert (info.num_frames, info.is_truncated) == (100, truncated)


@pytest.mark.parametrize("audio_s", [0.5, 9.0])
def test_a_sound_track_of_any_length_changes_nothing(tmp_path: Path, audio_s: float) -> None:
    path = tmp_path / "sound.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"threads": "1"})
        sound = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        stream.height, stream.width = numbered_frame(0).shape[:2]
        stream.pix_fmt = "yuv420p"
        for number in range(33):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered_frame(number), format="rgb24")))
        container.mux(stream.encode(None))
        samples = av.AudioFrame.from_ndarray(np.zeros((1, int(8000 * audio_s)), np.int16), format="s16", layout="mono")
        samples.sample_rate = 8000
        container.mux(sound.encode(samples))
    assert [number_of(frame) for _, frame in read_frames(path)] == list(range(33))
    assert probe_video(path).duration_s == pytest.approx(33 / 25)


def test_a_file_without_a_keyframe_is_refused(tmp_path: Path) -> None:
    """Cut within its first keyframe, such a file once ended in an IndexError."""
    whole = write_numbered(tmp_path / "whole.mp4", list(range(0, 24 * 100, 24)), faststart=True)
    with av.open(str(whole)) as container:
        places = [packet.pos for packet in container.demux(video=0) if packet.size and packet.is_keyframe]
    content = whole.read_bytes()
    for share in (1, 40, 90):
        path = tmp_path / "cut.mp4"
        path.write_bytes(content[: places[0] + share])
        with pytest.raises(DataError, match=r"cut\.mp4: "):
            list(read_frames(path))


def test_a_damaged_frame_names_file_and_time(constant_rate: Path, tmp_path: Path) -> None:
    with av.open(str(constant_rate)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    damaged = next(packet for packet in packets[40:] if packet.is_keyframe)
    content = bytearray(constant_rate.read_bytes())
    content[damaged.pos : damaged.pos + damaged.size] = bytes(damaged.size)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)
    time_s = float(damaged.pts * damaged.time_base)
    assert number_of(next(read_frames_at(path, np.array([0.4])))[1]) == 10
    with pytest.raises(DataError, match=rf"damaged\.mp4: the frame at {time_s:.3f} s cannot be decoded"):
        list(read_frames_at(path, np.array([time_s])))


@pytest.mark.parametrize(
    ("name", "num_frames", "variable"),
    [
        ("no_face.mp4", 95, False),
        ("face_noface.mov", 169, True),
        ("noface_face.mov", 169, True),
        ("single_face.mp4", 72, False),
    ],
)
def test_real_videos_have_the_frames_that_decoding_gives(
    shared_data: Path, name: str, num_frames: int, variable: bool
) -> None:
    """The header of no_face.mp4 promises 98 frames; three are hidden by its edit list."""
    info = probe_video(shared_data / "video" / name)
    assert (info.num_frames, info.has_variable_rate) == (num_frames, variable)
    assert not info.is_truncated


@pytest.mark.parametrize("name", ["no_face.mp4", "noface_face.mov"])
def test_frames_of_real_videos_equal_those_of_decoding_all(shared_data: Path, name: str) -> None:
    path = shared_data / "video" / name
    with av.open(str(path)) as container:
        small = [(frame.time, frame.to_ndarray(format="rgb24")[::8, ::8]) for frame in container.decode(video=0)]
    all_times_s = np.array([time_s for time_s, _ in small])
    assert np.allclose(frame_times(path), all_times_s, atol=1e-6)
    wanted_s = np.linspace(0.1, all_times_s[-1], 8)
    for wanted, (time_s, frame) in zip(wanted_s, read_frames_at(path, wanted_s), strict=True):
        nearest = int(np.abs(all_times_s - wanted).argmin())
        assert time_s == pytest.approx(all_times_s[nearest])
        assert np.array_equal(frame[::8, ::8], small[nearest][1])
