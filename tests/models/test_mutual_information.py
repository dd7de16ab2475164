"""Likelihood, contrast and entropy against independent computations and their known limits."""

import math

import numpy as np
import pytest
import torch

from emogap.models.mutual_information import contrastive_loss, gaussian_log_likelihood, grouped_entropy


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def everyone(num_clips: int) -> torch.Tensor:
    return torch.ones(num_clips, dtype=torch.bool)


def test_the_likelihood_is_that_of_independent_normal_distributions() -> None:
    value, mean, log_variance = noise(3, 5, 4)
    expected = torch.distributions.Normal(mean, (log_variance / 2).exp()).log_prob(value).sum(1)
    torch.testing.assert_close(gaussian_log_likelihood(value, mean, log_variance), expected)


def test_the_form_of_the_code_pays_for_variance_and_the_density_does_not() -> None:
    """Half a unit off, the density is best at a variance of a quarter; without its normalisation at infinity."""
    off = torch.full((1, 3), 0.5)
    variances = [0.05, 0.25, 1.0, 100.0]
    density, code = (
        [
            gaussian_log_likelihood(
                off, torch.zeros(1, 3), torch.full((1, 3), math.log(v)), with_log_variance=full
            ).item()
            for v in variances
        ]
        for full in (True, False)
    )
    assert int(np.argmax(density)) == 1
    assert code == sorted(code)


# NCE lies in [ln(1 + (B - 1) e^-2), ln(1 + (B - 1) e^2)] and equals ln B when all scores tie.
@pytest.mark.parametrize("num_clips", [2, 7, 16])
def test_the_contrast_lies_between_its_limits(num_clips: int) -> None:
    low, high = (math.log(1 + (num_clips - 1) * math.exp(sign * 2)) for sign in (-1, 1))
    for seed in range(20):
        value, predicted = noise(2, num_clips, 5, seed=seed)
        assert low <= contrastive_loss(value, predicted, everyone(num_clips)).item() <= high
    alternating = torch.tensor([[1.0], [-1.0]])
    best = contrastive_loss(alternating, alternating, everyone(2)).item()
    worst = contrastive_loss(alternating, -alternating, everyone(2)).item()
    assert best == pytest.approx(math.log(1 + math.exp(-2)), rel=1e-5)
    assert worst == pytest.approx(math.log(1 + math.exp(2)), rel=1e-5)


def test_the_contrast_of_equal_scores_is_the_logarithm_of_their_number() -> None:
    tied = contrastive_loss(noise(6, 3), torch.ones(6, 3) * noise(1, 3, seed=1), everyone(6))
    assert tied.item() == pytest.approx(math.log(6), rel=1e-5)


def test_the_contrast_asks_each_value_for_its_prediction_not_each_prediction_for_its_value() -> None:
    value, predicted = noise(2, 5, 3, seed=4).double()
    cosine = np.array(
        [[np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b) for b in predicted.numpy()] for a in value.numpy()]
    )
    expected = -np.mean(np.diag(cosine) - np.log(np.exp(cosine).sum(axis=1)))
    assert contrastive_loss(value, predicted, everyone(5)).item() == pytest.approx(expected)


def test_the_contrast_leaves_out_the_clips_that_do_not_count() -> None:
    value, predicted = noise(2, 7, 3, seed=2)
    counts = torch.tensor([True, False, True, True, False, True, True])
    expected = contrastive_loss(value[counts], predicted[counts], everyone(5))
    torch.testing.assert_close(contrastive_loss(value, predicted, counts), expected)
    value.requires_grad_()
    contrastive_loss(value, predicted, ~everyone(7)).backward()
    assert not value.grad.any()


def test_the_entropy_is_the_mean_of_half_the_log_determinants() -> None:
    value = noise(40, 3).double()
    weight = torch.zeros(40, 2).double()
    weight[:15, 0] = weight[15:35, 1] = 1
    covariances = [np.cov(value[rows].numpy().T, ddof=0) + 0.01 * np.eye(3) for rows in (slice(0, 15), slice(15, 35))]
    expected = np.mean([np.linalg.slogdet(covariance)[1] / 2 for covariance in covariances])
    assert grouped_entropy(value, weight, jitter=0.01).item() == pytest.approx(expected)


def test_a_clip_of_weight_one_half_counts_half() -> None:
    """Two copies at half the weight are one clip at the whole."""
    value = noise(12, 2)
    whole = grouped_entropy(value, torch.ones(12, 1), jitter=0)
    halves = grouped_entropy(value.repeat(2, 1), torch.full((24, 1), 0.5), jitter=0)
    torch.testing.assert_close(halves, whole)


# Scaling by s adds k ln s to H, k = width, jitter off.
@pytest.mark.parametrize("num_groups", [1, 2, 5])
def test_a_stretched_vector_has_its_width_times_the_logarithm_more_entropy(num_groups: int) -> None:
    value = noise(60, 4).double()
    weight = torch.nn.functional.one_hot(torch.arange(60) % num_groups, num_groups).double()
    more = grouped_entropy(3 * value, weight, jitter=0) - grouped_entropy(value, weight, jitter=0)
    assert more.item() == pytest.approx(4 * math.log(3))


@pytest.mark.parametrize("num_clips", [0, 1, 4])
def test_a_group_of_no_more_clips_than_the_width_is_left_out(num_clips: int) -> None:
    value = noise(20, 4).requires_grad_()
    weight = torch.zeros(20, 2)
    weight[:10, 0] = 1
    alone = grouped_entropy(value, weight, jitter=0)
    weight[10 : 10 + num_clips, 1] = 1
    both = grouped_entropy(value, weight, jitter=0)
    assert both == alone != 0
    both.backward()
    assert value.grad.isfinite().all()
    weight[10:15, 1] = 1
    assert grouped_entropy(value, weight, jitter=0) != alone
