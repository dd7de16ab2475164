import numpy as np
import pytest
from numpy.testing import assert_allclose

from emogap.analysis.weightings import draw_weightings
from emogap.errors import UsageError
from emogap.scoring import bootstrap_metric

PEOPLE = np.repeat([f"p{number}" for number in range(17)], 9)
STIMULI = np.tile([f"s{number}" for number in range(9)], 17)


@pytest.mark.parametrize("stimuli", [None, STIMULI])
def test_a_mean_gets_the_interval_that_scoring_gives_it(stimuli: np.ndarray | None) -> None:
    """Accuracy is a mean of hits, so the interval of :mod:`emogap.scoring` is an independent reference."""
    hit = np.random.default_rng(2).random(len(PEOPLE)) < 0.6
    expected = bootstrap_metric(
        "war", np.ones(len(hit), np.int64), hit.astype(np.int64), people=PEOPLE, stimuli=stimuli, draws=4_000
    )
    weightings = draw_weightings(PEOPLE, stimuli, draws=4_000, seed=1)

    def score(weights: np.ndarray) -> np.ndarray:
        return (weights @ hit / weights.sum(axis=1))[:, None]

    (interval,) = weightings.intervals(score, block=64, method="bca")
    assert interval.clusters == expected.clusters
    assert_allclose(interval.estimate, expected.estimate)
    assert_allclose([interval.low, interval.high], [expected.low, expected.high], atol=0.02)


def test_one_stimulus_has_no_two_way_interval() -> None:
    with pytest.raises(UsageError, match="over stimuli needs at least two"):
        draw_weightings(PEOPLE, np.full(len(PEOPLE), "s1"), draws=3, seed=0)
