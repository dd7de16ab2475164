"""How many people, sessions and clips fall where, and why: the stages of exclusion of a study, in order.

First what was never recorded or cannot be read, then the thresholds of the quality gate in the order in which they
are applied, people with too few clips last. The numbers add up: what comes to a stage is what the stage before kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emogap.datasets.quality_gate import CLIP_RULES, PERSON_RULE, QualityGate, gate_clips
from emogap.datasets.study_quality import SessionQuality, StudyQuality
from emogap.types.quality import ClipQuality, FlowStage

__all__ = ["Exclusion", "ExclusionFlow", "exclusion_flow"]

NO_SESSION, UNREADABLE, NO_GAZE = "session_recorded", "session_readable", "clip_has_gaze"

RECORDING_RULES = {
    NO_SESSION: "a session was recorded",
    UNREADABLE: "tables and gaze of the session can be read",
    NO_GAZE: "the recording has gaze on the stimulus",
}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What was left out: a clip, or a person or session without any (`stimulus_id` None)."""

    participant_id: str
    stimulus_id: str | None
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExclusionFlow:
    """The stages in order, everything that was left out, and what is kept."""

    stages: tuple[FlowStage, ...]
    left_out: tuple[Exclusion, ...]
    kept: tuple[ClipQuality, ...]

    @property
    def num_people(self) -> int:
        """People with at least one clip that is kept."""
        return len({clip.participant_id for clip in self.kept})


def exclusion_flow(quality: StudyQuality, gate: QualityGate | None = None) -> ExclusionFlow:
    """Who and what is left of a study, stage by stage.

    Parameters
    ----------
    quality : StudyQuality
    gate : QualityGate, optional
        Without it only what cannot be read or holds no gaze falls.

    Returns
    -------
    ExclusionFlow
        A clip falls at the first stage that it does not pass. A session whose table of trials cannot be read counts
        no clip, since it is not known how many there were.
    """
    people = [person.participant_id for person in quality.study.participants]
    left_out = [*_never_recorded(people, quality.sessions), *_fallen(quality.sessions, gate)]
    fallen = {(one.participant_id, one.stimulus_id) for one in left_out}
    clips = [clip for session in quality.sessions for clip in session.clips]
    kept = tuple(clip for clip in clips if (clip.participant_id, clip.stimulus_id) not in fallen)
    rules = dict(RECORDING_RULES)
    if gate is not None:
        rules |= {name: _words(name, limit) for name, limit in gate.thresholds().items()}
    return ExclusionFlow(_stages(people, quality.sessions, left_out, rules), tuple(left_out), kept)


def _words(name: str, limit: float) -> str:
    return f"at least {limit:g} clips left" if name == PERSON_RULE else CLIP_RULES[name][1].format(limit)


def _never_recorded(people: Sequence[str], sessions: Sequence[SessionQuality]) -> Iterator[Exclusion]:
    recorded = {session.participant_id for session in sessions}
    for person in people:
        if person not in recorded:
            yield Exclusion(person, None, NO_SESSION, "there is no folder of this person in sessions")
    for session in sessions:
        if not session.clips:
            stage = UNREADABLE if session.problem else NO_GAZE
            yield Exclusion(session.participant_id, None, stage, session.problem or "the session has no trial")


def _fallen(sessions: Sequence[SessionQuality], gate: QualityGate | None) -> Iterator[Exclusion]:
    for session in sessions:
        measured = [clip for clip in session.clips if clip.problem is None]
        verdicts = gate_clips(gate, measured) if gate is not None else (None,) * len(measured)
        found = {clip.stimulus_id: verdict for clip, verdict in zip(measured, verdicts, strict=True)}
        for clip in session.clips:
            verdict = found.get(clip.stimulus_id)
            if clip.problem is not None:
                verdict = (UNREADABLE if session.problem else NO_GAZE, clip.problem)
            if verdict is not None:
                yield Exclusion(clip.participant_id, clip.stimulus_id, *verdict)


def _stages(
    people: Sequence[str], sessions: Sequence[SessionQuality], left_out: Sequence[Exclusion], rules: dict[str, str]
) -> tuple[FlowStage, ...]:
    order = {name: number for number, name in enumerate(rules)}
    clips = {(clip.participant_id, clip.stimulus_id) for session in sessions for clip in session.clips}
    at = {(one.participant_id, one.stimulus_id): order[one.stage] for one in left_out}
    ends = {person: _ends_at(person, clips, at) for person in people}
    recorded = {session.participant_id for session in sessions}
    stages = []
    for name, rule in rules.items():
        number = order[name]
        came = [person for person in people if (end := ends[person]) is None or end >= number]
        lost = [person for person in came if ends[person] == number]
        came_clips = [clip for clip in clips if at.get(clip, len(rules)) >= number]
        stages.append(
            FlowStage(
                name,
                rule,
                people=len(came),
                sessions=len(recorded & set(came)),
                clips=len(came_clips),
                people_left_out=len(lost),
                sessions_left_out=len(recorded & set(lost)),
                clips_left_out=sum(at.get(clip) == number for clip in came_clips),
            )
        )
    return tuple(stages)


def _ends_at(person: str, clips: set[tuple[str, str]], at: dict[tuple[str, str | None], int]) -> int | None:
    """Stage at which the last clip of a person falls; None if one is kept."""
    if (person, None) in at:
        return at[person, None]
    own = [at.get(clip) for clip in clips if clip[0] == person]
    known = [stage for stage in own if stage is not None]
    return max(known) if len(known) == len(own) else None
