from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.recording import open_recording
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.config import SimulationConfig
from emogap.simulation.session import SCREEN_MM, SCREEN_PX, Timeline, plan_session, run_session
from emogap.simulation.tobii_export import RecordingFacts, tobii_table, write_tobii_tsv
from emogap.simulation.tracker import FIXATION, Measured, measure

CONFIG = SimulationConfig(participants=1, stimuli=3, clip_s=4.0, seed=5)
NAMES = ("film-a", "film-b", "film-c")


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    return plan_session(CONFIG, 0)


@pytest.fixture(scope="module")
def measured(timeline: Timeline) -> Measured:
    cohort = draw_cohort(CONFIG)
    return measure(run_session(cohort, 0, timeline), cohort.people[0], CONFIG, np.random.default_rng(0))


@pytest.fixture(scope="module")
def table(measured: Measured, timeline: Timeline) -> pl.DataFrame:
    return tobii_table(measured, timeline, NAMES, RecordingFacts("study", "p001", "Recording1", "09:00:00.000", 120))


def test_events_stand_between_the_samples_in_the_order_of_time(table: pl.DataFrame) -> None:
    times = table["Recording timestamp [μs]"].to_numpy()
    assert (np.diff(times) >= 0).all()
    events = table.filter(pl.col("Sensor").is_null())
    assert events["Event"].to_list() == [
        "RecordingStart",
        *["VideoStimulusStart", "VideoStimulusEnd"] * 3,
        "RecordingEnd",
    ]
    assert events["Gaze point left X [DACS px]"].null_count() == events.height == 8


def test_lost_eyes_are_empty_cells_and_invalid(table: pl.DataFrame, measured: Measured) -> None:
    samples = table.filter(pl.col("Sensor") == "Eye Tracker")
    for number, eye in enumerate(("left", "right")):
        valid = measured.valid[:, number]
        assert (samples[f"Validity {eye}"] == "Valid").to_list() == valid.tolist()
        for name in (f"Gaze point {eye} X [DACS px]", f"Pupil diameter {eye} [mm]", f"Eye position {eye} Z [DACS mm]"):
            assert samples[name].is_not_null().to_list() == valid.tolist(), name


def test_pixels_and_millimetres_are_the_same_point(table: pl.DataFrame) -> None:
    """Pixels from the top left, y down; millimetres from the bottom left, y up; to the rounding of a pixel."""
    here = table.drop_nulls("Gaze point left X [DACS px]")
    x_px, y_px = (here[f"Gaze point left {axis} [DACS px]"].to_numpy() for axis in "XY")
    x_mm, y_mm = (here[f"Gaze point left {axis} [DACS mm]"].to_numpy() for axis in "XY")
    assert x_px == pytest.approx(x_mm / SCREEN_MM[0] * SCREEN_PX[0], abs=0.6)
    assert y_px == pytest.approx((1 - y_mm / SCREEN_MM[1]) * SCREEN_PX[1], abs=0.6)


def test_the_presented_stimulus_covers_each_clip_and_nothing_else(table: pl.DataFrame, timeline: Timeline) -> None:
    samples = table.filter(pl.col("Sensor") == "Eye Tracker")
    counts = samples["Presented Stimulus name"].drop_nulls().value_counts()
    assert dict(counts.iter_rows()) == pytest.approx(dict.fromkeys(NAMES, 480), abs=1)
    shown = samples.filter(pl.col("Presented Stimulus name") == NAMES[timeline.trials[0].stimulus])
    assert shown["Recording timestamp [μs]"][0] / 1e6 == pytest.approx(1.5, abs=0.01)


def test_movements_are_numbered_within_their_kind(table: pl.DataFrame, measured: Measured) -> None:
    samples = table.filter(pl.col("Sensor") == "Eye Tracker")
    fixations = samples.filter(pl.col("Eye movement type") == "Fixation")
    numbers = fixations["Eye movement type index"].to_numpy()
    assert numbers[0] == 1
    assert set(np.diff(numbers).tolist()) <= {0, 1}
    assert fixations.height == int((measured.kind == FIXATION).sum())
    assert fixations["Fixation point X [DACS px]"].null_count() == 0
    assert samples.filter(pl.col("Eye movement type") != "Fixation")["Fixation point X [DACS px]"].is_null().all()
    first = fixations.filter(pl.col("Eye movement type index") == 1)
    assert first["Gaze event duration [ms]"][0] == round(first.height * 1000 / 120)


def test_the_pro_lab_reader_reads_back_what_was_measured(
    table: pl.DataFrame, measured: Measured, timeline: Timeline, tmp_path: Path
) -> None:
    write_tobii_tsv(tmp_path / "gaze.tsv", table)
    recording = open_recording(tmp_path / "gaze.tsv")
    gaze = recording.gaze
    assert recording.reader == "tobii_pro_lab"
    assert recording.participant_id == "p001"
    assert recording.screen is not None
    assert recording.screen.size_mm == pytest.approx(SCREEN_MM, abs=0.2)
    assert gaze is not None
    assert gaze.frame == "screen_mm"
    assert gaze.rate_hz == pytest.approx(120, rel=0.01)
    assert np.array_equal(gaze.valid, measured.valid)
    assert gaze.time_s == pytest.approx(measured.time_us / 1e6)
    assert gaze.position == pytest.approx(measured.gaze_mm, abs=0.16, nan_ok=True)
    assert gaze.pupil == pytest.approx(measured.pupil_mm, abs=6e-4, nan_ok=True)
    assert gaze.origin_mm == pytest.approx(measured.origin_mm, abs=0.006, nan_ok=True)
    assert [interval.stimulus_id for interval in recording.stimuli] == [NAMES[t.stimulus] for t in timeline.trials]
    onsets = [interval.onset_s for interval in recording.stimuli]
    assert onsets == pytest.approx([trial.onset_s for trial in timeline.trials], abs=0.01)
