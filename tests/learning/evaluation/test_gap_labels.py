"""Whether felt and shown differ, clip by clip."""

import dataclasses
from collections.abc import Callable

import numpy as np
import polars as pl

from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.learning.evaluation.gap_labels import GAP_SPACE, gap_labels, with_gap_labels
from emogap.types import LabelView

MakeDataset = Callable[..., Dataset]


def with_labels(dataset: Dataset, felt: list[list[float] | None], shown: list[list[float] | None]) -> Dataset:
    columns = [pl.Series(f"{view}_emotion3", shares, pl.List(pl.Float64)) for view, shares in
               (("felt", felt), ("shown", shown))]  # fmt: skip
    return dataclasses.replace(dataset, samples=dataset.samples.with_columns(columns))


def test_the_most_frequent_vote_is_held_against_the_answer(make_dataset: MakeDataset) -> None:
    """Agree; differ; no answer; no vote; a tie that goes to the first class, which is the answer; a tie against it."""
    positive, negative = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
    dataset = with_labels(
        make_dataset(3, 2),
        [positive, positive, None, negative, positive, negative],
        [[0.75, 0.25, 0.0], negative, negative, None, [0.5, 0.5, 0.0], [0.5, 0.5, 0.0]],
    )
    np.testing.assert_array_equal(gap_labels(dataset, "emotion3"), [0, 1, np.nan, np.nan, 0, 1])


def test_a_gap_is_a_label_that_a_model_can_be_fitted_to(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(3, 2)
    gap = gap_labels(dataset, "emotion3")
    shares = label_array(with_gap_labels(dataset, "emotion3"), LabelView.SHOWN, "class", GAP_SPACE)
    np.testing.assert_array_equal(shares, np.stack([1 - gap, gap], axis=1))
    assert np.isnan(shares[1]).all()  # the clip without a shown label


def test_a_fit_to_gaps_is_not_taken_for_a_fit_to_classes(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(3, 2)
    prints = {dataset.fingerprint, *(with_gap_labels(dataset, s).fingerprint for s in ("emotion3", "emotion7"))}
    assert len(prints) == 3
