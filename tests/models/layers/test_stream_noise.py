"""Noise falls on the steps it is meant for."""

import pytest
import torch

from emogap.models.layers.stream_noise import with_noise


def test_chosen_clips_get_noise_of_that_size_on_that_share_of_steps_and_others_none() -> None:
    torch.manual_seed(0)
    stream = torch.randn(80, 50, 3)
    chosen = torch.arange(80) % 4 == 1
    change = with_noise(stream, chosen, share=0.3, sd=2.0) - stream
    is_noisy = change.abs().amax(dim=2) > 0
    assert not is_noisy[~chosen].any()
    assert is_noisy[chosen].float().mean().item() == pytest.approx(0.3, abs=0.05)
    noise = change[is_noisy]
    assert (noise != 0).all()
    assert noise.mean().item() == pytest.approx(0, abs=0.2)
    assert noise.std().item() == pytest.approx(2.0, rel=0.1)


def test_who_is_chosen_changes_no_other_draw() -> None:
    stream, everyone = torch.zeros(6, 9, 2), torch.ones(6, dtype=torch.bool)
    torch.manual_seed(3)
    complete = with_noise(stream, everyone, share=0.5, sd=1.0)
    torch.manual_seed(3)
    assert torch.equal(with_noise(stream, torch.arange(6) < 2, share=0.5, sd=1.0)[:2], complete[:2])
