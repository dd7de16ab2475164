"""From everybody in the study to what is released: how many people, sessions and clips fall at which stage."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from emogap.datasets.exclusion_flow import exclusion_flow
from emogap.datasets.store import KEY_COLUMNS, Dataset, open_dataset
from emogap.datasets.study_quality import StudyQuality
from emogap.errors import DataError, MismatchError
from emogap.interfaces.releasing.choice import STAGES, Choice
from emogap.recording.study import Study, open_session
from emogap.types.quality import FlowStage

__all__ = [
    "GAZE_STAGE",
    "Clips",
    "DatasetClips",
    "clips_of_dataset",
    "clips_of_study",
    "consent_stages",
    "recording_stages",
]

EXCLUDED = "excluded.parquet"
ABSENT = "absent"
"""Stage of a clip that the data set neither keeps nor says why."""

GAZE_STAGE = "gaze_allowed"
GAZE_RULE = "consent allows gaze as well"

Clips = Mapping[str, frozenset[str]]
"""Stimuli that each participant with a session saw; empty where the table of trials cannot be read."""


@dataclass(frozen=True, slots=True)
class DatasetClips:
    """What a data set keeps of a study: (participant, stimulus) pairs, and the stage at which each other one fell."""

    kept: frozenset[tuple[str, str]]
    fell_at: Mapping[tuple[str, str], str]

    def stage_of(self, participant_id: str, stimulus_id: str) -> str | None:
        """The stage at which a clip fell; None if it is kept."""
        clip = (participant_id, stimulus_id)
        return None if clip in self.kept else self.fell_at.get(clip, ABSENT)


def clips_of_study(study: Study) -> Clips:
    """The clips of every session of the study, from the tables of trials alone."""
    return {name: _clips_of(study, name) for name in study.session_ids}


def _clips_of(study: Study, name: str) -> frozenset[str]:
    try:
        session = open_session(study.path, name, study.stimuli, sam_points=study.sam_points, with_answers=False)
    except DataError:
        return frozenset()
    return frozenset(trial.stimulus_id for trial in session.trials)


def clips_of_dataset(folder: Path, study: Study) -> DatasetClips:
    """The clips of a data set that was built from this study.

    Raises
    ------
    DataError
        If there is no such data set.
    MismatchError
        If it was built from something else.
    """
    dataset: Dataset = open_dataset(folder)
    if dataset.name != f"study-{study.name}":
        raise MismatchError(
            f"the data set was built from '{dataset.name}', this is the study '{study.name}'",
            where=str(folder),
            fix="give the data set of this study, or leave out --dataset",
        )
    kept = frozenset((key.participant_id, key.stimulus_id) for key in dataset.keys)
    path = folder / EXCLUDED
    rows = pl.read_parquet(path).select(*KEY_COLUMNS, "stage").iter_rows(named=True) if path.is_file() else ()
    return DatasetClips(kept, {(row["participant_id"], row["stimulus_id"]): str(row["stage"]) for row in rows})


def consent_stages(
    study: Study, clips: Clips, choice: Choice, built: DatasetClips | None
) -> tuple[tuple[FlowStage, ...], Clips]:
    """The stages before a recording is opened: consent, the data set's exclusions, consent to gaze.

    Returns
    -------
    (tuple of FlowStage, mapping)
        And the clips that are left, by participant.
    """
    people = [person.participant_id for person in study.participants]
    left = {name: clips.get(name, frozenset()) for name in people}
    sessions = frozenset(study.session_ids)
    stages = []
    for stage, rule in STAGES.items():
        fallen = {one.participant_id for one in choice.held_back if one.stage == stage}
        after = {name: seen for name, seen in left.items() if name not in fallen}
        stages.append(_stage(stage, rule, left, after, sessions))
        left = after
    if built is not None:
        fell_at = {(name, one): built.stage_of(name, one) for name, seen in left.items() for one in seen}
        for stage in _most_first(fell_at.values()):
            after = {name: frozenset(one for one in seen if fell_at[name, one] != stage) for name, seen in left.items()}
            stages.append(_stage(f"dataset_{stage}", f"the data set keeps it ({stage})", left, after, sessions))
            left = after
    with_gaze = set(choice.with_kind("gaze"))
    after = {name: seen for name, seen in left.items() if name in with_gaze}
    stages.append(_stage(GAZE_STAGE, GAZE_RULE, left, after, sessions))
    return tuple(stages), after


def _most_first(stages: Iterable[str | None]) -> list[str]:
    """The stages, that at which most fell first."""
    counted = Counter(stage for stage in stages if stage is not None)
    return sorted(counted, key=lambda stage: (-counted[stage], stage))


def _stage(name: str, rule: str, before: Clips, after: Clips, sessions: frozenset[str]) -> FlowStage:
    clips_before, clips_after = (sum(len(seen) for seen in each.values()) for each in (before, after))
    return FlowStage(
        name,
        rule,
        people=len(before),
        sessions=len(sessions & set(before)),
        clips=clips_before,
        people_left_out=len(before) - len(after),
        sessions_left_out=len(sessions & set(before)) - len(sessions & set(after)),
        clips_left_out=clips_before - clips_after,
    )


def recording_stages(quality: StudyQuality) -> Sequence[FlowStage]:
    """The stages of the permitted study itself: recorded, readable, with gaze on the stimulus."""
    return exclusion_flow(quality).stages
