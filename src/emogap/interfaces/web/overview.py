"""The whole study at a glance: who saw what, what was said about it, and where self-report and expression differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emogap.interfaces.web.clips import ClipAnswers, clips_of_study
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
    """

    people: tuple[str, ...]
    stimuli: tuple[str, ...]
    cells: Mapping[tuple[str, str], TrialGlance]
    largest: TrialGlance | None
    num_felt: int
    num_shown: int


def glance_at(study: Study) -> StudyGlance:
    """Every trial of the study with its answers.

    Raises
    ------
    DataError
        If a table of a session or a file of ratings is damaged.
    """
    cells = {}
    clips: Sequence[ClipAnswers] = clips_of_study(study)
    onsets = {
        (name, trial.stimulus_id): trial.onset_s
        for name in study.session_ids
        for trial in open_session(
            study.path, name, study.stimuli, sam_points=study.sam_points, with_answers=False
        ).trials
    }
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
    )


class Overview:
    """The glance of a study, made anew only when one of its tables has changed.

    Parameters
    ----------
    study : StudyNow
    """

    def __init__(self, study: StudyNow) -> None:
        self._study = study
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._glance: StudyGlance | None = None

    def now(self) -> StudyGlance:
        """The study as its files are now.

        Raises
        ------
        DataError
            As :func:`glance_at`.
        """
        study = self._study.now()
        seen = tuple((str(path), *state_of(path)) for path in _tables(study))
        if self._glance is None or seen != self._seen:
            self._glance, self._seen = glance_at(study), seen
        return self._glance


def _tables(study: Study) -> list[Path]:
    """Everything that a glance depends on."""
    place = study.path
    sessions = [place / "sessions" / name for name in study.session_ids]
    answers = [session / table for session in sessions for table in ("selfreport.tsv", "trials.tsv")]
    return [*sorted((place / "ratings").glob("*.csv")), *answers]
