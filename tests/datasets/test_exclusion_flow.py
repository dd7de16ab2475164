"""People, sessions and clips that fall are counted once, at the stage where they fall, and the numbers add up."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.datasets.exclusion_flow import ExclusionFlow, exclusion_flow
from emogap.datasets.quality_gate import QualityGate
from emogap.datasets.study_quality import SessionQuality, StudyQuality
from emogap.recording.study import Participant, Stimulus, Study
from emogap.types import EyeTracker, Screen
from emogap.types.quality import ClipQuality, FlowStage

GATE = QualityGate.model_validate({"schema": 1, "min_valid_share": 0.5, "min_clips_per_person": 2})


def study_of(num_people: int, sessions: list[SessionQuality]) -> StudyQuality:
    people = tuple(Participant(f"p{number}", None, None, None, None, None) for number in range(num_people))
    stimuli = tuple(Stimulus(f"s{number}", "g", None, None, 8.0, None) for number in range(7))
    study = Study(
        Path(), "hand", "research", Screen((1920, 1080)), EyeTracker("hand", 120.0), 9, True, {}, people, stimuli,
        tuple(session.participant_id for session in sessions), (), (),
    )  # fmt: skip
    return StudyQuality(study, tuple(sessions), "0" * 16)


def session_of(person: str, shares: list[float | None], *, problem: str | None = None) -> SessionQuality:
    """One clip per share; None = without gaze."""
    clips = tuple(
        ClipQuality(person, f"s{number}", 8.0, problem=problem or "no sample")
        if share is None or problem
        else ClipQuality(person, f"s{number}", 8.0, num_samples=960, valid_share=share)
        for number, share in enumerate(shares)
    )
    return SessionQuality(person, clips, problem)


def assert_adds_up(flow: ExclusionFlow) -> None:
    for earlier, later in pairwise(flow.stages):
        assert later.people == earlier.people - earlier.people_left_out
        assert later.sessions == earlier.sessions - earlier.sessions_left_out
        assert later.clips == earlier.clips - earlier.clips_left_out
    last = flow.stages[-1]
    assert last.people - last.people_left_out == flow.num_people
    assert last.sessions - last.sessions_left_out == flow.num_people
    assert last.clips - last.clips_left_out == len(flow.kept)
    assert sum(stage.clips_left_out for stage in flow.stages) == sum(bool(one.stimulus_id) for one in flow.left_out)


def test_each_falls_where_it_falls() -> None:
    """Six people: one never came, one unreadable (4 clips), one table unreadable, one all bad, two with clips left."""
    sessions = [
        session_of("p1", [0.9, 0.9, 0.9, 0.9], problem="damaged"),
        session_of("p2", [], problem="no trials.tsv"),
        session_of("p3", [0.1, 0.2, None]),
        session_of("p4", [0.9, 0.9, 0.2, None, 1.0]),
        session_of("p5", [0.9, 0.4]),
    ]
    flow = exclusion_flow(study_of(6, sessions), GATE)
    counts = {
        stage.name: (stage.people_left_out, stage.sessions_left_out, stage.clips_left_out) for stage in flow.stages
    }
    assert counts == {
        "session_recorded": (1, 0, 0),
        "session_readable": (2, 2, 4),
        "clip_has_gaze": (0, 0, 2),
        "min_valid_share": (1, 1, 4),
        "min_clips_per_person": (1, 1, 1),
    }
    assert [(clip.participant_id, clip.stimulus_id) for clip in flow.kept] == [("p4", "s0"), ("p4", "s1"), ("p4", "s4")]
    assert_adds_up(flow)


def test_without_a_gate_only_what_was_not_recorded_falls() -> None:
    flow = exclusion_flow(study_of(2, [session_of("p0", [0.0, 0.1]), session_of("p1", [None, 1.0])]))
    assert [stage.name for stage in flow.stages] == ["session_recorded", "session_readable", "clip_has_gaze"]
    assert len(flow.kept) == 3
    assert_adds_up(flow)


def test_a_session_without_a_trial_is_said_to_have_none() -> None:
    flow = exclusion_flow(study_of(1, [session_of("p0", [])]))
    assert [(one.stage, one.reason) for one in flow.left_out] == [("clip_has_gaze", "the session has no trial")]
    assert_adds_up(flow)


SHARES = st.lists(st.none() | st.floats(0, 1), max_size=7)


@given(
    sessions=st.lists(st.tuples(SHARES, st.none() | st.just("damaged")), max_size=5),
    absent=st.integers(0, 3),
    least=st.integers(1, 4),
)
def test_the_numbers_add_up_whatever_was_recorded(
    sessions: list[tuple[list[float | None], str | None]], absent: int, least: int
) -> None:
    made = [session_of(f"p{number}", shares, problem=problem) for number, (shares, problem) in enumerate(sessions)]
    gate = QualityGate.model_validate({"schema": 1, "min_valid_share": 0.5, "min_clips_per_person": least})
    assert_adds_up(exclusion_flow(study_of(len(made) + absent, made), gate))


def test_a_stage_cannot_lose_more_than_came_to_it() -> None:
    with pytest.raises(Exception, match="3 of 2 clips"):
        FlowStage("x", "x", 2, 2, 2, 0, 0, 3)
