"""The losses between sets of vectors are those of their sources, clip by clip."""

import math

import numpy as np
import pytest
import torch

from emogap.models.subspaces import BANDWIDTH_FACTORS, correlation_loss, mean_discrepancy

EVERYONE = torch.ones(9, dtype=torch.bool)
SOME = torch.tensor([True, False, True, True, False, True, True, True, False])


def sample(width: int, *, seed: int) -> torch.Tensor:
    return torch.randn(9, width, generator=torch.Generator().manual_seed(seed))


def discrepancy_by_loops(one: np.ndarray, other: np.ndarray) -> float:
    """Equation 5 of Gretton et al. (2012), pair by pair."""
    pooled = np.concatenate([one, other])
    distances = [((a - b) ** 2).sum() for i, a in enumerate(pooled) for j, b in enumerate(pooled) if i != j]
    scale = np.mean(distances)

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        return sum(math.exp(-((a - b) ** 2).sum() / (factor * scale)) for factor in BANDWIDTH_FACTORS)

    within = np.mean([kernel(a, b) for a in one for b in one]) + np.mean([kernel(a, b) for a in other for b in other])
    return float(within - 2 * np.mean([kernel(a, b) for a in one for b in other]))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_the_discrepancy_is_gretton_s_and_never_negative(shift: float, seed: int) -> None:
    """Also of two samples of one distribution, where it is small."""
    one, other = sample(4, seed=seed), shift + sample(4, seed=seed + 50)
    expected = discrepancy_by_loops(one.double().numpy(), other.double().numpy())
    assert expected > 0
    assert mean_discrepancy(one, other, EVERYONE).item() == pytest.approx(expected, rel=1e-4)


def test_the_discrepancy_of_a_sample_with_itself_is_zero_and_with_a_shifted_one_grows() -> None:
    one = sample(4, seed=1)
    shifts = [mean_discrepancy(one, one + shift, EVERYONE).item() for shift in (0.0, 0.5, 1.0, 3.0)]
    assert shifts[0] == pytest.approx(0, abs=1e-6)
    assert shifts == sorted(shifts)
    assert shifts[1] > 1e-2


def test_the_correlation_is_that_of_unit_vectors_about_their_mean() -> None:
    one, other = sample(4, seed=1).numpy(), sample(3, seed=2).numpy()
    rows = [matrix - matrix.mean(axis=0) for matrix in (one, other)]
    x, y = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True) for matrix in rows)
    expected = np.mean([(x[:, d] @ y[:, e]) ** 2 for d in range(4) for e in range(3)])
    found = correlation_loss(torch.from_numpy(one), torch.from_numpy(other), EVERYONE)
    assert found.item() == pytest.approx(expected, rel=1e-4)


def test_the_correlation_is_symmetric() -> None:
    one, other = sample(4, seed=1), sample(3, seed=2)
    torch.testing.assert_close(correlation_loss(one, other, EVERYONE), correlation_loss(other, one, EVERYONE))


@pytest.mark.parametrize("constant_first", [True, False])
def test_the_correlation_with_a_constant_is_zero(constant_first: bool) -> None:
    varied, constant = sample(4, seed=1), torch.full((9, 4), 2.0)
    pair = (constant, varied) if constant_first else (varied, constant)
    assert correlation_loss(*pair, EVERYONE) == 0
    assert correlation_loss(varied, varied, EVERYONE) > 0.1


def test_the_length_of_a_vector_takes_part_in_no_gradient() -> None:
    """With a length that is differentiated, the gradient would have no part along the vector itself."""
    one = sample(4, seed=1)
    one = (one - one.mean(dim=0)).requires_grad_()
    loss = correlation_loss(one, sample(3, seed=2), EVERYONE)
    (gradient,) = torch.autograd.grad(loss, one)
    assert (gradient * one).sum(dim=1).abs().max() > 1e-3


@pytest.mark.parametrize("loss", [correlation_loss, mean_discrepancy])
def test_clips_that_do_not_count_are_as_if_absent(loss: type[correlation_loss]) -> None:
    one, other = sample(4, seed=1), sample(4, seed=2)
    expected = loss(one[SOME], other[SOME], torch.ones(6, dtype=torch.bool))
    one, other = (torch.where(SOME[:, None], value, torch.full_like(value, 50.0)) for value in (one, other))
    torch.testing.assert_close(loss(one, other, SOME), expected)


@pytest.mark.parametrize("loss", [correlation_loss, mean_discrepancy])
@pytest.mark.parametrize("num_counted", [0, 1])
def test_hardly_any_clip_gives_a_finite_loss_and_gradient(loss: type[correlation_loss], num_counted: int) -> None:
    one = sample(4, seed=1).requires_grad_()
    value = loss(one, sample(4, seed=2), torch.arange(9) < num_counted)
    value.backward()
    assert value.isfinite()
    assert one.grad.isfinite().all()
    if num_counted == 0:
        assert value == 0
