"""Tobii Studio 2.x "All Data": codes, decimal comma, event rows between samples."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emogap.errors import DataError
from emogap.recording import open_recording
from emogap.types import GazeSeries, Recording


@pytest.fixture
def recording(example_studio_2: Any, tmp_path: Path) -> Recording:
    return open_recording(example_studio_2.write(tmp_path))


@pytest.fixture
def gaze(recording: Recording) -> GazeSeries:
    assert recording.gaze is not None
    return recording.gaze


def test_event_rows_are_no_samples(gaze: GazeSeries) -> None:
    assert len(gaze.time_s) == 11


def test_the_microsecond_clock_is_used_and_starts_at_the_first_sample(gaze: GazeSeries) -> None:
    assert gaze.time_s[1] == pytest.approx(0.019930)
    assert gaze.rate_hz == pytest.approx(50.176, abs=0.001)


def test_numbers_with_a_decimal_comma_are_read(gaze: GazeSeries) -> None:
    assert gaze.position[2, 1].tolist() == [100 + 37 * 2 + 6 + 0.25, 300 - 19 * 2 - 4 + 0.5]
    assert gaze.pupil is not None
    assert gaze.pupil[2].tolist() == [3.002, 3.102]


def test_validity_4_is_lost_and_its_codes_are_no_values(gaze: GazeSeries) -> None:
    assert gaze.valid[[3, 6]].tolist() == [[False, False], [True, False]]
    assert np.isnan(gaze.position[3]).all()
    assert gaze.pupil is not None
    assert np.isnan(gaze.pupil[6]).tolist() == [False, True]


def test_a_combined_point_of_0_0_is_not_taken_for_gaze(gaze: GazeSeries) -> None:
    assert gaze.eyes == ("left", "right")
    assert np.nanmin(gaze.position) > 0


def test_the_screen_is_that_of_the_rows_without_a_stimulus(recording: Recording) -> None:
    assert recording.screen is not None
    assert recording.screen.size_px == (640, 480)
    assert recording.screen.size_mm is None
    assert recording.screen.distance_mm == 610.5


def test_only_a_named_stimulus_is_one(recording: Recording) -> None:
    assert [interval.stimulus_id for interval in recording.stimuli] == ["cat.bmp"]
    assert recording.stimuli[0].onset_s == pytest.approx(5 * 0.019930)
    assert recording.stimuli[0].offset_s == pytest.approx(11 * 0.019930)


def test_fixations_are_placed_on_the_screen(recording: Recording) -> None:
    events = recording.events[0]
    assert events.kind.tolist() == ["fixation", "fixation"]
    assert events.centre.tolist() == [[70.0, 80.0], [100.0, 120.0]]
    assert events.onset_s[1] == pytest.approx(5 * 0.019930)


@pytest.mark.parametrize(("code", "is_valid"), [("0", True), ("1", True), ("2", False), ("3", False)])
def test_codes_from_2_on_are_not_valid(code: str, is_valid: bool, example_studio_2: Any, tmp_path: Path) -> None:
    example_studio_2.rows[1]["ValidityRight"] = code
    recording = open_recording(example_studio_2.write(tmp_path))
    assert recording.gaze is not None
    assert recording.gaze.valid[1].tolist() == [True, is_valid]


def test_an_unknown_validity_is_refused_with_its_line(example_studio_2: Any, tmp_path: Path) -> None:
    example_studio_2.rows[6]["ValidityLeft"] = "7"
    with pytest.raises(DataError, match=r"all-data\.csv, line 8: '7' in the column 'ValidityLeft' is no validity"):
        open_recording(example_studio_2.write(tmp_path))


def test_quoted_cells_read_as_plain_ones(example_studio_2: Any, tmp_path: Path, gaze: GazeSeries) -> None:
    example_studio_2.quote = True
    example_studio_2.rows[5]["Descriptor"] = "cat\twith a tab"
    recording = open_recording(example_studio_2.write(tmp_path))
    assert recording.gaze is not None
    np.testing.assert_array_equal(recording.gaze.position, gaze.position)


def test_a_file_of_events_only_is_refused(example_studio_2: Any, tmp_path: Path) -> None:
    example_studio_2.rows = [example_studio_2.rows[5]]
    with pytest.raises(DataError, match="0 rows hold a gaze sample"):
        open_recording(example_studio_2.write(tmp_path))


def test_losses_of_a_real_file_are_those_counted_with_another_parser(shared_data: Path) -> None:
    path = shared_data / "exports" / "tobii_studio2" / "Rec 04-All-Data-2stimuli.tsv"
    with path.open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter="\t") if row["Number"]]
    recording = open_recording(path)
    assert recording.gaze is not None
    assert len(recording.gaze.time_s) == len(rows) == 1231
    for eye, name in enumerate(("Left", "Right")):
        assert int((~recording.gaze.valid[:, eye]).sum()) == sum(row[f"Validity{name}"] == "4" for row in rows)
    assert int((~recording.gaze.valid.any(axis=1)).sum()) == 23
    assert recording.screen is not None
    assert recording.screen.size_px == (1280, 1024)
    assert recording.gaze.position[0, 0].tolist() == [617.7112, 261.5789]
