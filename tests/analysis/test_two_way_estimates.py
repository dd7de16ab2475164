"""The short form of slow_checks/two_way_estimates.py: do two-way intervals of the gap and of r hold the truth?"""

import pytest

from slow_checks.interval_coverage import binomial_band
from slow_checks.two_way_estimates import (
    Cohort,
    Measured,
    distance_in_the_plane,
    estimates_coverage,
    gap_of_classes,
    pearson_over_clips,
    pearson_within_people,
)

REPEATS = 120


@pytest.mark.parametrize("measured", [distance_in_the_plane, pearson_over_clips, pearson_within_people])
@pytest.mark.parametrize("effect_sd", [0.0, 0.5])
def test_intervals_over_people_and_stimuli_hold_the_truth(measured: Measured, effect_sd: float) -> None:
    """Within the 99 % binomial band around 93 to 98 %; draws alone hold it in 0.99 to 1.00."""
    found = estimates_coverage(measured, Cohort(20, 13, effect_sd=effect_sd), repeats=REPEATS, draws=150)
    assert binomial_band(REPEATS, level=0.93)[0] <= found["coverage"] <= binomial_band(REPEATS, level=0.98)[1]


def test_the_gap_of_classes_has_a_narrower_interval_than_its_draws_and_holds_the_truth() -> None:
    """Confusions are fitted anew without each person, stimulus and clip."""
    cohort, repeats = Cohort(16, 9), 25
    found, alone = (
        estimates_coverage(gap_of_classes, cohort, repeats=repeats, draws=60, is_alone=is_alone)
        for is_alone in (False, True)
    )
    assert found["coverage"] >= binomial_band(repeats)[0]
    assert found["mean width"] < 0.85 * alone["mean width"]
