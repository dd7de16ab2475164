"""Rotations are those of the paper, and scores know relative positions alone."""

import math

import pytest
import torch

from emogap.models.glass.blocks import SelfAttentionBlock
from emogap.models.glass.config import GlassConfig, Rope
from emogap.models.glass.rotary import rotary_table

HEAD_WIDTH = 6
LIKE = torch.zeros((), dtype=torch.float64)


def test_a_pair_is_turned_by_its_position_in_radians() -> None:
    """Su et al. (2021), equation 13: at position m the first pair is turned by m radians."""
    table = rotary_table(4, 2, "rotary", like=LIKE)
    turned = table.rotate(torch.tensor([1.0, 0.0], dtype=torch.float64).expand(1, 4, 1, 2))
    expected = torch.tensor([[math.cos(m), math.sin(m)] for m in range(4)], dtype=torch.float64)
    torch.testing.assert_close(turned[0, :, 0], expected)


def test_later_pairs_turn_more_slowly() -> None:
    """As complex numbers: pair i of a head of H numbers times exp(j m 10000^(-2i / H))."""
    value = torch.randn(3, 7, 5, HEAD_WIDTH, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    turned = rotary_table(7, HEAD_WIDTH, "rotary", like=LIKE).rotate(value)
    rates = [10000.0 ** (-2 * pair / HEAD_WIDTH) for pair in range(HEAD_WIDTH // 2)]
    turns = torch.tensor([[complex(math.cos(m * r), math.sin(m * r)) for r in rates] for m in range(7)])
    numbers = torch.view_as_complex(value.view(3, 7, 5, -1, 2)) * turns.to(torch.complex128)[:, None]
    torch.testing.assert_close(turned, torch.view_as_real(numbers).flatten(-2), rtol=1e-6, atol=1e-6)


def test_the_authors_form_pairs_halves_and_gives_neighbours_one_angle() -> None:
    """By hand for a head of 4 numbers at position 1: angles 1, 1, 0.01, 0.01; partners -3, -4, 1, 2."""
    table = rotary_table(2, 4, "authors", like=LIKE).at(1)
    turned = table.rotate(torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64).view(1, 1, 1, 4))
    c, s, slow_c, slow_s = math.cos(1), math.sin(1), math.cos(0.01), math.sin(0.01)
    expected = [c - 3 * s, 2 * c - 4 * s, 3 * slow_c + slow_s, 4 * slow_c + 2 * slow_s]
    torch.testing.assert_close(turned.flatten(), torch.tensor(expected, dtype=torch.float64))


def scores_of_alike_tokens(rope: Rope) -> torch.Tensor:
    """Scores (K, T, T) of a token with itself when it stands at every one of 9 positions."""
    torch.manual_seed(0)
    config = GlassConfig(num_channels=3, width=24, num_heads=2, rope=rope)
    block = SelfAttentionBlock(config).double()
    alike = torch.randn(1, 1, 24, dtype=torch.float64).expand(1, 9, 24)
    query, key, _ = block.project(alike, rotary_table(9, config.head_width, rope, like=alike))
    return (query @ key.transpose(2, 3))[0].detach()


def test_scores_depend_on_relative_position_alone() -> None:
    score = scores_of_alike_tokens("rotary")
    torch.testing.assert_close(score[:, 1:, 1:], score[:, :-1, :-1])
    assert (score[:, 0, 3] - score[:, 0, 4]).abs().min() > 1e-6


def test_scores_of_the_authors_form_depend_on_more() -> None:
    score = scores_of_alike_tokens("authors")
    assert (score[:, 5, 5] - score[:, 0, 0]).abs().max() > 1e-3


@pytest.mark.parametrize("rope", ["rotary", "authors"])
def test_one_position_is_a_row_of_all(rope: Rope) -> None:
    value = torch.randn(2, 5, 3, HEAD_WIDTH, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    table = rotary_table(5, HEAD_WIDTH, rope, like=LIKE)
    torch.testing.assert_close(table.at(4).rotate(value[:, 4:]), table.rotate(value)[:, 4:])
