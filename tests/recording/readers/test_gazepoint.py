"""Gazepoint: raw points and not filtered ones, shares of the screen and not px, flags and not values."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording.readers import gazepoint
from emogap.types import GazeSeries, Recording
from tests.recording.readers import _examples_gazepoint as example


def read_text(tmp_path: Path, text: str) -> tuple[Recording, ...]:
    path = tmp_path / "User 0_all_gaze.csv"
    path.write_text(text)
    return gazepoint.read(path)


def read_one(tmp_path: Path, text: str) -> Recording:
    (recording,) = read_text(tmp_path, text)
    return recording


def gaze_of(recording: Recording) -> GazeSeries:
    assert recording.gaze is not None
    return recording.gaze


def test_the_best_point_is_read_as_a_share_of_the_screen_and_the_filtered_one_is_not(tmp_path: Path) -> None:
    gaze = gaze_of(read_one(tmp_path, example.all_gaze()))
    assert gaze.frame == "screen_norm"
    assert gaze.eyes == ("cyclopean", "left", "right")
    for row in (0, 3, 8, 12):
        np.testing.assert_allclose(gaze.position[row, 0], example.point(row))
    assert not gaze.valid[:, 1:].any()
    assert gaze.rate_hz == pytest.approx(example.RATE_HZ, rel=1e-4)


def test_a_point_off_the_screen_is_kept_as_it_is(tmp_path: Path) -> None:
    gaze = gaze_of(read_one(tmp_path, example.all_gaze()))
    np.testing.assert_array_equal(gaze.position[example.OFF_SCREEN, 0], [1.25, -0.5])


def test_a_flag_of_zero_loses_a_sample_whose_numbers_are_still_there(tmp_path: Path) -> None:
    gaze = gaze_of(read_one(tmp_path, example.all_gaze()))
    assert gaze.pupil is not None
    assert np.flatnonzero(~gaze.valid[:, 0]).tolist() == list(example.LOST)
    assert np.flatnonzero(np.isnan(gaze.pupil[:, 1])).tolist() == list(example.LOST)
    assert np.flatnonzero(np.isnan(gaze.pupil[:, 2])).tolist() == [example.ONE_PUPIL, *example.LOST]


@pytest.mark.parametrize(
    ("left_mm_name", "unit", "pupils"), [("LPMM,", "mm", [3.12, 3.62]), ("LPQQ,", "au", [14.45, 15.7])]
)
def test_pupils_are_in_mm_where_there_are_mm_else_in_px_of_the_camera(
    tmp_path: Path, left_mm_name: str, unit: str, pupils: list[float]
) -> None:
    gaze = gaze_of(read_one(tmp_path, example.all_gaze().replace("LPMM,", left_mm_name)))
    assert gaze.pupil is not None
    assert gaze.pupil_unit == unit
    np.testing.assert_allclose(gaze.pupil[2, 1:], pupils)


def test_points_of_each_eye_are_taken_where_both_are_there(tmp_path: Path) -> None:
    lines = example.all_gaze().splitlines()
    text = lines[0] + "LPOGX,LPOGY,LPOGV,RPOGX,RPOGY,RPOGV\n"
    text += "".join(f"{line}0.1,0.2,1,0.3,0.4,{int(row != 2)}\n" for row, line in enumerate(lines[1:]))
    gaze = gaze_of(read_one(tmp_path, text))
    assert gaze.eyes == ("left", "right")
    np.testing.assert_array_equal(gaze.position[1], [[0.1, 0.2], [0.3, 0.4]])
    assert gaze.valid[2].tolist() == [True, False]


def test_fixations_are_the_vendors_with_its_start_and_duration(tmp_path: Path) -> None:
    (events,) = read_one(tmp_path, example.all_gaze()).events
    fixation = events.kind == "fixation"
    assert events.method == "gazepoint"
    np.testing.assert_allclose(events.onset_s[fixation], [-0.04, 7 / 150], atol=2e-5)
    np.testing.assert_allclose(events.offset_s[fixation], [4 / 150, 11 / 150], atol=2e-5)
    np.testing.assert_array_equal(events.centre[fixation], list(example.CENTRES.values()))


def test_a_blink_is_the_run_of_its_number(tmp_path: Path) -> None:
    (events,) = read_one(tmp_path, example.all_gaze()).events
    blink = events.kind == "blink"
    np.testing.assert_allclose(events.onset_s[blink], [5 / 150], atol=2e-5)
    np.testing.assert_allclose(events.offset_s[blink], [7 / 150], atol=2e-5)


def test_media_on_one_clock_are_stimuli_of_one_recording(tmp_path: Path) -> None:
    recording = read_one(tmp_path, example.all_gaze())
    assert [(one.stimulus_id, round(one.onset_s * 150)) for one in recording.stimuli] == [
        ("clip-1.mp4", 0),
        ("clip-2.mp4", 8),
    ]


def test_a_clock_that_starts_anew_with_a_medium_begins_another_recording(tmp_path: Path) -> None:
    first, second = read_text(tmp_path, example.clock_per_medium())
    assert (first.recording_id, second.recording_id) == ("User 0_all_gaze-1", "User 0_all_gaze-2")
    assert (len(gaze_of(first).time_s), len(gaze_of(second).time_s)) == (12, 7)
    assert [one.stimulus_id for one in second.stimuli] == ["clip-2.mp4"]


def test_a_clock_that_runs_back_within_a_medium_is_refused_with_its_line(tmp_path: Path) -> None:
    text = example.clock_per_medium().replace("1,clip-2.mp4", "0,clip-1.mp4")
    with pytest.raises(DataError, match=r"line 14: the timestamp 0.000000 s follows 0.073330 s"):
        read_text(tmp_path, text)


def test_an_export_of_fixations_has_fixations_and_no_samples(tmp_path: Path) -> None:
    recording = read_one(tmp_path, example.fixations())
    assert recording.gaze is None
    (events,) = recording.events
    assert events.kind.tolist() == ["fixation"] * 3
    np.testing.assert_allclose(events.onset_s, [12.46, 12.5 + 7 / 150, 13.5], atol=2e-5)


def test_pixels_under_names_that_mean_shares_are_refused(tmp_path: Path) -> None:
    lines = example.all_gaze().splitlines()
    for row, line in enumerate(lines[1:]):
        x, y = example.point(row)
        lines[row + 1] = line.replace(f"{x:.5f},{y:.5f}", f"{1920 * x:.1f},{1080 * y:.1f}")
    with pytest.raises(DataError, match=r"line 2: the point of gaze is \(768, 324\), and shares of the screen"):
        read_text(tmp_path, "\n".join(lines) + "\n")


def test_a_flag_that_is_no_flag_is_refused(tmp_path: Path) -> None:
    text = example.all_gaze().replace("0.43000,0.36000,1,", "0.43000,0.36000,7,")
    with pytest.raises(DataError, match="line 5: BPOGV is 7, and a validity is 0 or 1"):
        read_text(tmp_path, text)


def test_the_date_in_the_heading_is_local_time(tmp_path: Path) -> None:
    recording = read_one(tmp_path, example.all_gaze())
    assert recording.start_ns == np.datetime64("2026-03-04T09:08:19.750", "ns").astype(int)
    assert any("names no time zone" in doubt for doubt in recording.doubts)
