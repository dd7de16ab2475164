"""Krippendorff's alpha against his worked example and the package of that name."""

from collections.abc import Callable

import krippendorff
import numpy as np
import pytest

from emogap.annotation.agreement.krippendorff_alpha import coefficient
from emogap.errors import UsageError
from emogap.types import RatingTable

MakeTable = Callable[..., RatingTable]


@pytest.mark.parametrize(("scale", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_the_example_of_krippendorff(krippendorff_2011: dict[str, RatingTable], scale: str, published: float) -> None:
    """Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section D."""
    assert coefficient(krippendorff_2011[scale]) == pytest.approx(published, abs=0.0005)


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize(
    ("sizes", "missing"),
    [((37, 4, 7), 0.3), ((23, 9, 3), 0.5), ((37, 3, 5), 0.0)],
    ids=["more categories", "more raters", "complete"],
)
def test_the_package_finds_the_same(
    make_noisy: MakeTable, scale: str, sizes: tuple[int, int, int], missing: float
) -> None:
    table = make_noisy(scale, *sizes, missing=missing, seed=sum(sizes))
    reference = krippendorff.alpha(reliability_data=table.rating.T, level_of_measurement=scale)
    assert coefficient(table) == pytest.approx(reference, abs=1e-9)


def test_an_item_with_one_rating_changes_nothing(make_noisy: MakeTable, make_table: MakeTable) -> None:
    table = make_noisy("nominal", 21, 4, 3)
    lonely = np.vstack([table.rating, [np.nan, 2, np.nan, np.nan]])
    assert coefficient(make_table(lonely, "nominal", num_categories=3)) == pytest.approx(coefficient(table))


def test_an_interval_scale_may_be_stretched_and_an_ordinal_one_bent(
    make_noisy: MakeTable, make_table: MakeTable
) -> None:
    table = make_noisy("ordinal", 33, 4, 6, missing=0.2)
    bent = make_table(np.exp(table.rating), "ordinal")
    assert coefficient(bent) == pytest.approx(coefficient(table))
    numbers = make_table(table.rating, "interval")
    assert coefficient(make_table(3 * table.rating - 7, "interval")) == pytest.approx(coefficient(numbers))


def test_an_ordinal_scale_without_points_is_refused(make_table: MakeTable) -> None:
    rating = np.random.default_rng(0).random((60, 3))
    with pytest.raises(UsageError, match="at most 101; there are 180"):
        coefficient(make_table(rating, "ordinal"))
