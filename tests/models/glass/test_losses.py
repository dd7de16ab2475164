"""Only what was measured counts."""

import pytest
import torch

from emogap.models.glass.losses import forecast_loss


def test_the_loss_is_that_of_the_paper_by_hand() -> None:
    """Errors 0.5 and -3 and 0: huber 0.125, 2.5, 0. Differences of the error -3.5 and 3: 3.0, 2.5."""
    future = torch.tensor([[[1.0], [4.0], [2.0]]])
    predicted = torch.tensor([[[1.5], [1.0], [2.0]]])
    loss, parts = forecast_loss(predicted, future, torch.ones(1, 3, dtype=torch.bool))
    assert parts["coordinates"].item() == pytest.approx((0.125 + 2.5 + 0) / 3)
    assert parts["differences"].item() == pytest.approx((3.0 + 2.5) / 2)
    assert loss.item() == pytest.approx(2.625 / 3 + 0.2 * 5.5 / 2)


def test_a_difference_across_an_invalid_frame_does_not_count() -> None:
    """Of four frames the second is missing: three count, and of the differences only that of the last two, 0.5."""
    future = torch.tensor([[[0.0, 0.0], [torch.nan, 7.0], [0.0, 0.0], [0.0, 0.0]]])
    predicted = torch.tensor([[[1.0, 1.0], [50.0, 50.0], [1.0, 1.0], [2.0, 2.0]]])
    _, parts = forecast_loss(predicted, future, torch.tensor([[True, False, True, True]]))
    assert parts["coordinates"].item() == pytest.approx((0.5 + 0.5 + 1.5) / 3)
    assert parts["differences"].item() == pytest.approx(0.5)


def test_windows_count_by_their_valid_frames() -> None:
    """Three valid frames of error 1 in one window, one of error 0 in the other: (3 x 0.5 + 0) / 4."""
    valid = torch.tensor([[True, True, True], [False, True, False]])
    predicted = torch.tensor([[[1.0]] * 3, [[0.0]] * 3])
    _, parts = forecast_loss(predicted, torch.zeros(2, 3, 1), valid)
    assert parts["coordinates"].item() == pytest.approx(0.375)


def test_an_invalid_frame_has_a_gradient_of_exactly_zero() -> None:
    generator = torch.Generator().manual_seed(0)
    predicted = torch.randn(3, 11, 2, generator=generator).requires_grad_()
    future = torch.randn(3, 11, 2, generator=generator)
    valid = torch.rand(3, 11, generator=generator) > 0.4
    future[~valid] = torch.nan
    loss, _ = forecast_loss(predicted, future, valid)
    (gradient,) = torch.autograd.grad(loss, predicted)
    assert torch.equal(gradient.ne(0).all(dim=2), valid)
    assert torch.equal(gradient[~valid], torch.zeros_like(gradient[~valid]))


def test_nothing_measured_costs_nothing() -> None:
    predicted = torch.ones(2, 5, 3, requires_grad=True)
    loss, _ = forecast_loss(predicted, torch.full((2, 5, 3), torch.nan), torch.zeros(2, 5, dtype=torch.bool))
    assert loss.item() == 0
    assert torch.equal(torch.autograd.grad(loss, predicted)[0], torch.zeros(2, 5, 3))
