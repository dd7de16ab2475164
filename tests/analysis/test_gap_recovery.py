"""The short form of slow_checks/gap.py: is a planted gap of 22 % recovered, with intervals that hold it?"""

import numpy as np

from emogap.simulation import SimulationConfig
from emogap.simulation.cohort import draw_cohort
from emogap.simulation.raters import rate
from emogap.simulation.truth import truth_of
from slow_checks.gap import CASES, draw_labels, recovered
from slow_checks.interval_coverage import binomial_band

REPEATS = 40


def test_a_planted_gap_is_recovered_from_votes_alone() -> None:
    found = recovered(CASES[0], REPEATS, draws=100, jobs=1)
    lowest, _ = binomial_band(REPEATS, level=0.93)
    assert abs(float(found["bias"])) < 4 * float(found["bias_standard_error"])  # type: ignore[arg-type]
    assert float(found["raw_mean"]) > 0.34  # type: ignore[arg-type]
    assert float(found["coverage"]) >= lowest  # type: ignore[arg-type]


def test_labels_alone_are_drawn_as_the_simulation_draws_them() -> None:
    """Shares of felt and shown classes and of right votes, against whole simulated cohorts."""
    alone = [draw_labels(CASES[0], np.random.default_rng(seed)) for seed in range(20)]
    config = SimulationConfig(participants=24, stimuli=14, seed=5)
    cohort = draw_cohort(config)
    truth = truth_of(cohort)
    felt, shown = truth.emotions("felt_emotion7"), truth.emotions("shown_emotion7")
    assert abs(np.mean([np.mean(one.felt != one.shown) for one in alone]) - np.mean(felt != shown)) < 0.06
    for mine, theirs in (("felt", felt), ("shown", shown)):
        shares = np.mean([np.bincount(getattr(one, mine), minlength=7) / 336 for one in alone], axis=0)
        assert np.abs(shares - np.bincount(theirs, minlength=7) / 336).max() < 0.08
    words = [row.rating for row in rate(cohort)["expert-2"] if row.question == "emotion7"]
    right = np.mean(np.array(words) == truth.columns["shown_emotion7"].to_numpy())
    assert abs(np.mean([one.votes[np.arange(336), 1, one.shown].mean() for one in alone]) - right) < 0.06
