"""Experts at the browser: the queue of the study served clip by clip, with comments and traces beside the answers.

What an expert sees of a clip is :class:`emogap.interfaces.annotating.ClipToJudge`: no self-report, no machine, no
other expert.
"""

import json
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from emogap.annotation.active import PRESETS
from emogap.annotation.agreement import measure_agreement
from emogap.annotation.ratings import LIMITS, is_machine, rating_table
from emogap.errors import DataError, UsageError
from emogap.files import write_bytes
from emogap.interfaces.annotating import ClipToJudge, Desk, QueueStatus, open_desk
from emogap.interfaces.annotating_book import check_annotator
from emogap.interfaces.queue_choice import AskedQueue, QueueChoice, use_queue
from emogap.interfaces.web.study_now import state_of
from emogap.types import vocabulary

if TYPE_CHECKING:
    from emogap.annotation.store import Store

__all__ = ["Agreement", "JudgingRoom", "TracePoint", "read_trace"]

QUESTION = "emotion7"
"""The question that decides which clips wait."""

BLIND = "blind judging"
SESSION_FILES = ("trials.tsv", "selfreport.tsv", "clock.toml", "face.mp4")
"""Of a session, what a clip to judge depends on."""

DRAWS = 500
MOST_COMMENT = 2000
MOST_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class TracePoint:
    """A moment of a continuous rating: s from the onset of the stimulus; valence and arousal in [-1, 1]."""

    time_s: float
    valence: float
    arousal: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha of the experts so far, with its 95 % interval over clips; None if it does not exist yet."""

    question: str
    num_clips: int
    num_raters: int
    alpha: float | None
    low: float | None
    high: float | None
    why_not: str


class JudgingRoom:
    """Where several experts judge the clips of a study at the same time.

    Parameters
    ----------
    study : Path
    store : str
        Address of a database for the answers; empty = the study's rating files.
    """

    def __init__(self, study: Path, store: str = "") -> None:
        self._path = study
        self._skipped: dict[str, set[str]] = {}
        self._judged: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self._address = store
        self._store: Store | None = None
        self._desk: Desk | None = None
        self._seen: tuple[tuple[int, int], ...] | None = None

    @property
    def desk(self) -> Desk:
        """The study with its sessions, opened when the first expert comes, and anew when people came or went."""
        with self._lock:
            seen = _state(self._path)
            if self._desk is None or seen != self._seen:
                if self._address and self._store is None:
                    from emogap.annotation.store import open_store

                    self._store = open_store(self._address, create=True)
                self._desk, self._seen = open_desk(self._path, store=self._store), seen
            return self._desk

    @property
    def has_queue(self) -> bool:
        """Whether the options of the queue have been agreed on."""
        return self.desk.book.agreed(f"queue of {QUESTION}") is not None

    @property
    def is_blind(self) -> bool:
        """Whether experts see neither self-report nor machine; so it is until somebody agrees on the contrary."""
        return self.desk.book.agreed(BLIND) != "no"

    @property
    def presets(self) -> tuple[str, ...]:
        """Presets that this study allows, the one to propose first; without a machine's labels experts judge all."""
        ratings = self.desk.book.ratings()
        has_machine = any(each.question == QUESTION and is_machine(each.annotator) for each in ratings)
        return tuple(name for name, rule in PRESETS.items() if has_machine or not rule.accept_agreement)

    def agree(self, annotator: str, *, preset: str, is_blind: bool) -> None:
        """Settle the queue's preset and whether experts are blind; only who comes first decides.

        Parameters
        ----------
        annotator : str
        preset : str
            Empty = the one to propose first.
        is_blind : bool

        Raises
        ------
        UsageError, UnknownNameError
            If the preset does not exist, or needs a machine's labels that are not there; nothing is agreed on then.
        """
        check_annotator(annotator)
        if not self.has_queue:
            asked = AskedQueue(preset=preset or self.presets[0])
            use_queue(self.desk, QUESTION, asked, lambda choice: self._next(annotator, choice), who=annotator)
        self.desk.book.settle(
            BLIND, lambda kept: kept if kept is not None else ("yes" if is_blind else "no"), who=annotator
        )

    def next_for(self, annotator: str) -> ClipToJudge | None:
        """The clip that waits for `annotator`, those that were skipped last; None if none waits.

        Raises
        ------
        UsageError
            If `annotator` is no person's id.
        """
        clip, _ = use_queue(
            self.desk, QUESTION, AskedQueue(), lambda choice: self._next(annotator, choice), who=annotator
        )
        return clip

    def _next(self, annotator: str, choice: QueueChoice) -> ClipToJudge | None:
        skipped = frozenset(self._skipped.get(annotator, ()))
        return self.desk.next_for(
            annotator, question=QUESTION, rule=choice.rule, machine=choice.machine, skipped=skipped
        )

    def again(self, annotator: str) -> ClipToJudge | None:
        """The clip that `annotator` judged last since the app was started, and that is still there; None if none is."""
        desk = self.desk
        last = next((item for item in reversed(self._judged.get(annotator, ())) if desk.holds(item)), None)
        return None if last is None else desk.clip(last, QUESTION, num_left=0)

    def skip(self, annotator: str, item: str) -> None:
        """Put a clip behind all others for this annotator, until the app is stopped."""
        check_annotator(annotator)
        with self._lock:
            self._skipped.setdefault(annotator, set()).add(item)

    def answers_of(self, annotator: str, item: str) -> dict[str, str]:
        """What `annotator` last said of a clip, by question."""
        return {
            rating.question: _text(rating.question, rating.value)
            for rating in self.desk.book.ratings()
            if (rating.annotator, rating.item) == (annotator, item)
        }

    def keep(
        self,
        annotator: str,
        item: str,
        answers: Mapping[str, str],
        *,
        comment: str = "",
        trace: Sequence[TracePoint] = (),
    ) -> Mapping[str, int]:
        """Keep answers, comment and trace of a clip; when this returns they are on disk.

        Parameters
        ----------
        annotator, item : str
        answers : mapping from question to text
        comment : str
        trace : sequence of TracePoint

        Returns
        -------
        mapping from question to int
            The round of each answer: 1, or more where it was judged before.

        Raises
        ------
        UsageError, UnknownNameError, DataError
            If annotator, clip, answer, comment or trace are not what they may be; nothing is written then.
        OutputError
            If it cannot be written.
        """
        if len(comment) > MOST_COMMENT:
            raise UsageError(f"the comment has {len(comment)} letters", fix=f"write {MOST_COMMENT} at most")
        if QUESTION not in answers:
            raise UsageError("no category was chosen", fix="choose one of the seven; or skip the clip")
        moment = datetime.now(UTC)
        rounds = self.desk.add(annotator, item, answers, answered_at=moment)
        place = self._path / "ratings" / "beside" / annotator / f"{item.replace('/', '-')}-{rounds[QUESTION]}"
        if comment.strip():
            content = {"item": item, "annotator": annotator, "comment": comment.strip(), "at": moment.isoformat()}
            write_bytes(place.with_suffix(".json"), (json.dumps(content, ensure_ascii=False) + "\n").encode())
        if trace:
            lines = ["time_s\tvalence\tarousal", *(f"{p.time_s:.3f}\t{p.valence:.4f}\t{p.arousal:.4f}" for p in trace)]
            write_bytes(place.with_suffix(".tsv"), ("\n".join(lines) + "\n").encode())
        with self._lock:
            self._judged.setdefault(annotator, []).append(item)
            self._skipped.get(annotator, set()).discard(item)
        return rounds

    def status(self) -> QueueStatus:
        """How far everybody is: for the organiser."""
        status, _ = use_queue(
            self.desk,
            QUESTION,
            AskedQueue(),
            lambda choice: self.desk.status(question=QUESTION, rule=choice.rule, machine=choice.machine),
            who="app",
        )
        return status

    def agreement(self) -> tuple[Agreement, ...]:
        """Krippendorff's alpha of the experts' answers so far, question by question."""
        people = [rating for rating in self.desk.book.ratings() if not is_machine(rating.annotator)]
        found = []
        for question in sorted({rating.question for rating in people}):
            table = rating_table(people, question)
            try:
                result = measure_agreement(table, "krippendorff_alpha", draws=DRAWS)
            except UsageError as problem:
                found.append(
                    Agreement(question, len(table.items), len(table.annotators), None, None, None, problem.what)
                )
                continue
            alpha, low, high = (
                value if math.isfinite(value) else None for value in (result.estimate, result.low, result.high)
            )
            why = "" if alpha is not None else "no clip has two answers yet, or all answers are the same"
            found.append(Agreement(question, result.num_items, result.num_raters, alpha, low, high, why))
        return tuple(found)


def read_trace(text: str, *, longest_s: float) -> tuple[TracePoint, ...]:
    """A trace as the page sends it: a JSON list of [time_s, valence, arousal].

    Raises
    ------
    DataError
        If it is none: a number is not finite or out of range, or time does not increase.

    Examples
    --------
    >>> read_trace("[[0.0, 0.5, -0.25]]", longest_s=8.0)
    (TracePoint(time_s=0.0, valence=0.5, arousal=-0.25),)
    """
    if not text.strip():
        return ()
    wrong = "the trace is no list of [time_s, valence, arousal] in order of time, each of the two in [-1, 1]"
    fix = "draw it again while the clip plays"
    try:
        rows = json.loads(text)
        points = tuple(TracePoint(*(float(value) for value in row)) for row in rows)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise DataError(wrong, fix=fix) from error
    before = -math.inf
    for point in points:
        in_range = 0 <= point.time_s <= longest_s + 1 and abs(point.valence) <= 1 and abs(point.arousal) <= 1
        if not (in_range and point.time_s > before) or len(points) > MOST_POINTS:
            raise DataError(f"{wrong}; at {point.time_s:g} s", fix=fix)
        before = point.time_s
    return points


def _state(study: Path) -> tuple[tuple[int, int], ...]:
    """What changes when somebody comes or goes, or a table of a session is written."""
    sessions = study / "sessions"
    tables = [study / name for name in ("study.toml", "participants.tsv", "stimuli.tsv", "sessions")]
    if sessions.is_dir():
        tables += [folder / name for folder in sorted(sessions.iterdir()) for name in SESSION_FILES]
    return tuple(state_of(path) for path in tables)


def _text(question: str, value: float) -> str:
    return f"{value:g}" if question in LIMITS else vocabulary(question)[int(value)]
