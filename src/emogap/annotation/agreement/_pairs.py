"""Cohen's kappa of every pair of annotators, from sums over items; nominal, linear and quadratic weights."""

from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.annotation.agreement._designs import distinct_values, require_points
from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.scoring.sums import ratio
from emogap.types import RatingTable

__all__ = ["Weights", "mean_kappa", "pair_sums"]

Weights = Literal["nominal", "linear", "quadratic"]

MOST_NUMBERS = 50_000_000
"""So many numbers at most are kept for all pairs and items (400 MB)."""


def pair_sums(table: RatingTable, title: str, weights: Weights) -> Float[ndarray, "I F"]:
    """What each item adds to each pair: 1, its disagreement, and what the margins need; 0 where one did not rate.

    The margins need which value either gave; for quadratic weights both ratings and their squares.

    Raises
    ------
    UsageError
        If two annotators share no item, or there are too many pairs, or points with other than quadratic weights.
    """
    pairs = np.array(list(combinations(range(len(table.annotators)), 2)))
    values = distinct_values(table)
    if weights != "quadratic":
        require_points(values, title)
    width = 6 if weights == "quadratic" else 2 + 2 * len(values)
    if len(table.items) * len(pairs) * width > MOST_NUMBERS:
        raise UsageError(
            f"{counted(len(pairs), 'pair')} of annotators with {len(values)} different ratings are too many for"
            f" {title}",
            fix="use krippendorff_alpha, which takes annotators together",
        )
    centred = table.rating - np.nanmean(table.rating)
    first, second = centred[:, pairs[:, 0]], centred[:, pairs[:, 1]]
    is_shared = ~np.isnan(first) & ~np.isnan(second)
    _refuse_strangers(table, title, pairs, is_shared)
    if weights == "quadratic":
        terms = np.stack([(first - second) ** 2, first, second, first**2, second**2], axis=-1)
        sums = np.concatenate([is_shared[..., None], np.where(is_shared[..., None], terms, 0.0)], axis=2)
        return sums.reshape(len(sums), -1)
    difference = np.abs(first - second) if weights == "linear" else first != second
    given = [table.rating[:, pairs[:, side], None] == values for side in (0, 1)]
    sums = np.concatenate(
        [
            is_shared[..., None],
            np.where(is_shared, difference, 0.0)[..., None],
            *(chosen & is_shared[..., None] for chosen in given),
        ],
        axis=2,
    )
    return sums.reshape(len(sums), -1)


def mean_kappa(sums: Float[ndarray, "*draws F"], table: RatingTable, weights: Weights) -> Float[ndarray, "*draws"]:
    """Mean over pairs of ``1 - observed / expected`` disagreement; NaN if it is undefined for a pair."""
    num_pairs = len(table.annotators) * (len(table.annotators) - 1) // 2
    by_pair = sums.reshape(*sums.shape[:-1], num_pairs, -1)
    n, observed, margins = by_pair[..., 0], by_pair[..., 1], by_pair[..., 2:]
    if weights == "quadratic":
        first, second, first_squared, second_squared = np.moveaxis(margins, -1, 0)
        squares = n * (first_squared + second_squared)
        expected = squares - 2 * first * second
        expected = np.where(expected > 1e-12 * squares, expected, 0.0)
    else:
        first, second = np.split(margins, 2, axis=-1)
        if weights == "linear":
            # Between two neighbouring values lie all pairs with one rating on either side.
            below = [np.cumsum(given, axis=-1)[..., :-1] for given in (first, second)]
            crossing = below[0] * (n[..., None] - below[1]) + below[1] * (n[..., None] - below[0])
            expected = np.sum(crossing * np.diff(distinct_values(table)), axis=-1)
        else:
            expected = n**2 - np.sum(first * second, axis=-1)
    return np.asarray(np.mean(1 - ratio(n * observed, expected), axis=-1))


def _refuse_strangers(table: RatingTable, title: str, pairs: ndarray, is_shared: Bool[ndarray, "I pairs"]) -> None:
    apart = np.flatnonzero(~is_shared.any(axis=0))
    if len(apart):
        one, other = (table.annotators[number] for number in pairs[apart[0]])
        raise UsageError(
            f"{title} compares pairs, and {one} and {other} share no item ({counted(len(apart), 'such pair')})",
            fix="use krippendorff_alpha, or leave one of them out",
        )
