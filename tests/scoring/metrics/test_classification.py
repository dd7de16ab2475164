"""WAR, UAR and both F1 against scikit-learn, and where they deliberately differ."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, recall_score

from emogap.errors import UsageError
from emogap.scoring.metrics import f1_macro, f1_weighted, uar, war

CLIPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


@settings(deadline=None, max_examples=50)
@given(CLIPS)
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
def test_all_four_are_those_of_scikit_learn(clips: list[tuple[int, int]]) -> None:
    label, output = np.array(clips).T
    assert war.score(label, output) == pytest.approx(accuracy_score(label, output))
    assert uar.score(label, output) == pytest.approx(balanced_accuracy_score(label, output))
    weighted = f1_score(label, output, average="weighted", zero_division=0)
    assert f1_weighted.score(label, output) == pytest.approx(weighted)
    assert f1_macro.score(label, output) == pytest.approx(f1_score(label, output, average="macro", zero_division=0))


def test_uar_leaves_out_a_class_that_was_only_guessed() -> None:
    """scikit-learn's macro recall counts it as 0; the conventions do not."""
    label, output = [0, 0, 1, 1], [0, 0, 1, 2]
    assert uar.score(label, output) == 0.75
    assert recall_score(label, output, average="macro", zero_division=0) == 0.5


def test_a_constant_guess_has_the_floors_of_the_majority_row() -> None:
    """A majority share p gives WAR p, UAR 1/K and weighted F1 2 p^2 / (1 + p): 52.92, 33.33 and 36.63 percent."""
    label = np.repeat([0, 1, 2], [5292, 2354, 2354])
    output = np.zeros(10_000, np.int64)
    assert war.score(label, output) == pytest.approx(0.5292)
    assert uar.score(label, output) == pytest.approx(1 / 3)
    assert f1_weighted.score(label, output) == pytest.approx(0.3663, abs=5e-5)


def test_shares_instead_of_classes_are_refused() -> None:
    with pytest.raises(UsageError, match="harden"):
        war.score([0.2, 0.8], [0.1, 0.9])


def test_an_unlabelled_clip_is_refused() -> None:
    with pytest.raises(UsageError, match="down to -1"):
        uar.score([0, -1, 1], [0, 1, 1])
