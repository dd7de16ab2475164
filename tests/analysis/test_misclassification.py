import numpy as np
import pytest
from numpy.testing import assert_allclose

from emogap.analysis import corrected_views, fit_views, symmetric_confusion
from emogap.errors import UsageError


def drawn(probability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(probability.shape[:-1])[..., None] > probability.cumsum(axis=-1)[..., :-1]).sum(axis=-1)


def clips(num_clips: int, accuracies: tuple[float, ...], *, num_classes: int = 4, seed: int = 0):  # type: ignore[no-untyped-def]
    """Felt and shown classes that differ in 30 % of the clips, and votes with known confusions."""
    rng = np.random.default_rng(seed)
    felt = drawn(np.tile([0.4, 0.3, 0.2, 0.1][:num_classes], (num_clips, 1)), rng)
    shown = np.where(rng.random(num_clips) < 0.3, (felt + 1) % num_classes, felt)
    confusions = [symmetric_confusion(accuracy, num_classes) for accuracy in accuracies]
    votes = np.stack([drawn(confusion[shown], rng) for confusion in confusions], axis=1)
    return felt, shown, np.eye(num_classes)[votes], np.stack(confusions)


def test_rogan_and_gladens_formula_is_the_case_of_two_classes() -> None:
    """p = (observed + specificity - 1) / (sensitivity + specificity - 1): 0.28 observed, 0.9 and 0.8 give 0.1143."""
    sensitivity, specificity, observed = 0.9, 0.8, 0.28
    confusion = np.array([[sensitivity, 1 - sensitivity], [1 - specificity, specificity]])
    told = np.array([[observed, 0.0], [1 - observed, 0.0]])
    expected = (observed + specificity - 1) / (sensitivity + specificity - 1)
    assert_allclose(corrected_views(told, confusion)[0, 0], expected)


@pytest.mark.parametrize("num_classes", [3, 7])
def test_taking_errors_out_undoes_putting_them_in(num_classes: int) -> None:
    rng = np.random.default_rng(num_classes)
    joint = rng.dirichlet(np.ones(num_classes**2), size=2).reshape(2, num_classes, num_classes)
    confusion = rng.dirichlet(np.ones(num_classes), size=num_classes) + 2 * np.eye(num_classes)
    confusion /= confusion.sum(axis=1, keepdims=True)
    assert_allclose(corrected_views(confusion.T @ joint, confusion), joint, atol=1e-12)


def test_confusions_and_joint_distribution_are_recovered_from_many_clips() -> None:
    felt, shown, votes, confusions = clips(20_000, (0.9, 0.8, 0.7, 0.6, 0.85))
    fit = fit_views(felt, votes, np.ones((1, len(felt))))
    truth = np.zeros((4, 4))
    np.add.at(truth, (felt, shown), 1 / len(felt))
    assert fit.is_converged
    assert_allclose(fit.views[0], truth, atol=0.008)
    assert_allclose(fit.confusion[0].swapaxes(0, 1), confusions, atol=0.04)


def test_without_disagreement_nothing_is_corrected() -> None:
    felt, shown, votes, _ = clips(300, (1.0, 1.0, 1.0))
    fit = fit_views(felt, votes, np.ones((1, len(felt))))
    assert_allclose(1 - np.trace(fit.views[0]), np.mean(felt != shown), atol=1e-6)


def test_the_order_of_raters_does_not_matter() -> None:
    felt, _, votes, _ = clips(200, (0.9, 0.8, 0.7))
    ones = np.ones((1, len(felt)))
    there, back = fit_views(felt, votes, ones), fit_views(felt, votes[:, ::-1], ones)
    assert_allclose(there.views, back.views, atol=1e-9)
    assert_allclose(there.confusion, back.confusion[:, :, ::-1], atol=1e-9)


def test_class_names_do_not_matter() -> None:
    felt, _, votes, _ = clips(200, (0.9, 0.8, 0.7))
    ones, order = np.ones((1, len(felt))), np.array([2, 0, 3, 1])
    there, other = fit_views(felt, votes, ones), fit_views(np.argsort(order)[felt], votes[:, :, order], ones)
    assert_allclose(other.views[0], there.views[0][np.ix_(order, order)], atol=1e-9)


def test_a_clip_counted_twice_is_a_clip_that_is_there_twice() -> None:
    felt, _, votes, _ = clips(60, (0.9, 0.8, 0.7))
    weights = np.ones((2, len(felt)))
    weights[1, :20] = 2
    twice = np.concatenate([np.arange(60), np.arange(20)])
    weighted = fit_views(felt, votes, weights, tolerance=1e-9)
    repeated = fit_views(felt[twice], votes[twice], np.ones((1, 80)), tolerance=1e-9)
    assert_allclose(weighted.views[1], repeated.views[0], atol=1e-5)


def test_a_rater_who_always_says_the_same_does_not_change_the_gap() -> None:
    felt, _, votes, _ = clips(400, (0.9, 0.8, 0.8))
    constant = np.zeros((400, 1, 4))
    constant[:, 0, 2] = 1
    ones = np.ones((1, 400))
    without, beside = fit_views(felt, votes, ones), fit_views(felt, np.concatenate([votes, constant], axis=1), ones)
    assert_allclose(np.trace(beside.views[0]), np.trace(without.views[0]), atol=0.005)


def test_missing_ratings_and_counts_without_names_are_read() -> None:
    """Votes summed over alike raters carry the same likelihood as the votes one by one with one shared confusion."""
    felt, shown, votes, _ = clips(6_000, (0.8, 0.8, 0.8, 0.8))
    votes[np.random.default_rng(5).random(votes.shape[:2]) < 0.15] = 0
    present = votes.sum(axis=(1, 2)) > 0
    pooled = fit_views(felt[present], votes[present].sum(axis=1, keepdims=True), np.ones((1, int(present.sum()))))
    assert_allclose(1 - np.trace(pooled.views[0]), np.mean(felt != shown), atol=0.012)
    assert_allclose(np.diag(pooled.confusion[0, :, 0]), 0.8, atol=0.03)


@pytest.mark.parametrize(("reliability", "words"), [(0.25, "no better than guessing"), (1.2, "above 1")])
def test_impossible_reliabilities_are_refused(reliability: float, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        symmetric_confusion(reliability, 4)
