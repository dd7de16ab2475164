"""Intervals over items, and several coefficients from the same resamples."""

from collections.abc import Callable

import numpy as np
import pytest

from emogap.annotation.agreement import AGREEMENT, measure_agreement, measure_all
from emogap.scoring import cluster_bootstrap
from emogap.types import RatingTable

MakeTable = Callable[..., RatingTable]


def test_the_interval_is_that_of_scoring(make_noisy: MakeTable, make_table: MakeTable) -> None:
    """The bootstrap of scoring, given the items as clusters and the coefficient as the score, one table per draw."""
    table = make_noisy("nominal", 31, 4, 3, missing=0.2)
    entry = AGREEMENT.open("krippendorff_alpha")

    def alpha_of(items: np.ndarray) -> float:
        return float(entry.coefficient(make_table(table.rating[items], "nominal", num_categories=3)))

    reference = cluster_bootstrap(alpha_of, np.arange(31), draws=300, seed=4)
    result = measure_agreement(table, "krippendorff_alpha", draws=300, seed=4)
    assert (result.estimate, result.low, result.high) == pytest.approx(
        (reference.estimate, reference.low, reference.high)
    )


def test_all_at_once_is_one_by_one(make_noisy: MakeTable) -> None:
    table = make_noisy("nominal", 31, 4, 3)
    results, refused = measure_all(table, draws=100, seed=2)
    assert [result.method for result in results] == [
        "cohen_kappa",
        "cronbach_alpha",
        "fleiss_kappa",
        "gwet_ac1",
        "krippendorff_alpha",
    ]
    assert results == tuple(measure_agreement(table, result.method, draws=100, seed=2) for result in results)
    assert set(refused) == set(AGREEMENT) - {result.method for result in results}
    assert "these are nominal" in refused["icc1"]


def test_what_was_counted_is_told(make_table: MakeTable) -> None:
    rating = np.array([[1, 2, np.nan], [2, np.nan, np.nan], [1, 1, 2], [0, 1, 0.0], [2, 2, 2]])
    result = measure_agreement(make_table(rating, "ordinal"), "krippendorff_alpha", draws=50)
    assert (result.num_items, result.num_items_left_out, result.num_raters, result.num_ratings) == (4, 1, 3, 12)


def test_a_single_item_has_no_interval(make_table: MakeTable) -> None:
    rating = np.array([[1.0, 2, 1], [1, np.nan, np.nan]])
    result = measure_agreement(make_table(rating, "ordinal"), "krippendorff_alpha")
    assert np.isnan(result.low)
    assert np.isnan(result.high)


def test_no_draws_give_no_interval(shrout_fleiss: RatingTable) -> None:
    assert np.isnan(measure_agreement(shrout_fleiss, "icc1", draws=0).low)


def test_the_interval_covers_about_as_often_as_it_says(make_table: MakeTable) -> None:
    """Two categories, six annotators right with probability 0.8: alpha is known, (2 * 0.8 - 1)**2 = 0.36."""
    rng = np.random.default_rng(7)
    covered = 0
    for seed in range(200):
        truth = rng.integers(0, 2, (60, 1))
        rating = np.where(rng.random((60, 6)) < 0.8, truth, 1 - truth)
        table = make_table(rating, "nominal", num_categories=2)
        result = measure_agreement(table, "krippendorff_alpha", draws=400, seed=seed)
        covered += result.low <= 0.36 <= result.high
    assert 0.90 <= covered / 200 <= 0.99
