"""Positions are those of Vaswani et al. (2017), section 3.5."""

import math

import pytest
import torch

from emogap.models.layers.sinusoid import sinusoid


def test_every_entry_is_the_formulas() -> None:
    position = sinusoid(7, 6)
    assert position.shape == (7, 6)
    for step in range(7):
        for pair in range(3):
            angle = step / 10000 ** (2 * pair / 6)
            assert position[step, 2 * pair].item() == pytest.approx(math.sin(angle), abs=1e-6)
            assert position[step, 2 * pair + 1].item() == pytest.approx(math.cos(angle), abs=1e-6)


def test_an_odd_width_ends_with_a_sine() -> None:
    assert sinusoid(4, 5).shape == (4, 5)
    assert sinusoid(4, 5)[3, 4].item() == pytest.approx(math.sin(3 / 10000 ** (4 / 5)), abs=1e-6)


def test_a_shift_in_time_is_a_rotation_that_is_the_same_everywhere() -> None:
    """The reason for sines and cosines that the paper gives: P[t + k] is linear in P[t]."""
    position = sinusoid(40, 8)
    for pair in range(4):
        angle = torch.tensor(5 / 10000 ** (2 * pair / 8))
        rotation = torch.stack([torch.stack([angle.cos(), -angle.sin()]), torch.stack([angle.sin(), angle.cos()])])
        here, later = position[:-5, 2 * pair : 2 * pair + 2], position[5:, 2 * pair : 2 * pair + 2]
        torch.testing.assert_close(here @ rotation, later, atol=1e-5, rtol=0)
