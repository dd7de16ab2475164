"""What the release of EMER does not say of itself, as the user states it in a small TOML file.

Neither the paper nor the public loader says which label view the column Emotion holds, what its integer codes mean,
or whose clip an ID is. :class:`ReleaseFacts` is the file; nothing in it has a value that was guessed.
"""

import json
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from emogap.recording.strict_toml import read_strict_toml
from emogap.types import Screen, vocabulary

__all__ = [
    "CODECS",
    "DEFAULT_PATTERN",
    "ClassCodes",
    "Ids",
    "LabelTable",
    "ReleaseFacts",
    "StatedScreen",
    "facts_of",
    "read_facts",
]

CODECS = {
    "paper-introduction": ("happiness", "sadness", "fear", "surprise", "disgust", "anger", "neutral"),
    "paper-section-3d": ("happiness", "sadness", "fear", "disgust", "surprise", "anger", "neutral"),
}
"""The two orders in which arXiv 2512.16485 lists its seven classes: the introduction, and section III.D.1."""

DEFAULT_PATTERN = r"\d+_(?P<stimulus>film_(?P<target>[A-Za-z]+)\d*.*)"
"""The one ID that the public loader shows, ``3_film_happy Happy``: what follows the number is taken for the stimulus.
Whether the number is a participant is not said anywhere, so it is not read as one."""

Label3 = Literal["positive", "negative", "neutral"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class LabelTable(_Part):
    """Where the labels of one view stand: a spreadsheet of the release, and the names of its columns."""

    file: str = Field(min_length=1, description="Path in the release, such as new_label.xlsx.")
    id: str = Field("ID", description="Column of the clip's ID.")
    emotion: str = Field("Emotion", description="Column of the seven classes, as words or integer codes.")
    emotion3: str = Field("", description="Column of the three classes, as words; empty = there is none.")
    valence: str = Field("Valence", description="Column of valence in [-1, 1].")
    arousal: str = Field("Arousal", description="Column of arousal in [-1, 1].")
    intensity: str = Field("Intensity", description="Column of intensity in [0, 3]; read for the view shown, if there.")


class ClassCodes(_Part):
    """What integer codes of the seven classes mean."""

    codec: Literal["paper-introduction", "paper-section-3d", ""] = Field(
        "", description="A named order of the classes; empty if `words` is given."
    )
    words: Annotated[tuple[str, ...], Field(strict=False)] = Field((), description="The order, in words.")
    first: int = Field(description="Code of the first class, such as 0.")

    @model_validator(mode="after")
    def _is_one_order_of_all(self) -> "ClassCodes":
        if bool(self.codec) == bool(self.words):
            raise ValueError("give either codec or words")
        if self.words and sorted(self.words) != sorted(vocabulary("emotion7")):
            raise ValueError(f"words must be the seven classes, each once: {', '.join(vocabulary('emotion7'))}")
        return self

    @property
    def order(self) -> tuple[str, ...]:
        """The seven classes in the order of their codes."""
        return CODECS[self.codec] if self.codec else self.words


class Ids(_Part):
    """What is read from a clip's ID, and what a table says of it."""

    pattern: str = Field(
        default=DEFAULT_PATTERN,
        description="Regular expression for a whole ID with the groups participant, stimulus, target; each may be"
        " absent. Without participant or a table, people are unknown.",
    )
    table: str = Field(
        default="",
        description="TSV in the release: ID, participant_id, and optionally stimulus_id. It goes before the ID.",
    )

    @model_validator(mode="after")
    def _is_a_pattern(self) -> "Ids":
        try:
            names = re.compile(self.pattern).groupindex
        except re.error as error:
            raise ValueError(f"pattern is no regular expression: {error}") from error
        odd = sorted(set(names) - {"participant", "stimulus", "target"})
        if odd:
            raise ValueError(f"pattern has the group '{odd[0]}'; known are participant, stimulus, target")
        return self


class StatedScreen(_Part):
    """The screen, as far as the gaze files leave it open."""

    size_px: Annotated[tuple[int, int], Field(strict=False)] = Field(description="Width and height in pixels.")
    size_mm: Annotated[tuple[float, float], Field(strict=False)] = Field(description="Width and height in mm.")
    distance_mm: float = Field(gt=0, description="Viewing distance in mm.")

    def as_screen(self) -> Screen:
        """The screen."""
        return Screen(self.size_px, self.size_mm, self.distance_mm)


class ReleaseFacts(_Part):
    """The content of the file: every statement is the user's."""

    schema_number: Literal[1] = Field(alias="schema", description="Layout of the file.")
    simulated: bool = Field(False, description="Whether the people are simulated.")
    felt: LabelTable | None = Field(None, description="Labels of what was felt (the paper's ER).")
    shown: LabelTable | None = Field(None, description="Labels of what was shown (the paper's FER).")
    classes: ClassCodes | None = Field(None, description="Needed if the classes are integer codes.")
    emotion3: dict[str, Label3] = Field(
        default_factory=dict,
        description="Three classes derived from the seven, where no column holds them; all seven must be named.",
    )
    ids: Ids = Field(default_factory=Ids, description="Whose and of what a clip is.")
    times: str = Field(
        default="",
        description="TSV in the release: ID, first_sample_s (from the onset; negative = before it), duration_s."
        " Without it a clip begins with its first sample.",
    )
    screen: StatedScreen | None = Field(None, description="Needed if the gaze files do not tell the screen.")

    @model_validator(mode="after")
    def _names_a_view(self) -> "ReleaseFacts":
        if self.felt is None and self.shown is None:
            raise ValueError("no label view is named: add [felt], [shown] or both, each with its file")
        if self.emotion3 and set(self.emotion3) != set(vocabulary("emotion7")):
            absent = [word for word in vocabulary("emotion7") if word not in self.emotion3]
            raise ValueError(
                f"emotion3 must name each of the seven classes and no other; absent: {', '.join(absent) or 'none'}"
            )
        return self

    def canonical(self) -> str:
        """The facts as one line of JSON that depends on their content alone."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"))


def read_facts(path: Path) -> ReleaseFacts:
    """The facts in a TOML file.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If an entry is unknown, absent or not what it has to be; with file, line and nearest name.
    """
    return read_strict_toml(path, ReleaseFacts)


def facts_of(canonical: str) -> ReleaseFacts:
    """The facts that :meth:`ReleaseFacts.canonical` wrote as a line of JSON."""
    return ReleaseFacts.model_validate(json.loads(canonical))
