"""The class token speaks for all real frames, in their order."""

import torch

from emogap.models.layers.frame_transformer import FrameTransformer


def transformer() -> FrameTransformer:
    torch.manual_seed(0)
    sizes = {"in_width": 5, "width": 6, "num_heads": 2, "head_width": 7, "feedforward_width": 9, "dropout": 0.0}
    return FrameTransformer(4, **sizes).eval()


def test_every_real_frame_and_no_other_is_heard() -> None:
    model = transformer()
    frames, mask = torch.randn(3, 4, 5), torch.ones(3, 4, dtype=torch.bool)
    mask[:, 2] = False
    before = model(frames, mask)
    assert before.shape == (3, 6)
    for frame in range(4):
        changed = frames.clone()
        changed[:, frame] *= -1
        moved = (model(changed, mask) - before).abs().max()
        assert (moved > 1e-3) == (frame != 2)


def test_the_order_of_frames_matters() -> None:
    model = transformer()
    frames, mask = torch.randn(3, 4, 5), torch.ones(3, 4, dtype=torch.bool)
    assert not torch.allclose(model(frames.flip(1), mask), model(frames, mask), atol=1e-3)
