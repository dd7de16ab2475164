"""What is known of each clip of a study: what was felt, what was judged, what a machine says, how far they differ."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from emogap.annotation import Rating, is_machine, read_ratings, sam_to_unit, shown_labels
from emogap.recording.session import SelfReport
from emogap.recording.study import Study, open_session
from emogap.types import EmotionLabel, vocabulary

__all__ = ["ClipAnswers", "clips_of_study", "gap_size"]

CLASSES = ("emotion7", "emotion3")
VALUES = ("valence", "arousal", "intensity")


@dataclass(frozen=True, slots=True)
class ClipAnswers:
    """One participant at one stimulus; an answer that was not given is not there.

    Attributes
    ----------
    participant_id, stimulus_id : str
    felt : mapping from question to word or number
        Self-report: emotion7, emotion3, and valence, arousal, dominance in [-1, 1].
    shown : mapping from question to word or number
        Judged expression: the word with most of the experts' votes (several with a slash at a tie), and their mean
        valence, arousal (in [-1, 1]) and intensity (0 to 3).
    votes : mapping from question to mapping from word to share
        Of the experts, classes only.
    num_raters : int
        Experts who judged it.
    machine : mapping from annotator to mapping from question to word or number
    gap : float or None
        See :func:`gap_size`.
    """

    participant_id: str
    stimulus_id: str
    felt: Mapping[str, str | float] = field(default_factory=dict)
    shown: Mapping[str, str | float] = field(default_factory=dict)
    votes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    num_raters: int = 0
    machine: Mapping[str, Mapping[str, str | float]] = field(default_factory=dict)
    gap: float | None = None


def gap_size(
    felt: Mapping[str, str | float], votes: Mapping[str, Mapping[str, float]], shown: Mapping[str, str | float]
) -> float | None:
    """How far self-report and judged expression differ, from 0 to 1; None if they cannot be compared.

    The mean of two parts, as far as they are known: the share of votes that named another class than the self-report
    (emotion7 where it was asked, else emotion3), and the distance of valence and arousal over the largest there is,
    the square root of 8. It orders clips to look at. It is no measure of a person, and label errors are in it;
    ``emogap gap`` takes those out.

    Examples
    --------
    >>> gap_size({"emotion7": "sadness"}, {"emotion7": {"happiness": 0.75, "sadness": 0.25}}, {})
    0.75
    """
    parts = []
    for question in CLASSES:
        if question in felt and question in votes:
            parts.append(1.0 - votes[question].get(str(felt[question]), 0.0))
            break
    if all(name in side for name in ("valence", "arousal") for side in (felt, shown)):
        parts.append(math.hypot(*(float(felt[name]) - float(shown[name]) for name in ("valence", "arousal"))) / 8**0.5)
    return sum(parts) / len(parts) if parts else None


def clips_of_study(
    study: Study, *, participants: Sequence[str] | None = None, ratings: Sequence[Rating] | None = None
) -> tuple[ClipAnswers, ...]:
    """Every trial of the study with its answers, in the order of participants and of showing.

    Parameters
    ----------
    study : Study
        Opened without its sessions.
    participants : sequence of str, optional
        Whose clips; everybody's if not given.
    ratings : sequence of Rating, optional
        Those of the study's rating files if not given.

    Raises
    ------
    DataError
        If a table of a session or a file of ratings is damaged.
    """
    ratings = read_ratings(study.rating_files) if ratings is None else ratings
    shown = shown_labels(ratings)
    machines: dict[str, list[Rating]] = {}
    raters: dict[str, set[str]] = {}
    for rating in ratings:
        if is_machine(rating.annotator):
            machines.setdefault(rating.item, []).append(rating)
        else:
            raters.setdefault(rating.item, set()).add(rating.annotator)
    clips = []
    for name in study.session_ids if participants is None else participants:
        session = open_session(study.path, name, study.stimuli, sam_points=study.sam_points)
        answers = {answer.stimulus_id: answer for answer in session.self_report}
        for trial in session.trials:
            item = f"{name}/{trial.stimulus_id}"
            felt = _felt(answers.get(trial.stimulus_id), study.sam_points)
            judged, votes = _shown(shown.get(item))
            clips.append(
                ClipAnswers(
                    name,
                    trial.stimulus_id,
                    felt,
                    judged,
                    votes,
                    len(raters.get(item, ())),
                    _machine(machines.get(item, ())),
                    gap_size(felt, votes, judged),
                )
            )
    return tuple(clips)


def _felt(answer: SelfReport | None, points: int) -> dict[str, str | float]:
    if answer is None:
        return {}
    words = {"emotion7": answer.emotion7, "emotion3": answer.emotion3}
    scales = {"valence": answer.pleasure, "arousal": answer.arousal, "dominance": answer.dominance}
    felt: dict[str, str | float] = {name: word for name, word in words.items() if word is not None}
    return felt | {name: sam_to_unit(value, points=points) for name, value in scales.items() if value is not None}


def _shown(label: EmotionLabel | None) -> tuple[dict[str, str | float], dict[str, dict[str, float]]]:
    if label is None:
        return {}, {}
    votes = {
        space: {word: float(part) for word, part in zip(vocabulary(space), share, strict=True) if part > 0}
        for space, share in label.share.items()
    }
    judged: dict[str, str | float] = {}
    for space, share in label.share.items():
        most = np.flatnonzero(np.isclose(share, share.max()))
        judged[space] = "/".join(vocabulary(space)[index] for index in most)
    for name in VALUES:
        value = getattr(label, name)
        if value is not None:
            judged[name] = float(value)
    return judged, votes


def _machine(ratings: Sequence[Rating]) -> dict[str, dict[str, str | float]]:
    said: dict[str, dict[str, str | float]] = {}
    for rating in ratings:
        is_class = rating.question in CLASSES
        value = vocabulary(rating.question)[int(rating.value)] if is_class else rating.value
        said.setdefault(rating.annotator, {})[rating.question] = value
    return said
