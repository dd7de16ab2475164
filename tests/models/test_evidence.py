"""Fusion against Dempster's rule on sets, divergences against torch's distributions, values against scipy."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Dirichlet, kl_divergence

from emogap.models.evidence import (
    NormalInverseGamma,
    divergence_from_ignorance,
    expected_cross_entropy,
    fuse_evidence,
    fuse_values,
    student_t_loss,
    surplus_evidence,
    uncertainty,
)

B, K = 6, 5
NUM_OPINIONS = 3


@pytest.fixture
def evidence() -> torch.Tensor:
    return 4 * torch.rand(B, NUM_OPINIONS, K, generator=torch.Generator().manual_seed(0))


def masses(evidence: torch.Tensor) -> dict[frozenset[int], float]:
    """Belief on each single class, uncertainty on the set of all."""
    total = float(evidence.sum()) + len(evidence)
    single = {frozenset([k]): float(e) / total for k, e in enumerate(evidence)}
    return single | {frozenset(range(len(evidence))): len(evidence) / total}


def dempster(one: dict[frozenset[int], float], other: dict[frozenset[int], float]) -> dict[frozenset[int], float]:
    """Dempster's rule as in Shafer (1976): products of masses on intersections, renormalised without the empty set."""
    joint: dict[frozenset[int], float] = {}
    for (a, mass_a), (b, mass_b) in itertools.product(one.items(), other.items()):
        joint[a & b] = joint.get(a & b, 0.0) + mass_a * mass_b
    conflict = joint.pop(frozenset(), 0.0)
    return {subset: mass / (1 - conflict) for subset, mass in joint.items()}


def test_fusion_is_dempsters_rule(evidence: torch.Tensor) -> None:
    fused_BK = fuse_evidence(evidence)
    for clip in range(B):
        first, second, third = (masses(opinion) for opinion in evidence[clip].double())
        expected = dempster(dempster(first, second), third)
        assert masses(fused_BK[clip]) == pytest.approx(expected, rel=1e-4)
        assert sum(expected.values()) == pytest.approx(1)


def test_two_opinions_multiply_and_add(evidence: torch.Tensor) -> None:
    one, other = evidence[:, 0], evidence[:, 1]
    torch.testing.assert_close(fuse_evidence(evidence[:, :2]), one * other / K + one + other)


def test_the_order_of_opinions_does_not_matter(evidence: torch.Tensor) -> None:
    torch.testing.assert_close(fuse_evidence(evidence[:, [2, 0, 1]]), fuse_evidence(evidence))
    pair_first = torch.stack([fuse_evidence(evidence[:, 1:]), evidence[:, 0]], dim=1)
    torch.testing.assert_close(fuse_evidence(pair_first), fuse_evidence(evidence))


def test_an_opinion_without_evidence_changes_nothing(evidence: torch.Tensor) -> None:
    evidence[:, 1] = 0
    torch.testing.assert_close(fuse_evidence(evidence), fuse_evidence(evidence[:, [0, 2]]))


def test_together_they_are_surer_than_the_surest(evidence: torch.Tensor) -> None:
    surest_B = torch.stack([uncertainty(evidence[:, opinion]) for opinion in range(NUM_OPINIONS)]).amin(dim=0)
    assert (uncertainty(fuse_evidence(evidence)) < surest_B).all()
    assert torch.equal(uncertainty(torch.zeros(2, K)), torch.ones(2))


def test_the_expected_cross_entropy_is_the_mean_over_drawn_probabilities() -> None:
    evidence_B1K = torch.tensor([[[3.0, 0.5, 0.0, 1.0]]])
    share = torch.tensor([[[0.7, 0.2, 0.1, 0.0]]])
    drawn = np.random.default_rng(0).dirichlet(np.array([4.0, 1.5, 1.0, 2.0]), size=200_000)
    expected = -(np.log(drawn) @ share.numpy().ravel()).mean()
    assert expected_cross_entropy(evidence_B1K, share).item() == pytest.approx(expected, rel=0.01)


def test_the_divergence_is_that_of_dirichlet_distributions(evidence: torch.Tensor) -> None:
    share = torch.eye(K)[torch.tensor([0, 3, 4, 1, 2, 3])].unsqueeze(1).expand(B, NUM_OPINIONS, K)
    wrong = Dirichlet(1 + (1 - share) * evidence)
    expected = kl_divergence(wrong, Dirichlet(torch.ones(B, NUM_OPINIONS, K)))
    torch.testing.assert_close(divergence_from_ignorance(evidence, share), expected, rtol=1e-4, atol=1e-5)


def test_evidence_for_the_voted_class_alone_diverges_by_nothing() -> None:
    share = torch.eye(K)[[2]].unsqueeze(1)
    assert divergence_from_ignorance(20 * share, share).item() == pytest.approx(0, abs=1e-5)
    assert divergence_from_ignorance(20 * share.roll(1, dims=2), share).item() > 1


@pytest.fixture
def opinion() -> NormalInverseGamma:
    return NormalInverseGamma.from_outputs(
        torch.randn(B, NUM_OPINIONS, 2, 4, generator=torch.Generator().manual_seed(3))
    )


def at(opinion: NormalInverseGamma, index: object) -> NormalInverseGamma:
    return NormalInverseGamma(opinion.mean[index], opinion.count[index], opinion.shape[index], opinion.scale[index])


def pair(one: NormalInverseGamma, other: NormalInverseGamma) -> NormalInverseGamma:
    """The sum of Ma et al. (2021), section 4, as printed for two."""
    count = one.count + other.count
    mean = (one.count * one.mean + other.count * other.mean) / count
    spread = one.count * (one.mean - mean) ** 2 + other.count * (other.mean - mean) ** 2
    return NormalInverseGamma(mean, count, one.shape + other.shape + 0.5, one.scale + other.scale + 0.5 * spread)


def assert_same(one: NormalInverseGamma, other: NormalInverseGamma) -> None:
    for name in ("mean", "count", "shape", "scale"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name))


def test_values_are_fused_pair_by_pair(opinion: NormalInverseGamma) -> None:
    first, second, third = (at(opinion, (slice(None), number)) for number in range(NUM_OPINIONS))
    everyone = torch.ones(B, NUM_OPINIONS, dtype=torch.bool)
    assert_same(fuse_values(opinion, everyone), pair(pair(first, second), third))
    assert_same(fuse_values(opinion, everyone), pair(first, pair(third, second)))


def test_an_opinion_that_is_not_heard_changes_nothing(opinion: NormalInverseGamma) -> None:
    is_heard = torch.ones(B, NUM_OPINIONS, dtype=torch.bool)
    is_heard[2, 1] = False
    expected = pair(at(opinion, (2, 0)), at(opinion, (2, 2)))
    assert_same(at(fuse_values(opinion, is_heard), 2), expected)


def test_the_loss_is_the_density_of_a_student_t(opinion: NormalInverseGamma) -> None:
    label = torch.linspace(-2, 2, B * NUM_OPINIONS * 2).view(B, NUM_OPINIONS, 2)
    m, nu, a, b = (part.double().numpy() for part in (opinion.mean, opinion.count, opinion.shape, opinion.scale))
    expected = -stats.t.logpdf(label.numpy(), df=2 * a, loc=m, scale=np.sqrt(b * (1 + nu) / (nu * a)))
    np.testing.assert_allclose(student_t_loss(opinion, label).numpy(), expected, rtol=1e-4, atol=1e-5)


def test_surplus_evidence_is_error_times_evidence() -> None:
    opinion = NormalInverseGamma(*(torch.tensor([value]) for value in (0.25, 3.0, 1.5, 2.0)))
    assert surplus_evidence(opinion, torch.tensor([-0.75])).item() == pytest.approx(1.0 * (2 * 3 + 1.5))
    assert opinion.uncertainty.item() == pytest.approx(2.0 / (3.0 * 0.5))


def test_outputs_far_below_zero_still_give_an_opinion() -> None:
    opinion = NormalInverseGamma.from_outputs(torch.full((1, 1, 1, 4), -300.0))
    assert math.isfinite(student_t_loss(opinion, torch.tensor([[[0.5]]])).item())
    assert opinion.uncertainty.isfinite().all()
