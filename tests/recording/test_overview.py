"""What ``emogap look`` measures and draws, on recordings with planted losses."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from emogap.errors import UsageError
from emogap.interfaces.cli import build_app
from emogap.recording.overview import describe_recordings, look_at, measure_recording
from emogap.recording.overview_text import draw_file
from emogap.types import ActionUnits, EyeTracker, GazeSeries, HeadSeries, Message, Recording, Screen

NUM_SAMPLES = 240
RATE_HZ = 120.0


def recording(lost: tuple[slice, ...] = (), pupil_mm: float = 3.5) -> Recording:
    """Two seconds at 120 Hz, gaze going from left to right; `lost` slices hold no eye."""
    time_s = np.arange(NUM_SAMPLES) / RATE_HZ
    valid = np.ones((NUM_SAMPLES, 2), bool)
    for part in lost:
        valid[part] = False
    along = np.linspace(0, 640, NUM_SAMPLES)
    position = np.stack([np.stack([along, np.full(NUM_SAMPLES, 100.0)], axis=1)] * 2, axis=1)
    gaze = GazeSeries(
        time_s=time_s,
        position=np.where(valid[:, :, None], position, np.nan),
        frame="screen_px",
        valid=valid,
        altered=np.zeros_like(valid),
        eyes=("left", "right"),
        rate_hz=RATE_HZ,
        pupil=np.where(valid, pupil_mm, np.nan),
        pupil_unit="mm",
        pupil_altered=np.zeros_like(valid),
    )
    return Recording("r1", "a.tsv", "tobii_pro_lab", EyeTracker("T", 120.0), screen=Screen((640, 360)), gaze=gaze)


def write_export(path: Path, *, people: tuple[str, ...] = ("P1",), lost: range = range(0)) -> Path:
    heading = "Recording timestamp [ms]\tGaze point X [DACS px]\tGaze point Y [DACS px]\tParticipant name"
    heading += "\tRecording resolution width [px]\tRecording resolution height [px]\n"
    rows = [
        f"{10 * row}\t{'' if row in lost else 5 * row}\t{'' if row in lost else 90}\t{person}\t640\t360\n"
        for person in people
        for row in range(100)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(heading + "".join(rows))
    return path


def test_the_share_of_lost_samples_and_the_longest_gap_are_those_planted() -> None:
    overview = measure_recording(recording(lost=(slice(24, 60), slice(100, 103))))
    assert overview.lost_share == pytest.approx(39 / 240)
    assert overview.num_gaps == 1
    assert overview.longest_gap_s == pytest.approx(36 / 120)


def test_a_loss_at_the_edges_counts_as_any_other() -> None:
    overview = measure_recording(recording(lost=(slice(0, 12), slice(228, 240))))
    assert overview.num_gaps == 2
    assert overview.longest_gap_s == pytest.approx(12 / 120)


def test_one_lost_eye_is_no_lost_sample() -> None:
    whole = recording()
    assert whole.gaze is not None
    valid = np.ones((NUM_SAMPLES, 2), bool)
    valid[:60, 1] = False
    position = np.where(valid[:, :, None], whole.gaze.position, np.nan)
    gaze = dataclasses.replace(whole.gaze, valid=valid, position=position)
    overview = measure_recording(dataclasses.replace(whole, gaze=gaze))
    assert overview.lost_share == 0
    assert overview.lost_share_of_eye == (0.0, 0.25)


def test_duration_counts_the_last_interval_and_pupils_keep_their_unit() -> None:
    overview = measure_recording(recording(pupil_mm=4.25))
    assert overview.duration_s == pytest.approx(2.0)
    assert overview.pupil == (4.25, 4.25, 4.25)
    assert overview.pupil_unit == "mm"


def test_a_recording_in_which_everything_is_lost_is_described_and_doubted() -> None:
    overview = measure_recording(recording(lost=(slice(None),)))
    assert overview.lost_share == 1.0
    assert overview.pupil is None
    assert any("no sample has a point of gaze" in doubt for doubt in overview.doubts)


def test_a_recording_without_gaze_is_described() -> None:
    overview = measure_recording(Recording("r1", "a.json", "ceap360vr", EyeTracker("headset")))
    assert (overview.num_samples, overview.eyes) == (0, ())


def text_of(whole: Recording) -> str:
    return draw_file(describe_recordings(Path("a.tsv"), (whole,)))


def lids_only() -> Recording:
    """Two seconds of lids and pupils of a device without points of gaze, with a hole of 0.4 s."""
    whole = recording()
    assert whole.gaze is not None
    time_s = whole.gaze.time_s + np.where(np.arange(NUM_SAMPLES) >= 100, 0.4, 0)
    openness = np.linspace(0, 1, NUM_SAMPLES)[:, None].repeat(2, axis=1)
    gaze = dataclasses.replace(
        whole.gaze,
        time_s=time_s,
        position=np.full((NUM_SAMPLES, 2, 2), np.nan),
        valid=np.zeros((NUM_SAMPLES, 2), bool),
        frame="deg",
        openness=openness,
    )
    return dataclasses.replace(whole, gaze=gaze, screen=None)


def test_a_device_without_points_of_gaze_loses_none() -> None:
    overview = measure_recording(lids_only())
    assert overview.lost_share is None
    assert (overview.num_gaps, overview.num_holes) == (0, 1)
    assert overview.doubts == ()
    text = text_of(lids_only())
    assert "no point of gaze in this file" in text
    assert "lids         0.01 to 0.99, median 0.50 (0 closed, 1 open)" in text
    assert "100.0%" not in text
    assert "lids     ▁▁" in text


def test_the_rate_between_the_holes_stands_beside_the_samples_per_second() -> None:
    overview = measure_recording(lids_only())
    assert overview.rate_hz == 120.0
    assert overview.mean_rate_hz == pytest.approx(240 / 2.4)
    assert "120.0 Hz measured (100.0 samples per second with the holes)" in " ".join(text_of(lids_only()).split())


def test_where_the_rate_is_unknown_gaps_are_not_counted() -> None:
    whole = recording(lost=(slice(24, 60),))
    assert whole.gaze is not None
    unknown = dataclasses.replace(whole, gaze=dataclasses.replace(whole.gaze, rate_hz=float("nan")))
    assert measure_recording(unknown).rate_hz is None
    text = text_of(unknown)
    assert "rate         unknown; nominal 120 Hz" in text
    assert "gaps         not counted: the rate is unknown" in text
    assert "by a clock that is not to be trusted" in text


def test_what_else_a_device_gives_is_said_with_its_unit() -> None:
    whole = recording()
    assert whole.gaze is not None
    num_frames, times_s = 5, np.arange(5) / 25
    units = ActionUnits(
        time_s=times_s.copy(),
        names=("AU01", "AU12", "AU45"),
        intensity=np.ones((num_frames, 3)),
        presence=np.ones((num_frames, 3)),
        confidence=np.ones(num_frames),
        success=np.array([True, True, False, True, True]),
    )
    head = HeadSeries(times_s.copy(), np.array([[-3.0, 1, 10], [4, 2, 20], [np.nan] * 3, [0, 0, 15], [1, 1, 16]]))
    text = text_of(
        dataclasses.replace(
            whole,
            gaze=dataclasses.replace(whole.gaze, confidence=np.full((NUM_SAMPLES, 2), 0.75)),
            head=head,
            action_units=units,
            messages=(Message(-1.0, "calibrated"), Message(0.5, "trial 1")),
        )
    )
    assert "pitch -3.0 to 4.0, yaw 0.0 to 2.0, roll 10.0 to 20.0 deg" in text
    assert (
        "3 action units (AU01 to AU45; intensity 0 to 5, presence 0 or 1) in 5 frames, followed in 80.0%"
        in " ".join(text.split())
    )
    assert "confidence   0.75 to 0.75, median 0.75 (the device's own, 0 to 1)" in text
    assert "messages     2 messages and markers" in text
    assert "in px of the screen from its top left, y down" in text


def test_eyes_that_hold_a_pupil_and_no_point_are_not_called_lost() -> None:
    whole = recording()
    assert whole.gaze is not None
    valid = np.zeros((NUM_SAMPLES, 2), bool)
    valid[12:, 0] = True
    position = np.where(valid[:, :, None], whole.gaze.position, np.nan)
    text = text_of(dataclasses.replace(whole, gaze=dataclasses.replace(whole.gaze, valid=valid, position=position)))
    assert "5.0% of 240 samples (left 5.0%)" in text


def test_the_text_fits_80_columns_and_names_what_a_file_holds(tmp_path: Path) -> None:
    text = draw_file(look_at(write_export(tmp_path / "a.tsv", lost=range(30, 50))))
    assert max(map(len, text.splitlines())) <= 80
    for fact in (
        "20.0% of 100 samples",
        "100.0 Hz measured",
        "640 x 360 px",
        "1: P1",
        "1 of 75 ms or more, longest 0.20 s",
    ):
        assert fact in text


def test_lost_time_is_blank_in_the_trace(tmp_path: Path) -> None:
    text = draw_file(look_at(write_export(tmp_path / "a.tsv", lost=range(30, 50))))
    line = next(line for line in text.splitlines() if line.strip().startswith("gaze x"))
    assert 10 <= line[11:].count(" ") <= 14


def test_several_recordings_get_a_line_each(tmp_path: Path) -> None:
    people = tuple(f"P{number}" for number in range(23))
    text = draw_file(look_at(write_export(tmp_path / "a.tsv", people=people)))
    assert "P19  " in text
    assert "... and 3 more" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_folder_names_a_file_to_look_at(tmp_path: Path) -> None:
    path = write_export(tmp_path / "sessions" / "p01" / "gaze.tsv")
    (tmp_path / "notes.txt").write_text("nothing\n")
    (tmp_path / "study.toml").write_text("schema = 1\n")
    with pytest.raises(UsageError, match="a folder") as caught:
        look_at(tmp_path)
    assert f"emogap look '{path}'" in str(caught.value.fix)
    assert "emogap build" in str(caught.value.fix)


def test_the_command_prints_json_that_holds_the_numbers(tmp_path: Path) -> None:
    path = write_export(tmp_path / "a.tsv", people=("P1", "P2"), lost=range(10))
    result = CliRunner().invoke(build_app(), ["look", str(path), "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["reader"] == "tobii_pro_lab"
    assert [one["participant_id"] for one in found["recordings"]] == ["P1", "P2"]
    assert found["recordings"][1]["lost_share"] == 0.1


def test_the_command_prints_text(tmp_path: Path) -> None:
    result = CliRunner().invoke(build_app(), ["look", str(write_export(tmp_path / "a.tsv"))])
    assert result.exit_code == 0
    assert "read by tobii_pro_lab" in result.stdout


def test_every_real_file_is_drawn_within_80_columns(shared_data: Path) -> None:
    files = [file for file in (shared_data / "exports").rglob("*.*") if file.name != "README.md"]
    assert len(files) >= 13
    for path in (shared_data / "uniss_fgd" / "fgd" / "058.csv.gz", *files):
        assert max(map(len, draw_file(look_at(path)).splitlines())) <= 80, path
