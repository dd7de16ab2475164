"""GLASS over a whole clip: the windows of the pre-training, one behind the other."""

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from emogap.errors import MismatchError
from emogap.models.glass.clip_encoder import ClipEncoder, GlassNetwork
from emogap.models.glass.config import GlassConfig

# Frames of a patch P=2, of a window 8, of a clip T=19; channels D=3; token width W=16; step width H=7; clips B=5.
SIZES = GlassConfig(num_channels=3, patch_frames=2, width=16, num_heads=2, encoder_layers=2, decoder_layers=1)
NETWORK = GlassNetwork(sizes=SIZES, window_frames=8, rate_hz=10.0, channels=("a", "b", "c"))
FRAMES = 19


def encoder(*, tokens_per_step: int = 1, is_frozen: bool = True, num_frames: int = FRAMES) -> ClipEncoder:
    torch.manual_seed(0)
    return ClipEncoder(
        NETWORK, num_frames=num_frames, tokens_per_step=tokens_per_step, width=7, is_frozen=is_frozen
    ).eval()


def clips(num_frames: int = FRAMES) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    gaze = torch.randn(5, num_frames, 3, generator=generator)
    mask = torch.rand(5, num_frames, generator=generator) > 0.2
    return gaze, mask


def test_a_step_is_the_token_that_glass_gives_the_patch_in_its_window() -> None:
    """Windows cut and padded by hand: frames 0-7, 8-15 and 16-18 with five frames that are not there."""
    model, (gaze, mask) = encoder(), clips()
    steps = model(gaze, mask)
    assert steps.shape == (5, 10, 7)
    last = torch.cat([gaze[:, 16:], torch.zeros(5, 5, 3)], dim=1)
    last_mask = torch.cat([mask[:, 16:], torch.zeros(5, 5, dtype=torch.bool)], dim=1)
    windows = [(gaze[:, :8], mask[:, :8]), (gaze[:, 8:16], mask[:, 8:16]), (last, last_mask)]
    tokens = torch.cat([model.encoder(*window) for window in windows], dim=1)[:, :10]
    known = torch.stack([mask[:, frame : frame + 2].any(dim=1) for frame in range(0, 20, 2)], dim=1)
    torch.testing.assert_close(steps, model.linear(tokens) * known.unsqueeze(-1))
    assert (model.step_mask(mask) == known).all()


def test_gaze_of_another_window_does_not_reach_a_step() -> None:
    model, (gaze, mask) = encoder(), clips()
    before = model(gaze, mask)
    gaze[:, 8:16] += 3
    after = model(gaze, mask)
    assert torch.equal(after[:, :4], before[:, :4])
    assert not torch.equal(after[:, 4:8], before[:, 4:8])
    assert torch.equal(after[:, 8:], before[:, 8:])


def test_what_stands_in_a_masked_frame_changes_nothing() -> None:
    model, (gaze, mask) = encoder(tokens_per_step=3), clips()
    other = torch.where(mask.unsqueeze(-1), gaze, torch.full_like(gaze, 1e3))
    assert torch.equal(model(other, mask), model(gaze, mask))


def test_padding_a_clip_changes_no_step_that_holds_gaze() -> None:
    gaze, mask = clips()
    longer, longer_mask = torch.zeros(5, 31, 3), torch.zeros(5, 31, dtype=torch.bool)
    longer[:, :FRAMES], longer_mask[:, :FRAMES] = gaze, mask
    steps, padded = encoder()(gaze, mask), encoder(num_frames=31)(longer, longer_mask)
    torch.testing.assert_close(padded[:, :10], steps)
    assert padded.shape == (5, 16, 7)
    assert not padded[:, 10:].any()


def test_a_step_of_several_tokens_is_their_mean_where_there_is_gaze() -> None:
    gaze, mask = clips()
    mask[:, 4:6] = False
    single, several = encoder(), encoder(tokens_per_step=4)
    several.load_state_dict(single.state_dict())
    steps = several(gaze, mask)
    assert steps.shape == (5, 3, 7)
    tokens = single.encoder(gaze[:, :8], mask[:, :8])
    known = single.step_mask(mask)[:, :4]
    assert not known[:, 2].any()
    by_hand = torch.stack([clip[seen].mean(dim=0) for clip, seen in zip(tokens, known, strict=True)])
    torch.testing.assert_close(steps[:, 0], single.linear(by_hand))


def test_a_clip_without_gaze_is_zero_and_so_is_its_mask() -> None:
    model, (gaze, mask) = encoder(is_frozen=False), clips()
    mask[2] = False
    steps = model(gaze, mask)
    assert not steps[2].any()
    assert not model.step_mask(mask)[2].any()
    steps.sum().backward()
    gradients = [value.grad for value in model.parameters() if value.grad is not None]
    assert gradients
    assert all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize(("is_frozen", "is_repeated"), [(True, True), (False, False)])
def test_only_a_frozen_encoder_has_no_dropout_in_training(is_frozen: bool, is_repeated: bool) -> None:
    model, (gaze, mask) = encoder(is_frozen=is_frozen), clips()
    model.train()
    assert torch.equal(model(gaze, mask), model(gaze, mask)) == is_repeated
    assert model.linear.training


def test_gaze_of_other_channels_is_refused() -> None:
    with pytest.raises(MismatchError, match="4 channels"):
        encoder()(torch.zeros(2, FRAMES, 4), torch.ones(2, FRAMES, dtype=torch.bool))


@pytest.mark.parametrize(
    ("change", "told"), [({"window_frames": 9}, "no whole number of patches"), ({"channels": ("a",)}, "1 channels")]
)
def test_a_network_that_does_not_fit_itself_is_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        GlassNetwork.model_validate(NETWORK.model_dump() | change)
