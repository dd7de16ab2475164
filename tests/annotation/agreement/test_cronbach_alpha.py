"""Cronbach's alpha and Feldt's interval against pingouin; words as indicators."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pingouin
import pytest

from emogap.annotation.agreement import AGREEMENT, measure_agreement
from emogap.annotation.agreement.cronbach_alpha import coefficient, feldt_interval
from emogap.types import RatingTable

MakeTable = Callable[..., RatingTable]


@pytest.mark.parametrize("sizes", [(31, 4), (6, 11)], ids=["more items", "more raters"])
def test_pingouin_finds_the_same_with_its_interval(make_noisy: MakeTable, sizes: tuple[int, int]) -> None:
    table = make_noisy("interval", *sizes, 0)
    alpha, interval = pingouin.cronbach_alpha(pd.DataFrame(table.rating), ci=0.9)
    assert coefficient(table) == pytest.approx(alpha, abs=1e-9)
    result = measure_agreement(table, "cronbach_alpha", draws=0, level=0.9)
    assert result.feldt == pytest.approx(tuple(interval), abs=0.0006)


def test_the_definition_by_variances(make_noisy: MakeTable) -> None:
    """Cronbach (1951), eq. 2, written out."""
    rating = make_noisy("interval", 17, 5, 0).rating
    by_definition = 5 / 4 * (1 - rating.var(axis=0, ddof=1).sum() / rating.sum(axis=1).var(ddof=1))
    assert coefficient(make_noisy("interval", 17, 5, 0)) == pytest.approx(by_definition)


def test_it_is_icc_3_k(make_noisy: MakeTable) -> None:
    table = make_noisy("interval", 17, 5, 0)
    assert coefficient(table) == pytest.approx(AGREEMENT.open("icc3_k").coefficient(table))


def test_two_categories_give_kuder_and_richardson_20(make_noisy: MakeTable) -> None:
    """KR-20 is alpha of answers scored 0 and 1: k / (k - 1) (1 - sum p q / s2 of the total)."""
    table = make_noisy("nominal", 41, 6, 2)
    score = table.rating
    share = score.mean(axis=0)
    kr20 = 6 / 5 * (1 - np.sum(share * (1 - share)) / score.sum(axis=1).var())
    assert coefficient(table) == pytest.approx(kr20)


def test_the_order_of_categories_does_not_matter(make_noisy: MakeTable, make_table: MakeTable) -> None:
    table = make_noisy("nominal", 41, 3, 5)
    renamed = make_table(np.array([3, 0, 4, 1, 2])[table.rating.astype(int)], "nominal", num_categories=5)
    assert coefficient(renamed) == pytest.approx(coefficient(table), rel=1e-12)


def test_words_have_no_interval_of_feldt(make_noisy: MakeTable) -> None:
    assert measure_agreement(make_noisy("nominal", 41, 3, 5), "cronbach_alpha", draws=0).feldt is None


def test_the_interval_of_feldt_covers_as_often_as_it_says() -> None:
    """Parallel ratings with known alpha: k r / (1 + (k - 1) r); 2,000 tables of 30 clips by 4 annotators."""
    rng = np.random.default_rng(11)
    num_items, num_raters, single = 30, 4, 0.5
    alpha = num_raters * single / (1 + (num_raters - 1) * single)
    covered = 0
    for _ in range(2000):
        rating = rng.normal(0, 1, (num_items, 1)) + rng.normal(0, 1, (num_items, num_raters))
        estimate = 1 - _residual(rating) / (num_raters * rating.mean(axis=1).var(ddof=1))
        low, high = feldt_interval(estimate, num_items=num_items, num_raters=num_raters)
        covered += low <= alpha <= high
    assert abs(covered / 2000 - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 2000)


def _residual(rating: np.ndarray) -> float:
    residual = rating - rating.mean(axis=0) - rating.mean(axis=1, keepdims=True) + rating.mean()
    return float(np.sum(residual**2) / ((rating.shape[0] - 1) * (rating.shape[1] - 1)))
