"""Simulated studies: their scores, their errors, and which clips are tested."""

import numpy as np
import pytest

from emogap.analysis.power import Design, VarianceShares, draw_cohorts, outcome_with

SHARES = VarianceShares(person=0.2, stimulus=0.1, person_by_model=0.05, stimulus_by_model=0.03)


def test_scores_and_disagreement_are_those_stated() -> None:
    """Over 300 studies of 17 people and 9 stimuli: 60 and 50 % right, and 20 % discordant where both have 55 %."""
    outcome = outcome_with("war", score=0.55, shares=SHARES, discordant=0.2)
    design = Design(people=17, stimuli=9, clips=9)
    cohorts = draw_cohorts(outcome, design, difference=0.1, repetitions=300, rng=np.random.default_rng(0))
    assert cohorts.output.shape == (2, 300, 17, 9)
    assert cohorts.output.mean(axis=(1, 2, 3)) == pytest.approx([0.6, 0.5], abs=0.02)
    equal = draw_cohorts(outcome, design, difference=0.0, repetitions=300, rng=np.random.default_rng(1))
    assert np.mean(equal.output[0] != equal.output[1]) == pytest.approx(0.2, abs=0.01)


def test_values_have_the_ccc_stated() -> None:
    """Lin's formula over one study of 600 people and 400 stimuli."""
    outcome = outcome_with("ccc", score=0.5, shares=SHARES, correlation=0.4)
    design = Design(people=600, stimuli=400, clips=400)
    cohorts = draw_cohorts(outcome, design, difference=0.2, repetitions=1, rng=np.random.default_rng(2))
    y = cohorts.label.ravel()
    found = []
    for output in cohorts.output.reshape(2, -1):
        covariance = np.cov(y, output, bias=True)
        bias = y.mean() - output.mean()
        found.append(2 * covariance[0, 1] / (covariance[0, 0] + covariance[1, 1] + bias**2))
    assert found == pytest.approx([0.6, 0.4], abs=0.04)


def test_each_person_sees_as_many_stimuli_as_stated() -> None:
    outcome = outcome_with("uar", score=0.5, shares=SHARES, discordant=0.2)
    design = Design(people=6, stimuli=13, clips=5)
    cohorts = draw_cohorts(outcome, design, difference=0.0, repetitions=4, rng=np.random.default_rng(3))
    assert (cohorts.is_tested.sum(axis=2) == 5).all()
    assert len(np.unique(cohorts.is_tested.reshape(-1, 13), axis=0)) > 1


def test_the_diagonal_tests_a_fifth_of_the_clips() -> None:
    outcome = outcome_with("uar", score=0.5, shares=SHARES, discordant=0.2)
    design = Design(people=20, stimuli=15, clips=15, split="person+stimulus", cells="diagonal")
    cohorts = draw_cohorts(outcome, design, difference=0.0, repetitions=3, rng=np.random.default_rng(4))
    assert cohorts.is_tested.mean() == pytest.approx(0.2)
    assert (cohorts.is_tested.sum(axis=2) == 3).all()


def test_stimuli_do_not_suit_a_model_where_they_are_those_at_hand() -> None:
    """All of the error by stimulus and model: clips of a stimulus then correlate within a model only if it is new."""
    outcome = outcome_with("ccc", score=0.5, shares=VarianceShares(0, 0, 0, 0, 0.9), correlation=0.0)
    spread = []
    for split in ("person", "person+stimulus"):
        design = Design(people=30, stimuli=40, clips=40, split=split)
        cohorts = draw_cohorts(outcome, design, difference=0.0, repetitions=1, rng=np.random.default_rng(5))
        residual = cohorts.output[0, 0] - 0.5 * cohorts.label[0]
        spread.append(residual.mean(axis=0).std())
    assert spread[0] < 0.3 < spread[1]
