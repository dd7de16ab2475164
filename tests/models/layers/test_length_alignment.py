"""Shorter streams are repeated exactly, step by step; lengths that do not fit are refused in words."""

from collections.abc import Callable

import pytest
import torch

from emogap.errors import UsageError
from emogap.models.layers.length_alignment import common_length, repeat_steps
from emogap.models.zoo import ZOO
from emogap.types import TaskSpec

MakeTask = Callable[..., TaskSpec]


def test_each_step_stands_for_its_own_part_of_the_clip() -> None:
    """A mean over an even split of the clip is the same before and after."""
    value_BTD = torch.randn(3, 4, 5, generator=torch.Generator().manual_seed(0))
    repeated_BSD = repeat_steps(value_BTD, 12)
    assert repeated_BSD.shape == (3, 12, 5)
    for step in range(12):
        assert torch.equal(repeated_BSD[:, step], value_BTD[:, step // 3])


def test_a_mask_is_repeated_with_its_stream() -> None:
    mask_BT = torch.tensor([[True, False], [False, True]])
    expected = torch.tensor([[True, True, False, False], [False, False, True, True]])
    assert torch.equal(repeat_steps(mask_BT, 4), expected)


def test_a_stream_of_full_length_stays_as_it_is() -> None:
    value_BTD = torch.randn(2, 7, 3)
    assert torch.equal(repeat_steps(value_BTD, 7), value_BTD)


def test_the_longest_stream_gives_the_length(make_task: MakeTask) -> None:
    assert common_length("mfn", make_task({"face": (8, 5), "eye": (32, 4), "fixation": (16, 2)})) == 32
    assert common_length("mfn", make_task({"eye": (7, 4)})) == 7


def test_lengths_that_do_not_divide_the_longest_are_refused_with_models_that_take_them(make_task: MakeTask) -> None:
    with pytest.raises(UsageError, match=r"mfn goes .* but the 3 steps of face cannot .* to the 7 of") as caught:
        common_length("mfn", make_task({"eye": (7, 4), "face": (3, 5)}))
    assert "such as emert or mult" in caught.value.fix
    assert "emert" in ZOO.names()
