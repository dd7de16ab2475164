"""The short form of the slow check ``sets_of_folds``, and its formula where the answer is known without it."""

import numpy as np
import pytest

from slow_checks.sets_of_folds import of_many_models, summary


def test_models_that_agree_cover_what_is_stated_and_those_that_share_nothing_cover_all() -> None:
    assert of_many_models(0.8, 0.0) == pytest.approx(0.8)
    assert of_many_models(0.8, 1 - 1e-9) == pytest.approx(1)


def test_the_formula_is_the_chance_that_a_mean_rank_is_not_extreme() -> None:
    """Twenty thousand clips, a hundred models, a third of the variance their own."""
    rng = np.random.default_rng(0)
    shared = np.sqrt(2 / 3) * rng.normal(size=20_000)
    ranks = [
        np.argsort(np.argsort(shared + np.sqrt(1 / 3) * rng.normal(size=len(shared)))) / len(shared) for _ in range(100)
    ]
    assert (np.mean(ranks, axis=0) < 0.8).mean() == pytest.approx(of_many_models(0.8, 1 / 3), abs=0.01)


def test_sets_by_all_models_hold_more_where_models_disagree_and_those_by_one_do_not() -> None:
    rows = {(row["cause"], row["level"]): row for row in summary(8, 2)}
    for cause in ("five models, half their own", "least squares, 240 cues of 240 clips"):
        row = rows[cause, 0.8]
        by_one, by_all = (float(str(row[name])) for name in ("by_one", "by_all"))
        assert by_all > by_one + 0.05
        assert 0.7 < by_one < 0.9
