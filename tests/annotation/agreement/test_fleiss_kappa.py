"""Fleiss' kappa against his table of psychiatric diagnoses and against statsmodels (which pingouin brings)."""

from collections.abc import Callable

import numpy as np
import pytest
from statsmodels.stats import inter_rater

from emogap.annotation.agreement.fleiss_kappa import coefficient
from emogap.errors import UsageError
from emogap.types import RatingTable

MakeTable = Callable[..., RatingTable]

DIAGNOSES = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
"""Fleiss (1971), table 1: 30 patients, six psychiatrists each; depression, personality disorder, schizophrenia,
neurosis, other."""


def test_the_table_of_fleiss(make_table: MakeTable) -> None:
    """Fleiss (1971), doi:10.1037/h0031619: kappa = .430; the column totals are printed below his table."""
    counts = np.array([[int(digit) for digit in row] for row in DIAGNOSES.split()])
    assert counts.sum(axis=0).tolist() == [26, 26, 30, 55, 43]
    rating = np.array([np.repeat(np.arange(5), row) for row in counts])
    assert coefficient(make_table(rating, "nominal", num_categories=5)) == pytest.approx(0.430, abs=0.0005)


@pytest.mark.parametrize("sizes", [(37, 3, 7), (23, 9, 4)], ids=["more categories", "more raters"])
def test_statsmodels_finds_the_same(make_noisy: MakeTable, sizes: tuple[int, int, int]) -> None:
    table = make_noisy("nominal", *sizes)
    counts, _ = inter_rater.aggregate_raters(table.rating.astype(int), n_cat=sizes[2])
    assert coefficient(table) == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-12)


def test_annotators_may_change_from_item_to_item(make_noisy: MakeTable, make_table: MakeTable) -> None:
    """Fleiss asks for equally many votes, not for the same people."""
    table = make_noisy("nominal", 23, 3, 4)
    spread = np.full((23, 5), np.nan)
    for item, row in enumerate(table.rating):
        spread[item, (np.arange(3) + item) % 5] = row
    assert coefficient(make_table(spread, "nominal", num_categories=4)) == pytest.approx(coefficient(table))


def test_unequal_numbers_of_votes_are_refused(make_noisy: MakeTable) -> None:
    table = make_noisy("nominal", 23, 3, 4)
    rating = table.rating.copy()
    rating[5, 1] = np.nan
    with pytest.raises(UsageError, match="2 to 3, p5/s1 has 2"):
        coefficient(RatingTable(table.items, table.annotators, rating, "nominal", table.categories))
