"""What is known of a session while it is recorded, as it stands on disk after every answer."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from emogap.interfaces.web.record_orders import Showing

__all__ = ["Answer", "Mark", "SegmentFacts", "SessionState", "ShownClip"]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Mark(_Fact):
    """Something that happened at `at_s` of the browser's clock (s since 1970, steady within a page)."""

    kind: str
    at_s: float


class ShownClip(_Fact):
    """A clip that was seen to its end, on the browser's clock."""

    stimulus_id: str
    onset_s: float
    offset_s: float


class Answer(_Fact):
    """What was answered after a clip; None = left open."""

    stimulus_id: str
    pleasure: int | None = None
    arousal: int | None = None
    dominance: int | None = None
    emotion7: str | None = None
    emotion3: str | None = None
    answered_s: float


class SegmentFacts(_Fact):
    """One stretch of camera video: its file in the folder ``recording``, and when it was begun.

    `name` is empty where nothing is filmed.
    """

    name: str
    started_s: float


class SessionState(_Fact):
    """A session that is recorded, or was.

    Attributes
    ----------
    participant_id : str
    holder : str
        Secret of the browser that records it.
    order : tuple of Showing
        The clips in the order of showing.
    shown, answers : tuple
        What was seen to its end, and what was answered.
    skipped, unanswered : tuple of str
        Clips that were skipped while they were shown, and such whose questions were.
    marks : tuple of Mark
    segments : tuple of SegmentFacts
    has_camera, has_questions : bool
        Whether the participant agreed to be filmed, and to be asked: otherwise neither is kept.
    status : str
        ``recording``, or ``finished``: the tables and the video are as they will stay.
    problem : str
        Why there is no video of a finished session; empty if there is one, or was to be none.
    unread : tuple of str
        Pieces of camera video of a finished session that could not be read whole: they stay as they came.
    missing_s : float
        How long before the end of the last clip the video of a finished session ends; 0 if it does not.
    """

    schema_number: Literal[1] = 1
    participant_id: str
    holder: str
    order: tuple[Showing, ...]
    shown: tuple[ShownClip, ...] = ()
    answers: tuple[Answer, ...] = ()
    skipped: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    segments: tuple[SegmentFacts, ...] = ()
    has_camera: bool = True
    has_questions: bool = True
    status: Literal["recording", "finished"] = "recording"
    problem: str = ""
    unread: tuple[str, ...] = ()
    missing_s: float = 0.0

    @property
    def last_done(self) -> Showing | None:
        """The clip that was last shown or skipped; None before the first."""
        num_done = len(self.shown) + len(self.skipped)
        return self.order[num_done - 1] if num_done else None

    @property
    def unasked(self) -> str | None:
        """The clip whose questions are due; None if none is. The closing clip is not asked about."""
        if not self.shown or not self.has_questions:
            return None
        last = self.shown[-1].stimulus_id
        is_closing = any(each.stimulus_id == last and each.purpose == "closing" for each in self.order)
        done = {answer.stimulus_id for answer in self.answers} | set(self.unanswered)
        return None if is_closing or last in done else last

    @property
    def due(self) -> Showing | None:
        """The clip to show next; None if all were shown or skipped."""
        done = {clip.stimulus_id for clip in self.shown} | set(self.skipped)
        return next((each for each in self.order if each.stimulus_id not in done), None)
