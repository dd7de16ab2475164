"""What a participant is asked after each stimulus, and the labels that follow from it.

The Self-Assessment Manikin gives pleasure, arousal and dominance; the felt category is asked for twice, in seven
and in three words. Neither is derived from the other, and a question that was not answered has no label.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from emogap.annotation.answers import Answer
from emogap.annotation.sam import SAM_POINTS
from emogap.annotation.vocabularies import vocabulary_of
from emogap.annotation.vocabulary_maps import map_numbers
from emogap.errors import UsageError
from emogap.types import EmotionLabel, LabelView, Space, vocabulary

__all__ = [
    "MANIKINS",
    "FilledForm",
    "FormQuestion",
    "felt_answers",
    "felt_label",
    "list_form_questions",
    "target_label",
]

MANIKINS = {"pleasure": "valence", "arousal": "arousal", "dominance": "dominance"}
"""The manikin's rows, and the dimension that each is a measure of."""

SPACES: tuple[Space, ...] = ("emotion7", "emotion3")


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """One question of the form.

    Attributes
    ----------
    name : str
        Under which the answer is kept: ``felt-pleasure-sam9``.
    wording : str
    answers : tuple of str
        What can be chosen, from left to right.
    ends : (str, str) or None
        What the first and the last point of a manikin stand for.
    """

    name: str
    wording: str
    answers: tuple[str, ...]
    ends: tuple[str, str] | None


_WORDING = {
    "pleasure": ("How pleasant did you feel?", ("unpleasant", "pleasant")),
    "arousal": ("How excited did you feel?", ("calm", "excited")),
    "dominance": ("How much in control did you feel?", ("controlled", "in control")),
}


@dataclass(frozen=True, slots=True)
class FilledForm:
    """What one participant ticked on the form about one stimulus, to be kept as answers; None = not answered.

    A study's own file of self-reports is read as :class:`emogap.recording.session.SelfReport`.

    Attributes
    ----------
    participant_id, stimulus_id : str
    points : int
        Points of the manikin: 5, 7 or 9.
    pleasure, arousal, dominance : int or None
        1 to `points`; 1 is unpleasant, calm or controlled.
    emotion7, emotion3 : str or None
        The felt category in seven and in three words.
    answered_at : str or None
        Date and time, ISO 8601.
    """

    participant_id: str
    stimulus_id: str
    points: int
    pleasure: int | None = None
    arousal: int | None = None
    dominance: int | None = None
    emotion7: str | None = None
    emotion3: str | None = None
    answered_at: str | None = None

    def __post_init__(self) -> None:
        _refuse_points(self.points)
        for question, text in _given(self).items():
            vocabulary_of(question).value(text, question=question, where=self.item)

    @property
    def item(self) -> str:
        """``<participant_id>/<stimulus_id>``, as in rating files."""
        return f"{self.participant_id}/{self.stimulus_id}"


def list_form_questions(points: int) -> tuple[FormQuestion, ...]:
    """The questions of the form, in the order in which they are asked.

    Parameters
    ----------
    points : int
        Points of the manikin: 5, 7 or 9.

    Raises
    ------
    UsageError
        If there is no such manikin.

    Examples
    --------
    >>> [question.name for question in list_form_questions(9)][:2]
    ['felt-pleasure-sam9', 'felt-arousal-sam9']
    """
    _refuse_points(points)
    marks = tuple(str(point) for point in range(1, points + 1))
    manikins = tuple(
        FormQuestion(_manikin(row, points), wording, marks, ends) for row, (wording, ends) in _WORDING.items()
    )
    words = tuple(
        FormQuestion(f"felt-{space}", "Which word says best what you felt?", vocabulary(space), None)
        for space in SPACES
    )
    return manikins + words


def felt_answers(filled: FilledForm) -> tuple[Answer, ...]:
    """The answers as they were ticked, to be kept; each manikin's with the map that leads to [-1, 1].

    Examples
    --------
    >>> answers = felt_answers(FilledForm("p1", "s1", points=9, pleasure=7, emotion7="happiness"))
    >>> [(answer.question, answer.text, answer.mapping) for answer in answers][0]
    ('felt-pleasure-sam9', '7', 'sam9 1 > valence 1, map 1: (x - 5) / 4')
    """
    mapping = {
        _manikin(row, filled.points): map_numbers(f"sam{filled.points}", dimension).label
        for row, dimension in MANIKINS.items()
    }
    return tuple(
        Answer(
            item=filled.item,
            annotator=filled.participant_id,
            question=question,
            text=text,
            round_number=1,
            answered_at=filled.answered_at,
            place=f"self-report of {filled.item}",
            mapping=mapping.get(question),
        )
        for question, text in _given(filled).items()
    )


def felt_label(filled: FilledForm) -> EmotionLabel:
    """The label of the view FELT: one-hot shares of the categories that were asked for, valence and arousal.

    Examples
    --------
    >>> label = felt_label(FilledForm("p1", "s1", points=5, pleasure=2, emotion3="negative"))
    >>> label.valence, label.arousal, sorted(label.share)
    (-0.5, None, ['emotion3'])
    """
    form = f"sam{filled.points}"
    unit = {
        MANIKINS[row]: map_numbers(form, MANIKINS[row]).value(ticked)
        for row, ticked in (("pleasure", filled.pleasure), ("arousal", filled.arousal))
        if ticked is not None
    }
    share = _one_hot({"emotion7": filled.emotion7, "emotion3": filled.emotion3})
    return EmotionLabel(LabelView.FELT, share, valence=unit.get("valence"), arousal=unit.get("arousal"))


def target_label(*, emotion7: str | None = None, emotion3: str | None = None) -> EmotionLabel:
    """The label of the view TARGET: what the organiser meant the stimulus to elicit; nobody's feeling.

    Raises
    ------
    DataError
        If a word is none of its vocabulary.

    Examples
    --------
    >>> target_label(emotion7="fear").share["emotion7"].tolist()
    [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    """
    return EmotionLabel(LabelView.TARGET, _one_hot({"emotion7": emotion7, "emotion3": emotion3}))


def _one_hot(words: Mapping[str, str | None]) -> dict[str, np.ndarray]:
    shares = {}
    for space, word in words.items():
        if word is not None:
            index = int(vocabulary_of(space).value(word, question=space))
            shares[space] = np.eye(len(vocabulary(space)))[index]
    return shares


def _given(filled: FilledForm) -> dict[str, str]:
    ticked = {"pleasure": filled.pleasure, "arousal": filled.arousal, "dominance": filled.dominance}
    points = {_manikin(row, filled.points): f"{point:g}" for row, point in ticked.items() if point is not None}
    words = {"felt-emotion7": filled.emotion7, "felt-emotion3": filled.emotion3}
    return points | {question: word for question, word in words.items() if word is not None}


def _manikin(row: str, points: int) -> str:
    return f"felt-{row}-sam{points}"


def _refuse_points(points: int) -> None:
    if points not in SAM_POINTS:
        raise UsageError(
            f"there is no manikin of {points} points", fix=f"known are {', '.join(map(str, SAM_POINTS))} points"
        )
