"""The latent error against formulas of the bivariate normal distribution."""

import math

import pytest

from emogap.analysis.power import VarianceShares, correlation_of_discordant, outcome_with
from emogap.analysis.power.outcome import both_right
from emogap.errors import UsageError


@pytest.mark.parametrize("correlation", [-0.4, 0.0, 0.3, 0.8])
def test_two_models_that_are_right_half_the_time_follow_sheppard(correlation: float) -> None:
    """P(both) = 1/4 + arcsin(r) / (2 pi)."""
    expected = 0.25 + math.asin(correlation) / (2 * math.pi)
    assert both_right(0.5, 0.5, correlation) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("discordant", [0.05, 0.2, 0.45])
def test_the_correlation_of_discordant_clips_is_a_cosine_at_one_half(discordant: float) -> None:
    assert correlation_of_discordant(discordant, 0.5) == pytest.approx(math.cos(math.pi * discordant), abs=1e-5)


def test_the_share_of_clips_makes_up_what_people_and_stimuli_leave() -> None:
    outcome = outcome_with("war", score=0.5, shares=VarianceShares(person=0.15, stimulus=0.05), discordant=0.2)
    assert outcome.shares.correlation == pytest.approx(math.cos(0.2 * math.pi), abs=1e-5)
    parts = outcome.shares
    total = parts.correlation + parts.person_by_model + parts.stimulus_by_model + parts.rest
    assert total == pytest.approx(1.0)


def test_models_that_disagree_more_than_people_and_stimuli_allow_are_refused() -> None:
    with pytest.raises(UsageError, match=r"people and 0\.3 of stimuli"):
        outcome_with("war", score=0.5, shares=VarianceShares(person=0.3, stimulus=0.3), discordant=0.4)


def test_effects_by_model_beside_a_high_correlation_are_refused() -> None:
    with pytest.raises(UsageError, match="by model"):
        outcome_with("war", score=0.5, shares=VarianceShares(person_by_model=0.3), discordant=0.1)


def test_a_share_of_discordant_clips_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError, match="is not between"):
        correlation_of_discordant(0.6, 0.5)
