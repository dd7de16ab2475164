"""The last step is the last real one."""

import torch

from emogap.models.layers.last_step import last_step


def test_gaps_are_passed_over_and_an_empty_clip_is_zero() -> None:
    value_BTD = torch.arange(1.0, 41.0).view(4, 5, 2)
    mask_BT = torch.tensor([[True, False, True, False, False], [True] * 5, [False] * 5, [True] + [False] * 4])
    expected = torch.stack([value_BTD[0, 2], value_BTD[1, 4], torch.zeros(2), value_BTD[3, 0]])
    assert torch.equal(last_step(value_BTD, mask_BT), expected)


def test_the_gradient_reaches_the_last_real_step_alone() -> None:
    value_BTD = torch.ones(2, 3, 4, requires_grad=True)
    mask_BT = torch.tensor([[True, True, False], [False, False, False]])
    last_step(value_BTD, mask_BT).sum().backward()
    expected = torch.zeros(2, 3, 4)
    expected[0, 1] = 1
    assert torch.equal(value_BTD.grad, expected)
