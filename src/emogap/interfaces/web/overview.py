"""The whole study at a glance: who saw what, what was said about it, and where self-report and expression differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emogap.annotation import Rating
from emogap.errors import EmogapError
from emogap.interfaces.web.clips import ClipAnswers, clips_of_study
from emogap.interfaces.web.ratings_now import RatingsNow
from emogap.interfaces.web.study_now import StudyNow, state_of
from emogap.recording.study import Study, open_session
from emogap.reporting.id_order import id_order

__all__ = ["Overview", "StudyGlance", "TrialGlance", "glance_at"]

INTO_S = 0.05
"""A link to a clip goes past the face frame in which the stimulus appeared."""


@dataclass(frozen=True, slots=True)
class TrialGlance:
    """One cell: a participant at a stimulus, and when."""

    clip: ClipAnswers
    onset_s: float

    @property
    def address(self) -> str:
        """Where the player shows it."""
        return f"/player/{self.clip.participant_id}?t={self.onset_s + INTO_S:.3f}"

    @property
    def level(self) -> int:
        """Its gap in fifths, 0 to 4; -1 if it cannot be told."""
        return -1 if self.clip.gap is None else min(4, int(self.clip.gap * 5))


@dataclass(frozen=True, slots=True)
class StudyGlance:
    """People by stimuli.

    Attributes
    ----------
    people, stimuli : tuple of str
        In the order of their ids.
    cells : mapping from (participant, stimulus) to TrialGlance
        Trials that were shown.
    largest : TrialGlance or None
        Where self-report and judged expression differ most.
    num_felt, num_shown : int
        Trials with a self-report, and with an expert's judgement.
    problems : mapping from participant to EmogapError
        Sessions that cannot be read: they have no cells.
    """

    people: tuple[str, ...]
    stimuli: tuple[str, ...]
    cells: Mapping[tuple[str, str], TrialGlance]
    largest: TrialGlance | None
    num_felt: int
    num_shown: int
    problems: Mapping[str, EmogapError] = field(default_factory=dict)


def glance_at(study: Study, ratings: Sequence[Rating] | None = None) -> StudyGlance:
    """Every trial of the study with its answers; one session that cannot be read does not hide the others.

    Parameters
    ----------
    study : Study
    ratings : sequence of Rating, optional
        Those of the study's rating files if not given.

    Raises
    ------
    DataError
        If a file of ratings is damaged.
    """
    cells, onsets = {}, {}
    readable, problems = [], {}
    for name in study.session_ids:
        try:
            session = open_session(study.path, name, study.stimuli, sam_points=study.sam_points)
        except EmogapError as problem:
            problems[name] = problem
            continue
        readable.append(name)
        onsets.update({(name, trial.stimulus_id): trial.onset_s for trial in session.trials})
    clips: Sequence[ClipAnswers] = clips_of_study(study, participants=readable, ratings=ratings)
    for clip in clips:
        key = (clip.participant_id, clip.stimulus_id)
        cells[key] = TrialGlance(clip, onsets[key])
    with_gap = [cell for cell in cells.values() if cell.clip.gap is not None]
    return StudyGlance(
        people=tuple(sorted(study.session_ids, key=id_order)),
        stimuli=tuple(sorted((stimulus.stimulus_id for stimulus in study.stimuli), key=id_order)),
        cells=cells,
        largest=max(with_gap, key=lambda cell: cell.clip.gap or 0.0) if with_gap else None,
        num_felt=sum(bool(clip.felt) for clip in clips),
        num_shown=sum(bool(clip.num_raters) for clip in clips),
        problems=problems,
    )


class Overview:
    """The glance of a study, made anew only when one of its tables has changed.

    Parameters
    ----------
    study : StudyNow
    ratings : RatingsNow
    """

    def __init__(self, study: StudyNow, ratings: RatingsNow) -> None:
        self._study = study
        self._ratings = ratings
        self._seen: tuple[object, ...] | None = None
        self._glance: StudyGlance | None = None

    def now(self) -> StudyGlance:
        """The study as its files are now.

        Raises
        ------
        DataError
            As :func:`glance_at`.
        """
        study = self._study.now()
        # Whether a database has changed is known only from what it holds.
        kept = None if self._ratings.is_in_files else self._ratings.of(study)
        seen = (kept, *((str(path), *state_of(path)) for path in _tables(study)))
        glance = self._glance
        if glance is None or seen != self._seen:
            glance = glance_at(study, kept)
            self._glance, self._seen = glance, seen
        return glance


def _tables(study: Study) -> list[Path]:
    """Everything that a glance depends on."""
    place = study.path
    sessions = [place / "sessions" / name for name in study.session_ids]
    answers = [session / table for session in sessions for table in ("selfreport.tsv", "trials.tsv")]
    return [*sorted((place / "ratings").glob("*.csv")), *answers]
