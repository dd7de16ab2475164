"""Adjusted p values, against the definition and against what they promise."""

import numpy as np

from emogap.scoring.discovery import benjamini_hochberg


def test_the_adjusted_values_are_those_of_the_definition() -> None:
    p = np.random.default_rng(0).uniform(size=23) ** 2
    order = np.argsort(p)
    by_hand = np.empty(23)
    for rank, index in enumerate(order):
        by_hand[index] = min(1.0, *(23 * p[order[later]] / (later + 1) for later in range(rank, 23)), 1.0)
    np.testing.assert_allclose(benjamini_hochberg(p), by_hand)


def test_a_test_that_could_not_be_made_does_not_count() -> None:
    adjusted = benjamini_hochberg([0.04, np.nan, 0.01])
    np.testing.assert_allclose(adjusted, [0.04, np.nan, 0.02])
    assert np.isnan(benjamini_hochberg([np.nan, np.nan])).all()
