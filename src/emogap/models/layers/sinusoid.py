"""Positions as sines and cosines, without parameters. Shapes: T steps, W width of a token."""

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["sinusoid"]

LONGEST_WAVE = 10_000.0
"""In units of a step over 2 pi; Vaswani et al. (2017)."""


def sinusoid(num_steps: int, width: int) -> Float[Tensor, "T W"]:
    """The position of each of `num_steps` steps, in [-1, 1]: pairs of a sine and a cosine of ever slower waves.

    Parameters
    ----------
    num_steps : int
        T.
    width : int
        W; if it is odd, the last sine has no cosine.

    Returns
    -------
    float32 tensor, shape (T, W)

    Notes
    -----
    ``P[t, 2i] = sin(t / 10000^(2i / W))``, ``P[t, 2i + 1] = cos(t / 10000^(2i / W))``, t from 0. Masked steps keep
    their position: a step is a fixed part of the clip, whether or not something was measured in it.

    References
    ----------
    Vaswani et al. (2017), arXiv 1706.03762, section 3.5.

    Examples
    --------
    >>> sinusoid(2, 3)
    tensor([[0.0000, 1.0000, 0.0000],
            [0.8415, 0.5403, 0.0022]])
    """
    step_T1 = torch.arange(num_steps, dtype=torch.float64).unsqueeze(1)
    rate_P = LONGEST_WAVE ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angle_TP = step_T1 * rate_P
    return torch.stack([angle_TP.sin(), angle_TP.cos()], dim=2).flatten(1)[:, :width].float()
