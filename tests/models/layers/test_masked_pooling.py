"""The mean is that of the real steps."""

import torch

from emogap.models.layers.masked_pooling import masked_mean


def test_masked_steps_are_left_out_and_an_empty_clip_is_zero() -> None:
    value_BTD = torch.arange(24.0).view(3, 4, 2)
    mask_BT = torch.tensor([[True, False, True, False], [True] * 4, [False] * 4])
    expected = torch.stack([value_BTD[0, [0, 2]].mean(0), value_BTD[1].mean(0), torch.zeros(2)])
    assert torch.equal(masked_mean(value_BTD, mask_BT), expected)
