"""Against crowd-kit, against a likelihood written as loops, and against raters whose confusion is known."""

import math

import numpy as np
import pytest

from emogap.annotation.consensus import dawid_skene, majority
from emogap.errors import DataError
from emogap.types import RatingTable
from tests.annotation.consensus.simulated_raters import class_table, one_coin, votes_of

PAPER = dawid_skene.Config(prior_ratings=0, max_steps=7, tolerance=0)


def skewed_confusion(num_raters: int, num_categories: int, rng: np.random.Generator) -> np.ndarray:
    """Rows drawn at random, with most of the mass on the diagonal."""
    drawn = rng.dirichlet(np.ones(num_categories), (num_raters, num_categories))
    return 0.4 * drawn + 0.6 * np.eye(num_categories)


def by_crowd_kit(table: RatingTable, steps: int) -> np.ndarray:
    pandas = pytest.importorskip("pandas")
    aggregation = pytest.importorskip("crowdkit.aggregation")
    item, rater = np.nonzero(np.isfinite(table.rating))
    votes = pandas.DataFrame({"task": item, "worker": rater, "label": table.rating[item, rater].astype(int)})
    posterior = aggregation.DawidSkene(n_iter=steps, tol=-math.inf).fit_predict_proba(votes)
    return posterior.sort_index().sort_index(axis=1).to_numpy()


# crowd-kit calls pandas in a way that pandas is about to drop.
@pytest.mark.filterwarnings("ignore:The (inplace|copy) keyword")
@pytest.mark.parametrize(
    ("items", "raters", "categories", "missing"), [(67, 5, 3, 0.0), (53, 3, 7, 0.2), (41, 11, 2, 0.5)]
)
def test_without_prior_the_posterior_is_that_of_crowd_kit(
    items: int, raters: int, categories: int, missing: float
) -> None:
    rng = np.random.default_rng(items)
    confusion = skewed_confusion(raters, categories, rng)
    table = votes_of(rng.integers(0, categories, items), confusion, rng, share_missing=missing)
    ours = dawid_skene.fit(table, PAPER)
    assert ours.share is not None
    had = np.isfinite(table.rating).any(axis=1)
    np.testing.assert_allclose(ours.share[had], by_crowd_kit(table, 7), atol=1e-6)


@pytest.mark.parametrize("prior_ratings", [0.0, 2.0])
def test_what_is_climbed_is_the_likelihood_of_the_paper(prior_ratings: float) -> None:
    """Equation 2.7 of Dawid and Skene (1979), item by item and class by class, plus the stated prior."""
    rng = np.random.default_rng(3)
    table = votes_of(rng.integers(0, 3, 19), one_coin([0.6, 0.7, 0.8, 0.9], 3), rng, share_missing=0.2)
    result = dawid_skene.fit(table, dawid_skene.Config(prior_ratings=prior_ratings, max_steps=9, tolerance=0))
    assert result.confusion is not None
    assert result.prevalence is not None
    assert result.log_likelihood is not None
    expected = 0.0
    for row in table.rating:
        given = [(rater, int(word)) for rater, word in enumerate(row) if word == word]
        expected += math.log(
            sum(
                result.prevalence[k] * math.prod(result.confusion[rater, k, word] for rater, word in given)
                for k in range(3)
            )
        )
    for matrix in result.confusion:
        for true in range(3):
            for word in range(3):
                imagined = prior_ratings * (0.5 if true == word else 0.25)
                expected += imagined * math.log(matrix[true, word])
    assert result.log_likelihood[-1] == pytest.approx(expected, rel=1e-9)


def test_known_confusion_matrices_are_found_again() -> None:
    rng = np.random.default_rng(11)
    confusion = skewed_confusion(6, 3, rng)
    truth = rng.choice(3, 4001, p=[0.5, 0.3, 0.2])
    result = dawid_skene.fit(votes_of(truth, confusion, rng, share_missing=0.25))
    assert result.confusion is not None
    assert result.prevalence is not None
    np.testing.assert_allclose(result.confusion, confusion, atol=0.05)
    np.testing.assert_allclose(result.prevalence, [0.5, 0.3, 0.2], atol=0.03)
    assert result.converged
    assert result.doubts == ()


def test_a_rater_who_swaps_two_words_helps_where_a_vote_is_misled() -> None:
    rng = np.random.default_rng(5)
    confusion = one_coin([0.95, 0.9, 0.9, 0.9, 0.95], 3)
    confusion[2:4] = confusion[2:4][:, [1, 0, 2]]
    truth = rng.integers(0, 3, 701)
    table = votes_of(truth, confusion, rng, share_missing=0.3)

    def right(labels: tuple[str | None, ...]) -> float:
        return float(np.mean([label == f"class{one:05d}" for label, one in zip(labels, truth, strict=True)]))

    assert right(dawid_skene.fit(table).labels) > 0.95 > right(majority.fit(table).labels) + 0.1


def test_the_reliability_of_an_infallible_rater_is_one_and_of_a_guesser_zero() -> None:
    rng = np.random.default_rng(8)
    confusion = one_coin([1.0, 1.0, 1.0, 0.25], 4)
    result = dawid_skene.fit(votes_of(rng.integers(0, 4, 1503), confusion, rng))
    assert result.reliability is not None
    np.testing.assert_allclose(result.reliability, [1, 1, 1, 0], atol=0.03)


def test_a_class_that_nobody_names_gets_no_share() -> None:
    result = dawid_skene.fit(class_table(np.array([[0, 0, 2], [2, 2, 2], [0, 0, 0], [0, 2, 2.0]]), 5))
    assert result.share is not None
    assert (result.share[:, [1, 3, 4]] == 0).all()
    np.testing.assert_allclose(result.share.sum(axis=1), 1)


def test_one_category_is_no_riddle() -> None:
    """All raters are constant then: nothing can be learned, and the method says so."""
    with pytest.raises(DataError, match="whose answers vary"):
        dawid_skene.fit(class_table(np.zeros((4, 3)), 1))
