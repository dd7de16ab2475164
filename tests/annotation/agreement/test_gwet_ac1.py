"""Gwet's AC1 against his examples, and where kappa fails."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from emogap.annotation.agreement import AGREEMENT
from emogap.annotation.agreement.gwet_ac1 import coefficient
from emogap.types import RatingTable

MakeTable = Callable[..., RatingTable]


def pairs_of(table: np.ndarray) -> np.ndarray:
    """Ratings of two annotators with this confusion table."""
    cells = [(row, column) for row in range(len(table)) for column in range(len(table))]
    return np.repeat(cells, np.ravel(table), axis=0)


def test_the_paradox_of_kappa(make_table: MakeTable) -> None:
    """Gwet (2008), doi:10.1348/000711006X126600: two raters call 118 of 125 subjects positive together and none
    negative together; they agree on 94 %, kappa is below 0. AC1 by his formula, in exact fractions."""
    table = make_table(pairs_of(np.array([[118, 5], [2, 0]])), "nominal")
    agreed, share = Fraction(118, 125), (Fraction(123, 125) + Fraction(120, 125)) / 2
    chance = 2 * share * (1 - share)
    assert coefficient(table) == pytest.approx(float((agreed - chance) / (1 - chance)), rel=1e-12)
    assert coefficient(table) == pytest.approx(0.9408, abs=5e-5)
    assert AGREEMENT.open("cohen_kappa").coefficient(table) == pytest.approx(-0.0234, abs=5e-5)


def test_three_categories_by_two_abstractors(make_table: MakeTable) -> None:
    """The table of 100 pregnancies in Gwet (2014), also in his R package irrCAC (cont3x3abstractors)."""
    table = make_table(pairs_of(np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])), "nominal")
    assert coefficient(table) == pytest.approx(0.8493, abs=5e-5)
    assert AGREEMENT.open("cohen_kappa").coefficient(table) == pytest.approx(0.7964, abs=5e-5)


def test_four_raters_with_gaps(krippendorff_2011: dict[str, RatingTable]) -> None:
    """The same twelve units are cac.raw4raters in Gwet's R package irrCAC, whose gwet.ac1.raw gives 0.77544."""
    assert coefficient(krippendorff_2011["nominal"]) == pytest.approx(0.77544, abs=5e-6)


def test_a_category_that_nobody_chose_still_was_on_offer(make_noisy: MakeTable, make_table: MakeTable) -> None:
    table = make_noisy("nominal", 40, 5, 3)
    wider = make_table(table.rating, "nominal", num_categories=7)
    assert coefficient(wider) > coefficient(table)


@pytest.mark.parametrize("sizes", [(37, 3, 7), (23, 9, 4)], ids=["more categories", "more raters"])
def test_complete_ratings_give_the_formula_of_2008(make_noisy: MakeTable, sizes: tuple[int, int, int]) -> None:
    """Gwet (2008): p_a over pairs of raters counted one by one, chance from the shares of all ratings."""
    table = make_noisy("nominal", *sizes)
    num_raters, num_categories = sizes[1:]
    pairs = [
        np.mean(table.rating[:, one] == table.rating[:, other])
        for one in range(num_raters)
        for other in range(num_raters)
        if one != other
    ]
    share = np.bincount(table.rating.astype(int).ravel(), minlength=num_categories) / table.rating.size
    chance = np.sum(share * (1 - share)) / (num_categories - 1)
    assert coefficient(table) == pytest.approx((np.mean(pairs) - chance) / (1 - chance), abs=1e-12)
