"""Paired tests against SciPy's permutation test and brute force; Holm and groups against worked examples."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test as scipy_permutation_test
from sklearn.metrics import balanced_accuracy_score

from emogap.errors import UsageError
from emogap.scoring import group_letters, holm, indistinguishable_groups, permutation_test


def two_models(num_people: int, seed: int, *, lead: float = 0.0) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    people = np.repeat(np.arange(num_people), rng.integers(3, 8, num_people))
    label = rng.integers(0, 3, len(people))
    guesses = rng.integers(0, 3, (2, len(people)))
    known = rng.random((2, len(people))) < np.array([[0.3 + lead], [0.3]])
    output, other = np.where(known, label, guesses)
    return label, output, other, people


def test_the_sum_over_people_is_scipys_sign_flip_test() -> None:
    """WAR differs by a sum of per-person counts, for which SciPy enumerates all sign flips."""
    label, output, other, people = two_models(9, seed=1, lead=0.3)
    per_person = np.bincount(people, (output == label).astype(float) - (other == label))
    theirs = scipy_permutation_test((per_person,), np.sum, permutation_type="samples", n_resamples=np.inf)
    ours = permutation_test("war", label, output, other, people=people)
    assert (ours.method, ours.num_exchanges) == ("exact", 512)
    assert ours.p == pytest.approx(theirs.pvalue)


def test_uar_exchanged_by_hand_gives_the_same_p() -> None:
    label, output, other, people = two_models(7, seed=4, lead=0.2)
    observed = balanced_accuracy_score(label, output) - balanced_accuracy_score(label, other)
    as_large = 0
    for swapped in itertools.product([False, True], repeat=7):
        swap = np.array(swapped)[people]
        first, second = np.where(swap, other, output), np.where(swap, output, other)
        difference = balanced_accuracy_score(label, first) - balanced_accuracy_score(label, second)
        as_large += abs(difference) >= abs(observed) - 1e-12
    test = permutation_test("uar", label, output, other, people=people)
    assert test.difference == pytest.approx(observed)
    assert test.p == as_large / 128


def test_uar_is_a_flip_of_signs_of_contributions_per_person() -> None:
    """The claim of the module: a right clip of class k adds 1 / (K n_k), whoever predicted it."""
    label, output, other, people = two_models(11, seed=2, lead=0.25)
    weight = 1 / (3 * np.bincount(label))[label]
    per_person = np.bincount(people, weight * ((output == label).astype(float) - (other == label)))
    theirs = scipy_permutation_test((per_person,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert permutation_test("uar", label, output, other, people=people).p == pytest.approx(theirs.pvalue)


def test_a_sampled_p_is_near_the_exact_one_and_never_zero() -> None:
    label, output, other, people = two_models(12, seed=3, lead=0.15)
    exact = permutation_test("f1_weighted", label, output, other, people=people)
    sampled = permutation_test("f1_weighted", label, output, other, people=people, draws=4_000)
    assert (exact.method, sampled.method) == ("exact", "sampled")
    assert sampled.p == pytest.approx(exact.p, abs=0.025)
    strong = permutation_test(
        "war", np.ones(60, int), np.ones(60, int), np.zeros(60, int), people=np.arange(60), draws=99
    )
    assert strong.p == 1 / 100


def test_regressions_are_compared_by_exchange_too() -> None:
    rng = np.random.default_rng(5)
    people = np.repeat(np.arange(14), 5)
    label = rng.normal(size=70)
    good, bad = label + rng.normal(0, 0.2, 70), label + rng.normal(0, 1.5, 70)
    for metric, sign in (("rmse", -1), ("ccc", 1), ("pearson_r", 1)):
        test = permutation_test(metric, label, good, bad, people=people)
        assert np.sign(test.difference) == sign
        assert test.p < 0.01


def test_a_model_is_not_better_than_itself() -> None:
    label, output, _, people = two_models(20, seed=6)
    test = permutation_test("uar", label, output, output, people=people, draws=200)
    assert (test.difference, test.p) == (0, 1)


def test_p_is_uniform_when_both_models_are_equally_good() -> None:
    """200 simulated comparisons of equal models: p below 0.1 in at most 10 % and, being exact, about that often."""
    small = [
        permutation_test("uar", label, output, other, people=people).p <= 0.1
        for label, output, other, people in (two_models(10, seed=seed) for seed in range(200))
    ]
    # 200 at 10 %: 20 expected, SD 4.2; the discrete test may reject a little less.
    assert 7 <= sum(small) <= 33


def test_an_undefined_metric_has_no_p() -> None:
    test = permutation_test("pearson_r", [0.0, 1.0], [1.0, 1.0], [0.0, 1.0], people=["a", "b"])
    assert np.isnan(test.p)


def test_one_person_cannot_be_tested() -> None:
    with pytest.raises(UsageError, match="at least two"):
        permutation_test("war", [0, 1], [0, 1], [1, 1], people=["a", "a"])


def test_holm_by_hand() -> None:
    """0.01 x 4; 0.015 x 3 = 0.045; 0.02 x 2 = 0.04, raised to 0.045; 0.9 x 1."""
    np.testing.assert_allclose(holm([0.015, 0.9, 0.01, 0.02]), [0.045, 0.9, 0.04, 0.045])


def test_a_test_that_could_not_be_made_does_not_count_in_holm() -> None:
    np.testing.assert_allclose(holm([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04])
    assert holm([]).shape == (0,)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_holm_keeps_the_order_and_never_lowers_a_p(p: list[float]) -> None:
    adjusted = holm(p)
    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


def test_groups_overlap_where_the_middle_model_differs_from_neither_end() -> None:
    models = ["emert", "linear", "majority", "person_mean"]
    p = {("emert", "majority"): 0.001, ("person_mean", "emert"): 0.002, ("linear", "person_mean"): 0.01}
    groups = indistinguishable_groups(models, p)
    assert groups == (("emert", "linear"), ("linear", "majority"), ("majority", "person_mean"))
    assert group_letters(groups) == {"emert": "A", "linear": "AB", "majority": "BC", "person_mean": "C"}


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_groups_are_the_largest_sets_without_a_difference(data: st.DataObject) -> None:
    """Against brute force over all subsets."""
    models = list("abcde")
    pairs = list(itertools.combinations(models, 2))
    differ = {pair for pair in pairs if data.draw(st.booleans())}
    free = [
        set(subset)
        for size in range(1, 6)
        for subset in itertools.combinations(models, size)
        if not any(pair in differ for pair in itertools.combinations(subset, 2))
    ]
    expected = {tuple(sorted(subset)) for subset in free if not any(subset < larger for larger in free)}
    found = indistinguishable_groups(models, {pair: 0.01 if pair in differ else 0.5 for pair in pairs})
    assert set(found) == expected
    assert len(found) == len(expected)


def test_the_standard_error_of_a_difference_is_that_of_the_mean_over_people() -> None:
    """With as many clips for each of 11 people, WAR is the mean of the people's: SD / sqrt(11)."""
    rng = np.random.default_rng(4)
    people = np.repeat(np.arange(11), 6)
    label, first, second = rng.integers(0, 2, (3, 66))
    test = permutation_test("war", label, first, second, people=people)
    of_person = ((first == label) * 1.0 - (second == label)).reshape(11, 6).mean(axis=1)
    assert test.standard_error == pytest.approx(of_person.std(ddof=1) / np.sqrt(11))
