"""Detectable differences against worked numbers and against tests that are really made."""

import math

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from emogap.scoring import permutation_test
from emogap.scoring.detectable import (
    clips_needed,
    detectable_difference,
    paired_standard_error,
    resampled_detectable_difference,
    sign_flip_p,
)
from emogap.scoring.paired import person_exchanges


def test_the_data_set_of_emer_cannot_show_less_than_three_and_a_half_points() -> None:
    """1,303 clips, 20 % discordant: (1.960 + 0.842) sqrt(0.2 / 1303) = 3.5 points, 4.9 with twice the variance."""
    assert detectable_difference(paired_standard_error(0.2, 1303)) == pytest.approx(0.0347, abs=5e-5)
    assert detectable_difference(paired_standard_error(0.2, 1303, design_effect=2)) == pytest.approx(0.0491, abs=5e-5)


def test_two_tenths_of_a_point_take_hundreds_of_thousands_of_clips() -> None:
    assert clips_needed(0.002, 0.2) == pytest.approx(390_000, rel=0.01)


def test_so_many_clips_make_the_difference_detectable() -> None:
    num_clips = clips_needed(0.04, 0.3, design_effect=1.7, alpha=0.01, power=0.9)
    error = paired_standard_error(0.3, num_clips, design_effect=1.7)
    assert detectable_difference(error, alpha=0.01, power=0.9) == pytest.approx(0.04, rel=0.01)


def test_a_t_test_of_few_people_finds_it_as_often_as_stated() -> None:
    """SciPy's t test on 13 people, 4,000 studies: 80 % within the binomial error of 0.6 points, and the quantile sum
    of Student's t is itself an approximation of the non-central t (below a point here)."""
    rng = np.random.default_rng(3)
    difference = detectable_difference(1 / math.sqrt(13), freedom=12)
    p = ttest_1samp(rng.normal(difference, 1, (4_000, 13)), 0, axis=1).pvalue
    assert np.mean(p < 0.05) == pytest.approx(0.8, abs=0.03)


def test_moving_the_people_of_a_study_needs_what_the_formula_says() -> None:
    parts = np.random.default_rng(5).normal(0.0, 0.001, 61)
    by_formula = detectable_difference(float(parts.std(ddof=1)) * math.sqrt(61), freedom=60)
    assert resampled_detectable_difference(parts, seed=1) == pytest.approx(by_formula, rel=0.07)


def test_five_people_can_never_show_it() -> None:
    """The smallest p of all exchanges of five people is 2 / 32."""
    assert math.isnan(resampled_detectable_difference(np.random.default_rng(0).normal(size=5)))


def test_many_studies_at_once_have_the_p_of_the_test_of_each() -> None:
    rng = np.random.default_rng(2)
    people = np.repeat(np.arange(9), 4)
    label, first, second = rng.integers(0, 3, (3, 36))
    parts = np.bincount(people, (first == label) * 1.0 - (second == label)) / 36
    exchanged, is_exact = person_exchanges(9, draws=600, rng=rng)
    p = sign_flip_p(np.stack([parts, 2 * parts, np.ones(9)]), 1 - 2 * exchanged, is_exact=is_exact)
    expected = permutation_test("war", label, first, second, people=people).p
    assert p == pytest.approx([expected, expected, 2 / 512])
