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


def test_two_way_draws_have_the_shape_and_the_jackknife_the_width() -> None:
    """Draws by hand, one by one, and textbook variances of a mean: over people, over stimuli and over clips."""
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
    table = hit.reshape(len(people), len(stimuli))
    of_people, of_stimuli, of_clips = (
        means.var(ddof=1) / len(means) for means in (table.mean(axis=1), table.mean(axis=0), hit.astype(float))
    )
    variance = max(of_people + of_stimuli - of_clips, of_people, of_stimuli)
    assert variance < 0.6 * np.var(drawn)
    z = student.ppf([0.025, 0.975], min(len(people), len(stimuli)) - 1) * np.sqrt(variance) / np.std(drawn)
    weightings = draw_weightings(PEOPLE, STIMULI, draws=4_000, seed=1)
    (interval,) = weightings.intervals(share_of(hit), block=64, method="percentile")
    assert interval.clusters == f"{len(people)} people x {len(stimuli)} stimuli"
    assert_allclose([interval.low, interval.high], np.quantile(drawn, norm.cdf(z)), atol=0.008)


def test_two_way_with_empty_and_fuller_cells_is_as_in_scoring() -> None:
    """Some clips missing, some cells twice: a cell is left out with all its clips."""
    rng = np.random.default_rng(8)
    kept = np.sort(rng.choice(len(PEOPLE), 140))
    people, stimuli, hit = PEOPLE[kept], STIMULI[kept], rng.random(140) < 0.7
    expected = bootstrap_metric(
        "war", np.ones(140, np.int64), hit.astype(np.int64), people=people, stimuli=stimuli, draws=6_000
    )
    weightings = draw_weightings(people, stimuli, draws=6_000, seed=1)
    (interval,) = weightings.intervals(share_of(hit), block=50, method="bca")
    assert_allclose([interval.low, interval.high], [expected.low, expected.high], atol=0.012)


def test_another_score_may_be_used_where_one_cluster_is_left_out() -> None:
    """Twice the numbers without a cluster are four times the variance; the draws stay as they are."""
    hit = np.random.default_rng(2).random(len(PEOPLE)) < 0.6
    score, weightings = share_of(hit), draw_weightings(PEOPLE, STIMULI, draws=4_000, seed=1)
    (once,) = weightings.intervals(score, block=64, method="percentile")
    (twice,) = weightings.intervals(
        score, block=64, method="percentile", left_out_score=lambda weights: 2 * score(weights)
    )
    assert_allclose(twice.high - twice.estimate, 2 * (once.high - once.estimate), rtol=0.1)


def share_of(hit: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    def score(weights: np.ndarray) -> np.ndarray:
        return (weights @ hit / weights.sum(axis=1))[:, None]

    return score


def test_one_stimulus_has_no_two_way_interval() -> None:
    with pytest.raises(UsageError, match="over stimuli needs at least two"):
        draw_weightings(PEOPLE, np.full(len(PEOPLE), "s1"), draws=3, seed=0)
