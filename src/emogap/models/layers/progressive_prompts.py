"""Learned tokens beside those of a stream, moved on the way through an encoder that stands still.

Shapes: S sequences of N tokens, the first of them a class token; P prompts, W width of a token.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["ProgressivePrompts"]


class ProgressivePrompts(nn.Module):
    """P prompts, which stand behind the class token; a stage of blocks adds a learned vector to each of its own.

    The blocks fall into stages of `stage_length`, the prompts into as many groups of `per_stage`. Behind the first
    block of a stage, and what follows that block, its group is moved; all others stay as they are. Chumachenko,
    Iosifidis & Gabbouj (2024), MMA-DFER, arXiv 2404.09010, section 3; sizes there: 12 blocks, stages of 6, 3 prompts
    each.

    Parameters
    ----------
    width : int
        W.
    num_blocks, stage_length : int
        Blocks of the encoder, and of one stage; a last stage may be shorter.
    per_stage : int
        Prompts of one stage; P is the number of stages times this.
    """

    def __init__(self, width: int, *, num_blocks: int, stage_length: int, per_stage: int) -> None:
        super().__init__()
        self.stage_length = stage_length
        self.per_stage = per_stage
        num_prompts = -(-num_blocks // stage_length) * per_stage
        self.token_PW = nn.Parameter(torch.randn(num_prompts, width) * 0.02)
        self.added_PW = nn.Parameter(torch.randn(num_prompts, width) * 0.02)

    def advance(self, token_SNW: Float[Tensor, "S N W"], *, block: int) -> Float[Tensor, "S N W"]:
        """The tokens behind block number `block` (from 0), the prompts of its stage moved if it is the first."""
        if block % self.stage_length:
            return token_SNW
        first = block // self.stage_length * self.per_stage
        added_PW = self.added_PW[first : first + self.per_stage]
        start = 1 + first
        stop = start + self.per_stage
        return torch.cat([token_SNW[:, :start], token_SNW[:, start:stop] + added_PW, token_SNW[:, stop:]], dim=1)
