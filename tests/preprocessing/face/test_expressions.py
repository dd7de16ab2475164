import numpy as np
import pytest

from emogap.errors import DataError, UsageError
from emogap.preprocessing.face import FaceExpressions, to_emotion7
from emogap.types import vocabulary

EIGHT = ("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")


def expressions(*rows: list[float], classes: tuple[str, ...] = EIGHT) -> FaceExpressions:
    return FaceExpressions(classes, np.array(rows, float), np.zeros(len(rows)))


def test_contempt_is_left_out_and_reported_and_no_class_takes_it_over() -> None:
    """By hand: half contempt; the rest keeps its proportions 4 : 1 of happiness to fear."""
    seven = to_emotion7(expressions([0, 0.5, 0, 0.1, 0.4, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 0]))
    assert seven.classes == vocabulary("emotion7")
    of = dict(zip(seven.classes, seven.probability[0], strict=True))
    assert of["happiness"] == pytest.approx(0.8)
    assert of["fear"] == pytest.approx(0.2)
    assert seven.left_out == pytest.approx([0.5, 0.0])
    assert seven.probability[1, seven.classes.index("neutral")] == 1


def test_a_frame_of_contempt_alone_has_no_emotion7() -> None:
    seven = to_emotion7(expressions([0, 1, 0, 0, 0, 0, 0, 0]))
    assert np.isnan(seven.probability).all()
    assert seven.left_out == [1]


def test_turning_twice_changes_nothing() -> None:
    once = to_emotion7(expressions([0.1, 0.3, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]))
    twice = to_emotion7(once)
    np.testing.assert_allclose(twice.probability, once.probability)
    assert twice.left_out == pytest.approx(0.3)


def test_a_class_the_network_does_not_know_is_not_called_impossible() -> None:
    with pytest.raises(UsageError, match="does not know neutral"):
        to_emotion7(expressions([0.5, 0.5, 0, 0, 0, 0, 0], classes=tuple(name for name in EIGHT if name != "neutral")))


def test_rows_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(DataError, match=r"first in frame 1: sum 7\.0000"):
        expressions([1, 0, 0, 0, 0, 0, 0, 0], [2, 0, 0, 5, 0, 0, 0, 0])


def test_a_class_that_is_no_expression_of_the_field_is_refused() -> None:
    with pytest.raises(DataError, match="happy"):
        expressions([0.5, 0.5], classes=("happy", "anger"))
