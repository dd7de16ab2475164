"""Cohen's kappa, plain and weighted, against scikit-learn, pair by pair."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from emogap.annotation.agreement import AGREEMENT
from emogap.errors import UsageError
from emogap.types import RatingTable

MakeTable = Callable[..., RatingTable]
WEIGHTS = {"cohen_kappa": None, "cohen_kappa_linear": "linear", "cohen_kappa_quadratic": "quadratic"}


def scale_of(name: str) -> str:
    return "nominal" if name == "cohen_kappa" else "ordinal"


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize(
    ("sizes", "missing"), [((43, 2, 5), 0.0), ((31, 3, 7), 0.2), ((29, 6, 3), 0.3)], ids=["two", "three", "more raters"]
)
def test_scikit_learn_finds_the_same_mean_over_pairs(
    make_noisy: MakeTable, name: str, sizes: tuple[int, int, int], missing: float
) -> None:
    """Light (1971), doi:10.1037/h0031643: the mean of the kappas of all pairs, each on the items that both rated."""
    table = make_noisy(scale_of(name), *sizes, missing=missing)
    kappas = []
    for one, other in combinations(table.rating.T, 2):
        both = ~np.isnan(one) & ~np.isnan(other)
        kappas.append(
            cohen_kappa_score(
                one[both].astype(int), other[both].astype(int), labels=range(sizes[2]), weights=WEIGHTS[name]
            )
        )
    assert AGREEMENT.open(name).coefficient(table) == pytest.approx(np.mean(kappas), abs=1e-12)


def test_the_example_of_cohen(make_table: MakeTable) -> None:
    """Cohen (1960), doi:10.1177/001316446002000104: 200 cases, agreement .70, chance .41, kappa .492."""
    table = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    rating = np.repeat([(row, column) for row in range(3) for column in range(3)], table.ravel(), axis=0)
    kappa = AGREEMENT.open("cohen_kappa").coefficient(make_table(rating, "nominal"))
    assert kappa == pytest.approx((0.70 - 0.41) / (1 - 0.41), rel=1e-12)


def test_quadratic_weights_take_any_numbers(make_noisy: MakeTable) -> None:
    """1 - mean squared difference / its expectation over all pairings of the two margins."""
    table = make_noisy("interval", 140, 2, 0)
    one, other = table.rating.T
    expected = np.mean((one[:, None] - other[None, :]) ** 2)
    kappa = AGREEMENT.open("cohen_kappa_quadratic").coefficient(table)
    assert kappa == pytest.approx(1 - np.mean((one - other) ** 2) / expected)
    with pytest.raises(UsageError, match="there are 280 different ratings"):
        AGREEMENT.open("cohen_kappa_linear").coefficient(table)


@pytest.mark.parametrize("name", WEIGHTS)
def test_two_who_share_no_item_are_named(make_table: MakeTable, name: str) -> None:
    rating = np.array([[1, 0, np.nan], [1, 1, np.nan], [0, np.nan, 1], [1, np.nan, 1.0]])
    with pytest.raises(UsageError, match=r"rater-1 and rater-2 share no item \(1 such pair\)"):
        AGREEMENT.open(name).coefficient(make_table(rating, scale_of(name)))
