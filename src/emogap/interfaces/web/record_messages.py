"""What the page of a session sends, and what it is answered."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "AnswerBody",
    "FaceAnswer",
    "Frames",
    "MarkBody",
    "NewSegment",
    "NextStep",
    "Safe",
    "SegmentAnswer",
    "ShownBody",
    "SkipBody",
]

StimulusId = Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]+$", max_length=200)]
BrowserTime = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
MarkKind = Literal[
    "onset",
    "offset",
    "questions",
    "rest",
    "stop",
    "pause",
    "resume",
    "stall",
    "hidden",
    "visible",
    "full-screen",
    "window",
]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NewSegment(_Body):
    """A stretch of camera video begins: `started_s` is when the browser was told to record.

    The container is ``none`` where the participant did not agree to be filmed.
    """

    container: Literal["webm", "mp4", "none"]
    started_s: BrowserTime


class Frames(_Body):
    """When frames of the camera were captured, and then shown in the preview, s of the browser's clock."""

    captured_s: list[BrowserTime] = Field(max_length=10_000)
    presented_s: list[BrowserTime] = Field(max_length=10_000)

    @model_validator(mode="after")
    def _require_pairs(self) -> "Frames":
        if len(self.captured_s) != len(self.presented_s):
            raise ValueError(f"{len(self.captured_s)} frames captured, {len(self.presented_s)} shown")
        return self


class MarkBody(_Body):
    """Something that happened at `at_s`, and was `age_s` ago when this was sent."""

    kind: MarkKind
    stimulus_id: StimulusId | None = None
    at_s: BrowserTime
    age_s: Annotated[float, Field(ge=-1, le=1e6, allow_inf_nan=False)] = 0.0


class ShownBody(_Body):
    """A clip that was seen to its end."""

    stimulus_id: StimulusId
    onset_s: BrowserTime
    offset_s: BrowserTime


class SkipBody(_Body):
    """What is skipped: the clip that is on, or the questions about it."""

    what: Literal["clip", "questions"]
    stimulus_id: StimulusId
    at_s: BrowserTime


class AnswerBody(_Body):
    """Answers to the questions about a clip; what is absent was left open."""

    stimulus_id: StimulusId
    pleasure: int | None = Field(None, ge=1, le=9)
    arousal: int | None = Field(None, ge=1, le=9)
    dominance: int | None = Field(None, ge=1, le=9)
    emotion7: Literal["happiness", "sadness", "fear", "surprise", "disgust", "anger", "neutral"] | None = None
    emotion3: Literal["positive", "negative", "neutral"] | None = None
    answered_s: BrowserTime


class FaceAnswer(BaseModel):
    """What the camera sees; shares of the picture's height and width."""

    num_faces: int
    height_share: float
    across_share: float
    down_share: float
    advice: str


class NextStep(BaseModel):
    """Where the session is: `step` is clip, questions, end or finished."""

    step: Literal["clip", "questions", "end", "finished"]
    stimulus_id: str | None
    purpose: str | None
    is_negative: bool
    num_done: int
    num_clips: int


class Safe(BaseModel):
    """How many pieces of a stretch of video are on disk."""

    pieces: int


class SegmentAnswer(BaseModel):
    """Number of the new stretch of video."""

    segment: int
