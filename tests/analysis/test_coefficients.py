"""Weighted coefficients are those of scipy on the clips repeated as often as they weigh."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from emogap.analysis.coefficients import centred, kendall, pearson, spearman

NUM_PEOPLE, NUM_CLIPS, NUM_DRAWS = 7, 43, 5


def planted(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Person, a measure, three labels with and without ties, and how often each person counts."""
    rng = np.random.default_rng(seed)
    person = np.sort(np.concatenate([np.arange(NUM_PEOPLE), rng.integers(0, NUM_PEOPLE, NUM_CLIPS - NUM_PEOPLE)]))
    measure = rng.normal(loc=50.0, size=NUM_CLIPS) + person
    labels = np.stack(
        [measure + rng.normal(size=NUM_CLIPS), rng.integers(0, 4, NUM_CLIPS), rng.random(NUM_CLIPS) < 0.4], axis=1
    ).astype(np.float64)
    counts = rng.multinomial(NUM_PEOPLE, np.full(NUM_PEOPLE, 1 / NUM_PEOPLE), size=NUM_DRAWS).astype(np.float64)
    return person, measure, labels, counts


def repeated(weights: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(weights)), weights.astype(int))


@pytest.mark.parametrize(
    ("computed", "reference"),
    [
        (lambda x, y, counts, person: pearson(x, y, counts[:, person], np.zeros_like(person)), stats.pearsonr),
        (lambda x, y, counts, person: spearman(x, y, counts[:, person]), stats.spearmanr),
        (kendall, stats.kendalltau),
    ],
    ids=["pearson", "spearman", "kendall"],
)
def test_every_draw_equals_scipy_on_the_repeated_clips(
    computed: Callable[..., np.ndarray], reference: Callable[..., tuple[float, float]]
) -> None:
    person, measure, labels, counts = planted()
    found = computed(measure, labels, counts, person)
    for draw, weights in enumerate(counts[:, person]):
        clips = repeated(weights)
        expected = [reference(measure[clips], labels[clips, column])[0] for column in range(3)]
        np.testing.assert_allclose(found[draw], expected, atol=1e-10)


def test_within_people_it_is_scipy_on_what_is_left_without_their_means() -> None:
    """Weights that differ between clips of a person, as of drawn stimuli, move the person's mean."""
    person, measure, labels, _ = planted(1)
    weights = np.random.default_rng(2).integers(0, 3, (NUM_DRAWS, NUM_CLIPS)).astype(np.float64)
    found = pearson(measure, labels, weights, person)
    for draw, row in enumerate(weights):
        clips = repeated(row)
        _, own = np.unique(person[clips], return_inverse=True)
        x, y = centred(measure[clips], own), centred(labels[clips], own)
        expected = [stats.pearsonr(x, y[:, column])[0] for column in range(3)]
        np.testing.assert_allclose(found[draw], expected, atol=1e-8)


def test_what_does_not_vary_has_no_coefficient() -> None:
    person, measure, _, counts = planted()
    constant = np.full((NUM_CLIPS, 1), 0.1)
    weights = counts[:, person]
    assert np.isnan(pearson(measure, constant, weights, np.zeros_like(person))).all()
    assert np.isnan(spearman(measure, constant, weights)).all()
    assert np.isnan(kendall(measure, constant, counts, person)).all()
    of_person = person[:, None] / 3
    assert np.isnan(pearson(measure, of_person, weights, person)).all()


def test_equal_differences_from_the_mean_are_ties_in_spite_of_rounding() -> None:
    values = np.array([0.1, 0.3, 0.2, 0.7, 0.9, 0.8])
    left = centred(values, np.array([0, 0, 0, 1, 1, 1]))
    assert len(np.unique(left)) == 3
