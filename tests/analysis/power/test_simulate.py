"""Power against closed forms, against alpha where there is nothing to find, and against common sense."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from emogap.analysis.power import Design, SimulationSize, VarianceShares, outcome_with, smallest_detectable, study_power
from emogap.scoring.detectable import detectable_difference, paired_standard_error

NOTHING_SHARED = VarianceShares(0.0, 0.0, 0.0, 0.0, 0.0)
SHARES = VarianceShares(person=0.15, stimulus=0.1, person_by_model=0.05, stimulus_by_model=0.05)


@pytest.mark.parametrize("split", ["person", "person+stimulus"])
@pytest.mark.parametrize("metric", ["uar", "ccc"])
def test_no_difference_is_found_in_alpha_of_the_studies(split: str, metric: str) -> None:
    """Within the 99.8 % binomial band of 5 % in 600 studies; two ways may find less, their variance being cautious."""
    stated = {"correlation": 0.5} if metric == "ccc" else {"discordant": 0.2}
    outcome = outcome_with(metric, score=0.5, shares=SHARES, **stated)
    design = Design(people=24, stimuli=17, clips=17, split=split)
    found = study_power(outcome, design, 0.0, SimulationSize(repetitions=600, draws=999, seed=3)).power
    low, high = binom.ppf([0.001, 0.999], 600, 0.05) / 600
    assert (low if split == "person" else 0.5 * low) <= found <= high


def test_independent_clips_have_the_power_of_the_closed_form() -> None:
    """1,303 clips as nearly as 121 people with 11 make them, 20 % discordant: 3.5 points are found in about 80 %.

    A little less, for the closed form knows neither Student's t (1.985 for 1.960) nor that counted clips tie: exchanges
    keep the parity of the lead, in steps of 2 / 1331 or 0.123 SE, half of which a tie costs. 2.802 - 1.985 - 0.061 is
    0.756, and its normal probability 0.775.
    """
    outcome = outcome_with("war", score=0.5, shares=NOTHING_SHARED, discordant=0.2)
    design = Design(people=121, stimuli=11, clips=11)
    difference = detectable_difference(paired_standard_error(0.2, 1331))
    power = study_power(outcome, design, difference, SimulationSize(repetitions=2_000, draws=999))
    assert power.num_clips == 1331
    assert power.power == pytest.approx(0.775, abs=0.03)
    assert power.low < power.power < power.high
    assert power.high - power.low == pytest.approx(2 * 1.96 * math.sqrt(0.775 * 0.225 / 2_000), rel=0.1)


def test_the_search_comes_back_to_the_closed_form() -> None:
    outcome = outcome_with("war", score=0.5, shares=NOTHING_SHARED, discordant=0.2)
    design = Design(people=60, stimuli=11, clips=11)
    found = smallest_detectable(outcome, design, SimulationSize(repetitions=1_000, draws=999), start=0.02)
    assert found == pytest.approx(detectable_difference(paired_standard_error(0.2, 660)), rel=0.08)


def test_people_who_suit_one_model_cost_what_the_design_effect_says() -> None:
    """Two clips of a person then differ in the same direction: the covariance is asin(g) / pi (Sheppard), 0.02 at
    g = sin(0.02 pi), a tenth of the variance 0.2 of a discordant pair. 11 clips have a design effect of
    1 + 10 x 0.1 = 2, and instead of 3.5 points 4.9 are the smallest that is found."""
    shares = VarianceShares(0.0, 0.0, 0.0, math.sin(0.02 * math.pi), 0.0)
    outcome = outcome_with("war", score=0.5, shares=shares, discordant=0.2)
    found = smallest_detectable(outcome, Design(121, 11, 11), SimulationSize(repetitions=1_000, draws=999, seed=1))
    assert found == pytest.approx(detectable_difference(paired_standard_error(0.2, 1331, design_effect=2)), rel=0.08)


def test_power_grows_with_people_and_with_the_difference() -> None:
    outcome = outcome_with("uar", score=0.5, shares=SHARES, discordant=0.2)
    size = SimulationSize(repetitions=400, draws=499)
    by_people = [study_power(outcome, Design(people, 14, 14), 0.06, size).power for people in (10, 30, 90)]
    by_difference = [study_power(outcome, Design(30, 14, 14), lead, size).power for lead in (0.02, 0.06, 0.12)]
    assert np.all(np.diff(by_people) > 0.1)
    assert np.all(np.diff(by_difference) > 0.1)


def test_people_do_not_help_where_few_stimuli_are_the_limit() -> None:
    """Seven new stimuli that suit a model each its way: 20 times the people raise the power by little."""
    shares = VarianceShares(0.1, 0.1, 0.0, 0.0, 0.15)
    outcome = outcome_with("war", score=0.5, shares=shares, discordant=0.25)
    size = SimulationSize(repetitions=300)
    few, many = (study_power(outcome, Design(n, 7, 7, "person+stimulus"), 0.08, size).power for n in (20, 400))
    assert many < 0.5
    assert many - few < 0.25


def test_many_models_cost_power() -> None:
    """Ten pairs adjusted by Holm; the lead over all four others is found less often than that over one."""
    outcome = outcome_with("war", score=0.5, shares=SHARES, discordant=0.2)
    two, five = (
        study_power(outcome, Design(40, 14, 14), 0.06, SimulationSize(repetitions=300, num_models=number))
        for number in (2, 5)
    )
    assert five.power < two.power - 0.05
    assert five.over_all < five.power
    assert two.over_all == two.power


def test_five_people_find_nothing_and_have_no_smallest_difference() -> None:
    outcome = outcome_with("war", score=0.5, shares=NOTHING_SHARED, discordant=0.2)
    size = SimulationSize(repetitions=100)
    assert study_power(outcome, Design(5, 28, 28), 0.3, size).power == 0
    assert math.isnan(smallest_detectable(outcome, Design(5, 28, 28), size))


def test_a_study_is_drawn_from_its_seed() -> None:
    outcome = outcome_with("uar", score=0.4, shares=SHARES, discordant=0.2)
    powers = [
        study_power(outcome, Design(12, 9, 9), 0.1, SimulationSize(repetitions=150, draws=199, seed=seed))
        for seed in (1, 1, 2)
    ]
    assert powers[0] == powers[1] != powers[2]
