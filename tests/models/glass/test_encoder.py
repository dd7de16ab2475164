"""What was not measured has no say, and gaze that does not fit is refused."""

import pytest
import torch

from emogap.errors import MismatchError
from emogap.models.glass.config import GlassConfig
from emogap.models.glass.encoder import GlassEncoder, patches_with_gaze

CONFIG = GlassConfig(num_channels=3, patch_frames=4, width=16, num_heads=2, encoder_layers=2, dropout=0.0)


@pytest.fixture
def encoder() -> GlassEncoder:
    torch.manual_seed(0)
    return GlassEncoder(CONFIG)


@pytest.fixture
def gaze() -> torch.Tensor:
    return torch.randn(5, 28, 3, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def valid() -> torch.Tensor:
    valid = torch.ones(5, 28, dtype=torch.bool)
    valid[1, 9] = False
    valid[2, 8:12] = False
    return valid


def test_a_window_becomes_one_token_per_patch(encoder: GlassEncoder, gaze: torch.Tensor, valid: torch.Tensor) -> None:
    assert encoder(gaze, valid).shape == (5, 7, 16)


def test_a_patch_holds_its_frames_one_after_the_other(
    encoder: GlassEncoder, gaze: torch.Tensor, valid: torch.Tensor
) -> None:
    patches = encoder.embedding.patches(gaze, torch.ones_like(valid))
    assert torch.equal(patches[3, 2], torch.cat([gaze[3, frame] for frame in (8, 9, 10, 11)]))
    assert torch.equal(encoder.embedding.frames(patches), gaze)


def test_an_invalid_frame_is_zero_whatever_stands_there(
    encoder: GlassEncoder, gaze: torch.Tensor, valid: torch.Tensor
) -> None:
    missing = gaze.clone()
    missing[~valid] = torch.nan
    zeros = torch.where(valid[..., None], gaze, 0.0)
    assert torch.equal(encoder(missing, valid), encoder(zeros, valid))


def test_a_patch_without_valid_frames_is_asked_by_no_other(
    encoder: GlassEncoder, gaze: torch.Tensor, valid: torch.Tensor
) -> None:
    found = encoder(gaze, valid)[2]
    encoder.embedding.register_forward_hook(
        lambda module, given, token: token.index_put((torch.tensor([2]), torch.tensor([2])), torch.tensor(99.0))
    )
    changed = encoder(gaze, valid)[2]
    others = [0, 1, 3, 4, 5, 6]
    assert torch.equal(changed[others], found[others])
    assert not torch.equal(changed[2], found[2])


def test_a_patch_with_one_valid_frame_counts() -> None:
    valid = torch.zeros(2, 12, dtype=torch.bool)
    valid[0, 7] = True
    assert patches_with_gaze(valid, 4).tolist() == [[False, True, False], [False, False, False]]


def test_a_window_without_gaze_stays_finite(encoder: GlassEncoder, gaze: torch.Tensor) -> None:
    token = encoder(gaze, torch.zeros(5, 28, dtype=torch.bool))
    token.sum().backward()
    assert token.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in encoder.parameters())


def test_other_channels_are_refused(encoder: GlassEncoder, valid: torch.Tensor) -> None:
    with pytest.raises(MismatchError, match="the gaze has 6 channels, the network reads 3"):
        encoder(torch.zeros(5, 28, 6), valid)


def test_frames_that_fill_no_patch_are_refused(encoder: GlassEncoder, gaze: torch.Tensor, valid: torch.Tensor) -> None:
    with pytest.raises(MismatchError, match="27 frames are no whole number of patches of 4"):
        encoder(gaze[:, :27], valid[:, :27])
