"""Dropout by bits is dropout: the right share, independent, and nothing in use."""

import math

import pytest
import torch

from emogap.models.layers.wide_dropout import WideDropout


def dropped(probability: float, *shape: int, seed: int = 0) -> torch.Tensor:
    torch.manual_seed(seed)
    return WideDropout(probability)(torch.ones(*shape)) == 0


@pytest.mark.parametrize("probability", [0.003, 0.3, 0.5, 0.9])
def test_the_share_that_is_dropped_is_the_one_asked_for_in_every_position_of_a_draw(probability: float) -> None:
    """Four entries come from one draw; a sign bit read as chance would spoil one of the four."""
    share = dropped(probability, 50_000, 4).float().mean(dim=0)
    sd = math.sqrt(probability * (1 - probability) / 50_000)
    assert (share - probability).abs().max() < 4.5 * sd


def test_entries_of_one_draw_are_independent() -> None:
    is_dropped = dropped(0.5, 50_000, 4).float()
    correlation = torch.corrcoef(is_dropped.T) - torch.eye(4)
    assert correlation.abs().max() < 4.5 / math.sqrt(50_000)


def test_what_is_kept_is_divided_and_the_gradient_follows() -> None:
    torch.manual_seed(0)
    value = torch.full((3, 7, 5), 2.0, requires_grad=True)
    output = WideDropout(0.75)(value)
    assert set(output.unique().tolist()) == {0.0, 8.0}
    output.sum().backward()
    assert torch.equal(value.grad, output / 2)


def test_nothing_is_dropped_in_use_or_with_probability_zero() -> None:
    value = torch.randn(3, 5)
    assert torch.equal(WideDropout(0.5).eval()(value), value)
    assert torch.equal(WideDropout(0.0)(value), value)


def test_the_same_seed_drops_the_same_entries() -> None:
    assert torch.equal(dropped(0.5, 9, 3, seed=1), dropped(0.5, 9, 3, seed=1))
    assert not torch.equal(dropped(0.5, 9, 3, seed=1), dropped(0.5, 9, 3, seed=2))
