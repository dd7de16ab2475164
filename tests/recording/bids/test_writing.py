"""What is written comes back, and stands where BIDS wants it."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emogap.errors import DataError
from emogap.recording.bids import BidsName, TrialColumn, TrialRow, write_recording
from emogap.recording.readers import bids, tobii_studio
from emogap.types import GazeSeries, Message, Recording, Screen, StimulusInterval
from tests.recording.bids.planted_recording import (
    NUM_SAMPLES,
    assert_same_recording,
    planted_events,
    planted_gaze,
    planted_recording,
)

NAME = BidsName("p+07", "watch", run="3")


def read_one(path: Path) -> Recording:
    [recording] = bids.read(path)
    return recording


def write_and_read(recording: Recording, root: Path) -> Recording:
    write_recording(recording, root, NAME)
    return read_one(root / NAME.path("recording-eye1_physio.tsv.gz"))


def test_everything_comes_back_bit_for_bit(tmp_path: Path) -> None:
    recording = planted_recording()
    assert_same_recording(recording, write_and_read(recording, tmp_path))


def test_the_validation_of_each_eye_stands_where_bids_wants_it(tmp_path: Path) -> None:
    write_recording(planted_recording(), tmp_path, NAME)
    sidecars = [json.loads((tmp_path / NAME.path(f"recording-eye{eye}_physio.json")).read_text()) for eye in (1, 2)]
    assert [sidecar["AverageCalibrationError"] for sidecar in sidecars] == [0.41, 1 / 3]


def test_without_a_validation_no_calibration_error_is_written(tmp_path: Path) -> None:
    recording = planted_recording(accuracy_deg={})
    assert_same_recording(recording, write_and_read(recording, tmp_path))
    assert "AverageCalibrationError" not in (tmp_path / NAME.path("recording-eye1_physio.json")).read_text()


def test_an_export_without_the_accuracy_has_it_from_its_messages(tmp_path: Path) -> None:
    """As written before recordings had the field: the messages of the tracker were there, the block did not say."""
    said = Message(0.1, "!CAL VALIDATION HV9 L LEFT GOOD ERROR 0.52 avg. 0.64 max  OFFSET 0.35 deg. 12.5,9.6 pix.")
    write_recording(planted_recording(messages=(said,)), tmp_path, NAME)
    for eye in (1, 2):
        path = tmp_path / NAME.path(f"recording-eye{eye}_physio.json")
        sidecar = json.loads(path.read_text())
        del sidecar["Emogap"]["AccuracyDeg"]
        path.write_text(json.dumps(sidecar))
    assert read_one(tmp_path / NAME.path("recording-eye1_physio.tsv.gz")).accuracy_deg == {"left": 0.52}


@pytest.mark.parametrize("frame", ["screen_mm", "screen_norm", "deg", "scene_px", "scene_norm", "camera_deg"])
def test_every_frame_comes_back(frame: str, tmp_path: Path) -> None:
    recording = planted_recording(gaze=planted_gaze(frame=frame))
    assert_same_recording(recording, write_and_read(recording, tmp_path))


def test_a_recording_with_points_of_gaze_alone_comes_back(tmp_path: Path) -> None:
    fields = ("pupil", "pupil_unit", "pupil_altered", "direction", "origin_mm", "confidence", "openness")
    recording = planted_recording(gaze=planted_gaze(**dict.fromkeys(fields)), events=(), messages=(), screen=None)
    back = write_and_read(recording, tmp_path)
    assert_same_recording(recording, back)
    assert not list(tmp_path.rglob("*physioevents*"))


def test_one_eye_that_is_no_left_one_comes_back(tmp_path: Path) -> None:
    both = planted_gaze()
    arrays = {
        name: getattr(both, name)[:, :1]
        for name in ("position", "valid", "altered", "pupil", "pupil_altered", "direction", "origin_mm")
    }
    gaze = planted_gaze(eyes=("cyclopean",), confidence=None, openness=None, **arrays)
    recording = planted_recording(gaze=gaze, events=(planted_events("ivt"),))
    assert_same_recording(recording, write_and_read(recording, tmp_path))


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    points=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=5),
    step_s=st.floats(1e-4, 1e3),
    text=st.text(st.characters(codec="utf-8"), max_size=12),
)
def test_any_number_and_any_message_comes_back(
    points: list[tuple[float, float]], step_s: float, text: str, tmp_path: Path
) -> None:
    shape = (len(points), 1)
    gaze = GazeSeries(
        time_s=np.arange(len(points)) * step_s,
        position=np.array(points)[:, None, :],
        frame="screen_mm",
        valid=np.ones(shape, bool),
        altered=np.zeros(shape, bool),
        eyes=("right",),
        rate_hz=1 / step_s,
    )
    recording = planted_recording(gaze=gaze, messages=(Message(step_s, text),))
    assert_same_recording(recording, write_and_read(recording, tmp_path))


def test_the_columns_stand_in_the_order_of_bids_without_a_header(tmp_path: Path) -> None:
    write_recording(planted_recording(), tmp_path, NAME)
    path = tmp_path / "sub-p+07" / "beh" / "sub-p+07_task-watch_run-3_recording-eye2_physio.tsv.gz"
    sidecar = json.loads(path.with_suffix("").with_suffix(".json").read_text())
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert sidecar["Columns"][:6] == ["timestamp", "x_coordinate", "y_coordinate", "pupil_size", "valid", "altered"]
    assert len(lines) == NUM_SAMPLES
    assert lines[6].split("\t")[1:3] == ["n/a", "n/a"]
    assert lines[6].split("\t")[4] == "0"
    assert (sidecar["RecordedEye"], sidecar["x_coordinate"]["Units"]) == ("right", "pixel")


def test_the_events_are_sorted_by_onset(tmp_path: Path) -> None:
    write_recording(planted_recording(), tmp_path, NAME)
    lines = gzip.decompress((tmp_path / NAME.path("recording-eye1_physioevents.tsv.gz")).read_bytes()).decode()
    onsets = [float(line.split("\t")[0]) for line in lines.splitlines()]
    assert len(onsets) == 14
    assert onsets == sorted(onsets)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        write_recording(planted_recording(), tmp_path / folder, NAME)
    files = [file.relative_to(tmp_path / "one") for file in (tmp_path / "one").rglob("*") if file.is_file()]
    assert len(files) == 8
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_without_the_size_of_the_screen_gaze_is_custom(tmp_path: Path) -> None:
    recording = planted_recording(screen=Screen((800, 400)))
    assert_same_recording(recording, write_and_read(recording, tmp_path))
    sidecar = json.loads((tmp_path / NAME.path("recording-eye1_physio.json")).read_text())
    assert sidecar["SampleCoordinateSystem"] == "custom"


def test_trials_of_the_study_stand_beside_what_the_tracker_says(tmp_path: Path) -> None:
    trial = TrialRow(StimulusInterval("s9", 0.5, 0.75), {"felt_pleasure": 7.0, "felt_emotion7": "fear"})
    columns = (TrialColumn("felt_pleasure", "Pleasure."), TrialColumn("felt_emotion7", "Emotion."))
    write_recording(planted_recording(), tmp_path, NAME, trials=[trial], trial_columns=columns)
    lines = (tmp_path / NAME.path("events.tsv")).read_text().splitlines()
    assert lines[0].split("\t") == [
        *("onset", "duration", "trial_type", "stimulus_id"),
        *("felt_pleasure", "felt_emotion7", "offset"),
    ]
    assert lines[3].split("\t") == ["0.5", "0.25", "trial", "s9", "7", "fear", "0.75"]
    back = read_one(tmp_path / NAME.path("recording-eye2_physio.tsv.gz"))
    assert [interval.stimulus_id for interval in back.stimuli] == ["s1", "s2"]


def test_trials_are_the_stimuli_where_the_tracker_names_none(tmp_path: Path) -> None:
    trial = TrialRow(StimulusInterval("s9", 0.5, 0.75), {})
    write_recording(planted_recording(stimuli=()), tmp_path, NAME, trials=[trial])
    back = read_one(tmp_path / NAME.path("recording-eye1_physio.tsv.gz"))
    assert back.stimuli == (StimulusInterval("s9", 0.5, 0.75),)


def test_what_bids_has_no_place_for_is_told(tmp_path: Path) -> None:
    written = write_recording(planted_recording(start_ns=7), tmp_path, NAME)
    assert written.num_samples == 2 * NUM_SAMPLES
    assert written.left_out == ("absolute start (a date can identify a person)",)
    assert b"StartNs" not in b"".join(file.read_bytes() for file in tmp_path.rglob("*.json"))


def test_an_unknown_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="sampling rate is unknown"):
        write_recording(planted_recording(gaze=planted_gaze(rate_hz=np.nan)), tmp_path, NAME)


def test_a_recording_without_gaze_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no gaze sample"):
        write_recording(replace(planted_recording(), gaze=None), tmp_path, NAME)


def test_a_real_recording_comes_back(shared_data: Path, tmp_path: Path) -> None:
    recordings = tobii_studio.read(shared_data / "uniss_fgd" / "fgd" / "003.csv.gz")
    assert len(recordings) == 16
    for run, recording in enumerate(recordings[:5]):
        name = BidsName("01", "faces", run=str(run))
        write_recording(recording, tmp_path, name)
        assert_same_recording(recording, read_one(tmp_path / name.path("recording-eye2_physio.tsv.gz")))
