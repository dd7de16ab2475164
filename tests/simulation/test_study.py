import json
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from emogap.annotation import rating_table, read_ratings
from emogap.errors import UsageError
from emogap.recording.study import Study, open_study
from emogap.recording.video import frame_times, probe_video, read_frames_at
from emogap.simulation import SimulationConfig, simulate_study
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.session import plan_session, run_session
from emogap.simulation.truth import read_truth
from emogap.types import vocabulary

SMALL = SimulationConfig(participants=3, stimuli=5, clip_s=2.0, pause_s=0.5, video=False, seed=11)
FILMED = SimulationConfig(participants=1, stimuli=1, clip_s=2.0, pause_s=0.5, seed=2)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_study(tmp_path_factory.mktemp("plain") / "study", SMALL, jobs=1)


@pytest.fixture(scope="module")
def study(folder: Path) -> Study:
    return open_study(folder)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_study(tmp_path_factory.mktemp("filmed") / "study", FILMED, jobs=1)


def test_the_study_reader_accepts_it_as_it_would_a_laboratory_s(study: Study) -> None:
    assert study.simulated
    assert study.intended_use == "teaching (simulated people)"
    assert study.sam_points == 9
    assert study.tracker.rate_hz == 120
    assert len(study.participants) == 3
    assert len(study.stimuli) == 5
    assert [len(session.trials) for session in study.sessions] == [5, 5, 5]
    assert [len(session.self_report) for session in study.sessions] == [5, 5, 5]
    assert {session.face_path for session in study.sessions} == {None}


def test_answers_and_targets_are_those_of_the_truth(study: Study, folder: Path) -> None:
    truth = read_truth(folder).columns
    target = {stimulus.stimulus_id: stimulus.target_emotion7 for stimulus in study.stimuli}
    said = {(s.participant_id, r.stimulus_id): (r.emotion7, r.emotion3) for s in study.sessions for r in s.self_report}
    for row in truth.iter_rows(named=True):
        key = (row["participant_id"], row["stimulus_id"])
        assert said[key] == (row["felt_emotion7"], row["felt_emotion3"])
        assert target[row["stimulus_id"]] == row["target_emotion7"]


def test_four_experts_and_the_machine_rate_every_clip(study: Study) -> None:
    items = [f"{p.participant_id}/{s.stimulus_id}" for p in study.participants for s in study.stimuli]
    table = rating_table(read_ratings(study.rating_files, items=items), "emotion7")
    assert table.annotators == ("expert-1", "expert-2", "expert-3", "expert-4", "machine-simulated")
    assert len(table.items) == 15
    assert np.isfinite(table.rating).all()


def test_where_each_person_is_shown_a_part_everything_that_is_written_is_of_that_part(tmp_path: Path) -> None:
    config = SMALL.model_copy(update={"stimuli_per_participant": 2})
    study = open_study(simulate_study(tmp_path / "part", config, jobs=1))
    shown = {(session.participant_id, trial.stimulus_id) for session in study.sessions for trial in session.trials}
    assert len(shown) == 3 * 2
    assert {(s.participant_id, answer.stimulus_id) for s in study.sessions for answer in s.self_report} == shown
    truth = read_truth(tmp_path / "part").columns
    assert set(zip(truth["participant_id"], truth["stimulus_id"], strict=True)) == shown
    items = [f"{person}/{film}" for person, film in sorted(shown)]
    table = rating_table(read_ratings(study.rating_files, items=items), "emotion7")
    assert sorted(table.items) == items
    halves = pl.read_parquet(tmp_path / "part" / "derived" / "annotate" / "simulated" / "clips.parquet")
    assert sorted(halves["item"]) == items
    assert study.name == "simulated-3x2of5-seed11"


def test_ceilings_are_published_for_both_views_and_spaces(study: Study) -> None:
    assert set(study.ceilings) == {"felt/emotion3", "felt/emotion7", "shown/emotion3", "shown/emotion7"}
    assert all({"war", "uar"} <= set(numbers) for numbers in study.ceilings.values())


def test_study_toml_holds_no_truth_of_a_single_clip(folder: Path) -> None:
    text = (folder / "study.toml").read_text()
    assert "p001" not in text
    assert not any(word in text for word in vocabulary("emotion7"))


def test_luminance_curves_span_the_clip(folder: Path) -> None:
    table = np.loadtxt(folder / "stimuli" / "s003.luminance.tsv", skiprows=1)
    assert table[0, 0] == 0
    assert table[-1, 0] == pytest.approx(2.0)
    assert 0 <= table[:, 1].min() < table[:, 1].max() <= 1


def test_the_same_seed_gives_the_same_bytes_in_one_process_or_two(folder: Path, tmp_path: Path) -> None:
    again = simulate_study(tmp_path / "study", SMALL, jobs=2)
    assert contents(again) == contents(folder)


def test_a_stopped_run_goes_on_and_keeps_what_is_finished(folder: Path, tmp_path: Path) -> None:
    begun = simulate_study(tmp_path / "study", SMALL, jobs=1)
    for file in (begun / "sessions" / "p002").iterdir():
        file.unlink()
    (begun / "sessions" / "p002").rmdir()
    (begun / "study.toml").unlink()
    kept = (begun / "sessions" / "p001" / "gaze.tsv").stat().st_mtime_ns
    simulate_study(begun, SMALL, jobs=1)
    assert contents(begun) == contents(folder)
    assert (begun / "sessions" / "p001" / "gaze.tsv").stat().st_mtime_ns == kept


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years")
    with pytest.raises(UsageError, match="not empty"):
        simulate_study(tmp_path, SMALL, jobs=1)
    assert contents(tmp_path) == {"thesis.txt": b"three years"}


def test_a_study_with_other_settings_is_refused(folder: Path) -> None:
    before = contents(folder)
    with pytest.raises(UsageError, match="other settings"):
        simulate_study(folder, SMALL.model_copy(update={"seed": 12}), jobs=1)
    assert contents(folder) == before


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study").write_text("")
    with pytest.raises(UsageError, match="a file, not a folder"):
        simulate_study(tmp_path / "study", SMALL, jobs=1)


def test_damaged_settings_are_refused_rather_than_overwritten(tmp_path: Path) -> None:
    (tmp_path / "simulation.json").write_text("{half")
    with pytest.raises(UsageError, match="other settings"):
        simulate_study(tmp_path, SMALL, jobs=1)
    assert (tmp_path / "simulation.json").read_text() == "{half"


def test_the_settings_stand_beside_the_study(folder: Path) -> None:
    settings = json.loads((folder / "simulation.json").read_text())
    assert SimulationConfig.model_validate(settings["configuration"]) == SMALL


def test_the_truth_reads_back_with_its_configuration(folder: Path) -> None:
    truth = read_truth(folder)
    assert truth.config == SMALL
    assert truth.columns.height == 15
    assert truth.vectors("eye_cue").shape == (15, 5)
    assert truth.vectors("felt_probability").sum(axis=1) == pytest.approx(1)


def test_the_video_covers_every_clip_at_25_frames_per_second(filmed: Path) -> None:
    session = open_study(filmed).sessions[0]
    assert session.face_path is not None
    assert session.clock is not None
    assert probe_video(session.face_path).size_px == (256, 256)
    times = frame_times(session.face_path)
    assert np.diff(times) == pytest.approx(0.04)
    assert times[-1] >= session.clock.to_face_s(session.trials[-1].interval.offset_s)
    assert times[0] <= session.clock.to_face_s(0.0)


def test_the_same_seed_gives_the_same_frames(filmed: Path, tmp_path: Path) -> None:
    again = simulate_study(tmp_path / "study", FILMED, jobs=1)
    name = Path("sessions/p001/face.mp4")
    wanted = np.array([0.5, 1.5, 2.5])
    for (_, first), (_, second) in zip(
        read_frames_at(filmed / name, wanted), read_frames_at(again / name, wanted), strict=True
    ):
        assert np.array_equal(first, second)


def test_both_clocks_note_the_same_claps(filmed: Path) -> None:
    rows = [line.split("\t") for line in (filmed / "sessions/p001/markers.tsv").read_text().splitlines()[1:]]
    clock = open_study(filmed).sessions[0].clock
    assert clock is not None
    gaze, face = (
        [float(time) for time, name, kind in rows if name == side and kind == "clap"] for side in ("gaze", "face")
    )
    assert face == pytest.approx([clock.to_face_s(time_s) for time_s in gaze], abs=0.06)
    assert len(list(islice(gaze, 3))) == 2


def test_a_planted_clock_is_told_by_no_file_but_the_truth(tmp_path: Path) -> None:
    """Nobody measured it: clock.toml is for `emogap align` to write."""
    planted = FILMED.model_copy(update={"video_offset_s": 0.75, "video_drift_ppm": 200.0, "screen_flashes": 2})
    folder = simulate_study(tmp_path / "study", planted, jobs=1)
    session = open_study(folder).sessions[0]
    assert session.clock is None
    assert not any(word in (folder / "study.toml").read_text() for word in ("offset", "drift"))
    markers = [line.split("\t") for line in (folder / "sessions/p001/markers.tsv").read_text().splitlines()[1:]]
    assert [float(time) for time, clock, kind in markers if (clock, kind) == ("gaze", "flash")] == [0.25, 2.75]
    assert [clock for _, clock, kind in markers if kind == "clap"].count("face") == 1
    assert read_truth(folder).config.video_drift_ppm == 200.0
    assert session.face_path is not None
    assert frame_times(session.face_path)[-1] >= (3.0 - 0.75) / 1.0002


def test_flashes_light_the_face_and_narrow_the_pupil(tmp_path: Path) -> None:
    lit = SMALL.model_copy(update={"screen_flashes": 6})
    timeline = plan_session(lit, 0)
    assert len(timeline.flashes_s) == 6
    eyes = run_session(draw_cohort(lit), 0, timeline)
    unlit = run_session(draw_cohort(SMALL), 0, plan_session(SMALL, 0))
    after = slice(*np.searchsorted(eyes.time_s, [timeline.flashes_s[3] + 0.3, timeline.flashes_s[3] + 0.6]))
    assert (eyes.pupil_mm[after] < unlit.pupil_mm[after] - 0.05).all()
    assert np.array_equal(eyes.gaze_deg, unlit.gaze_deg)


def test_options_left_alone_are_not_written_and_an_older_study_is_the_same() -> None:
    """Studies begun before the options existed must be taken up again, not refused for other settings."""
    old = {"stimuli_per_participant", "video_offset_s", "video_drift_ppm", "screen_flashes"}
    assert not old & set(SMALL.model_dump())
    assert old <= set(SMALL.model_copy(update=dict.fromkeys(old, 1)).model_dump())
    assert SimulationConfig.model_validate_json(SMALL.model_dump_json()) == SMALL
    assert SMALL.model_copy(update={"video_offset_s": 0.0}).model_dump()["video_offset_s"] == 0.0
