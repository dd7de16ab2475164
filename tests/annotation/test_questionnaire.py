"""Self-report: what was ticked is kept with its map, what was not asked is not made up."""

from pathlib import Path

import numpy as np
import pytest

from emogap.annotation.questionnaire import FilledForm, felt_answers, felt_label, list_form_questions, target_label
from emogap.annotation.store import open_store
from emogap.annotation.vocabularies import view_of, vocabulary_of
from emogap.errors import DataError, UsageError
from emogap.types import LabelView

FULL = FilledForm(
    "p1", "s3", points=7, pleasure=2, arousal=7, dominance=4, emotion7="surprise", emotion3="positive", answered_at="t"
)


@pytest.mark.parametrize(
    ("points", "pleasure", "arousal", "valence_expected", "arousal_expected"),
    [(5, 2, 5, -0.5, 1.0), (7, 2, 4, -2 / 3, 0.0), (9, 2, 6, -0.75, 0.25)],
)
def test_points_become_valence_and_arousal_of_the_view_felt(
    points: int, pleasure: int, arousal: int, valence_expected: float, arousal_expected: float
) -> None:
    label = felt_label(FilledForm("p1", "s1", points=points, pleasure=pleasure, arousal=arousal))
    assert label.view is LabelView.FELT
    assert (label.valence, label.arousal) == pytest.approx((valence_expected, arousal_expected))
    assert label.share == {}


def test_surprise_and_positive_stand_side_by_side_because_both_were_asked() -> None:
    label = felt_label(FULL)
    np.testing.assert_array_equal(label.share["emotion7"], [0, 0, 0, 1, 0, 0, 0])
    np.testing.assert_array_equal(label.share["emotion3"], [1, 0, 0])


def test_a_category_that_was_not_answered_is_not_derived() -> None:
    label = felt_label(FilledForm("p1", "s1", points=9, pleasure=9, emotion7="happiness"))
    assert list(label.share) == ["emotion7"]
    assert label.arousal is None


def test_the_store_keeps_what_was_ticked_with_its_map(tmp_path: Path) -> None:
    with open_store(tmp_path / "r.db", create=True) as store:
        assert store.add_ratings(felt_answers(FULL), who="p1") == 5
        store.add_rating("p1/s3", annotator="e1", question="emotion7", rating="fear", who="e1")
        (kept,) = store.revisions("p1/s3", annotator="p1", question="felt-pleasure-sam7")
        assert (kept.text, kept.vocabulary, kept.mapping) == ("2", "sam7 1", "sam7 1 > valence 1, map 1: (x - 4) / 3")
        tables = store.tables()
    assert tables["emotion7"].annotators == ("e1",)
    assert tables["felt-emotion7"].annotators == ("p1",)
    assert (tables["felt-dominance-sam7"].scale, tables["felt-dominance-sam7"].limits) == ("ordinal", (1, 7))


def test_the_intended_emotion_is_the_view_target() -> None:
    label = target_label(emotion7="disgust", emotion3="negative")
    assert label.view is LabelView.TARGET
    np.testing.assert_array_equal(label.share["emotion7"], [0, 0, 0, 0, 1, 0, 0])
    with pytest.raises(DataError, match="did you mean 'disgust'"):
        target_label(emotion7="disgusted")


def test_the_form_asks_five_questions_in_answers_of_their_vocabularies() -> None:
    form = list_form_questions(5)
    assert [question.name for question in form] == [
        "felt-pleasure-sam5", "felt-arousal-sam5", "felt-dominance-sam5", "felt-emotion7", "felt-emotion3",
    ]  # fmt: skip
    for question in form:
        assert view_of(question.name) is LabelView.FELT
        for answer in question.answers:
            vocabulary_of(question.name).value(answer, question=question.name)
    assert [len(question.answers) for question in form] == [5, 5, 5, 7, 3]


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"pleasure": 8}, r"p1/s1: felt-pleasure-sam7 is 8, outside 1 to 7"),
        ({"arousal": 0}, "felt-arousal-sam7 is 0, outside 1 to 7"),
        ({"emotion3": "happiness"}, "'happiness' is no word of felt-emotion3"),
        ({"emotion7": "positive"}, "'positive' is no word of felt-emotion7"),
    ],
)
def test_an_answer_off_the_form_is_refused(wrong: dict[str, object], complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        FilledForm("p1", "s1", points=7, **wrong)  # type: ignore[arg-type]


def test_a_manikin_of_six_points_is_refused() -> None:
    with pytest.raises(UsageError, match="no manikin of 6 points"):
        FilledForm("p1", "s1", points=6)
    with pytest.raises(UsageError, match="known are 5, 7, 9 points"):
        list_form_questions(6)
