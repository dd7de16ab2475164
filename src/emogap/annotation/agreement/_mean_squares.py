"""Mean squares of a table of items by annotators, from sums over items.

Ratings enter as I x A x K: K = 1 for numbers, and one indicator per category for words, whose squares add up.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["MeanSquares", "item_squares", "mean_squares"]

ROUNDING = 1e-12
"""A sum of squares below this share of the sum of all squares is rounding, and is 0."""


@dataclass(frozen=True, slots=True, eq=False)
class MeanSquares:
    """The mean squares of Shrout and Fleiss (1979, table 2), doi:10.1037/0033-2909.86.2.420; one per draw.

    Attributes
    ----------
    num_items, num_raters : float64 array (*draws), int
    between : float64 array (*draws)
        BMS, between items.
    within : float64 array (*draws)
        WMS, within items.
    raters : float64 array (*draws)
        JMS, between annotators ("judges").
    residual : float64 array (*draws)
        EMS.
    """

    num_items: Float[ndarray, "*draws"]
    num_raters: int
    between: Float[ndarray, "*draws"]
    within: Float[ndarray, "*draws"]
    raters: Float[ndarray, "*draws"]
    residual: Float[ndarray, "*draws"]


def item_squares(rating_IAK: Float[ndarray, "I A K"]) -> Float[ndarray, "I F"]:
    """What each item adds: 1, the square of its total, the sum of its squares, and its A K ratings; F = 3 + A K."""
    centred = rating_IAK - rating_IAK.mean(axis=(0, 1))
    total = np.square(centred.sum(axis=1)).sum(axis=1)
    squares = np.square(centred).sum(axis=(1, 2))
    flat = centred.reshape(len(centred), -1)
    return np.column_stack([np.ones(len(centred)), total, squares, flat])


def mean_squares(sums: Float[ndarray, "*draws F"], num_raters: int) -> MeanSquares:
    """The mean squares from sums of :func:`item_squares` over items."""
    n, total, squares = sums[..., 0], sums[..., 1], sums[..., 2]
    by_rater = sums[..., 3:].reshape(*sums.shape[:-1], num_raters, -1)
    mean = np.square(by_rater.sum(axis=-2)).sum(axis=-1) / (n * num_raters)
    least = ROUNDING * squares
    between = _floored(total / num_raters - mean, least)
    raters = _floored(np.square(by_rater).sum(axis=(-2, -1)) / n - mean, least)
    within = _floored(squares - total / num_raters, least)
    residual = _floored(within - raters, least)
    return MeanSquares(
        n,
        num_raters,
        between / (n - 1),
        within / (n * (num_raters - 1)),
        raters / (num_raters - 1),
        residual / ((n - 1) * (num_raters - 1)),
    )


def _floored(value: Float[ndarray, "*draws"], least: Float[ndarray, "*draws"]) -> Float[ndarray, "*draws"]:
    return np.where(value > least, value, 0.0)
