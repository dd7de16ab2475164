"""Vocabularies are data: every question has one, and an answer outside it is refused in words."""

import pytest

from emogap.annotation.ratings import LIMITS
from emogap.annotation.sam import SAM_POINTS
from emogap.annotation.vocabularies import list_questions, list_vocabularies, open_vocabulary, vocabulary_of
from emogap.errors import DataError, UnknownNameError
from emogap.types import vocabulary


@pytest.mark.parametrize(("name", "space"), [("emer7", "emotion7"), ("emer3", "emotion3")])
def test_words_stand_in_the_order_of_the_probability_axis(name: str, space: str) -> None:
    assert open_vocabulary(name).words == vocabulary(space)
    assert vocabulary_of(space).name == name


@pytest.mark.parametrize("question", LIMITS)
def test_limits_are_those_of_rating_files(question: str) -> None:
    assert vocabulary_of(question).limits == LIMITS[question]


@pytest.mark.parametrize("points", SAM_POINTS)
def test_a_manikin_has_whole_points_in_order(points: int) -> None:
    form = open_vocabulary(f"sam{points}")
    assert (form.limits, form.scale) == ((1, points), "ordinal")
    assert form.value(str(points), question="pleasure") == points
    with pytest.raises(DataError, match="whole points"):
        form.value("2.5", question="pleasure")
    with pytest.raises(DataError, match=f"outside 1 to {points}"):
        form.value(str(points + 1), question="pleasure")


def test_affectnet_has_contempt_and_eight_words() -> None:
    words = open_vocabulary("affectnet8").words
    assert len(words) == 8
    assert set(words) - set(open_vocabulary("emer7").words) == {"contempt"}


def test_every_question_has_a_vocabulary_with_a_source() -> None:
    assert {vocabulary_of(question).name for question in list_questions()} == set(list_vocabularies())
    assert all(open_vocabulary(name).source and open_vocabulary(name).version >= 1 for name in list_vocabularies())


def test_unknown_names_come_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'emer7'"):
        open_vocabulary("emer8")
    with pytest.raises(DataError, match="did you mean 'arousal'"):
        vocabulary_of("arusal")
    with pytest.raises(DataError, match="did you mean 'surprise'"):
        open_vocabulary("emer7").value("Suprise", question="emotion7")


@pytest.mark.parametrize("text", ["nan", "inf", "", "0,5", "high"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="which is a number"):
        open_vocabulary("valence").value(text, question="valence")
