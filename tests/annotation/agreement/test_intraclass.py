"""The four intraclass correlations against the paper's table and against pingouin."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pingouin
import pytest

from emogap.annotation.agreement import AGREEMENT
from emogap.types import RatingTable

PUBLISHED = {"icc1": 0.17, "icc2_1": 0.29, "icc2_k": 0.62, "icc3_k": 0.91}
ROW_OF = {"icc1": 0, "icc2_1": 1, "icc2_k": 4, "icc3_k": 5}
"""Row in pingouin's table: (1,1), (2,1), (3,1), (1,k), (2,k), (3,k) in all versions, by changing names."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_table_of_shrout_and_fleiss(shrout_fleiss: RatingTable, name: str) -> None:
    """Shrout & Fleiss (1979), doi:10.1037/0033-2909.86.2.420, table 4."""
    assert AGREEMENT.open(name).coefficient(shrout_fleiss) == pytest.approx(PUBLISHED[name], abs=0.005)


# pingouin 0.7 calls pandas in a way that pandas 3.1 deprecates.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("sizes", [(31, 4), (5, 9)], ids=["more items", "more raters"])
def test_pingouin_finds_the_same(make_noisy: Callable[..., RatingTable], name: str, sizes: tuple[int, int]) -> None:
    table = make_noisy("interval", *sizes, 0)
    item, rater = np.indices(table.rating.shape)
    long = pd.DataFrame({"item": item.ravel(), "rater": rater.ravel(), "rating": table.rating.ravel()})
    reference = pingouin.intraclass_corr(long, targets="item", raters="rater", ratings="rating")
    assert AGREEMENT.open(name).coefficient(table) == pytest.approx(reference["ICC"].iloc[ROW_OF[name]], abs=1e-9)


def test_a_rater_who_is_always_higher_counts_for_agreement_and_not_for_consistency(
    make_noisy: Callable[..., RatingTable], make_table: Callable[..., RatingTable]
) -> None:
    table = make_noisy("interval", 29, 3, 0)
    shifted = make_table(table.rating + np.array([0.0, 0.0, 5.0]), "interval")
    before, after = ({name: AGREEMENT.open(name).coefficient(one) for name in PUBLISHED} for one in (table, shifted))
    assert after["icc3_k"] == pytest.approx(before["icc3_k"])
    assert all(after[name] < before[name] - 0.1 for name in ("icc1", "icc2_1", "icc2_k"))


def test_large_numbers_cost_no_digits(shrout_fleiss: RatingTable, make_table: Callable[..., RatingTable]) -> None:
    far = make_table(shrout_fleiss.rating + 1e6, "interval")
    for name in PUBLISHED:
        coefficient = AGREEMENT.open(name).coefficient
        assert coefficient(far) == pytest.approx(coefficient(shrout_fleiss), rel=1e-9)
