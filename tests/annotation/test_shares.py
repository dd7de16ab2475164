"""Votes are counted, not decided; machines do not vote unless they are asked to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emogap.annotation.ratings import Rating
from emogap.annotation.shares import mean_ratings, shown_labels, vote_shares
from emogap.errors import UsageError
from emogap.types import LabelView, RatingTable, vocabulary

EMOTION7 = vocabulary("emotion7")


def rated(item: str, annotator: str, question: str, value: float) -> Rating:
    return Rating(item, annotator, question, value, 1, "here")


def emotions(item: str, **words: str) -> list[Rating]:
    return [rated(item, name.replace("_", "-"), "emotion7", EMOTION7.index(word)) for name, word in words.items()]


def test_four_experts_give_quarters() -> None:
    ratings = emotions("p1/s1", e1="fear", e2="fear", e3="surprise", e4="neutral")
    label = shown_labels(ratings)["p1/s1"]
    assert label.view is LabelView.SHOWN
    assert label.share["emotion7"].tolist() == [0, 0, 0.5, 0.25, 0, 0, 0.25]
    assert label.agreement == 0.5


def test_a_machine_does_not_vote() -> None:
    ratings = emotions("p1/s1", e1="fear", e2="fear", e3="anger", machine_simulated="happiness")
    assert shown_labels(ratings)["p1/s1"].share["emotion7"][EMOTION7.index("happiness")] == 0
    assert shown_labels(ratings, machines=True)["p1/s1"].share["emotion7"][EMOTION7.index("happiness")] == 0.25


def test_a_clip_that_only_a_machine_rated_has_no_shown_label() -> None:
    assert shown_labels(emotions("p1/s1", machine_simulated="happiness")) == {}


def test_each_question_is_summarised_on_its_own() -> None:
    ratings = [
        rated("p1/s1", "e1", "valence", -0.5),
        rated("p1/s1", "e2", "valence", 0.75),
        rated("p1/s1", "e3", "intensity", 3.0),
        rated("p1/s2", "e1", "emotion3", 1),
    ]
    labels = shown_labels(ratings)
    assert (labels["p1/s1"].valence, labels["p1/s1"].arousal, labels["p1/s1"].intensity) == (0.125, None, 3.0)
    assert labels["p1/s1"].share == {}
    assert labels["p1/s2"].share["emotion3"].tolist() == [0, 1, 0]


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, np.nan]), min_size=5, max_size=5))
def test_shares_sum_to_one_or_are_unknown(votes: list[float]) -> None:
    table = RatingTable(("a",), tuple("vwxyz"), np.array([votes]), "nominal", categories=("p", "q", "r"))
    share = vote_shares(table)[0]
    assert np.isnan(share).all() if np.isnan(votes).all() else share.sum() == pytest.approx(1)


def test_the_scale_decides_what_may_be_asked() -> None:
    nominal = RatingTable(("a",), ("v",), np.array([[0.0]]), "nominal", categories=("p",))
    with pytest.raises(UsageError, match="words have no mean"):
        mean_ratings(nominal)
    with pytest.raises(UsageError, match="votes are counted on a nominal scale"):
        vote_shares(RatingTable(("a",), ("v",), np.array([[0.5]]), "interval"))
