"""Intervals against SciPy's bootstrap, against a plain loop, and against what theory says."""

import time

import numpy as np
import pytest
from scipy.stats import bootstrap, t

from emogap.errors import UsageError
from emogap.scoring import bootstrap_difference, bootstrap_metric, cluster_bootstrap
from emogap.scoring.metrics import f1_weighted, pearson_r, uar
from emogap.scoring.resampling import Method

METHODS: tuple[Method, ...] = ("percentile", "bca")


def clustered(num_people: int = 23, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labels, outputs, people and stimuli; people have different numbers of clips and different skill."""
    rng = np.random.default_rng(seed)
    people = np.repeat(np.arange(num_people), rng.integers(4, 13, num_people))
    stimuli = np.concatenate([rng.permutation(13)[:n] for n in np.bincount(people)])
    skill = rng.beta(3, 3, num_people)
    label = rng.integers(0, 3, len(people))
    output = np.where(rng.random(len(people)) < skill[people], label, rng.integers(0, 3, len(people)))
    return label, output, people, stimuli


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_one_clip_per_person_is_scipys_bootstrap_of_the_mean(method: Method) -> None:
    """WAR of single clips is a mean, for which SciPy has the same two intervals; both have 1 % Monte Carlo error."""
    rng = np.random.default_rng(5)
    right = (rng.random(67) < 0.7).astype(np.int64)
    ours = bootstrap_metric("war", np.ones(67, np.int64), right, people=np.arange(67), method=method, widened=False)
    theirs = bootstrap((right,), np.mean, n_resamples=10_000, method=method.replace("bca", "BCa"), rng=rng)
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.016)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.016)


@pytest.mark.parametrize("method", METHODS)
def test_counting_per_person_gives_what_scoring_every_draw_gives(method: Method) -> None:
    """The fast path and the plain loop draw the same people from the same seed, so that they agree to rounding."""
    label, output, people, _ = clustered()
    options = {"draws": 500, "seed": 3, "method": method}
    for name, score in (("uar", uar.score), ("f1_weighted", f1_weighted.score)):
        fast = bootstrap_metric(name, label, output, people=people, **options)
        plain = cluster_bootstrap(lambda clips, score=score: score(label[clips], output[clips]), people, **options)
        assert (fast.low, fast.high) == pytest.approx((plain.low, plain.high), abs=1e-12)
        assert fast.estimate == plain.estimate


def test_regression_sums_give_what_scoring_every_draw_gives() -> None:
    rng = np.random.default_rng(8)
    people = np.repeat(np.arange(19), 5)
    label = rng.normal(size=95) + rng.normal(size=19)[people]
    output = 0.5 * label + rng.normal(size=95)
    fast = bootstrap_metric("pearson_r", label, output, people=people, draws=400, seed=1)
    plain = cluster_bootstrap(lambda clips: pearson_r.score(label[clips], output[clips]), people, draws=400, seed=1)
    assert (fast.low, fast.high) == pytest.approx((plain.low, plain.high), abs=1e-9)


def test_clips_of_one_person_are_not_independent() -> None:
    """Copying every clip nine times adds no people, so the interval stays as wide as it was."""
    label, output, people, _ = clustered()
    once = bootstrap_metric("war", label, output, people=people)
    often = bootstrap_metric("war", np.tile(label, 9), np.tile(output, 9), people=np.tile(people, 9))
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=1e-9)


def test_an_interval_over_stimuli_too_is_wider() -> None:
    label, output, people, stimuli = clustered()
    one_way = bootstrap_metric("uar", label, output, people=people, method="percentile")
    two_way = bootstrap_metric("uar", label, output, people=people, stimuli=stimuli, method="percentile")
    assert two_way.high - two_way.low > one_way.high - one_way.low
    assert (one_way.clusters, two_way.clusters) == ("23 people", "23 people x 13 stimuli")


def test_noise_of_single_clips_is_counted_once_over_people_and_stimuli() -> None:
    """Pure noise in full tables: sigma / sqrt(N), a little more by chance; draws alone would give sqrt(3) times."""
    people, stimuli = (axis.ravel() for axis in np.indices((41, 37)))
    ratio = []
    for seed in range(9):
        error = np.random.default_rng(seed).normal(20, 1, people.size)
        interval = bootstrap_metric(
            "mae",
            np.zeros(error.size),
            error,
            people=people,
            stimuli=stimuli,
            level=0.68268949,
            widened=False,
            draws=1_000,
        )
        ratio.append((interval.high - interval.low) / 2 * np.sqrt(error.size))
    assert 0.95 < np.mean(ratio) < 1.25


def test_effects_of_people_and_stimuli_add_up() -> None:
    """A full table of pure person + stimulus effects: the variance is s2_p / I + s2_s / J to first order."""
    rng = np.random.default_rng(6)
    num_people, num_stimuli = 31, 37
    effect = rng.normal(size=num_people)[:, None] + rng.normal(0, 1.5, size=num_stimuli)[None, :]
    people, stimuli = (axis.ravel() for axis in np.indices(effect.shape))
    label = np.zeros(effect.size)
    interval = bootstrap_metric(
        "mae",
        label,
        effect.ravel() + 20,
        people=people,
        stimuli=stimuli,
        method="percentile",
        level=0.68268949,
        widened=False,
    )
    expected = np.sqrt(effect.mean(axis=1).var() / num_people + effect.mean(axis=0).var() / num_stimuli)
    assert (interval.high - interval.low) / 2 == pytest.approx(expected, rel=0.03)


def test_a_difference_cancels_what_is_hard_for_both() -> None:
    label, output, people, _ = clustered()
    other = output.copy()
    other[::17] = (other[::17] + 1) % 3
    alone = bootstrap_metric("war", label, output, people=people)
    paired = bootstrap_difference("war", label, output, other, people=people)
    assert paired.estimate == pytest.approx(np.mean(output == label) - np.mean(other == label))
    assert paired.high - paired.low < (alone.high - alone.low) / 2


def test_a_difference_of_regressions_is_scored_on_the_same_draws() -> None:
    rng = np.random.default_rng(2)
    people = np.repeat(np.arange(11), 7)
    label, output = rng.normal(size=(2, 77))
    interval = bootstrap_difference("ccc", label, output, output, people=people, draws=300)
    assert (interval.estimate, interval.low, interval.high) == (0, 0, 0)


def test_an_output_with_more_classes_than_the_other_is_compared() -> None:
    interval = bootstrap_difference("uar", [0, 1, 0, 1], [0, 1, 2, 3], [0, 0, 0, 0], people=[1, 1, 2, 2], draws=50)
    assert interval.estimate == 0


def test_ten_thousand_draws_take_less_than_a_second() -> None:
    rng = np.random.default_rng(0)
    people, stimuli = np.repeat(np.arange(121), 11), np.tile(np.arange(11), 121)
    label, output = rng.integers(0, 7, (2, len(people)))
    start = time.process_time()
    bootstrap_metric("uar", label, output, people=people)
    one_way_s = time.process_time() - start
    bootstrap_metric("uar", label, output, people=people, stimuli=stimuli)
    assert one_way_s < 1
    assert time.process_time() - start < 3


@pytest.mark.parametrize(("num_varying", "has_limits"), [(1, False), (2, False), (3, True), (4, True)])
def test_draws_in_which_a_metric_is_undefined_are_counted(num_varying: int, has_limits: bool) -> None:
    """A draw lacks the k of ten people who vary with probability (1 - k / 10)^10; above 5 % there is no interval."""
    share = (1 - num_varying / 10) ** 10
    label, output, people = np.full(20, 0.5), np.full(20, 0.5), np.repeat(np.arange(10), 2)
    label[: 2 * num_varying] = np.tile([0.0, 1.0], num_varying)
    output[: 2 * num_varying] = np.random.default_rng(1).random(2 * num_varying)
    interval = bootstrap_metric("pearson_r", label, output, people=people, draws=4_000)
    assert interval.undefined_draws / 4_000 == pytest.approx(share, abs=0.03)
    assert (share <= 0.05) == has_limits
    assert bool(np.isfinite([interval.low, interval.high]).all()) == has_limits
    assert np.isfinite(interval.estimate)


def test_a_metric_that_is_never_defined_has_no_interval() -> None:
    interval = bootstrap_metric("r2", np.zeros(4), np.arange(4.0), people=[0, 1, 2, 3], draws=100)
    assert np.isnan([interval.estimate, interval.low, interval.high]).all()
    assert interval.undefined_draws == 100


@pytest.mark.parametrize("method", METHODS)
def test_a_metric_that_never_varies_has_an_interval_of_one_point(method: Method) -> None:
    interval = bootstrap_metric("war", [0, 1, 0, 1], [0, 1, 0, 1], people=[0, 1, 2, 3], method=method, draws=99)
    assert (interval.low, interval.high) == (1, 1)


def test_two_people_have_the_widest_interval_the_draws_allow() -> None:
    """Student's t with one degree of freedom lies beyond every draw; BCa must not turn round at its pole."""
    label, output = np.zeros(20, np.int64), np.array([0] * 9 + [1] + [0] * 4 + [1] * 6)
    interval = bootstrap_metric("war", label, output, people=np.repeat([0, 1], 10), draws=200)
    assert (interval.low, interval.high) == (0.4, 0.9)


@pytest.mark.parametrize("method", METHODS)
def test_few_people_widen_an_interval_and_many_do_not(method: Method) -> None:
    for num_people, least, most in ((9, 1.1, 1.4), (200, 1.0, 1.02)):
        label, output, people, _ = clustered(num_people=num_people)
        narrow = bootstrap_metric("war", label, output, people=people, method=method, widened=False)
        wide = bootstrap_metric("war", label, output, people=people, method=method)
        assert least <= (wide.high - wide.low) / (narrow.high - narrow.low) <= most


def test_a_widened_interval_of_a_mean_is_students() -> None:
    """One number per person: MAE is their mean, and Student's interval is the truth for normal numbers."""
    rng = np.random.default_rng(12)
    values = 50 + rng.normal(size=13)
    interval = bootstrap_metric("mae", np.zeros(13), values, people=np.arange(13), method="percentile")
    low, high = t.interval(0.95, 12, values.mean(), values.std(ddof=1) / np.sqrt(13))
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.06)


def test_one_person_has_no_interval() -> None:
    with pytest.raises(UsageError, match="needs at least two, got 1"):
        bootstrap_metric("war", [0, 1], [0, 1], people=["p1", "p1"])
    with pytest.raises(UsageError, match="stimuli needs at least two"):
        bootstrap_metric("war", [0, 1], [0, 1], people=["p1", "p2"], stimuli=["s", "s"])


def test_a_level_outside_its_range_is_refused() -> None:
    with pytest.raises(UsageError, match="95"):
        bootstrap_metric("war", [0, 1], [0, 1], people=[0, 1], level=95)


def test_an_interval_always_holds_its_estimate() -> None:
    """Three people on one diagonal of three stimuli: a draw lacks classes, and its UAR is 0 or 1, never 1/3."""
    people, stimuli, label = list("abc"), list("stu"), [0, 1, 2]
    interval = bootstrap_metric("uar", label, [0, 2, 1], people=people, stimuli=stimuli, draws=500)
    assert interval.low <= interval.estimate <= interval.high
    rng = np.random.default_rng(0)
    for _ in range(30):
        label, output = rng.integers(0, 3, (2, 14))
        found = bootstrap_metric("uar", label, output, people=np.arange(14) % 7, stimuli=np.arange(14) // 2, draws=300)
        assert found.low <= found.estimate <= found.high
