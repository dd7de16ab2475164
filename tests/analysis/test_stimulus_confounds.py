"""Predicting the class of a stimulus from one property."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import NearestCentroid

from emogap.analysis.stimulus_confounds import class_from_property
from emogap.errors import UsageError


def test_scores_are_those_of_a_nearest_mean_left_out_by_sklearn() -> None:
    rng = np.random.default_rng(5)
    classes = np.array(["fear"] * 3 + ["joy"] * 5 + ["anger"] * 4)
    value = rng.normal(size=12) + np.array([0] * 3 + [1] * 5 + [2] * 4)
    found = class_from_property(value, classes, draws=50)
    guess = cross_val_predict(NearestCentroid(), value[:, None], classes, cv=LeaveOneOut())
    assert found.accuracy == pytest.approx((guess == classes).mean())
    assert found.uar == pytest.approx(balanced_accuracy_score(classes, guess))


def test_p_of_a_property_without_relation_is_never_too_small() -> None:
    """Scores of twelve stimuli tie often, and ties count against the property: p is on the safe side."""
    classes = np.repeat(["fear", "joy", "anger"], 4)
    p = [
        class_from_property(np.random.default_rng(seed).normal(size=12), classes, draws=99, seed=seed).p
        for seed in range(200)
    ]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.08
    assert np.mean(np.array(p) <= 0.5) <= 0.55


def test_stimuli_of_one_film_count_once_where_a_film_has_one_class() -> None:
    """Twenty cuts of four films are four films: one bright film proves nothing."""
    rng = np.random.default_rng(0)
    films = np.repeat(["f1", "f2", "f3", "f4"], 5)
    classes = np.repeat(["fear", "fear", "joy", "joy"], 5)
    value = np.repeat([0.1, 0.2, 0.7, 0.9], 5) + rng.normal(0, 0.01, 20)
    alone, grouped = (class_from_property(value, classes, groups=groups, draws=999) for groups in (None, films))
    assert (alone.num_units, grouped.num_units) == (20, 4)
    assert alone.p < 0.01
    assert grouped.p > 0.2


def test_actors_who_show_every_class_are_left_out_whole_and_shuffled_within() -> None:
    actors = np.repeat(["a", "b", "c", "d"], 3)
    classes = np.tile(["fear", "joy", "anger"], 4)
    value = np.tile([0.1, 0.5, 0.9], 4) + np.repeat([0.0, 0.02, 0.04, 0.06], 3)
    found = class_from_property(value, classes, groups=actors, draws=999)
    assert found.uar == 1
    assert found.p < 0.05


def test_what_is_not_known_is_left_out_and_counted() -> None:
    value = np.array([0.1, 0.2, 0.8, 0.9, np.nan, 0.5, 0.3])
    classes = np.array(["fear", "fear", "joy", "joy", "joy", "", "anger"])
    found = class_from_property(value, classes, draws=99)
    assert (found.num_units, found.num_left_out) == (4, 3)


def test_one_class_cannot_be_predicted() -> None:
    with pytest.raises(UsageError, match="known are 3 stimuli of 2 classes"):
        class_from_property(np.array([0.1, 0.2, 0.3]), np.array(["fear", "fear", "joy"]), draws=99)
