"""Part of the annotators of a table: people, machines, or some by name; and how often each answer was given."""

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.annotation.ratings import is_machine
from emogap.types import RatingTable

__all__ = ["count_answers", "machines_of", "only_annotators", "people_of"]


def people_of(table: RatingTable) -> tuple[str, ...]:
    """The annotators that are no machines, in the order of the table."""
    return tuple(name for name in table.annotators if not is_machine(name))


def machines_of(table: RatingTable) -> tuple[str, ...]:
    """The annotators that are machines, in the order of the table."""
    return tuple(name for name in table.annotators if is_machine(name))


def only_annotators(
    table: RatingTable, annotators: Collection[str], *, keep_unrated: bool = False
) -> RatingTable | None:
    """The ratings of `annotators` alone, in the order of the table.

    Parameters
    ----------
    table : RatingTable
    annotators : collection of str
    keep_unrated : bool
        Whether an item that none of them rated stays, unrated; by default it goes.

    Returns
    -------
    RatingTable or None
        None if no rating is left.

    Examples
    --------
    >>> votes = np.array([[0.0, 1.0], [np.nan, 0.0], [1.0, 1.0]])
    >>> table = RatingTable(("a", "b", "c"), ("ann", "machine-x"), votes, "nominal", ("calm", "tense"))
    >>> only_annotators(table, people_of(table)).items
    ('a', 'c')
    >>> only_annotators(table, people_of(table), keep_unrated=True).items
    ('a', 'b', 'c')
    """
    columns = [column for column, name in enumerate(table.annotators) if name in annotators]
    rating = table.rating[:, columns]
    is_rated = ~np.isnan(rating).all(axis=1)
    if not is_rated.any():
        return None
    kept = np.ones_like(is_rated) if keep_unrated else is_rated
    return replace(
        table,
        items=tuple(item for item, stays in zip(table.items, kept, strict=True) if stays),
        annotators=tuple(table.annotators[column] for column in columns),
        rating=rating[kept],
    )


def count_answers(rating: Float[ndarray, "I A"], answers: Iterable[float]) -> Int[ndarray, "I V"]:
    """How many annotators gave each of V answers, per item.

    Parameters
    ----------
    rating : float64 array, shape (I, A)
        NaN = not rated.
    answers : iterable of float
        At least one: ``range(K)`` for the K categories of a nominal table.

    Returns
    -------
    int64 array, shape (I, V)

    Examples
    --------
    >>> count_answers(np.array([[0.0, 0.0, 2.0], [1.0, np.nan, 2.0]]), range(3)).tolist()
    [[2, 0, 1], [0, 1, 1]]
    """
    return np.stack([(rating == answer).sum(axis=1) for answer in answers], axis=1).astype(np.int64)
