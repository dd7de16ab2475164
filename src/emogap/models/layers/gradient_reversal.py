"""Gradient reversal: the identity forwards, the gradient times a negative number backwards.

Ganin & Lempitsky (2015), Unsupervised domain adaptation by backpropagation, ICML, arXiv 1409.7495, section 3.
"""

from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["GradientReversal"]


class _Reverse(torch.autograd.Function):
    """Identity whose gradient is multiplied by minus the coefficient."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, coefficient: float) -> Tensor:
        ctx.coefficient = coefficient
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.coefficient * gradients[0], None


class GradientReversal(nn.Module):
    """The input unchanged; its gradient is multiplied by minus `coefficient`.

    What is trained *behind* the layer learns as usual; what is trained *before* it learns the opposite. So one
    backward pass solves the min-max problem of an adversarial discriminator.

    Parameters
    ----------
    coefficient : float
        Strength of the reversal (lambda); EMERT keeps it at 1 throughout.

    Examples
    --------
    >>> weight = torch.ones(2, requires_grad=True)
    >>> (GradientReversal(0.5)(weight) * 3).sum().backward()
    >>> weight.grad
    tensor([-1.5000, -1.5000])
    """

    def __init__(self, coefficient: float = 1.0) -> None:
        super().__init__()
        self.coefficient = coefficient

    def forward(self, value: Tensor) -> Tensor:
        """`value`, bit by bit."""
        reversed_gradient: Tensor = _Reverse.apply(value, self.coefficient)  # type: ignore[no-untyped-call]
        return reversed_gradient
