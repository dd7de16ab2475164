"""Labels come out by view, and what is not labelled is NaN."""

from collections.abc import Callable

import numpy as np
import pytest

from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.errors import UnknownNameError, UsageError
from emogap.types import LabelView

Make = Callable[..., Dataset]


def test_shares_of_a_view_fill_the_rows_that_have_them(hand_dataset: Make) -> None:
    labels = label_array(hand_dataset(), LabelView.SHOWN, "class", "emotion7")
    assert labels.shape == (3, 7)
    assert np.isnan(labels[[0, 2]]).all()
    assert labels[1].tolist() == [0, 0, 0, 0, 0, 1, 0]


def test_views_are_never_mixed(hand_dataset: Make) -> None:
    dataset = hand_dataset()
    assert label_array(dataset, LabelView.FELT, "class", "emotion3").tolist() == [[0, 1, 0]] * 3
    assert np.isnan(label_array(dataset, LabelView.TARGET, "class", "emotion3")).all()


def test_values_are_a_vector(hand_dataset: Make) -> None:
    dataset = hand_dataset()
    assert label_array(dataset, LabelView.FELT, "arousal").tolist() == [0.25] * 3
    np.testing.assert_array_equal(label_array(dataset, LabelView.SHOWN, "intensity"), [np.nan, 2.5, np.nan])


def test_a_space_the_data_do_not_carry_is_unlabelled(hand_dataset: Make) -> None:
    dataset = hand_dataset()
    assert "felt_quadrant" not in dataset.samples.columns
    assert np.isnan(label_array(dataset, LabelView.FELT, "class", "quadrant")).all()


def test_an_unknown_space_names_the_nearest(hand_dataset: Make) -> None:
    with pytest.raises(UnknownNameError, match="emotion7"):
        label_array(hand_dataset(), LabelView.FELT, "class", "emotion8")


def test_a_space_belongs_to_classes_alone(hand_dataset: Make) -> None:
    with pytest.raises(UsageError, match="valence has no label space"):
        label_array(hand_dataset(), LabelView.FELT, "valence", "emotion3")
