from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm
from scipy.stats import t as student

from emogap.analysis.weightings import draw_weightings
from emogap.errors import UsageError
from emogap.scoring import bootstrap_metric

PEOPLE = np.repeat([f"p{number}" for number in range(17)], 9)
STIMULI = np.tile([f"s{number}" for number in range(9)], 17)


def test_a_mean_gets_the_interval_that_scoring_gives_it() -> None:
    """Accuracy is a mean of hits, so the interval of :mod:`emogap.scoring` is an independent reference."""
    hit = np.random.default_rng(2).random(len(PEOPLE)) < 0.6
    expected = bootstrap_metric("war", np.ones(len(hit), np.int64), hit.astype(np.int64), people=PEOPLE, draws=4_000)
    (interval,) = draw_weightings(PEOPLE, draws=4_000, seed=1).intervals(share_of(hit), block=64, method="bca")
    assert interval.clusters == expected.clusters
    assert_allclose(interval.estimate, expected.estimate)
    assert_allclose([interval.low, interval.high], [expected.low, expected.high], atol=0.02)


def test_two_way_a_clip_counts_as_often_as_its_person_and_its_stimulus_were_drawn() -> None:
    """Draws by hand, one by one; tails widened for the fewer of both."""
    hit = np.random.default_rng(2).random(len(PEOPLE)) < 0.6
    rng = np.random.default_rng(5)
    people, stimuli = (np.unique(names) for names in (PEOPLE, STIMULI))
    drawn = []
    for _ in range(4_000):
        chosen = (rng.choice(people, len(people)), rng.choice(stimuli, len(stimuli)))
        often = [
            np.array([(names == name).sum() for name in of])
            for names, of in zip(chosen, (PEOPLE, STIMULI), strict=True)
        ]
        drawn.append(np.average(hit, weights=often[0] * often[1]))
    fewer = min(len(people), len(stimuli))
    tails = norm.cdf(np.sqrt(fewer / (fewer - 1)) * student.ppf([0.025, 0.975], fewer - 1))
    weightings = draw_weightings(PEOPLE, STIMULI, draws=4_000, seed=1)
    (interval,) = weightings.intervals(share_of(hit), block=64, method="percentile")
    assert interval.clusters == f"{len(people)} people x {len(stimuli)} stimuli"
    assert_allclose([interval.low, interval.high], np.quantile(drawn, tails), atol=0.025)


def share_of(hit: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    def score(weights: np.ndarray) -> np.ndarray:
        return (weights @ hit / weights.sum(axis=1))[:, None]

    return score


def test_one_stimulus_has_no_two_way_interval() -> None:
    with pytest.raises(UsageError, match="over stimuli needs at least two"):
        draw_weightings(PEOPLE, np.full(len(PEOPLE), "s1"), draws=3, seed=0)
