"""The queue of a study served to experts, clip by clip: what a command line and a web page both stand on.

Read :func:`open_desk`, then :meth:`Desk.next_for`, :meth:`Desk.add` and :meth:`Desk.status`. What is given to an
expert (:class:`ClipToJudge`) holds neither the self-report nor a machine's label nor another expert's answer nor why
the clip is in the queue.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from emogap.annotation.active import ClipEvidence, Queue, QueueRule, build_queue, difference, next_clip
from emogap.annotation.ratings import LIMITS, QUESTIONS, Rating, is_machine
from emogap.annotation.sam import sam_to_unit
from emogap.errors import EmogapError, UnknownNameError, UsageError
from emogap.interfaces.annotating_book import CsvBook, RatingBook, check_annotator, check_answer
from emogap.interfaces.annotating_faces import machine_uncertainty
from emogap.recording.session import SelfReport, SessionFiles, Trial
from emogap.recording.study import Study, open_session, open_study
from emogap.types import vocabulary

if TYPE_CHECKING:
    from emogap.annotation.store import Store

__all__ = ["ClipToJudge", "Desk", "ExpertProgress", "QueueStatus", "felt_answer", "items_of", "open_desk"]


@dataclass(frozen=True, slots=True)
class ClipToJudge:
    """One clip and one question, as an expert may see them.

    Attributes
    ----------
    item : str
    question : str
    words : tuple of str
        The permitted answers; empty where the answer is a number.
    limits : (float, float) or None
        Lowest and highest number; None where the answer is a word.
    video : Path or None
        The face video; None if the session has none.
    from_s, to_s : float or None
        When the stimulus was on, in seconds of the video; None if the relation of the clocks is not known.
    num_left : int
        Clips that wait for this expert, this one included.
    """

    item: str
    question: str
    words: tuple[str, ...]
    limits: tuple[float, float] | None
    video: Path | None
    from_s: float | None
    to_s: float | None
    num_left: int


@dataclass(frozen=True, slots=True)
class ExpertProgress:
    """One expert's part: clips of the queue judged, and clips that still wait for them."""

    annotator: str
    num_judged: int
    num_left: int


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How far the experts are with one question.

    Attributes
    ----------
    queue : Queue
        With reasons: for the organiser.
    machine : str or None
        The machine whose labels were compared; None if the rule does without.
    num_clips : int
    num_finished : int
        Clips of the queue that enough experts have judged.
    num_answers_missing : int
        Answers that are still wanted.
    experts : tuple of ExpertProgress
    num_check_answers : int
        Experts' answers on double-coded clips.
    check_difference : float or None
        Mean difference of these from the accepted label, in [0, 1]: between words the share of answers that
        contradict it; None without answers. What the rule accepts is wrong about so often.
    problems : mapping from participant to str
        Sessions that cannot be read; their clips are not in the queue.
    """

    queue: Queue
    machine: str | None
    num_clips: int
    num_finished: int
    num_answers_missing: int
    experts: tuple[ExpertProgress, ...]
    num_check_answers: int
    check_difference: float | None
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """A study whose clips are judged.

    Attributes
    ----------
    study : Study
        Opened without sessions.
    sessions : tuple of SessionFiles
        Those that can be read.
    problems : mapping from participant to str
        The others.
    book : RatingBook
        Where the answers are kept.
    """

    study: Study
    sessions: tuple[SessionFiles, ...]
    problems: Mapping[str, str]
    book: RatingBook

    def machine_for(self, question: str, rule: QueueRule, machine: str | None = None) -> str | None:
        """The machine that the rule compares with: the one that is named, or the only one; None if it asks none.

        Raises
        ------
        UsageError, UnknownNameError, DataError
            As :meth:`next_for`.
        """
        return self._evidence(question, rule, machine)[1]

    def next_for(
        self,
        annotator: str,
        *,
        question: str = "emotion7",
        rule: QueueRule,
        machine: str | None = None,
        skipped: Collection[str] = (),
    ) -> ClipToJudge | None:
        """The clip that `annotator` should judge next, those in `skipped` last; None if none waits.

        Raises
        ------
        UsageError, UnknownNameError
            If `annotator` is no person's id, there is no such question, or the machine cannot be told.
        DataError
            If answers that are kept are at fault.
        """
        check_annotator(annotator)
        queue = build_queue(self._evidence(question, rule, machine)[0], question, rule)
        chosen = next_clip(queue, annotator, skipped=skipped)
        return None if chosen is None else self.clip(chosen.item, question, num_left=_num_left(queue, annotator))

    def clip(self, item: str, question: str, *, num_left: int) -> ClipToJudge:
        """The clip `item` as an expert may see it.

        Raises
        ------
        UsageError
            If the study has no such clip.
        """
        session, trial = self._place(item)
        clock = session.clock
        is_on_video = session.face_path is not None and clock is not None
        onset_s, offset_s = trial.onset_s, trial.onset_s + trial.duration_s
        return ClipToJudge(
            item=item,
            question=question,
            words=() if question in LIMITS else vocabulary(question),
            limits=LIMITS.get(question),
            video=session.face_path,
            from_s=clock.to_face_s(onset_s) if is_on_video and clock else None,
            to_s=clock.to_face_s(offset_s) if is_on_video and clock else None,
            num_left=num_left,
        )

    def add(self, annotator: str, item: str, answers: Mapping[str, str], *, answered_at: datetime) -> Mapping[str, int]:
        """Keep an expert's answers about a clip, all or none; returns the round of each once they are on disk.

        Parameters
        ----------
        annotator, item : str
        answers : mapping from question to text
        answered_at : datetime

        Raises
        ------
        UsageError, UnknownNameError
            If annotator, clip, question or answer are not what they may be; nothing is written then.
        DataError, OutputError
            If what is kept is at fault, or cannot be written.
        """
        check_annotator(annotator)
        self._place(item)
        checked = {question: check_answer(question, text) for question, text in answers.items()}
        return self.book.add(annotator, item, checked, answered_at=answered_at)

    def status(self, *, question: str = "emotion7", rule: QueueRule, machine: str | None = None) -> QueueStatus:
        """How far the experts are, and what the double-coded clips say of the accepted labels.

        Raises
        ------
        UsageError, UnknownNameError, DataError
            As :meth:`next_for`.
        """
        clips, chosen_machine = self._evidence(question, rule, machine)
        queue = build_queue(clips, question, rule)
        experts = sorted({name for clip in clips for name in clip.answers})
        differences = _check_differences(clips, queue)
        return QueueStatus(
            queue=queue,
            machine=chosen_machine,
            num_clips=len(clips),
            num_finished=sum(clip.num_missing == 0 for clip in queue.clips),
            num_answers_missing=sum(clip.num_missing for clip in queue.clips),
            experts=tuple(
                ExpertProgress(name, sum(name in clip.answered_by for clip in queue.clips), _num_left(queue, name))
                for name in experts
            ),
            num_check_answers=len(differences),
            check_difference=sum(differences) / len(differences) if differences else None,
            problems=self.problems,
        )

    def holds(self, item: str) -> bool:
        """Whether the study has a clip `item`, in a session that can be read."""
        return item in self._places()

    def _place(self, item: str) -> tuple[SessionFiles, Trial]:
        places = self._places()
        if item not in places:
            near = get_close_matches(item, places, n=1)
            raise UsageError(
                f"'{item}' is no clip of this study",
                where=str(self.study.path),
                fix=f"did you mean '{near[0]}'?" if near else "name it as PARTICIPANT/STIMULUS, as 'next' does",
            )
        return places[item]

    def _places(self) -> dict[str, tuple[SessionFiles, Trial]]:
        return {
            f"{session.participant_id}/{trial.stimulus_id}": (session, trial)
            for session in self.sessions
            for trial in session.trials
        }

    def _evidence(
        self, question: str, rule: QueueRule, machine: str | None
    ) -> tuple[tuple[ClipEvidence, ...], str | None]:
        """What is known of every clip, and the machine that was asked."""
        if question not in QUESTIONS:
            raise UnknownNameError("question", question, QUESTIONS)
        ratings = [rating for rating in self.book.ratings() if rating.question == question]
        if machine is not None and not rule.accept_agreement:
            raise UsageError(
                f"the rule asks no machine: every clip goes to experts, whatever '{machine}' says",
                fix="leave out --machine, or choose a preset that compares with one: ala-blind, ala-paper",
            )
        chosen = _machine_among(ratings, machine) if rule.accept_agreement else None
        labels = {rating.item: rating.value for rating in ratings if rating.annotator == chosen}
        uncertainty = {} if chosen is None else machine_uncertainty(self.study.path, chosen)
        answers: dict[str, dict[str, float]] = {}
        for rating in ratings:
            if not is_machine(rating.annotator):
                answers.setdefault(rating.item, {})[rating.annotator] = rating.value
        felt = {
            f"{session.participant_id}/{report.stimulus_id}": felt_answer(report, question, self.study.sam_points)
            for session in self.sessions
            for report in session.self_report
        }
        clips = tuple(
            ClipEvidence(item, felt.get(item), labels.get(item), uncertainty.get(item), answers.get(item, {}))
            for item in self._places()
        )
        return clips, chosen


def open_desk(path: Path, *, store: "Store | None" = None) -> Desk:
    """The study in the folder `path`, ready to be judged; one session that cannot be read does not hide the others.

    Parameters
    ----------
    path : Path
    store : Store, optional
        Open; where answers are kept. The study's own rating files if not given.

    Raises
    ------
    UsageError
        If the folder is no study.
    DataError
        If the tables of the study are at fault.
    """
    study = open_study(path, with_sessions=False)
    sessions, problems = [], {}
    for name in study.session_ids:
        try:
            sessions.append(open_session(path, name, study.stimuli, sam_points=study.sam_points))
        except EmogapError as problem:
            problems[name] = str(problem)
    # Answers about a session that cannot be read at the moment are no errors: the study's people and stimuli decide.
    items = items_of(study)
    book: RatingBook = CsvBook(path, items)
    if store is not None:
        from emogap.interfaces.annotating_store import StoreBook

        book = StoreBook(store, study, items)
    return Desk(study, tuple(sessions), problems, book)


def items_of(study: Study) -> frozenset[str]:
    """Everything in the study that may be rated, ``<participant_id>/<stimulus_id>``."""
    return frozenset(f"{name}/{stimulus.stimulus_id}" for name in study.session_ids for stimulus in study.stimuli)


def _machine_among(ratings: Sequence[Rating], wanted: str | None) -> str | None:
    """The machine to compare with: the one that was named, or the only one."""
    machines = sorted({rating.annotator for rating in ratings if is_machine(rating.annotator)})
    if wanted is not None:
        if wanted not in machines:
            raise UnknownNameError("machine that answered this question", wanted, machines)
        return wanted
    if len(machines) > 1:
        raise UsageError(f"{len(machines)} machines judged the clips", fix=f"--machine, one of {', '.join(machines)}")
    return machines[0] if machines else None


def felt_answer(report: SelfReport, question: str, sam_points: int) -> float | None:
    """The self-report on the scale of the question; None if it was not answered, or is not asked (intensity)."""
    word = {"emotion7": report.emotion7, "emotion3": report.emotion3}.get(question)
    if word is not None:
        return float(vocabulary(question).index(word))
    point = {"valence": report.pleasure, "arousal": report.arousal}.get(question)
    return None if point is None else sam_to_unit(point, points=sam_points)


def _num_left(queue: Queue, annotator: str) -> int:
    return sum(clip.num_missing > 0 and annotator not in clip.answered_by for clip in queue.clips)


def _check_differences(clips: Sequence[ClipEvidence], queue: Queue) -> list[float]:
    """How far each answer on a double-coded clip is from the label that was accepted."""
    drawn = {clip.item for clip in queue.clips if clip.reason == "double-coded"}
    return [
        difference(queue.question, answer, clip.machine)
        for clip in clips
        if clip.item in drawn and clip.machine is not None
        for answer in clip.answers.values()
    ]
