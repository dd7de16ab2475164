"""Answers in another vocabulary: what is lost is counted, and nothing that was changed comes to count again."""

import pytest

from emogap.annotation.answer_maps import map_answers
from emogap.annotation.answers import Answer
from emogap.errors import DataError, UsageError


def answer(item: str, question: str, text: str | None, *, round_: int = 1, revision: int = 1, line: int = 2) -> Answer:
    return Answer(item, "ann", question, text, round_, None, "f.csv", line, revision=revision)


def told(answers: tuple[Answer, ...]) -> list[tuple[str, str, str | None, int, int]]:
    return [(one.item, one.question, one.text, one.round_number, one.revision) for one in answers]


def test_words_and_their_map_are_kept_and_other_questions_stay() -> None:
    given = [answer("c1", "affectnet8", "fear"), answer("c2", "affectnet8", "contempt"), answer("c1", "valence", "0.5")]
    mapped = map_answers(given, "affectnet8", "emer7", decide={"contempt": "drop"})
    assert told(mapped.answers) == [("c1", "valence", "0.5", 1, 1), ("c1", "emotion7", "fear", 1, 1)]
    assert mapped.answers[1].mapping == "affectnet8 1 > emer7 1, map 1, contempt=drop"
    assert (mapped.num_mapped, mapped.left_out, mapped.loss) == (1, {"contempt": 1}, "contempt, which emer7 lacks")


def test_an_answer_that_was_changed_to_one_without_a_place_does_not_come_back() -> None:
    """c1: fear, then surprise as a revision. c2: fear, then surprise in round 2. c3: surprise, then fear."""
    given = [
        answer("c1", "emotion7", "fear"),
        answer("c1", "emotion7", "surprise", revision=2),
        answer("c2", "emotion7", "fear"),
        answer("c2", "emotion7", "surprise", round_=2),
        answer("c3", "emotion7", "surprise"),
        answer("c3", "emotion7", "fear", revision=2),
    ]
    mapped = map_answers(given, "emer7", "emer3", decide={"surprise": "drop"})
    assert told(mapped.answers) == [("c3", "emotion3", "negative", 1, 1)]
    assert mapped.left_out == {"fear": 2, "surprise": 3}


def test_a_withdrawn_answer_stays_withdrawn() -> None:
    given = [answer("c1", "emotion7", "fear"), answer("c1", "emotion7", None, revision=2)]
    mapped = map_answers(given, "emer7", "emer3", decide={"surprise": "negative"})
    assert told(mapped.answers) == [("c1", "emotion3", "negative", 1, 1), ("c1", "emotion3", None, 1, 2)]


@pytest.mark.parametrize(
    ("source", "target", "question", "text", "after"),
    [
        ("sam9", "valence", "pleasure-sam9", "7", ("valence", "0.5")),
        ("sam5", "arousal", "felt-arousal-sam5", "1", ("felt-arousal", "-1.0")),
        ("valence", "sam9", "valence", "-0.5", ("pleasure-sam9", "3")),
        ("valence", "glass-vad", "valence", "-0.5", ("valence-glass", "0.25")),
        ("glass-vad", "dominance", "dominance-glass", "0.75", ("dominance", "0.5")),
    ],
)
def test_numbers_go_to_the_question_of_the_same_dimension(
    source: str, target: str, question: str, text: str, after: tuple[str, str]
) -> None:
    mapped = map_answers([answer("c1", question, text)], source, target).answers[0]
    assert (mapped.question, mapped.text) == after


@pytest.mark.parametrize(
    ("rows", "source", "target", "decide", "error", "complaint"),
    [
        ([answer("c", "emotion7", "fear")], "emer7", "emer3", {}, UsageError, "'surprise' .* would be a guess"),
        ([answer("c", "affectnet8", "fear")], "affectnet8", "emer7", {"contempt": "fear"}, UsageError, "never counted"),
        ([answer("c", "valence", "1")], "emer7", "emer3", {"surprise": "drop"}, UsageError, "asked were valence"),
        ([answer("c", "arousal-sam9", "1")], "sam9", "valence", {}, UsageError, "no answer is in sam9"),
        ([answer("c", "felt-emotion7", "fear")], "emer7", "emer3", {"surprise": "drop"}, UsageError, "derived"),
        (
            [answer("c", "pleasure-sam9", "12")],
            "sam9",
            "valence",
            {},
            DataError,
            "line 2: pleasure-sam9 is 12, outside",
        ),
        ([answer("c", "pleasure-sam9", "1")], "sam9", "valence", {"surprise": "drop"}, UsageError, "nothing to decide"),
        (
            [answer("c", "emotion7", "fear"), answer("c", "emotion3", "neutral", line=7)],
            *(
                "emer7",
                "emer3",
                {"surprise": "drop"},
                DataError,
                r"f\.csv, line 2: ann answered emotion3 of c too \(f\.csv, line 7\)",
            ),
        ),
    ],
)
def test_what_would_be_a_guess_or_cannot_be_mapped_is_refused(
    rows: list[Answer], source: str, target: str, decide: dict[str, str], error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        map_answers(rows, source, target, decide=decide)
