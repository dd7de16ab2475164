import numpy as np
import pytest
from numpy.testing import assert_allclose

from emogap.annotation.votes.clustered import interval_over_clusters
from emogap.errors import UsageError
from emogap.scoring import bootstrap_metric

ACTORS, SENTENCES = 14, 9


def mean(sums: np.ndarray) -> np.ndarray:
    return np.asarray(sums[..., 0] / sums[..., 1])


@pytest.mark.parametrize("is_crossed", [False, True])
def test_the_interval_of_a_share_is_that_of_an_accuracy(is_crossed: bool) -> None:
    """The same clips through :mod:`emogap.scoring`; some actors lack a sentence, and some say one twice."""
    rng = np.random.default_rng(3)
    cell = rng.choice(ACTORS * SENTENCES, 100)
    actor, sentence = cell // SENTENCES, cell % SENTENCES
    hit = (rng.random(100) < 0.6).astype(np.int64)
    expected = bootstrap_metric(
        "war",
        np.ones(100, np.int64),
        hit,
        people=actor,
        stimuli=sentence if is_crossed else None,
        method="percentile",
        draws=8_000,
    )
    found = interval_over_clusters(
        np.column_stack([hit, np.ones(100)]), mean, actor, crossed=sentence if is_crossed else None, draws=8_000
    )
    assert found.estimate == pytest.approx(expected.estimate)
    assert_allclose([found.low, found.high], [expected.low, expected.high], atol=0.008)


def test_one_actor_has_no_interval() -> None:
    with pytest.raises(UsageError, match="got 1 clusters and 2 stimuli"):
        interval_over_clusters(np.ones((2, 2)), mean, [0, 0], crossed=[0, 1], draws=5)
