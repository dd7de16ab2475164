"""Labels, tasks and predictions keep the views apart and the shares whole."""

import numpy as np
import pytest

from emogap.errors import DataError, UnknownNameError
from emogap.types import (
    EmotionLabel,
    LabelView,
    Prediction,
    RatingTable,
    SampleKey,
    TaskSpec,
    vocabulary,
)

STREAMS = {"eye": (32, 20), "face": (8, 324)}


def test_shares_sum_to_one() -> None:
    with pytest.raises(DataError, match="must sum to 1"):
        EmotionLabel(LabelView.FELT, {"emotion3": np.array([0.5, 0.5, 0.5])})


def test_shares_have_one_number_per_word() -> None:
    with pytest.raises(DataError, match="must be 7 non-negative numbers"):
        EmotionLabel(LabelView.FELT, {"emotion7": np.array([0.5, 0.5, 0.0])})


def test_intensity_is_shown_never_felt() -> None:
    assert EmotionLabel(LabelView.SHOWN, {}, intensity=2.5).intensity == 2.5
    with pytest.raises(DataError, match="belongs to the view shown"):
        EmotionLabel(LabelView.FELT, {}, intensity=2.5)


def test_the_vocabularies_are_those_of_the_conventions() -> None:
    assert set(vocabulary("emotion7")) == {
        "happiness", "sadness", "fear", "surprise", "disgust", "anger", "neutral",
    }  # fmt: skip
    assert set(vocabulary("emotion3")) == {"positive", "negative", "neutral"}
    with pytest.raises(UnknownNameError, match="did you mean 'emotion7'"):
        vocabulary("emotion8")


def test_a_task_is_classes_or_values() -> None:
    views = (LabelView.FELT, LabelView.SHOWN)
    assert TaskSpec(views, ("class",), "emotion7", STREAMS).head_size == 7
    assert TaskSpec(views, ("valence", "arousal"), None, STREAMS).head_size == 2
    with pytest.raises(DataError, match="class stands alone"):
        TaskSpec(views, ("class", "valence"), "emotion7", STREAMS)
    with pytest.raises(DataError, match="label space belongs to a classification task"):
        TaskSpec(views, ("valence",), "emotion7", STREAMS)
    with pytest.raises(DataError, match="intensity is a target of the view shown alone"):
        TaskSpec(views, ("intensity",), None, STREAMS)


def prediction(output: np.ndarray) -> Prediction:
    keys = tuple(SampleKey("d", f"r{i}", f"p{i}", "s", "s", 0.0, 8.0) for i in range(2))
    label = np.array([[1.0, 0, 0], [0, 1, 0]])
    return Prediction(keys, LabelView.FELT, "class", "emotion3", output, label, "majority", "person", "p0", 0)


def test_probabilities_sum_to_one() -> None:
    assert prediction(np.array([[0.2, 0.3, 0.5], [1.0, 0, 0]])).seed == 0
    with pytest.raises(DataError, match="1 rows of probabilities do not sum to 1, first 1"):
        prediction(np.array([[0.2, 0.3, 0.5], [1.0, 1, 0]]))
    with pytest.raises(DataError, match="not finite"):
        prediction(np.array([[0.2, 0.3, 0.5], [np.nan, 1, 0]]))


def test_ratings_stay_on_their_scale() -> None:
    rating = np.array([[0.0, 2.0, np.nan], [1.0, 3.0, 1.0]])
    with pytest.raises(DataError, match="1 ratings are off the scale"):
        RatingTable(("a", "b"), ("x", "y", "z"), rating, "nominal", categories=("positive", "negative", "neutral"))
    with pytest.raises(DataError, match="1 ratings are off the scale"):
        RatingTable(("a", "b"), ("x", "y", "z"), rating, "interval", limits=(0.0, 2.0))


def test_keys_sort_by_recording_first() -> None:
    later = SampleKey("d", "r2", "p1", "s", "s", 0.0, 8.0)
    earlier = SampleKey("d", "r1", "p2", "s", "s", 9.0, 18.0)
    assert sorted([later, earlier]) == [earlier, later]
    with pytest.raises(DataError, match="must end after it starts"):
        SampleKey("d", "r", "p", "s", "s", 8.0, 8.0)
