"""Tobii Studio 3.x: every quirk of Uniss-FGD, on planted rows and counted in real files with another parser."""

import csv
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording import open_recording, open_recordings
from emogap.types import GazeSeries, Recording


def gaze_of(recording: Recording) -> GazeSeries:
    assert recording.gaze is not None
    return recording.gaze


@pytest.fixture
def recordings(example_studio_3: Any, tmp_path: Path) -> tuple[Recording, ...]:
    return open_recordings(example_studio_3.write(tmp_path))


def test_participants_keep_their_leading_zero_and_the_order_of_the_file(recordings: tuple[Recording, ...]) -> None:
    assert [recording.participant_id for recording in recordings] == ["03", "01"]
    assert [recording.recording_id for recording in recordings] == ["scene-9-03", "scene-9-01"]
    assert [len(gaze_of(recording).time_s) for recording in recordings] == [7, 9]


def test_the_file_name_stands_for_the_stimulus_and_that_is_said(recordings: tuple[Recording, ...]) -> None:
    assert {recording.stimulus_id for recording in recordings} == {"scene-9"}
    assert recordings[0].stimuli[0].stimulus_id == "scene-9"
    assert any("name of the file stands for it" in doubt for doubt in recordings[0].doubts)


def test_zero_is_the_first_sample_of_each_participant(recordings: tuple[Recording, ...]) -> None:
    assert gaze_of(recordings[1]).time_s[:4].tolist() == [0.0, 0.004, 0.007, 0.010]


def test_the_rate_of_whole_milliseconds_is_300_hz_and_not_333(recordings: tuple[Recording, ...]) -> None:
    assert gaze_of(recordings[1]).rate_hz == pytest.approx(300, rel=0.02)
    assert recordings[1].tracker.rate_hz is None


def test_the_screen_is_derived_from_px_and_mm_with_two_pitches(recordings: tuple[Recording, ...]) -> None:
    screen = recordings[0].screen
    assert screen is not None
    assert screen.size_px == (800, 400)
    assert screen.size_mm == (400.0, 100.0)
    assert screen.distance_mm == 620.0


def test_gaze_is_in_mm_from_the_bottom_left(recordings: tuple[Recording, ...]) -> None:
    gaze = gaze_of(recordings[0])
    assert gaze.frame == "screen_mm"
    assert gaze.position[3, 1].tolist() == [(100 + 37 * 3 + 6) * 0.5, 100 - (300 - 19 * 3 - 4) * 0.25]


def test_minus_one_px_is_a_true_position_off_the_screen(recordings: tuple[Recording, ...]) -> None:
    gaze = gaze_of(recordings[0])
    assert gaze.valid[5].all()
    assert gaze.position[5, 0, 0] == -0.5


def test_the_constant_of_a_lost_right_eye_is_no_eye_position_and_no_validity(recordings: tuple[Recording, ...]) -> None:
    gaze = gaze_of(recordings[0])
    assert gaze.origin_mm is not None
    assert gaze.valid[[2, 4]].tolist() == [[False, False], [True, False]]
    assert np.isnan(gaze.origin_mm[[2, 4], 1]).all()
    assert gaze.origin_mm[4, 0].tolist() == [170.0, 60.5, 620.0]
    assert any(doubt.startswith("2 eye positions") for doubt in recordings[0].doubts)


def test_directions_point_from_the_eye_to_the_screen(recordings: tuple[Recording, ...]) -> None:
    gaze = gaze_of(recordings[0])
    assert gaze.direction is not None
    towards = gaze.position[0, 1] - [232.0, 61.25]
    expected = np.array([*towards, -610.0])
    np.testing.assert_allclose(gaze.direction[0, 1], expected / np.linalg.norm(expected))


def test_events_are_what_the_rows_show_and_not_longer_than_the_trial(recordings: tuple[Recording, ...]) -> None:
    """GazeEventDuration says 1.73 s on every row of a trial of 0.03 s: it counts what was before the picture."""
    events = recordings[1].events[0]
    assert events.method == "tobii-studio"
    assert events.kind.tolist() == ["fixation", "saccade", "fixation"]
    np.testing.assert_allclose(events.onset_s, [0.0, 0.010, 0.014])
    assert events.offset_s[-1] <= gaze_of(recordings[1]).time_s[-1] + 0.004


def test_fixation_centres_go_from_the_picture_to_mm_on_the_screen(recordings: tuple[Recording, ...]) -> None:
    events = recordings[0].events[0]
    assert events.frame == "screen_mm"
    np.testing.assert_allclose(events.centre[0], [(40 + 50) * 0.5, 100 - (150 + 20) * 0.25])
    assert np.isnan(events.centre[1]).all()


def test_an_amplitude_that_fits_the_fixations_goes_to_the_saccade_before(recordings: tuple[Recording, ...]) -> None:
    """(120 px, 60 px) are 60 mm and 15 mm, 61.8 mm at 620 mm: 5.70 degrees, and 5.72 is stated."""
    assert recordings[0].events[0].amplitude_deg.tolist() == pytest.approx([np.nan, 5.72, np.nan], nan_ok=True)


def test_an_amplitude_that_contradicts_the_fixations_is_left_out_and_named(recordings: tuple[Recording, ...]) -> None:
    assert np.isnan(recordings[1].events[0].amplitude_deg).all()
    assert any("SaccadicAmplitude contradicts" in doubt for doubt in recordings[1].doubts)


def test_an_ambiguous_date_is_read_as_the_other_dates_of_the_file(recordings: tuple[Recording, ...]) -> None:
    assert any("2022-06-01 (01/06/2022 in the file)" in doubt for doubt in recordings[1].doubts)
    assert recordings[1].start_ns is None


def test_names_with_the_blank_of_tobii_studio_are_the_same_columns(example_studio_3: Any, tmp_path: Path) -> None:
    plain = open_recordings(example_studio_3.write(tmp_path))
    spaced = {name: name.replace("(", " (") for name in example_studio_3.heading}
    example_studio_3.rows = [{spaced[name]: cell for name, cell in row.items()} for row in example_studio_3.rows]
    example_studio_3.heading = list(spaced.values())
    again = open_recordings(example_studio_3.write(tmp_path))
    np.testing.assert_array_equal(gaze_of(plain[1]).position, gaze_of(again[1]).position)


def test_px_with_decimals_are_read_too(example_studio_3: Any, tmp_path: Path) -> None:
    plain = open_recordings(example_studio_3.write(tmp_path))
    for row in example_studio_3.rows:
        row["RecordingTimestamp"] += ".25"
    again = open_recordings(example_studio_3.write(tmp_path))
    np.testing.assert_array_equal(gaze_of(plain[1]).time_s, gaze_of(again[1]).time_s)
    np.testing.assert_array_equal(gaze_of(plain[1]).position, gaze_of(again[1]).position)


def test_a_participant_in_two_places_is_refused(example_studio_3: Any, tmp_path: Path) -> None:
    example_studio_3.rows = [*example_studio_3.rows[:16], example_studio_3.rows[0]]
    with pytest.raises(DataError, match=r"scene-9\.csv, line 18: the rows of the recording 03 30/05/2022 stand in two"):
        open_recordings(example_studio_3.write(tmp_path))


def test_px_and_mm_that_contradict_each_other_are_refused(example_studio_3: Any, tmp_path: Path) -> None:
    for number, row in enumerate(example_studio_3.rows):
        row["GazePointLeftX(ADCSmm)"] = str(17 * number % 97)
    with pytest.raises(DataError, match="contradict each other"):
        open_recordings(example_studio_3.write(tmp_path))


def test_a_text_in_a_number_is_named_with_its_line_and_column(example_studio_3: Any, tmp_path: Path) -> None:
    example_studio_3.rows[6]["PupilRight"] = "3.5mm"
    with pytest.raises(DataError, match=r"scene-9\.csv, line 8: '3\.5mm' in the column 'PupilRight' is not a number"):
        open_recordings(example_studio_3.write(tmp_path))


def test_a_column_that_occurs_twice_is_refused(example_studio_3: Any, tmp_path: Path) -> None:
    example_studio_3.heading.append("PupilLeft")
    with pytest.raises(DataError, match=r"line 1: the column 'PupilLeft' occurs twice \(columns 40 and 43\)"):
        open_recordings(example_studio_3.write(tmp_path))


def test_pupils_that_cannot_be_mm_are_kept_in_the_devices_unit(example_studio_3: Any, tmp_path: Path) -> None:
    for row in example_studio_3.rows:
        row["PupilLeft"] = "1204" if row["PupilLeft"] else None
        row["PupilRight"] = "1310" if row["PupilRight"] else None
    first = open_recordings(example_studio_3.write(tmp_path))[0]
    assert gaze_of(first).pupil_unit == "au"
    assert any("cannot be a diameter in mm" in doubt for doubt in first.doubts)


def test_a_recording_in_which_everything_is_lost_is_read(example_studio_3: Any, tmp_path: Path) -> None:
    lost = example_studio_3.rows[2]
    for number, row in enumerate(example_studio_3.rows[:7]):
        example_studio_3.rows[number] = {**lost, "RecordingTimestamp": row["RecordingTimestamp"]}
    first = open_recordings(example_studio_3.write(tmp_path))[0]
    assert not gaze_of(first).valid.any()
    assert first.screen is not None
    assert first.screen.distance_mm is None


def test_a_recording_much_shorter_than_its_companions_is_doubted(tmp_path: Path, example_studio_3: Any) -> None:
    example_studio_3.rows = example_studio_3.rows[:-5]
    assert any("may have been cut" in doubt for doubt in open_recordings(example_studio_3.write(tmp_path))[1].doubts)


def test_one_recording_of_several_is_asked_for_by_id(example_studio_3: Any, tmp_path: Path) -> None:
    path = example_studio_3.write(tmp_path)
    assert open_recording(path, recording_id="scene-9-01").participant_id == "01"


def independent_counts(path: Path) -> dict[str, int]:
    """What the standard library's csv reader finds; validity by the pupils, as the data's description says."""
    counts = dict.fromkeys(("rows", "left", "right", "none", "constant"), 0)
    with gzip.open(path, "rt", newline="") as stream:
        for row in csv.DictReader(stream):
            left, right = row["PupilLeft"] != "", row["PupilRight"] != ""
            counts["rows"] += 1
            counts["left"] += left
            counts["right"] += right
            counts["none"] += not (left or right)
            counts["constant"] += not right and row["EyePosRightY(ADCSmm)"] == "83.61"
    return counts


@pytest.mark.parametrize("image", ["000", "058"])
def test_counts_in_a_real_file_are_those_of_another_parser(image: str, shared_data: Path) -> None:
    path = shared_data / "uniss_fgd" / "fgd" / f"{image}.csv.gz"
    counts = independent_counts(path)
    gazes = [gaze_of(recording) for recording in open_recordings(path)]
    valid = np.concatenate([gaze.valid for gaze in gazes])
    origin = np.concatenate([gaze.origin_mm for gaze in gazes if gaze.origin_mm is not None])
    assert len(gazes) == 16
    assert len(valid) == counts["rows"]
    assert valid.sum(axis=0).tolist() == [counts["left"], counts["right"]]
    assert int((~valid.any(axis=1)).sum()) == counts["none"]
    assert int(np.isnan(origin[:, 1]).all(axis=1).sum()) == counts["constant"] == counts["rows"] - counts["right"]
    assert np.nanmin(origin[:, 1, 1]) >= 207.24


def test_the_screen_of_a_real_file_is_1040_by_580_mm(shared_data: Path) -> None:
    """Fitted by the data's description from the mm and px columns; it appears nowhere in the file."""
    for recording in open_recordings(shared_data / "uniss_fgd" / "fgd" / "031.csv.gz"):
        assert recording.screen is not None
        assert recording.screen.size_mm == (1040.0, 580.0)
        assert 299.9 < gaze_of(recording).rate_hz < 300.2


def test_the_real_recording_without_any_gaze_is_read_as_lost(shared_data: Path) -> None:
    recording = open_recording(shared_data / "uniss_fgd" / "fgd" / "058.csv.gz", recording_id="058-01")
    assert not gaze_of(recording).valid.any()
    assert "fixation" not in recording.events[0].kind


def test_real_amplitudes_are_those_of_the_first_participant_only(shared_data: Path) -> None:
    """Every file repeats the amplitudes of its first participant for all sixteen."""
    recordings = open_recordings(shared_data / "uniss_fgd" / "fgd" / "000.csv.gz")
    kept = [
        recording.participant_id for recording in recordings if np.isfinite(recording.events[0].amplitude_deg).any()
    ]
    assert kept == ["00"]
