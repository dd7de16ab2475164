"""What a table of ratings must be before a coefficient can be had from it; refusals are in words."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.annotators import count_answers
from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.types import RatingTable

__all__ = [
    "category_counts",
    "complete_items",
    "complete_ratings",
    "distinct_values",
    "require_points",
    "require_scale",
]


MOST_POINTS = 101
"""More different ratings than this are no points of a form: 0 to 100 are."""


def require_scale(table: RatingTable, title: str, scales: Sequence[str]) -> None:
    """Raise unless the ratings are on one of `scales` and come from at least two annotators on one item.

    Raises
    ------
    UsageError
        Naming the scale and what it would take.
    """
    if table.scale not in scales:
        raise UsageError(
            f"{title} is for {' or '.join(scales)} ratings; these are {table.scale}",
            fix=(
                "krippendorff_alpha is for all scales"
                if table.scale != "nominal"
                else "use krippendorff_alpha, fleiss_kappa or gwet_ac1"
            ),
        )
    if not (np.sum(~np.isnan(table.rating), axis=1) > 1).any():
        raise UsageError(
            f"no item was rated by two annotators ({counted(len(table.items), 'item')},"
            f" {counted(len(table.annotators), 'annotator')})",
            fix="agreement needs items that at least two annotators rated",
        )


def complete_items(table: RatingTable) -> RatingTable:
    """The items that every annotator rated, as a table of their own.

    Raises
    ------
    UsageError
        If there is none.

    Examples
    --------
    >>> rating = np.array([[1.0, 2.0], [3.0, np.nan]])
    >>> complete_items(RatingTable(("x", "y"), ("a", "b"), rating, "interval")).items
    ('x',)
    """
    is_complete = ~np.isnan(table.rating).any(axis=1)
    if not is_complete.any():
        fewest = int(np.argmin(np.sum(~np.isnan(table.rating), axis=0)))
        raise UsageError(
            f"no item was rated by all {counted(len(table.annotators), 'annotator')}",
            fix=f"leave out who rated least ({table.annotators[fewest]}), or use krippendorff_alpha",
        )
    items = tuple(item for item, whole in zip(table.items, is_complete, strict=True) if whole)
    return replace(table, items=items, rating=table.rating[is_complete])


def complete_ratings(table: RatingTable, title: str) -> Float[ndarray, "I A"]:
    """The ratings of a table without gaps, of at least two items by two annotators.

    Raises
    ------
    UsageError
        If a rating is missing, saying how many and where the first is, or the table is too small.
    """
    is_missing = np.isnan(table.rating)
    if is_missing.any():
        item, annotator = np.argwhere(is_missing)[0]
        raise UsageError(
            f"{title} cannot have missing ratings: {int(is_missing.any(axis=1).sum())} of"
            f" {counted(len(table.items), 'item')} "
            f"lack one, first {table.items[item]} by {table.annotators[annotator]}",
            fix="use krippendorff_alpha, or leave those items out (complete_items; --complete on the command line)",
        )
    if min(table.rating.shape) < 2:
        raise UsageError(
            f"{title} needs two items and two annotators, got {len(table.items)} and {len(table.annotators)}",
            fix="collect more ratings",
        )
    return table.rating


def category_counts(table: RatingTable) -> Float[ndarray, "I K"]:
    """How many annotators chose each of the K categories, per item."""
    return count_answers(table.rating, range(len(table.categories))).astype(np.float64)


def distinct_values(table: RatingTable) -> Float[ndarray, " V"]:
    """The different ratings that were given, ascending."""
    given = table.rating[~np.isnan(table.rating)]
    return np.asarray(np.unique(given), np.float64)


def require_points(values: Float[ndarray, " V"], title: str) -> None:
    """Raise if there are more different ratings than a form has points.

    Raises
    ------
    UsageError
        Where tables of all pairs of values would be kept.
    """
    if len(values) > MOST_POINTS:
        raise UsageError(
            f"{title} is for the points of a form, at most {MOST_POINTS}; there are {len(values)} different ratings",
            fix="use krippendorff_alpha or an ICC on an interval scale, or round to the points of the form",
        )
