"""Two one-sided tests against statsmodels, and what groups they give."""

import numpy as np
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from emogap.errors import UsageError
from emogap.scoring.equivalence import equivalence_groups, equivalence_limits, equivalence_p


def test_it_is_the_tost_of_statsmodels() -> None:
    parts = np.random.default_rng(0).normal(0.01, 0.1, 43)
    error = parts.std(ddof=1) / np.sqrt(43)
    p, _, _ = DescrStatsW(parts).ttost_mean(-0.05, 0.05)
    assert equivalence_p(parts.mean(), error, num_people=43) == pytest.approx(p)


@pytest.mark.parametrize("difference", [-0.03, 0.0, 0.02, 0.07])
def test_the_limits_lie_within_the_margin_exactly_if_p_is_small(difference: float) -> None:
    low, high = equivalence_limits(difference, 0.012, num_people=17)
    is_within = low > -0.05 and high < 0.05
    assert is_within == (equivalence_p(difference, 0.012, num_people=17) < 0.05)


def test_few_people_show_nothing_to_be_alike() -> None:
    """No difference at all, but an error as large as the margin."""
    assert equivalence_p(0.0, 0.05, num_people=8) > 0.15


def test_a_difference_at_the_margin_is_called_alike_in_five_of_a_hundred() -> None:
    rng = np.random.default_rng(1)
    studies = rng.normal(0.05, 0.1, (4_000, 60))
    errors = studies.std(axis=1, ddof=1) / np.sqrt(60)
    p = [equivalence_p(d, e, num_people=60) for d, e in zip(studies.mean(axis=1), errors, strict=True)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.011)


def test_models_that_are_neither_alike_nor_distinguished_are_in_no_group() -> None:
    p = {("a", "b"): 0.001, ("c", "b"): 0.02, ("a", "c"): 0.04, ("a", "d"): 0.2, ("c", "d"): np.nan}
    assert equivalence_groups(["a", "b", "c", "d"], p) == (("a", "b", "c"),)
    assert equivalence_groups(["a", "d"], p) == ()


def test_two_models_that_say_the_same_are_alike() -> None:
    assert equivalence_p(0.0, 0.0, num_people=5) == 0.0


def test_a_margin_of_zero_is_refused() -> None:
    with pytest.raises(UsageError, match="margin"):
        equivalence_p(0.0, 0.1, num_people=5, margin=0.0)
