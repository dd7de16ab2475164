"""Every coefficient on the shelf, whichever it is."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from emogap.annotation.agreement import AGREEMENT, complete_items, measure_agreement
from emogap.errors import UnknownNameError, UsageError
from emogap.types import RatingTable

NAMES = AGREEMENT.names()
MakeTable = Callable[..., RatingTable]
CASES = [(name, scale) for name in NAMES for scale in AGREEMENT.open(name).SCALES]


def test_the_coefficients_of_the_conventions_are_there() -> None:
    assert set(NAMES) == {
        "cohen_kappa",
        "cohen_kappa_linear",
        "cohen_kappa_quadratic",
        "cronbach_alpha",
        "fleiss_kappa",
        "gwet_ac1",
        "icc1",
        "icc2_1",
        "icc2_k",
        "icc3_k",
        "krippendorff_alpha",
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_says_what_it_is_and_where_it_is_from(name: str) -> None:
    entry = AGREEMENT.open(name)
    assert entry.TITLE
    assert len(entry.ASSUMES) > 30
    assert "doi:10." in entry.coefficient.__doc__


@pytest.mark.parametrize(("name", "scale"), CASES)
@pytest.mark.parametrize("sizes", [(23, 3, 5), (19, 8, 3)], ids=["more categories", "more raters"])
def test_the_order_of_items_and_of_annotators_does_not_matter(
    make_noisy: MakeTable, name: str, scale: str, sizes: tuple[int, int, int]
) -> None:
    table = make_noisy(scale if scale != "interval" else "ordinal", *sizes)
    table = replace(table, scale=scale, rating=table.rating.copy())
    rng = np.random.default_rng(1)
    items, raters = rng.permutation(sizes[0]), rng.permutation(sizes[1])
    shuffled = RatingTable(
        tuple(table.items[i] for i in items),
        tuple(table.annotators[j] for j in raters),
        table.rating[items][:, raters],
        table.scale,
        table.categories,
    )
    coefficient = AGREEMENT.open(name).coefficient
    assert coefficient(shuffled) == pytest.approx(coefficient(table), rel=1e-10)


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_annotators_who_agree_everywhere_reach_1(make_table: MakeTable, name: str, scale: str) -> None:
    rating = np.repeat(np.array([[0.0], [2.0], [1.0], [2.0], [0.0], [1.0], [3.0]]), 5, axis=1)
    assert AGREEMENT.open(name).coefficient(make_table(rating, scale)) == pytest.approx(1.0)


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_one_rating_everywhere_leaves_the_coefficient_undefined(make_table: MakeTable, name: str, scale: str) -> None:
    """Where nothing differs nothing can agree; AC1 alone says that it does."""
    table = make_table(np.full((7, 3), 0.1 if scale == "interval" else 1.0), scale)
    result = measure_agreement(table, name, draws=20)
    if name == "gwet_ac1":
        assert (result.estimate, result.low, result.high) == (1.0, 1.0, 1.0)
    else:
        assert np.isnan([result.estimate, result.low, result.high]).all()
        assert result.undefined_draws == 20


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_missing_ratings_are_taken_or_refused_in_words(make_noisy: MakeTable, name: str, scale: str) -> None:
    entry = AGREEMENT.open(name)
    table = make_noisy("nominal" if scale == "nominal" else "ordinal", 40, 4, 3, missing=0.2, seed=3)
    table = replace(table, scale=scale, rating=table.rating.copy())
    if entry.ALLOWS_MISSING:
        assert np.isfinite(entry.coefficient(table))
    else:
        with pytest.raises(
            UsageError, match=r"missing ratings: \d+ of \d+ items lack one|equally many votes"
        ) as refusal:
            entry.coefficient(table)
        assert "krippendorff_alpha" in str(refusal.value)
    assert np.isfinite(entry.coefficient(complete_items(table)))


@pytest.mark.parametrize("name", NAMES)
def test_a_scale_that_the_coefficient_is_not_for_is_refused(make_noisy: MakeTable, name: str) -> None:
    entry = AGREEMENT.open(name)
    for scale in {"nominal", "ordinal", "interval"} - set(entry.SCALES):
        with pytest.raises(UsageError, match=f"these are {scale}"):
            entry.coefficient(make_noisy(scale, 11, 3, 4))


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_items_rated_once_only_are_nothing_to_agree_on(make_table: MakeTable, name: str, scale: str) -> None:
    rating = np.where(np.eye(3, 4) > 0, 1.0, np.nan)
    with pytest.raises(UsageError, match=r"no item was rated by two annotators \(3 items, 4 annotators\)"):
        AGREEMENT.open(name).coefficient(make_table(rating, scale))


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_an_item_counted_twice_is_two_items(
    make_noisy: MakeTable, make_table: MakeTable, name: str, scale: str
) -> None:
    entry = AGREEMENT.open(name)
    table = make_noisy("nominal" if scale == "nominal" else "ordinal", 13, 4, 3)
    table = replace(table, scale=scale, rating=table.rating.copy())
    counts = np.random.default_rng(5).integers(0, 4, 13)
    repeated = make_table(np.repeat(table.rating, counts, axis=0), scale, num_categories=len(table.categories))
    weighted = entry.from_sums(counts @ entry.item_sums(table), table)
    assert float(weighted) == pytest.approx(entry.coefficient(repeated), rel=1e-9)


def test_an_unknown_coefficient_names_the_nearest(shrout_fleiss: RatingTable) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'fleiss_kappa'"):
        measure_agreement(shrout_fleiss, "fleis_kappa")


def test_complete_items_need_somebody_complete(make_table: MakeTable) -> None:
    with pytest.raises(UsageError, match="no item was rated by all 3 annotators"):
        complete_items(make_table(np.array([[1.0, np.nan, 2.0], [np.nan, 1.0, 2.0]]), "interval"))
