"""From a fused vector to logits: one small perceptron per view.

Shapes: B clips, D fused width, K classes or targets.
"""

from itertools import pairwise
from typing import Literal

from torch import nn

from emogap.types import TaskSpec

__all__ = ["HeadLayers", "make_head", "make_heads"]

HeadLayers = Literal[1, 2, 4]


def make_head(width: int, size: int, *, num_layers: HeadLayers = 2) -> nn.Sequential:
    """A perceptron (B, width) -> (B, size) that halves its width with every layer but the last.

    Parameters
    ----------
    width : int
        Width D of the fused vector; divisible by 2 to the power `num_layers` - 1.
    size : int
        Number of classes or targets, K.
    num_layers : 1, 2 or 4
        Linear layers. Two are the paper's (D, D/2, K); four are those of the authors' 2024 scripts
        (64-32-16-8-K), one is that of their two-layer extractors.

    Notes
    -----
    LeakyReLU(0.01) follows every layer but the last. The output is linear and unbounded.
    """
    widths = [width // 2**depth for depth in range(num_layers)]
    layers: list[nn.Module] = []
    for wide, narrow in pairwise(widths):
        layers += [nn.Linear(wide, narrow), nn.LeakyReLU(0.01)]
    return nn.Sequential(*layers, nn.Linear(widths[-1], size))


def make_heads(width: int, task: TaskSpec, *, num_layers: HeadLayers = 2) -> nn.ModuleDict:
    """One head per view of `task`, in its order."""
    return nn.ModuleDict({view.value: make_head(width, task.head_size, num_layers=num_layers) for view in task.views})
