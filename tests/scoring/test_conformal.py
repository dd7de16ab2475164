"""Coverage of conformal sets on data of which it is known, and thresholds by hand."""

import numpy as np
import pytest
from scipy.stats import binom

from emogap.errors import UsageError
from emogap.scoring.conformal import conformal_threshold, cross_conformal, fit_conformal

REPEATS = 4_000


def binomial_limits(level: float) -> tuple[float, float]:
    """What 99.9 % of exact coverages over the repeats lie between."""
    low, high = binom.ppf([0.0005, 0.9995], REPEATS, level) / REPEATS
    return float(low), float(high)


def test_exchangeable_clips_are_covered_as_often_as_stated() -> None:
    """One new clip per repetition: with 39 scores the 0.9 quantile is the 36th, so coverage is 36 / 40 exactly."""
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(REPEATS, 40))
    covered = [row[-1] <= conformal_threshold(row[:-1], level=0.9) for row in scores]
    low, high = binomial_limits(0.9)
    assert low <= np.mean(covered) <= high


@pytest.mark.parametrize("between", [0.0, 3.0], ids=["people alike", "people differ"])
def test_new_people_are_covered_at_least_as_often_as_stated(between: float) -> None:
    rng = np.random.default_rng(1)
    num_people, num_clips = 19, 7
    groups = np.repeat(np.arange(num_people), num_clips)
    covered = []
    for _ in range(REPEATS):
        person = between * rng.normal(size=num_people + 1)
        known = person[groups] + rng.normal(size=len(groups))
        new = person[-1] + rng.normal()
        covered.append(new <= conformal_threshold(known, level=0.8, groups=groups))
    low, high = binomial_limits(0.8)
    assert low <= np.mean(covered) <= high + 1 / (num_people + 1)


def test_clips_taken_as_independent_cover_new_people_too_rarely() -> None:
    """Why people are the unit: with few people who differ, many clips promise what they cannot hold."""
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(5), 40)
    covered = []
    for _ in range(REPEATS):
        person = 3 * rng.normal(size=6)
        known = person[groups] + rng.normal(size=len(groups))
        covered.append(person[-1] + rng.normal() <= conformal_threshold(known, level=0.9))
    assert np.mean(covered) < 0.87


def test_the_threshold_of_clips_is_the_order_statistic_of_split_conformal() -> None:
    scores = np.random.default_rng(3).permutation(99) / 100
    assert conformal_threshold(scores, level=0.9) == 0.89  # the 90th of 99
    assert conformal_threshold(scores[:8], level=0.9) == np.inf  # nine are needed


def test_a_person_with_many_clips_weighs_as_much_as_one_with_few() -> None:
    """By hand: G = 2, so each person weighs 1/3; 0.5 is passed at the only clip of b."""
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.9])
    assert conformal_threshold(scores, level=0.5, groups=["a", "a", "a", "a", "b"]) == 0.9
    assert conformal_threshold(scores, level=0.3, groups=["a", "a", "a", "a", "b"]) == 0.4


def test_within_each_class_the_sets_keep_their_promise() -> None:
    rng = np.random.default_rng(4)
    num_known, covered = 60, {0: [], 1: []}
    for _ in range(REPEATS):
        label = rng.random(num_known + 1) < 0.3
        chance = 1 / (1 + np.exp(-(2 * label - 1.4 + rng.normal(size=len(label)))))
        both = np.stack([1 - chance, chance], axis=1)
        sets = fit_conformal(label[:-1].astype(np.int64), both[:-1], level=0.8)
        covered[int(label[-1])].append(sets.of(both[-1:])[0, int(label[-1])])
    for rare in covered.values():
        error = 3.5 * np.sqrt(0.16 / len(rare))
        assert 0.8 - error <= np.mean(rare) <= 0.8 + 1 / 10 + error


def test_a_rising_recalibration_leaves_the_sets_by_class_as_they_are() -> None:
    rng = np.random.default_rng(5)
    label, chance = rng.integers(0, 2, 50), rng.uniform(0.05, 0.95, 50)

    def sets(said: np.ndarray) -> np.ndarray:
        both = np.stack([1 - said, said], axis=1)
        return fit_conformal(label[:40], both[:40], level=0.85).of(both[40:])

    assert np.array_equal(sets(chance), sets(chance**3))


def test_few_people_exclude_nothing() -> None:
    both = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    sets = fit_conformal(np.array([0, 1, 0]), both, level=0.9, groups=["a", "b", "c"])
    assert sets.of(both).all()
    assert sets.num_groups.tolist() == [2, 1]


def test_a_coverage_of_one_is_refused() -> None:
    with pytest.raises(UsageError, match="between 0 and 1, got 1"):
        conformal_threshold(np.zeros(3), level=1.0)


@pytest.mark.parametrize("by_class", [True, False])
@pytest.mark.parametrize("by_people", [True, False])
def test_with_one_model_sets_of_folds_are_those_of_the_threshold(by_class: bool, by_people: bool) -> None:
    """Two decimals, so that there are ties; 31 calibration clips of 9 people, 17 new ones, 3 classes."""
    rng = np.random.default_rng(11)
    for level in (0.5, 0.8, 0.95):
        known, new = (rng.dirichlet(np.ones(3), size=size).round(2) for size in (31, 17))
        label, people = rng.integers(0, 3, 31), rng.integers(0, 9, 31)
        groups = people if by_people else None
        fitted = fit_conformal(label, known, level=level, groups=groups, by_class=by_class)
        sets = cross_conformal(
            label, known, np.zeros(31, int), new[None], level=level, groups=groups, by_class=by_class
        )
        assert np.array_equal(sets, fitted.of(new))


def test_a_clip_is_compared_with_clips_of_the_same_model_by_hand() -> None:
    """Of four people two are less strange than the new clip to the first model, and one to the second: 3 / 5."""
    said = np.array([0.9, 0.8, 0.3, 0.2])
    known = np.stack([said, 1 - said], axis=1)
    new = np.array([[[0.7, 0.3]], [[0.25, 0.75]]])
    for level, holds in ((0.6, False), (0.65, True)):
        sets = cross_conformal(np.zeros(4, int), known, np.array([0, 0, 1, 1]), new, level=level)
        assert sets[0, 0] == holds
        assert sets[0, 1]  # no calibration clip is of this class: nothing excludes it


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_level_that_is_no_coverage_is_refused_for_folds_too(level: float) -> None:
    with pytest.raises(UsageError, match="a coverage lies between 0 and 1"):
        cross_conformal(np.zeros(1, int), np.ones((1, 2)) / 2, np.zeros(1, int), np.ones((1, 1, 2)) / 2, level=level)
