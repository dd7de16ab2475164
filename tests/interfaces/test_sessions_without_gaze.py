"""Sessions of the recorder without an eye tracker: commands do what can be done, and say what is missing."""

from pathlib import Path

import pytest

from emogap.interfaces.aligning import ONE_CLOCK, align_study
from emogap.interfaces.exporting.job import export_bids
from emogap.interfaces.exporting.plan import ExportOptions
from emogap.interfaces.study_quality_report import report_quality
from emogap.interfaces.web.record_sessions import RecordingRoom
from emogap.interfaces.web.record_state import Answer, ShownClip
from emogap.recording.study import open_study
from emogap.rows import read_rows
from tests.interfaces.web.recorded_study import new_study
from tests.interfaces.web.test_record_camera import jittered, webm

START_S = 1_790_000_000.0


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One person filmed for 3 s, who saw two clips of three and answered about one."""
    place = new_study(tmp_path_factory.mktemp("alone"), dict.fromkeys("abc", "positive"), length_s=0.5)
    room = RecordingRoom(place)
    holder = room.begin({"participant_id": "p01", "consent": "lab", "withdraw_until": "2030-01-01"}).holder
    room.begin_segment("p01", holder, container="webm", started_s=START_S)
    room.keep_video("p01", holder, 1, 0, webm(jittered(90)))
    first, _, second = (each.stimulus_id for each in room.state("p01").order)
    room.keep_shown("p01", holder, ShownClip(stimulus_id=first, onset_s=START_S + 0.5, offset_s=START_S + 1))
    room.keep_answer("p01", holder, Answer(stimulus_id=first, pleasure=8, answered_s=START_S + 1.2))
    room.skip_clip("p01", holder, room.state("p01").due.stimulus_id, START_S + 1.3)  # type: ignore[union-attr]
    room.keep_shown("p01", holder, ShownClip(stimulus_id=second, onset_s=START_S + 1.5, offset_s=START_S + 2))
    room.finish("p01")
    return place


def test_the_quality_of_the_face_is_told_and_the_want_of_gaze_is_no_failure(study: Path, tmp_path: Path) -> None:
    """The session once counted as one that could not be read, and nothing was measured."""
    report = report_quality(study, out=tmp_path / "quality")
    assert report.failures == ()
    rows = read_rows(tmp_path / "quality" / "clips.tsv", columns=("face_found_share", "problem"))
    assert [row.number("face_found_share") for row in rows] == [0, 0]
    assert {row.text("problem") for row in rows} == {"no gaze was recorded in this session"}
    fell = {stage.name: stage.clips_left_out for stage in report.flow.stages}
    assert fell == {"session_recorded": 0, "session_readable": 0, "clip_has_gaze": 2}


def test_with_one_clock_there_is_nothing_to_align(study: Path) -> None:
    before = (study / "sessions/p01/clock.toml").read_bytes()
    found = align_study(study)
    assert [(each.problem, each.kept, each.estimate) for each in found] == [(None, ONE_CLOCK, None)]
    assert (study / "sessions/p01/clock.toml").read_bytes() == before


def test_trials_and_answers_are_exported(study: Path, tmp_path: Path) -> None:
    report = export_bids(study, tmp_path / "bids", ExportOptions(raw=True, face_video=True), jobs=1)
    assert (report.num_participants, report.num_recordings, report.failures) == (1, 0, ())
    assert any("no gaze was recorded" in text for text in report.left_out)
    rows = read_rows(tmp_path / "bids/sub-p01/beh/sub-p01_task-watch_events.tsv", columns=("onset", "felt_pleasure"))
    trials = open_study(study).sessions[0].trials
    assert [row.number("onset") for row in rows] == [trial.onset_s for trial in trials]
    assert [row.text("felt_pleasure") for row in rows] == ["8", "n/a"]
    kept = sorted(file.name for file in (tmp_path / "bids/sourcedata/sub-p01").iterdir())
    assert kept == ["clock.toml", "face.mp4"]
