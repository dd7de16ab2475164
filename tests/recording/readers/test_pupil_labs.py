"""Exports of Pupil Labs: clocks, confidence, two eyes at different times, files beside each other, EDVAM's headings."""

from pathlib import Path

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording import open_recording, open_recordings
from emogap.recording.readers import pupil_labs
from emogap.types import GazeSeries, Recording
from tests.recording.readers._examples_pupil_labs import (
    EDVAM_HEADING,
    EDVAM_SHIFTED,
    EDVAM_STEPPED_S,
    EDVAM_TIMES_S,
    LOW,
    NEON_STEP_NS,
    NO_POINT,
    NOT_WORN,
    ZERO,
    ZERO_NS,
    confidence,
    edvam,
    neon_gaze,
    point,
    write_core_folder,
    write_neon_folder,
)


def read(path: Path) -> Recording:
    return open_recording(path, reader="pupil_labs")


def gaze_of(recording: Recording) -> GazeSeries:
    assert recording.gaze is not None
    return recording.gaze


def pupil_of(recording: Recording) -> np.ndarray:
    pupil = gaze_of(recording).pupil
    assert pupil is not None
    return pupil


def confidence_of(recording: Recording) -> np.ndarray:
    given = gaze_of(recording).confidence
    assert given is not None
    return given


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def replace_in(path: Path, old: str, new: str) -> Path:
    text = path.read_bytes().decode()
    assert old in text
    return write(path, text.replace(old, new, 1))


@pytest.fixture
def core(tmp_path: Path) -> Path:
    return write_core_folder(tmp_path / "000")


@pytest.fixture
def neon(tmp_path: Path) -> Path:
    return write_neon_folder(tmp_path / "neon")


def test_core_positions_are_turned_to_run_down(core: Path) -> None:
    gaze = gaze_of(read(core))
    x, y_up = point(2)
    assert gaze.frame == "scene_norm"
    assert gaze.position[2, 0].tolist() == [x, 1 - y_up]


def test_low_confidence_is_kept_and_counted_and_only_zero_is_lost(core: Path) -> None:
    recording = read(core)
    valid = gaze_of(recording).valid[:, 0]
    assert np.flatnonzero(~valid).tolist() == [ZERO]
    assert confidence_of(recording)[[LOW, ZERO], 0].tolist() == [confidence(LOW), 0]
    assert any(doubt.startswith("25% of the samples") and "1 of exactly 0" in doubt for doubt in recording.doubts)


def test_the_rate_of_core_gaze_is_measured(core: Path) -> None:
    assert gaze_of(read(core)).rate_hz == pytest.approx(125)


def test_core_points_have_the_pupils_that_they_were_computed_from(core: Path) -> None:
    recording = read(core)
    gaze, pupil = gaze_of(recording), pupil_of(recording)
    assert gaze.eyes == ("cyclopean", "left", "right")
    assert gaze.pupil_unit == "mm"
    assert np.isnan(pupil[:, 0]).all()
    assert pupil[4].tolist()[1:] == pytest.approx([3.54, 3.04])
    assert np.isnan(pupil[ZERO]).all()
    assert not gaze.valid[:, 1:].any()


def test_core_points_of_one_eye_are_counted(core: Path) -> None:
    assert "points computed from one eye only: 1 of 8" in read(core).notes


def test_core_gaze_without_pupils_beside_it_has_one_eye(core: Path) -> None:
    core.with_name("pupil_positions.csv").unlink()
    gaze = gaze_of(read(core))
    assert gaze.eyes == ("cyclopean",)
    assert gaze.pupil is None


def test_another_file_in_the_place_of_the_pupils_is_refused(core: Path) -> None:
    write(core.with_name("pupil_positions.csv"), "a,b\n1,2\n")
    with pytest.raises(DataError, match=r"pupil_positions\.csv, line 1: the heading is not that"):
        read(core)


def test_core_recordings_are_named_after_the_folder_of_the_export(core: Path) -> None:
    assert read(core).recording_id == "000"


def test_the_eyes_of_core_stand_at_their_own_times(core: Path) -> None:
    recording = read(core.with_name("pupil_positions.csv"))
    gaze, pupil = gaze_of(recording), pupil_of(recording)
    assert gaze.eyes == ("left", "right")
    assert len(gaze.time_s) == 14
    np.testing.assert_allclose(gaze.time_s[:4], [0, 0.003, 0.008, 0.011])
    assert np.isfinite(pupil[:4]).tolist() == [[False, True], [True, False]] * 2
    assert pupil[0, 1] == pytest.approx(3.0)
    assert pupil[1, 0] == pytest.approx(3.5)


def test_the_rate_of_two_eyes_is_that_of_one_with_a_doubt(core: Path) -> None:
    recording = read(core.with_name("pupil_positions.csv"))
    assert gaze_of(recording).rate_hz == pytest.approx(125)
    assert any("a row has the pupil of one eye only" in doubt for doubt in recording.doubts)


def test_eyes_of_different_rates_have_no_one_rate(core: Path) -> None:
    path = core.with_name("pupil_positions.csv")
    lines = path.read_text().splitlines(keepends=True)
    left = [line for line in lines[1:] if line.split(",")[2] == "1"]
    slower = {line for row, line in enumerate(left) if row % 4 > 1}
    recording = read(write(path, "".join(line for line in lines if line not in slower)))
    assert np.isnan(gaze_of(recording).rate_hz)
    assert any("different rates (left 62.5 Hz and right 125.0 Hz)" in doubt for doubt in recording.doubts)


def test_pupils_are_no_points_of_gaze(core: Path) -> None:
    gaze = gaze_of(read(core.with_name("pupil_positions.csv")))
    assert not gaze.valid.any()
    assert np.isnan(gaze.position).all()


def test_the_3d_rows_are_taken_and_the_2d_ones_counted(core: Path) -> None:
    notes = read(core.with_name("pupil_positions.csv")).notes
    assert any("pye3d" in note and "14 rows of the 2D detector left out" in note for note in notes)


def test_pupils_of_the_2d_detector_alone_are_in_its_own_unit(core: Path) -> None:
    path = core.with_name("pupil_positions.csv")
    lines = path.read_text().splitlines(keepends=True)
    recording = read(write(path, "".join(line for line in lines if "pye3d" not in line)))
    assert gaze_of(recording).pupil_unit == "au"
    assert pupil_of(recording)[0, 1] == 50


def test_the_older_column_names_of_core_are_read(core: Path) -> None:
    core.with_name("pupil_positions.csv").unlink()
    replace_in(core, "gaze_timestamp,world_index", "timestamp,index")
    assert gaze_of(read(core)).rate_hz == pytest.approx(125)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (",0,0.9,0.5", ",2,0.9,0.5", "neither 0 .* nor 1"),
        ("7312.25,", "noon,", "no time"),
        ("0.9", "1.9", "outside 0 to 1"),
    ],
)
def test_a_damaged_row_of_core_is_refused_with_its_line(core: Path, old: str, new: str, what: str) -> None:
    path = replace_in(core.with_name("pupil_positions.csv"), old, new)
    # The first row of the 3D detector is line 3; its twin of the 2D detector in line 2 is left out.
    replace_in(path, old, new)
    with pytest.raises(DataError, match=rf"pupil_positions\.csv, line 3: .*{what}"):
        read(path)


def test_neon_times_are_read_to_the_nanosecond(neon: Path) -> None:
    recording = read(neon)
    assert recording.start_ns == ZERO_NS
    np.testing.assert_allclose(gaze_of(recording).time_s, np.arange(13) * NEON_STEP_NS / 1e9, rtol=0, atol=1e-12)
    assert gaze_of(recording).rate_hz == pytest.approx(1e9 / NEON_STEP_NS)


def test_neon_points_are_px_of_the_scene_and_lost_where_not_worn_or_empty(neon: Path) -> None:
    recording = read(neon)
    gaze = gaze_of(recording)
    assert gaze.frame == "scene_px"
    assert gaze.position[1, 0].tolist() == [810.5, 593.25]
    assert np.flatnonzero(~gaze.valid[:, 0]).tolist() == [NOT_WORN, NO_POINT]
    assert any("not worn in 7.7% of the samples" in doubt for doubt in recording.doubts)


def test_neon_pupils_stand_at_their_times(neon: Path) -> None:
    recording = read(neon)
    pupil = pupil_of(recording)
    assert gaze_of(recording).eyes == ("cyclopean", "left", "right")
    assert pupil[5, 1:].tolist() == [3.05, 4.05]
    assert np.isnan(pupil[12]).all()
    assert any("1 of 13 samples have no row in 3d_eye_states.csv" in doubt for doubt in recording.doubts)


def test_neon_events_beside_the_gaze_are_those_of_the_recording(neon: Path) -> None:
    (events,) = read(neon).events
    assert events.method == "pupil-labs"
    assert events.kind.tolist() == ["fixation", "saccade", "blink"]
    np.testing.assert_allclose(events.onset_s, np.array([0, 4, 7]) * NEON_STEP_NS / 1e9)
    assert events.centre[0].tolist() == [811.5, 590.5]
    assert events.amplitude_deg[1] == 2.25


def test_neon_device_wearer_and_messages_come_from_the_files_beside_it(neon: Path) -> None:
    recording = read(neon)
    assert recording.tracker.model == "Pupil Labs Neon"
    assert recording.participant_id == "w-17"
    assert "app_version: 2.8.25-prod" in recording.notes
    assert [(message.time_s, message.text) for message in recording.messages] == [
        (pytest.approx(-NEON_STEP_NS / 1e9), "recording.begin")
    ]


def test_neon_gaze_alone_is_enough(tmp_path: Path) -> None:
    recording = read(write(tmp_path / "gaze.csv", neon_gaze()))
    assert gaze_of(recording).pupil is None
    assert recording.events == ()
    assert recording.participant_id is None


def test_two_recordings_in_one_neon_file_are_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "gaze.csv", neon_gaze((("rec-a", 5), ("rec-b", 7))))
    recordings = open_recordings(path, reader="pupil_labs")
    assert [recording.recording_id for recording in recordings] == ["rec-a", "rec-b"]
    assert [len(gaze_of(recording).time_s) for recording in recordings] == [5, 7]


def test_rounded_neon_times_are_refused_with_the_likely_cause(neon: Path) -> None:
    replace_in(neon, str(ZERO_NS), "1.70E+18")
    with pytest.raises(DataError, match=r"gaze\.csv, line 2: .*no whole number of ns") as caught:
        read(neon)
    assert "spreadsheet" in str(caught.value)


@pytest.mark.parametrize("name", ["3d_eye_states.csv", "fixations.csv", "blinks.csv", "info.json"])
def test_a_damaged_file_beside_the_gaze_is_named(neon: Path, name: str) -> None:
    path = neon.with_name(name)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match=rf"{name}, line \d"):
        read(neon)


def test_a_file_of_events_with_a_heading_only_has_no_events(neon: Path) -> None:
    for name in ("saccades.csv", "blinks.csv"):
        path = neon.with_name(name)
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    (events,) = read(neon).events
    assert events.kind.tolist() == ["fixation"]


def test_events_of_another_program_beside_the_gaze_are_left_alone_or_refused(neon: Path) -> None:
    write(neon.with_name("events.csv"), "onset,duration\n1,2\n")
    assert read(neon).messages == ()
    write(neon.with_name("fixations.csv"), "id,start_timestamp\n1,2\n")
    with pytest.raises(DataError, match=r"fixations\.csv, line 1: there is no column 'start timestamp"):
        read(neon)


def test_overlapping_events_of_neon_are_refused_with_their_line(neon: Path) -> None:
    path = neon.with_name("saccades.csv")
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[1])
    with pytest.raises(DataError, match=r"saccades\.csv, line 3"):
        read(neon)


def test_edvam_with_the_right_heading(tmp_path: Path) -> None:
    recording = read(write(tmp_path / "5.csv", edvam(EDVAM_HEADING, EDVAM_TIMES_S, 5e-8)))
    gaze = gaze_of(recording)
    x, y_up = point(1)
    assert gaze.position[1, 0].tolist() == [x, 1 - y_up]
    assert gaze.rate_hz == pytest.approx(31.25)
    assert recording.recording_id == "5"
    assert not any("heading" in doubt for doubt in recording.doubts)


def test_a_failed_3d_model_is_no_pupil_in_mm(tmp_path: Path) -> None:
    recording = read(write(tmp_path / "5.csv", edvam(EDVAM_HEADING, EDVAM_TIMES_S, 5e-8)))
    assert gaze_of(recording).pupil_unit == "au"
    assert pupil_of(recording)[1, 0] == 61
    assert any("no diameter in mm" in doubt for doubt in recording.doubts)


def test_the_shifted_heading_of_edvam_is_read_by_position(tmp_path: Path) -> None:
    right = read(write(tmp_path / "right.csv", edvam(EDVAM_HEADING, EDVAM_TIMES_S, 2.5)))
    shifted = read(write(tmp_path / "35.csv", edvam(EDVAM_SHIFTED, EDVAM_TIMES_S, 2.5)))
    np.testing.assert_array_equal(gaze_of(right).position, gaze_of(shifted).position)
    np.testing.assert_array_equal(pupil_of(right), pupil_of(shifted))
    assert gaze_of(shifted).pupil_unit == "mm"
    assert any("read by position" in doubt for doubt in shifted.doubts)


def test_another_wrong_heading_is_not_guessed(tmp_path: Path) -> None:
    wrong = EDVAM_HEADING.replace("diameter_3d,model_confidence", "model_confidence,diameter_3d")
    path = write(tmp_path / "5.csv", edvam(wrong, EDVAM_TIMES_S, 2.5))
    assert not pupil_labs.can_read(path)


def test_a_stepped_clock_keeps_its_samples_in_order_and_has_no_rate(tmp_path: Path) -> None:
    recording = read(write(tmp_path / "35.csv", edvam(EDVAM_SHIFTED, EDVAM_STEPPED_S, 2.5)))
    gaze = gaze_of(recording)
    np.testing.assert_allclose(gaze.time_s, [0, 0.1, 0.100001, 0.100002, 0.2, 0.4, 0.400001], atol=1e-12)
    assert np.isnan(gaze.rate_hz)
    assert any("3 of 6 steps are 0 s, so that up to 3 samples share a time" in doubt for doubt in recording.doubts)


def test_a_time_of_edvam_that_goes_back_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "5.csv", edvam(EDVAM_HEADING, (0.0, 0.1, 0.05), 2.5))
    with pytest.raises(DataError, match=r"5\.csv, line 4: the time 0.05 s"):
        read(path)


def test_edvam_rows_whose_last_columns_do_not_repeat_the_first_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "5.csv", edvam(EDVAM_HEADING, EDVAM_TIMES_S, 2.5).replace(",3,0.064\r", ",4,0.064\r"))
    with pytest.raises(DataError, match=r"5\.csv, line 4: the last columns do not repeat 'index'"):
        read(path)


def test_the_real_edvam_file_with_the_right_heading(shared_data: Path) -> None:
    recording = read(shared_data / "exports/pupil_labs_edvam/5.csv")
    gaze = gaze_of(recording)
    assert gaze.rate_hz == pytest.approx(28.1, rel=0.01)
    assert len(gaze.time_s) == 2561
    assert (confidence_of(recording) >= 0.6).mean() == pytest.approx(0.78, abs=0.005)
    assert gaze.pupil_unit == "au"
    assert any("irregular" in doubt for doubt in recording.doubts)


def test_the_real_edvam_file_with_the_shifted_heading(shared_data: Path) -> None:
    recording = read(shared_data / "exports/pupil_labs_edvam/35.csv")
    gaze = gaze_of(recording)
    assert len(gaze.time_s) == 1974
    assert np.isnan(gaze.rate_hz)
    assert gaze.pupil_unit == "mm"
    assert np.nanmedian(pupil_of(recording)) == pytest.approx(2.74, abs=0.005)
    assert any("1330 of 1973 steps are 0 s" in doubt for doubt in recording.doubts)
