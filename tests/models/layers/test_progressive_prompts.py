"""Prompts stand behind the class token, and each stage of blocks moves its own."""

import pytest
import torch

from emogap.models.layers.progressive_prompts import ProgressivePrompts


@pytest.mark.parametrize(("num_blocks", "stage_length", "expected"), [(12, 6, 6), (4, 2, 6), (5, 2, 9), (3, 4, 3)])
def test_there_are_so_many_prompts_per_stage(num_blocks: int, stage_length: int, expected: int) -> None:
    """Twelve blocks in stages of six with three prompts each are the authors' six prompts."""
    prompts = ProgressivePrompts(7, num_blocks=num_blocks, stage_length=stage_length, per_stage=3)
    assert prompts.token_PW.shape == prompts.added_PW.shape == (expected, 7)


def test_the_first_block_of_a_stage_moves_the_prompts_of_that_stage_alone() -> None:
    """Slots 0 to 2 behind block 0, slots 3 to 5 behind block 6, nothing behind the others."""
    prompts = ProgressivePrompts(7, num_blocks=12, stage_length=6, per_stage=3)
    tokens = torch.randn(5, 1 + 6 + 4, 7)
    moved = {}
    for block in range(12):
        change = prompts.advance(tokens, block=block) - tokens
        moved[block] = change.abs().amax(dim=(0, 2)).gt(1e-4).nonzero().flatten().tolist()
        if moved[block]:
            added = prompts.added_PW[[slot - 1 for slot in moved[block]]]
            torch.testing.assert_close(change[:, moved[block]], added.expand(5, -1, -1), atol=1e-6, rtol=1e-4)
    assert moved == {block: [] for block in range(12)} | {0: [1, 2, 3], 6: [4, 5, 6]}
