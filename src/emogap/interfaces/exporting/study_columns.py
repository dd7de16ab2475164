"""The columns that a study fills in events and participants, and how ratings become columns."""

from collections.abc import Sequence

from emogap.annotation.ratings import LIMITS, Rating, is_machine
from emogap.recording.bids import TrialColumn
from emogap.types import vocabulary

__all__ = ["TRAITS", "rating_columns", "rating_values", "trial_columns"]

TRAITS: dict[str, dict[str, object]] = {
    "age": {"Description": "Age; 89 stands for 89 and above.", "Units": "year"},
    "sex": {"Description": "Sex, as stated by the participant."},
    "glasses": {"Description": "Whether the participant wore glasses, as the study notes it."},
    "consent": {"Description": "How far the participant agreed to share the data."},
    "withdraw_until": {"Description": "Until when the participant may withdraw; whoever holds a copy must follow."},
}


def trial_columns(sam_points: int) -> tuple[TrialColumn, ...]:
    """What is known of a trial besides its ratings; `sam_points` is the number of points of the manikin."""
    manikin = f"point of the self-assessment manikin, 1 to {sam_points}, as answered after the stimulus"
    return (
        TrialColumn("order", "Place of the trial in the session."),
        TrialColumn("stimulus_group", "Stimuli of one group are never told apart as seen and unseen."),
        TrialColumn("target_emotion7", "What the stimulus was meant to elicit, of seven emotions."),
        TrialColumn("target_emotion3", "What the stimulus was meant to elicit: positive, negative or neutral."),
        TrialColumn("felt_pleasure", f"Pleasure: {manikin}."),
        TrialColumn("felt_arousal", f"Arousal: {manikin}."),
        TrialColumn("felt_dominance", f"Dominance: {manikin}."),
        TrialColumn("felt_emotion7", "What the participant says to have felt, of seven emotions."),
        TrialColumn("felt_emotion3", "What the participant says to have felt: positive, negative or neutral."),
    )


def rating_columns(ratings: Sequence[Rating]) -> tuple[TrialColumn, ...]:
    """One column per question and annotator; nothing is averaged."""
    pairs = sorted({(rating.question, rating.annotator) for rating in ratings})
    return tuple(
        TrialColumn(_name(question, annotator), _description(question, annotator)) for question, annotator in pairs
    )


def rating_values(ratings: Sequence[Rating]) -> dict[str, object]:
    """The ratings of one trial by column: words, or numbers."""
    return {_name(rating.question, rating.annotator): _value(rating) for rating in ratings}


def _name(question: str, annotator: str) -> str:
    return f"shown_{question}_{annotator.replace('-', '_')}"


def _description(question: str, annotator: str) -> str:
    who = f"the model {annotator}" if is_machine(annotator) else f"the annotator {annotator}"
    low_high = f", {LIMITS[question][0]:g} to {LIMITS[question][1]:g}" if question in LIMITS else ""
    return f"Expression in the face video as {who} judged it: {question}{low_high}."


def _value(rating: Rating) -> object:
    return rating.value if rating.question in LIMITS else vocabulary(rating.question)[int(rating.value)]
