"""Lids and pupils without a point of gaze: the wall clock, the code for lost, and blinks that a script marked."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording import open_recordings
from emogap.recording.readers import eye_openness
from emogap.types import GazeSeries, Recording
from tests.recording.readers import _examples_eye_openness as example


def read_text(tmp_path: Path, text: str) -> Recording:
    path = tmp_path / "lids.csv"
    path.write_text(text)
    (recording,) = eye_openness.read(path)
    return recording


def gaze_of(recording: Recording) -> GazeSeries:
    assert recording.gaze is not None
    return recording.gaze


def test_lids_and_pupils_are_read_and_no_point_of_gaze_is_invented(tmp_path: Path) -> None:
    gaze = gaze_of(read_text(tmp_path, example.recording()))
    assert gaze.pupil is not None
    assert gaze.openness is not None
    assert not gaze.valid.any()
    assert gaze.pupil_unit == "mm"
    np.testing.assert_allclose(gaze.pupil[3], [3.28, 4.53])
    np.testing.assert_array_equal(gaze.openness[[4, 5]], [[1, 0.5], [0, 0]])


def test_minus_one_is_lost_for_each_eye_alone(tmp_path: Path) -> None:
    pupil = gaze_of(read_text(tmp_path, example.recording())).pupil
    assert pupil is not None
    assert np.flatnonzero(np.isnan(pupil[:, 0])).tolist() == [*example.BLINK, example.ONE_EYE]
    assert np.flatnonzero(np.isnan(pupil[:, 1])).tolist() == list(example.BLINK)


def test_the_wall_clock_runs_over_the_minute_and_keeps_its_hole(tmp_path: Path) -> None:
    recording = read_text(tmp_path, example.recording())
    steps_s = np.diff(gaze_of(recording).time_s)
    np.testing.assert_allclose(np.delete(steps_s, example.HOLE - 1), 0.011)
    assert steps_s[example.HOLE - 1] == pytest.approx(0.511)
    assert gaze_of(recording).rate_hz == pytest.approx(1000 / 11)
    assert recording.start_ns == np.datetime64("2026-02-03T09:58:59.950", "ns").astype(int)
    assert "the clock names no time zone" in recording.doubts


def test_a_decimal_comma_reads_as_the_point(tmp_path: Path) -> None:
    point = gaze_of(read_text(tmp_path, example.recording()))
    comma = gaze_of(read_text(tmp_path, example.recording(decimal=",")))
    assert point.pupil is not None
    assert comma.pupil is not None
    np.testing.assert_array_equal(point.pupil, comma.pupil)


def test_a_marked_blink_is_the_run_of_lost_pupils_around_its_mark(tmp_path: Path) -> None:
    recording = read_text(tmp_path, example.marked())
    (events,) = recording.events
    assert (events.method, events.kind.tolist()) == ("ier-script", ["blink"])
    np.testing.assert_allclose(events.onset_s, [5 * 0.011])
    np.testing.assert_allclose(events.offset_s, [9 * 0.011])
    assert any("source's script" in doubt for doubt in recording.doubts)
    assert not any("placed around" in doubt for doubt in recording.doubts)


def test_a_mark_that_fits_no_run_is_placed_around_itself_and_doubted(tmp_path: Path) -> None:
    recording = read_text(tmp_path, example.marked().replace("0.03299999999998", "0.5"))
    (events,) = recording.events
    assert events.offset_s[0] - events.onset_s[0] == pytest.approx(0.511)
    assert any("1 of 1 marked blinks are no run" in doubt for doubt in recording.doubts)


def test_a_file_with_the_column_and_no_mark_has_no_blink(tmp_path: Path) -> None:
    recording = read_text(tmp_path, example.marked().replace("0.03299999999998", ""))
    assert [len(events.kind) for events in recording.events] == [0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("59.9610;", "59.96;", r"lids\.csv, line 3: '2026-02-03 09:58:59.96' is no time such as"),
        (";1.0;0.5;3.27;", ";1.3;0.5;3.27;", r"line 4: openness_l is 1.3, outside 0 to 1 and not -1"),
        (";3.27;", ";-2;", r"line 4: pupil_diameter_l\(mm\) is -2"),
        (";3.27;", ";1,000.5;", r"line 4: '1,000.5' in the column 'pupil_diameter_l\(mm\)' is not a number"),
        ("59.9830;", "59.9500;", r"line 5: the timestamp 0.000000 s follows 0.022000 s"),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in example.recording()
    with pytest.raises(DataError, match=message):
        read_text(tmp_path, example.recording().replace(old, new, 1))


def test_pupils_seen_behind_a_closed_lid_are_counted(tmp_path: Path) -> None:
    recording = read_text(tmp_path, example.recording().replace(";1.0;0.5;3.27;", ";0;0;3.27;"))
    assert "2 pupils were measured with the lid fully closed (openness 0)" in recording.doubts


@pytest.mark.parametrize(
    ("file", "num_samples", "lost", "num_blinks", "mean_rate_hz"),
    [("P1/Eyerecording_Test_Control", 5955, (150, 126), 14, 88.3), ("P18/Eyerecording_Test_NPC", 3560, None, 24, 87.4)],
)
def test_the_real_recordings_hold_what_their_readme_counts(
    shared_data: Path,
    file: str,
    num_samples: int,
    lost: tuple[int, int] | None,
    num_blinks: int,
    mean_rate_hz: float,
) -> None:
    """Counts from the description of the files: samples, lost pupils, marked blinks, samples per second overall."""
    folder = shared_data / "exports" / "ier2023_vr"
    (plain,) = open_recordings(folder / f"{file}.csv")
    (marked,) = open_recordings(folder / f"{file}_blinks.csv")
    gaze = gaze_of(plain)
    assert gaze.pupil is not None
    assert len(gaze.time_s) == num_samples
    assert lost is None or tuple(np.isnan(gaze.pupil).sum(axis=0)) == lost
    assert (num_samples - 1) / gaze.time_s[-1] == pytest.approx(mean_rate_hz, rel=0.001)
    assert len(marked.events[0].kind) == num_blinks
    assert not any("placed around" in doubt for doubt in marked.doubts)
    np.testing.assert_array_equal(gaze.pupil, gaze_of(marked).pupil)
