"""An encoder of one stream reconstructs what is hidden without having seen it."""

import pytest
import torch

from emogap.models.layers.masked_tokens import MaskedTokenEncoder
from emogap.models.layers.sinusoid import sinusoid


def encoder(*, patches: int | None = None, num_blocks: int = 2) -> MaskedTokenEncoder:
    torch.manual_seed(0)
    return MaskedTokenEncoder(
        3, width=8, num_blocks=num_blocks, num_heads=2, head_width=5, feedforward_width=9, patches=patches
    ).eval()


def reconstruct(
    model: MaskedTokenEncoder, stream: torch.Tensor, mask: torch.Tensor, *, share: float = 0.4
) -> tuple[torch.Tensor, torch.Tensor]:
    """With the same steps hidden in every call."""
    torch.manual_seed(1)
    positions = sinusoid(1 + (model.patches or stream.shape[1]), 8)
    decoder = torch.nn.Linear(8, 3)
    return model.reconstruct(stream, mask, positions, decoder, hidden_share=share)


def clips() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    mask = torch.rand(5, 7, generator=generator) > 0.3
    mask[:, 0] = True
    return torch.randn(5, 7, 3, generator=generator), mask


def test_a_stream_is_one_sequence_of_its_steps_or_each_step_one_of_its_patches() -> None:
    stream, mask = clips()
    token, is_real = encoder().tokens(stream, mask)
    assert token.shape == (5, 7, 8)
    assert torch.equal(is_real, mask)
    token, is_real = encoder(patches=4).tokens(stream, mask)
    assert token.shape == (5 * 7, 4, 8)
    assert torch.equal(is_real, mask.reshape(35, 1).expand(35, 4))


def test_a_hidden_step_is_not_seen_and_the_others_are() -> None:
    stream, mask = clips()
    model = encoder()
    value, is_hidden = reconstruct(model, stream, mask)
    assert value.shape == (5, 7, 3)
    assert is_hidden.any()
    other = torch.where(is_hidden[..., None], torch.full_like(stream, 9.0), stream)
    assert torch.equal(reconstruct(model, other, mask)[0], value)
    seen = torch.where((mask & ~is_hidden)[..., None], -stream, stream)
    assert not torch.allclose(reconstruct(model, seen, mask)[0], value, atol=1e-3)


def test_only_real_steps_are_asked_for() -> None:
    stream, mask = clips()
    mask[3] = False
    for patches in (None, 4):
        value, is_hidden = reconstruct(encoder(patches=patches), stream, mask, share=0.9)
        assert not (is_hidden & ~mask).any()
        assert is_hidden.sum() > 10
        assert value.isfinite().all()


@pytest.mark.parametrize("share", [0.2, 0.75])
def test_so_large_a_share_of_the_steps_is_hidden(share: float) -> None:
    stream, mask = torch.randn(60, 40, 3), torch.ones(60, 40, dtype=torch.bool)
    _, is_hidden = reconstruct(encoder(), stream, mask, share=share)
    assert is_hidden.float().mean().item() == pytest.approx(share, abs=0.03)


def test_a_step_of_patches_is_asked_for_if_one_of_them_is_hidden() -> None:
    stream, mask = torch.randn(60, 40, 3), torch.ones(60, 40, dtype=torch.bool)
    _, is_hidden = reconstruct(encoder(patches=4), stream, mask, share=0.3)
    assert is_hidden.float().mean().item() == pytest.approx(1 - 0.7**4, abs=0.03)


def test_steps_do_not_see_other_steps_where_each_is_a_sequence() -> None:
    stream, mask = clips()
    model = encoder(patches=4)
    changed = stream.clone()
    changed[:, 3] *= -1
    moved = (reconstruct(model, changed, mask)[0] - reconstruct(model, stream, mask)[0]).abs().amax(dim=(0, 2))
    assert moved[3] > 1e-3
    assert moved[[0, 1, 2, 4, 5, 6]].max() == 0


@pytest.mark.parametrize("patches", [None, 4])
def test_the_class_token_takes_part_in_every_reconstruction(patches: int | None) -> None:
    """It is what speaks for the stream later, so it must learn from the reconstruction."""
    stream, mask = clips()
    model = encoder(patches=patches, num_blocks=1)
    for layer in model.blocks:
        torch.nn.init.zeros_(layer.attention.output.weight)
    value, _ = reconstruct(model, stream, mask)
    torch.nn.init.normal_(model.class_token_W)
    moved = (reconstruct(model, stream, mask)[0] - value).abs().amax(dim=2)
    assert moved.min() > 1e-3


def test_a_stream_that_can_be_foretold_is_reconstructed() -> None:
    """Every clip is one sine of an amplitude of its own; who guesses the mean is wrong by the variance."""
    generator = torch.Generator().manual_seed(3)
    amplitude = torch.randn(48, 1, 1, generator=generator)
    wave = torch.linspace(0, 6, 12).sin()[None, :, None]
    stream = amplitude * wave * torch.tensor([1.0, -0.5, 2.0])
    mask = torch.ones(48, 12, dtype=torch.bool)
    model = encoder().train()
    positions, decoder = torch.nn.Parameter(sinusoid(13, 8)), torch.nn.Linear(8, 3)
    optimizer = torch.optim.Adam([*model.parameters(), positions, *decoder.parameters()], lr=1e-2)
    errors = []
    for _ in range(150):
        value, is_hidden = model.reconstruct(stream, mask, positions, decoder, hidden_share=0.5)
        error = (value - stream).square()[is_hidden].mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(error.item())
    assert sum(errors[-10:]) / 10 < 0.3 * stream.var().item()
