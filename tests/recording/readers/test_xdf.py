"""XDF: clocks put together, channels that must say what they are, and files whose recorder broke off."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording.readers import xdf
from emogap.types import GazeSeries, Recording
from tests.recording.readers import _examples_xdf as example


def read(tmp_path: Path, *streams: example.Stream) -> tuple[Recording, ...]:
    path = tmp_path / "lab.xdf"
    path.write_bytes(example.file_bytes(*streams))
    return xdf.read(path)


def read_one(tmp_path: Path, *streams: example.Stream) -> Recording:
    (recording,) = read(tmp_path, *streams)
    return recording


def gaze_of(recording: Recording) -> GazeSeries:
    assert recording.gaze is not None
    return recording.gaze


def cyclopean(channels: list[tuple[str, ...]], row: list[float], **changes: object) -> example.Stream:
    times_s = [example.START_S + sample / example.RATE_HZ for sample in range(6)]
    return example.Stream("tracker", "Gaze", times_s, [row] * 6, channels, **changes)


def test_points_pupils_and_losses_stand_with_their_eye(tmp_path: Path) -> None:
    gaze = gaze_of(read_one(tmp_path, example.gaze_stream()))
    assert gaze.pupil is not None
    assert (gaze.eyes, gaze.frame, gaze.pupil_unit) == (("left", "right"), "screen_px", "mm")
    assert gaze.rate_hz == pytest.approx(example.RATE_HZ)
    np.testing.assert_array_equal(gaze.position[5], [example.point(5, 0), example.point(5, 1)])
    assert np.flatnonzero(~gaze.valid[:, 0]).tolist() == [example.LOST]
    assert gaze.valid[:, 1].all()
    np.testing.assert_allclose(gaze.pupil[5], [3.05, 4.05])


def test_markers_of_another_clock_fall_where_the_offsets_put_them(tmp_path: Path) -> None:
    """Sent at 1990.03 s of a clock that is 9.25 s behind; gaze begins at 2000 s of one that is 0.75 s ahead."""
    recording = read_one(tmp_path, example.gaze_stream(), example.marker_stream())
    assert [message.text for message in recording.messages] == ["clip-1 on", "clip-1 off"]
    np.testing.assert_allclose([message.time_s for message in recording.messages], [0.03, 0.11], atol=1e-9)


def test_the_clock_offsets_of_every_stream_are_shown(tmp_path: Path) -> None:
    drifting = example.gaze_stream(offsets_s=(-0.75, -0.7499))
    recording = read_one(tmp_path, drifting, example.marker_stream())
    assert any(
        "clock offset -750.000 ms at first, -749.900 ms at last (2 measurements" in note for note in recording.notes
    )
    assert any(
        "'stimuli' (Markers): 2 samples, irregular; clock offset 9250.000 ms" in note for note in recording.notes
    )


def test_drift_of_a_clock_is_taken_out(tmp_path: Path) -> None:
    """An offset that grows by 1 ms in 5 s makes a clock of 200 ppm: 11 samples of 20 ms last 0.200040 s."""
    gaze = gaze_of(read_one(tmp_path, example.gaze_stream(offsets_s=(-0.75, -0.749))))
    assert gaze.time_s[-1] == pytest.approx(0.2 * (1 + 200e-6), abs=1e-9)


def test_a_stream_without_offsets_is_doubted(tmp_path: Path) -> None:
    recording = read_one(tmp_path, example.gaze_stream(offsets_s=()), example.marker_stream())
    assert any("stream 'tracker' has no clock offset" in doubt for doubt in recording.doubts)


def test_two_gaze_streams_are_two_recordings_and_one_source_twice_is_doubted(tmp_path: Path) -> None:
    second = example.gaze_stream(7)
    second.name = "glasses"
    first_read, second_read = read(tmp_path, example.gaze_stream(), second)
    assert (first_read.recording_id, second_read.recording_id) == ("lab-tracker", "lab-glasses")
    assert len(gaze_of(second_read).time_s) == 7
    assert any("2 streams have the source_id 'device-1'" in doubt for doubt in first_read.doubts)


def test_streams_of_other_devices_are_named_and_not_read(tmp_path: Path) -> None:
    other = cyclopean([("Cz", "", "EEG", "microvolts")], [1.5])
    other.name, other.kind, other.source_id = "cap", "EEG", "amp"
    recording = read_one(tmp_path, other, example.gaze_stream())
    assert any("stream 'cap' (EEG): 6 samples, 50 Hz nominal; not read" in note for note in recording.notes)
    assert gaze_of(recording).valid[:, 1].all()


@pytest.mark.parametrize("number_format", ["float32", "double64", "int32"])
def test_every_number_format_is_read(tmp_path: Path, number_format: str) -> None:
    row = [12, 34] if number_format == "int32" else [12.0, 34.0]
    gaze = gaze_of(
        read_one(
            tmp_path,
            cyclopean([("gaze_x", "both", "", "px"), ("gaze_y", "both", "", "px")], row, number_format=number_format),
        )
    )
    np.testing.assert_array_equal(gaze.position[2, 0], [12, 34])
    assert gaze.eyes == ("cyclopean",)


@pytest.mark.parametrize(
    ("channels", "frame", "eye"),
    [
        ([("left_gaze_x", "", "", "px"), ("left_gaze_y", "", "", "px")], "screen_px", "left"),
        ([("GazeRightX", "", "", "normalized"), ("GazeRightY", "", "", "normalized")], "screen_norm", "right"),
        ([("left_gaze_point_on_display_area_x",), ("left_gaze_point_on_display_area_y",)], "screen_norm", "left"),
        (
            [("a", "both", "ScreenX", "pixels", "world"), ("b", "both", "ScreenY", "pixels", "world")],
            "scene_px",
            "cyclopean",
        ),
        ([("gaze_x", "", "", "degrees"), ("gaze_y", "", "", "degrees")], "deg", "cyclopean"),
    ],
)
def test_labels_types_units_and_systems_say_where_points_live(
    tmp_path: Path, channels: list[tuple[str, ...]], frame: str, eye: str
) -> None:
    gaze = gaze_of(read_one(tmp_path, cyclopean(channels, [0.25, 0.5])))
    assert (gaze.frame, gaze.eyes) == (frame, (eye,))
    np.testing.assert_array_equal(gaze.position[0, 0], [0.25, 0.5])


@pytest.mark.parametrize(
    "channels",
    [
        [],
        [("gaze_x", "", "", "px")],
        [("gaze_x",), ("gaze_y",)],
        [("ch1", "", "", "px"), ("ch2", "", "", "px")],
        [("gaze_x", "", "", "px"), ("gaze_y", "", "", "normalized")],
        [("gaze_origin_x", "", "", "px"), ("gaze_origin_y", "", "", "px")],
        [("gaze_x", "left", "", "px"), ("gaze_x", "left", "", "px")],
        [("gaze_x", "", "", "furlong"), ("gaze_y", "", "", "furlong")],
    ],
)
def test_a_stream_that_does_not_say_is_refused_in_words(tmp_path: Path, channels: list[tuple[str, ...]]) -> None:
    with pytest.raises(DataError, match="'tracker' does not say which of its 2 channels are points of gaze"):
        read(tmp_path, cyclopean(channels, [1.0, 2.0]))


def test_pupil_capture_counts_from_the_bottom_of_the_scene(tmp_path: Path) -> None:
    channels = [
        ("confidence", "both", "Confidence", "normalized"),
        ("norm_pos_x", "both", "ScreenX", "normalized"),
        ("norm_pos_y", "both", "ScreenY", "normalized"),
        ("diameter0_2d", "right", "Diameter", "pixels"),
        ("diameter1_2d", "left", "Diameter", "pixels"),
        ("diameter0_3d", "right", "Diameter", "mm"),
        ("diameter1_3d", "left", "Diameter", "mm"),
    ]
    stream = cyclopean(channels, [0.875, 0.25, 0.75, 40.0, 41.0, 3.25, 3.5])
    stream.name = "pupil_capture"
    gaze = gaze_of(read_one(tmp_path, stream))
    assert gaze.pupil is not None
    assert gaze.confidence is not None
    assert (gaze.frame, gaze.eyes, gaze.pupil_unit) == ("scene_norm", ("cyclopean", "left", "right"), "mm")
    np.testing.assert_array_equal(gaze.position[0, 0], [0.25, 0.25])
    np.testing.assert_array_equal(gaze.pupil[0], [np.nan, 3.5, 3.25])
    np.testing.assert_array_equal(gaze.confidence[0], [0.875] * 3)


def test_a_validity_of_zero_is_lost(tmp_path: Path) -> None:
    channels = [("left_gaze_x", "", "", "px"), ("left_gaze_y", "", "", "px"), ("left_gaze_validity",)]
    stream = cyclopean(channels, [5.0, 6.0, 1.0])
    stream.rows = [[5.0, 6.0, float(sample != 4)] for sample in range(6)]
    assert np.flatnonzero(~gaze_of(read_one(tmp_path, stream)).valid[:, 0]).tolist() == [4]


def test_a_file_without_gaze_names_its_streams(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no stream of gaze with samples in it; the streams are 'stimuli' \(Markers\)"):
        read(tmp_path, example.marker_stream())


def test_a_recorder_that_broke_off_is_doubted_and_read(tmp_path: Path) -> None:
    recording = read_one(tmp_path, example.gaze_stream(has_footer=False))
    assert len(gaze_of(recording).time_s) == 11
    assert any("has no footer" in doubt for doubt in recording.doubts)


def test_a_footer_that_counts_more_samples_is_doubted(tmp_path: Path) -> None:
    recording = read_one(tmp_path, example.gaze_stream(stated_count=15))
    assert any("counts 15 samples, the file 11" in doubt for doubt in recording.doubts)


def test_a_clock_that_is_not_the_nominal_one_is_doubted(tmp_path: Path) -> None:
    stream = example.gaze_stream()
    stream.rate_hz = 60
    recording = read_one(tmp_path, stream)
    assert any("states 60 Hz, and its clock gives 50.0 Hz" in doubt for doubt in recording.doubts)


def test_times_that_run_back_are_refused_with_their_sample(tmp_path: Path) -> None:
    stream = example.gaze_stream(rate_hz=0)
    stream.times_s = [*stream.times_s[:6], *stream.times_s[5:-1]]
    with pytest.raises(DataError, match=r"stream 'tracker', sample 7: the time 1999\.350000 s follows 1999\.350000 s"):
        read(tmp_path, stream)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<channel_count>6<", b"<channel_count>7<"),
        (b"<channel_count>6<", b"<channel_count>x<"),
        (b">double64<", b">decimal6<"),
        (b"<name>tracker</name>", b"<name>tracker</nane>"),
    ],
)
def test_a_header_that_does_not_fit_the_samples_is_refused_by_byte(tmp_path: Path, old: bytes, new: bytes) -> None:
    content = example.file_bytes(example.gaze_stream())
    assert old in content
    path = tmp_path / "lab.xdf"
    path.write_bytes(content.replace(old, new))
    with pytest.raises(DataError, match=r"lab\.xdf, byte \d+: a chunk is cut or damaged"):
        xdf.read(path)


def test_a_chunk_that_announces_more_samples_than_it_holds_is_refused(tmp_path: Path) -> None:
    """A count of two thousand million would otherwise be believed, and memory taken for it."""
    content = example.file_bytes(example.gaze_stream())
    samples = content.index(b"\x01\x04\x08")
    path = tmp_path / "lab.xdf"
    path.write_bytes(content[: samples + 1] + b"\xf0" + content[samples + 2 :])
    with pytest.raises(DataError, match="240 samples of 6 channels do not take"):
        xdf.read(path)
