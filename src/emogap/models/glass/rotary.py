"""Positions as rotations of pairs of numbers, without parameters.

``rotary`` is the form of Su et al. (2021), arXiv 2104.09864: the score of a query at m and a key at n depends on m - n
alone. ``authors`` is what the authors' code of GLASS does; it is kept so that their checkpoints can be read.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from emogap.models.glass.config import Rope

__all__ = ["RotaryTable", "rotary_table"]

LONGEST_WAVE = 10_000.0
"""In units of a token over 2 pi; Su et al. (2021), section 3.2.2."""


@dataclass(frozen=True, slots=True, eq=False)
class RotaryTable:
    """The rotations of T positions.

    Attributes
    ----------
    cosine, sine : float tensor, shape (T, 1, H)
        Of the angle of every number of a head; neighbours share one.
    rope : "rotary" or "authors"

    Notes
    -----
    ``rotary``: the numbers 2i and 2i + 1 of a head are turned together by the angle ``t / 10000^(2i / H)``; the table
    is applied to queries and keys behind their projection. ``authors``: number i is paired with number i + H/2, though
    the table still gives one angle to neighbours, so that the pairs are not turned by one angle; and it is applied to
    tokens in front of the projection.
    """

    cosine: Float[Tensor, "T 1 H"]
    sine: Float[Tensor, "T 1 H"]
    rope: Rope

    @property
    def is_before_projection(self) -> bool:
        """Whether tokens are turned, instead of their queries and keys."""
        return self.rope == "authors"

    def at(self, position: int) -> "RotaryTable":
        """The rotation of one position."""
        rows = slice(position, position + 1)
        return RotaryTable(self.cosine[rows], self.sine[rows], self.rope)

    def rotate(self, value_BTKH: Float[Tensor, "B T K H"]) -> Float[Tensor, "B T K H"]:
        """Every head of every token, turned by its position."""
        return value_BTKH * self.cosine + self._partner(value_BTKH) * self.sine

    def _partner(self, value_BTKH: Tensor) -> Float[Tensor, "B T K H"]:
        if self.rope == "authors":
            first, second = value_BTKH.chunk(2, dim=-1)
            return torch.cat([-second, first], dim=-1)
        return torch.stack([-value_BTKH[..., 1::2], value_BTKH[..., ::2]], dim=-1).flatten(-2)


def rotary_table(num_positions: int, head_width: int, rope: Rope, *, like: Tensor) -> RotaryTable:
    """The rotations of the positions 0 to `num_positions` - 1.

    Parameters
    ----------
    num_positions : int
        T.
    head_width : int
        H, even.
    rope : "rotary" or "authors"
        See :class:`RotaryTable`.
    like : tensor
        Gives the device and the floating type; angles are computed in double precision.
    """
    position_T1 = torch.arange(num_positions, dtype=torch.float64, device=like.device).unsqueeze(1)
    pair = torch.arange(0, head_width, 2, dtype=torch.float64, device=like.device)
    angle_T1H = (position_T1 * LONGEST_WAVE ** (-pair / head_width)).repeat_interleave(2, dim=1).unsqueeze(1)
    return RotaryTable(angle_T1H.cos().to(like.dtype), angle_T1H.sin().to(like.dtype), rope)
