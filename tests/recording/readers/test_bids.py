"""Files that others wrote, and files that are damaged."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emogap.errors import DataError
from emogap.recording.bids import BidsName, write_recording
from emogap.recording.readers import bids
from emogap.types import Message, Recording, Screen
from tests.recording.bids.planted_recording import planted_gaze, planted_recording
from tests.recording.readers._examples_bids import (
    NUM_ROWS,
    PHYSIO,
    STEM,
    rows,
    write_events,
    write_examples,
    write_eye,
    write_table,
)


def read_one(path: Path) -> Recording:
    [recording] = bids.read(path)
    return recording


def test_the_required_columns_alone_are_enough(tmp_path: Path) -> None:
    recording = read_one(write_examples(tmp_path)[0])
    gaze = recording.gaze
    assert gaze is not None
    np.testing.assert_allclose(gaze.time_s, np.arange(NUM_ROWS) / 100, atol=1e-12)
    assert (gaze.frame, gaze.eyes, gaze.rate_hz, gaze.pupil) == ("screen_px", ("left",), 100.0, None)
    assert np.flatnonzero(~gaze.valid[:, 0]).tolist() == [4]
    assert gaze.position[5, 0].tolist() == [200, 250]
    assert recording.screen == Screen((800, 400), (400.0, 100.0), 600.0)
    assert (recording.recording_id, recording.participant_id) == (STEM, "07")


def test_stimuli_are_placed_by_the_start_time(tmp_path: Path) -> None:
    [interval] = read_one(write_examples(tmp_path)[0]).stimuli
    assert interval.stimulus_id == "fear-3"
    assert (interval.onset_s, interval.offset_s) == pytest.approx((0.02, 0.07))


def test_either_eye_gives_both(tmp_path: Path) -> None:
    write_eye(tmp_path, rows(eye=2), eye=2, RecordedEye="right")
    for path in (write_eye(tmp_path), tmp_path / f"{STEM}_recording-eye2_physio.tsv.gz"):
        gaze = read_one(path).gaze
        assert gaze is not None
        assert gaze.eyes == ("left", "right")
        assert gaze.position[0].tolist() == [[100, 300], [102, 300]]


def test_eyes_with_samples_of_their_own_are_two_recordings(tmp_path: Path) -> None:
    path = write_eye(tmp_path)
    write_eye(tmp_path, [row for number, row in enumerate(rows()) if number != 6], eye=2, RecordedEye="right")
    recordings = bids.read(path)
    assert [recording.recording_id for recording in recordings] == [f"{STEM}-left", f"{STEM}-right"]
    assert [len(recording.gaze.time_s) for recording in recordings if recording.gaze] == [9, 8]
    assert all("do not share their samples" in recording.doubts[-1] for recording in recordings)


def test_sidecars_are_inherited_and_the_nearest_wins(tmp_path: Path) -> None:
    (tmp_path / "dataset_description.json").write_text("{}")
    folder = tmp_path / "sub-07" / "beh"
    path = write_table(folder / f"{STEM}_recording-eye1_physio.tsv.gz", rows(), None)
    (tmp_path / "task-film_physio.json").write_text(json.dumps({**PHYSIO, "RecordedEye": "cyclopean"}))
    (tmp_path / "task-other_physio.json").write_text(json.dumps({"RecordedEye": "right"}))
    (tmp_path / "sub-07" / "sub-07_physio.json").write_text(json.dumps({"SamplingFrequency": 99}))
    gaze = read_one(path).gaze
    assert gaze is not None
    assert (gaze.eyes, gaze.rate_hz) == (("cyclopean",), 99.0)


def test_without_a_root_nothing_is_inherited(tmp_path: Path) -> None:
    path = write_table(tmp_path / "sub-07" / "beh" / f"{STEM}_recording-eye1_physio.tsv.gz", rows(), None)
    (tmp_path / "task-film_physio.json").write_text(json.dumps(PHYSIO))
    with pytest.raises(DataError, match="no JSON file"):
        bids.read(path)


@pytest.mark.parametrize(("unit", "per_s"), [("s", 1.0), ("ms", 1e3), ("us", 1e6), ("ns", 1e9)])
def test_a_clock_without_a_unit_is_understood_by_its_rate(unit: str, per_s: float, tmp_path: Path) -> None:
    lines = [f"{row * per_s / 100 + 3!r}\t{row}\t{row}" for row in range(6)]
    recording = read_one(write_eye(tmp_path, lines, timestamp=None))
    assert recording.gaze is not None
    np.testing.assert_allclose(recording.gaze.time_s, np.arange(6) / 100, atol=1e-6)
    assert any(f"taken as {unit}" in doubt for doubt in recording.doubts)


def test_a_clock_that_fits_no_unit_is_refused(tmp_path: Path) -> None:
    lines = [f"{row * 37}\t{row}\t{row}" for row in range(6)]
    with pytest.raises(DataError, match="in no unit"):
        bids.read(write_eye(tmp_path, lines, timestamp=None))


@pytest.mark.parametrize(
    ("units", "origin", "frame", "expected"),
    [
        ("pixel", ["bottom", "left"], "screen_px", [100, 400 - 300]),
        ("px", ["top", "right"], "screen_px", [800 - 100, 300]),
        ("mm", ["bottom", "left"], "screen_mm", [100, 300]),
        ("cm", ["top", "left"], "screen_mm", [1000, 100 - 3000]),
        ("m", ["center", "center"], "screen_mm", [100_000 + 200, 300_000 + 50]),
        ("deg", ["center", "center"], "deg", [100, 300]),
        ("1", ["top", "left"], "screen_norm", [100, 300]),
    ],
)
def test_a_screen_with_another_origin_or_unit_is_turned(
    units: str, origin: list[str], frame: str, expected: list[float], tmp_path: Path
) -> None:
    write_events(tmp_path, ScreenOrigin=origin)
    entry = {"Units": units}
    gaze = read_one(write_eye(tmp_path, x_coordinate=entry, y_coordinate=entry)).gaze
    assert gaze is not None
    assert gaze.frame == frame
    assert gaze.position[0, 0].tolist() == pytest.approx(expected)


def test_a_point_with_one_coordinate_is_lost_and_counted(tmp_path: Path) -> None:
    lines = rows()
    lines[2] = "5020\t140\tn/a"
    recording = read_one(write_eye(tmp_path, lines))
    assert recording.gaze is not None
    assert np.flatnonzero(~recording.gaze.valid[:, 0]).tolist() == [2, 4]
    assert any("1 point of gaze with one coordinate only" in doubt for doubt in recording.doubts)


def test_eye_movements_and_messages_of_others_are_read(tmp_path: Path) -> None:
    path = write_eye(tmp_path)
    lines = ["5000\t0.03\tfixation\tn/a", "5030\t0.02\tsaccade\tn/a", "5040\tn/a\tn/a\tGO!", "5060\tn/a\tblink\tn/a"]
    columns = {"Columns": ["onset", "duration", "trial_type", "message"], "OnsetSource": "timestamp"}
    write_table(tmp_path / f"{STEM}_recording-eye1_physioevents.tsv.gz", lines, columns)
    recording = read_one(path)
    [events] = recording.events
    assert (events.kind.tolist(), events.method) == (["fixation", "saccade"], "bids")
    np.testing.assert_allclose(events.onset_s, [0, 0.03], atol=1e-12)
    np.testing.assert_allclose(events.offset_s, [0.03, 0.05], atol=1e-12)
    assert recording.messages == (Message(pytest.approx(0.04), "GO!"),)
    assert any("1 eye movements without" in doubt for doubt in recording.doubts)


def test_eye_movements_that_overlap_are_left_out_and_said(tmp_path: Path) -> None:
    path = write_eye(tmp_path)
    lines = ["5000\t0.05\tfixation\tA", "5010\t0.02\tfixation\tA", "5030\t0.02\tblink\tB"]
    columns = {"Columns": ["onset", "duration", "trial_type", "method"], "OnsetSource": "timestamp"}
    write_table(tmp_path / f"{STEM}_recording-eye1_physioevents.tsv.gz", lines, columns)
    recording = read_one(path)
    assert [(events.method, events.kind.tolist()) for events in recording.events] == [("B", ["blink"])]
    assert any("eye movements of 'A' left out: 1 events of kind fixation overlap" in each for each in recording.doubts)


def test_durations_in_ticks_are_noticed(tmp_path: Path) -> None:
    path = write_eye(tmp_path)
    columns = {"Columns": ["onset", "duration", "trial_type"], "OnsetSource": "timestamp"}
    write_table(tmp_path / f"{STEM}_recording-eye1_physioevents.tsv.gz", ["5000\t30\tfixation"], columns)
    recording = read_one(path)
    assert recording.events[0].offset_s[0] == pytest.approx(0.03)
    assert any("durations are taken in the unit of the timestamps" in doubt for doubt in recording.doubts)


def test_a_heart_rate_is_no_eye_tracking(tmp_path: Path) -> None:
    path = write_eye(tmp_path, PhysioType="generic")
    assert not bids.can_read(path)
    with pytest.raises(DataError, match="PhysioType is 'generic'"):
        bids.read(path)


BAD_SIDECARS = [
    ({"StartTime": None}, "StartTime is not stated"),
    ({"SamplingFrequency": "fast"}, "SamplingFrequency is 'fast', not a finite number"),
    ({"SamplingFrequency": np.inf}, "SamplingFrequency is inf, not a finite number"),
    ({"SamplingFrequency": -5}, "SamplingFrequency is -5 Hz"),
    ({"Columns": None}, "Columns is not stated"),
    ({"Columns": ["timestamp", "x_coordinate", "x_coordinate"]}, "'x_coordinate' stands twice"),
    ({"Columns": ["timestamp", "x_coordinate", "pupil_size"]}, "there is no column y_coordinate"),
    ({"RecordedEye": "both"}, "RecordedEye is 'both'"),
    ({"x_coordinate": {"Units": "mm"}}, "units of x_coordinate and y_coordinate are mm and pixel"),
    ({"x_coordinate": {"Units": "volt"}, "y_coordinate": {"Units": "volt"}}, "in 'volt', which has no counterpart"),
    ({"Emogap": {"RecordingId": 3}}, "'Emogap.RecordingId'"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_SIDECARS, ids=[message for _, message in BAD_SIDECARS])
def test_a_sidecar_that_cannot_be_is_refused_by_its_file(
    changes: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError) as caught:
        bids.read(write_eye(tmp_path, **changes))
    assert message in caught.value.what
    assert "eye1_physio.json, line 1" in (caught.value.where or "")
    assert caught.value.fix


BAD_ROWS = [
    (["5000\t1\t2", "5010\t1"], 2, "2 cells where Columns has 3 names"),
    (["5000\t1\t2", "5010\t1\t2\t3"], 2, "4 cells where Columns has 3 names"),
    (["5000\t1\t2", "", "5020\t1\t2"], 2, "0 cells where Columns has 3 names"),
    (["timestamp\tx_coordinate\ty_coordinate", "5000\t1\t2"], 1, "'timestamp' in the column 'timestamp'"),
    (["5000\t1\t2", "5010\t1,5\t2"], 2, "'1,5' in the column 'x_coordinate' is not a number"),
    (["5000\t1\t2", "5020\t1\t2", "5010\t1\t2"], 3, "time runs backwards"),
    (["5000\t1\t2", "n/a\t1\t2"], 2, "the timestamp is missing"),
    ([], 1, "there is no row"),
]


@pytest.mark.parametrize(("lines", "line", "message"), BAD_ROWS, ids=[message for _, _, message in BAD_ROWS])
def test_a_table_that_cannot_be_is_refused_by_its_line(
    lines: list[str], line: int, message: str, tmp_path: Path
) -> None:
    path = write_eye(tmp_path, lines)
    with pytest.raises(DataError) as caught:
        bids.read(path)
    assert message in caught.value.what
    assert caught.value.where == f"{path}, line {line}"


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"ScreenOrigin": ["up", "left"]}, "ScreenOrigin is"),
        ({"ScreenResolution": [800]}, "ScreenResolution is [800], not 2 positive numbers"),
        ({"ScreenResolution": [800, np.inf]}, "not 2 positive numbers"),
        ({"ScreenSize": "large"}, "ScreenSize is 'large', not 2 positive numbers"),
        ({"ScreenDistance": -0.6}, "not 1 positive number"),
    ],
)
def test_a_screen_that_cannot_be_is_refused(stated: dict[str, object], message: str, tmp_path: Path) -> None:
    write_events(tmp_path, **stated)
    with pytest.raises(DataError) as caught:
        bids.read(write_eye(tmp_path))
    assert message in caught.value.what
    assert "events.json, line 1" in (caught.value.where or "")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from([*PHYSIO, "Emogap"]), value=JSON_VALUES)
def test_any_value_in_a_sidecar_is_read_or_refused_in_words(key: str, value: object, tmp_path: Path) -> None:
    try:
        recordings = bids.read(write_eye(tmp_path, **{key: value}))
    except DataError:
        return
    assert recordings[0].gaze is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.sampled_from(
        ["Frame", "PupilUnit", "Screen", "EventLists", "NumMessages", "AccuracyDeg", "Steps", "NominalRate", "Doubts"]
    ),
    value=JSON_VALUES,
)
def test_any_value_in_our_own_block_is_read_or_refused_in_words(key: str, value: object, tmp_path: Path) -> None:
    folder = exported(tmp_path)
    for file in folder.glob("*_physio.json"):
        content = json.loads(file.read_text())
        content["Emogap"][key] = value
        file.write_text(json.dumps(content))
    try:
        recording = read_one(folder / "sub-1_task-watch_recording-eye1_physio.tsv.gz")
    except DataError:
        return
    assert recording.gaze is not None


def test_a_missing_sidecar_is_named(tmp_path: Path) -> None:
    path = write_eye(tmp_path)
    path.with_name(f"{STEM}_recording-eye1_physio.json").unlink()
    with pytest.raises(DataError, match=r"physio\.tsv\.gz, line 1: there is no JSON file"):
        bids.read(path)


def test_a_damaged_sidecar_is_named_with_its_line(tmp_path: Path) -> None:
    path = write_eye(tmp_path)
    path.with_name(f"{STEM}_recording-eye1_physio.json").write_text('{\n"StartTime": 0,\n"Columns": [\n')
    with pytest.raises(DataError, match=r"physio\.json, line 4: this is not JSON"):
        bids.read(path)


def exported(folder: Path) -> Path:
    write_recording(planted_recording(), folder, BidsName("1", "watch"))
    return folder / "sub-1" / "beh"


def change_line(path: Path, number: int, column: int, cell: str) -> None:
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    cells = lines[number - 1].split("\t")
    cells[column] = cell
    lines[number - 1] = "\t".join(cells)
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))


def test_a_mask_that_contradicts_the_samples_is_refused_by_line(tmp_path: Path) -> None:
    path = exported(tmp_path) / "sub-1_task-watch_recording-eye1_physio.tsv.gz"
    change_line(path, 4, 4, "1")
    with pytest.raises(DataError, match=r"eye1_physio\.tsv\.gz, line 4: valid and the coordinates disagree"):
        bids.read(path)
    change_line(path, 4, 4, "2")
    with pytest.raises(DataError, match="valid is 2, not 0 or 1"):
        bids.read(path)


def test_eyes_of_two_exports_are_not_joined(tmp_path: Path) -> None:
    folder = exported(tmp_path / "one")
    short = planted_recording(gaze=planted_gaze(time_s=np.arange(11) / 250))
    write_recording(short, tmp_path / "two", BidsName("1", "watch"))
    name = "sub-1_task-watch_recording-eye2_physio.tsv.gz"
    (folder / name).write_bytes((tmp_path / "two" / "sub-1" / "beh" / name).read_bytes())
    with pytest.raises(DataError, match="whose clock is not that of"):
        bids.read(folder / name)


def test_events_that_are_gone_or_edited_are_refused(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    samples = folder / "sub-1_task-watch_recording-eye1_physio.tsv.gz"
    events = folder / "sub-1_task-watch_recording-eye1_physioevents.tsv.gz"
    change_line(events, 2, 9, "3")
    with pytest.raises(DataError, match=r"physioevents\.tsv\.gz, line \d+: 14 events and messages, not numbered"):
        bids.read(samples)
    events.unlink()
    with pytest.raises(DataError, match="the 14 events and messages of this recording is not there"):
        bids.read(samples)


def test_without_our_block_an_export_is_read_as_one_of_others(tmp_path: Path) -> None:
    folder = exported(tmp_path)
    for file in folder.glob("*_physio.json"):
        content = json.loads(file.read_text())
        del content["Emogap"]
        file.write_text(json.dumps(content))
    recording = read_one(folder / "sub-1_task-watch_recording-eye1_physio.tsv.gz")
    planted = planted_recording()
    assert recording.gaze is not None
    assert planted.gaze is not None
    np.testing.assert_array_equal(recording.gaze.position, planted.gaze.position)
    np.testing.assert_array_equal(recording.gaze.pupil, planted.gaze.pupil)
    assert recording.screen == planted.screen
    assert [(events.method, len(events.kind)) for events in recording.events] == [("vendor", 5), ("ours", 5)]
    assert [interval.stimulus_id for interval in recording.stimuli] == ["s1", "s2"]
    assert recording.stimuli[0].offset_s == pytest.approx(0.02)
