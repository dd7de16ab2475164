"""The ratings that were given, one row each: what every method works on, whatever is missing."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError, UsageError
from emogap.types import RatingTable

__all__ = ["GivenRatings", "disagreement", "given_ratings", "informative_ratings", "require_scale", "weight_of"]


@dataclass(frozen=True, slots=True, eq=False)
class GivenRatings:
    """N ratings in long form.

    Attributes
    ----------
    item : int64 array, shape (N,)
        Index among the J items that have a rating, ascending.
    annotator : int64 array, shape (N,)
        Index among all A annotators.
    rating : float64 array, shape (N,)
    is_rated : bool array, shape (I,)
        Which of all items have a rating: J of them.
    num_annotators : int
        A.
    """

    item: Int[ndarray, " N"]
    annotator: Int[ndarray, " N"]
    rating: Float[ndarray, " N"]
    is_rated: Bool[ndarray, " I"]
    num_annotators: int

    @property
    def num_items(self) -> int:
        """J, the items with at least one rating."""
        return int(self.is_rated.sum())

    def by_item(self, each: Float[ndarray, " N"] | None = None) -> Float[ndarray, " J"]:
        """Sum of `each` (of 1) over the ratings of every item."""
        return np.bincount(self.item, weights=each, minlength=self.num_items).astype(np.float64)

    def by_annotator(self, each: Float[ndarray, " N"] | None = None) -> Float[ndarray, " A"]:
        """Sum of `each` (of 1) over the ratings of every annotator."""
        return np.bincount(self.annotator, weights=each, minlength=self.num_annotators).astype(np.float64)

    def vote_counts(self, num_categories: int, each: Float[ndarray, " N"] | None = None) -> Float[ndarray, "J K"]:
        """Sum of `each` (of 1) over the votes of every item for each category."""
        cell = self.item * num_categories + self.rating.astype(np.int64)
        counts = np.bincount(cell, weights=each, minlength=self.num_items * num_categories)
        return counts.reshape(self.num_items, num_categories).astype(np.float64)

    def is_constant(self) -> Bool[ndarray, " A"]:
        """Annotators with ratings that are all the same, a single one included."""
        low = np.full(self.num_annotators, np.inf)
        high = np.full(self.num_annotators, -np.inf)
        np.minimum.at(low, self.annotator, self.rating)
        np.maximum.at(high, self.annotator, self.rating)
        return np.asarray(low == high)

    def only(self, kept: Bool[ndarray, " N"]) -> "GivenRatings":
        """The ratings where `kept`; items that lose all of theirs are no longer rated."""
        index_of_all = np.flatnonzero(self.is_rated)[self.item[kept]]
        is_rated = np.zeros_like(self.is_rated)
        is_rated[index_of_all] = True
        return _long_form(index_of_all, self.annotator[kept], self.rating[kept], is_rated, self.num_annotators)

    def among_all(self, values: Shaped[ndarray, "J ..."]) -> Float[ndarray, "I ..."]:
        """`values` of the rated items at their places among all; NaN elsewhere."""
        spread = np.full((len(self.is_rated), *values.shape[1:]), np.nan)
        spread[self.is_rated] = values
        return spread


def given_ratings(table: RatingTable) -> GivenRatings:
    """The ratings of a table in long form.

    Raises
    ------
    DataError
        If there is none.
    """
    item, annotator = np.nonzero(~np.isnan(table.rating))
    if not len(item):
        raise DataError(
            f"no rating of {counted(len(table.items), 'item')} by {counted(len(table.annotators), 'annotator')}",
            fix="check that the file has ratings of this question",
        )
    is_rated = np.zeros(len(table.items), bool)
    is_rated[item] = True
    return _long_form(item, annotator, table.rating[item, annotator], is_rated, len(table.annotators))


def _long_form(
    item: Int[ndarray, " N"],
    annotator: Int[ndarray, " N"],
    rating: Float[ndarray, " N"],
    is_rated: Bool[ndarray, " I"],
    num_annotators: int,
) -> GivenRatings:
    place = np.cumsum(is_rated) - 1
    return GivenRatings(place[item], annotator, rating, is_rated, num_annotators)


def require_scale(table: RatingTable, scales: tuple[str, ...], *, method: str, instead: str) -> None:
    """Refuse a table on a scale that `method` does not work on.

    Raises
    ------
    UsageError
        Naming the scale, those that the method works on, and what to use instead.
    """
    if table.scale not in scales:
        raise UsageError(
            f"{method} works on ratings of the scale {' or '.join(scales)}; these are {table.scale}",
            fix=f"use {instead}",
        )


def informative_ratings(given: GivenRatings) -> GivenRatings:
    """The ratings without those of annotators who always answer the same, a single answer included.

    Whether such an answer is a habit or says something about the item cannot be told from the ratings.

    Raises
    ------
    DataError
        If no item was rated by two of the others.
    """
    varied = given.only(~given.is_constant()[given.annotator])
    if not (varied.by_item() > 1).any():
        raise DataError(
            f"none of {counted(given.num_items, 'item')} was rated by two annotators whose answers vary: how"
            " reliable they are "
            "cannot be told",
            fix="use the method majority, or have more items rated twice",
        )
    return varied


def weight_of(given: GivenRatings, values: Float[ndarray, " A"]) -> Float[ndarray, " A"]:
    """`values` of the annotators whose answers vary; 0 for those who always answer the same, NaN for the silent."""
    return np.where(given.by_annotator() == 0, np.nan, np.where(given.is_constant(), 0.0, values))


def disagreement(given: GivenRatings, table: RatingTable) -> Float[ndarray, " I"]:
    """Of the ratings of every item; see :class:`~emogap.annotation.consensus.Consensus`."""
    number = given.by_item()
    with np.errstate(invalid="ignore", divide="ignore"):
        if table.scale == "nominal":
            votes = given.vote_counts(len(table.categories))
            within: ndarray[Any, Any] = 1 - (votes * (votes - 1)).sum(axis=1) / (number * (number - 1))
        else:
            mean = given.by_item(given.rating) / number
            within = np.sqrt(given.by_item((given.rating - mean[given.item]) ** 2) / (number - 1))
    return given.among_all(np.where(number > 1, within, np.nan))
