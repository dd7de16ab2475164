"""Raters whose confusion, bias and noise are known."""

import numpy as np
from numpy import ndarray

from emogap.types import RatingTable


def names(prefix: str, number: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{index:05d}" for index in range(number))


def votes_of(
    truth: ndarray, confusion: ndarray, rng: np.random.Generator, *, share_missing: float = 0.0
) -> RatingTable:
    """`confusion` is (A, K, K), row = truth."""
    uniform = rng.random((len(truth), len(confusion), 1))
    rating = (uniform > confusion[:, truth].swapaxes(0, 1).cumsum(axis=2)).sum(axis=2).astype(float)
    return class_table(without_some(rating, rng, share_missing), confusion.shape[1])


def class_table(rating: ndarray, num_categories: int) -> RatingTable:
    return RatingTable(
        names("item", rating.shape[0]),
        names("rater", rating.shape[1]),
        rating,
        "nominal",
        categories=names("class", num_categories),
    )


def number_table(rating: ndarray) -> RatingTable:
    return RatingTable(
        names("item", rating.shape[0]), names("rater", rating.shape[1]), rating, "interval", limits=(-9.0, 9.0)
    )


def without_some(rating: ndarray, rng: np.random.Generator, share: float) -> ndarray:
    return np.where(rng.random(rating.shape) < share, np.nan, rating)


def one_coin(accuracy: list[float], num_categories: int) -> ndarray:
    """Confusion matrices with the errors spread evenly."""
    wrong = (1 - np.array(accuracy)) / (num_categories - 1)
    confusion = np.repeat(wrong, num_categories**2).reshape(-1, num_categories, num_categories)
    for own, right in zip(confusion, accuracy, strict=True):
        np.fill_diagonal(own, right)
    return confusion
