"""The learning rate of each epoch, as a function: nothing to store, nothing to resume."""

import math

__all__ = ["cosine_rate"]


def cosine_rate(first_rate: float, *, epoch: int, num_epochs: int) -> float:
    """Learning rate of `epoch` (from zero): half a cosine from `first_rate` that would reach 0 at `num_epochs`.

    ``first_rate / 2 * (1 + cos(pi * epoch / num_epochs))``; Loshchilov & Hutter (2017), arXiv 1608.03983,
    equation 5, without restarts.

    Examples
    --------
    >>> [round(cosine_rate(1.0, epoch=epoch, num_epochs=4), 3) for epoch in range(4)]
    [1.0, 0.854, 0.5, 0.146]
    """
    return first_rate / 2 * (1 + math.cos(math.pi * epoch / num_epochs))
