"""From ratings to labels: vote shares and means, without picking a winner."""

from collections.abc import Callable, Iterable

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.annotators import count_answers
from emogap.annotation.ratings import LIMITS, Rating, is_machine, rating_table
from emogap.errors import UsageError
from emogap.types import EmotionLabel, LabelView, RatingTable

__all__ = ["mean_ratings", "shown_labels", "vote_shares"]


def vote_shares(table: RatingTable) -> Float[ndarray, "I K"]:
    """Share of the votes that each category got, per item.

    Parameters
    ----------
    table : RatingTable
        I items on a nominal scale of K categories.

    Returns
    -------
    float64 array, shape (I, K)
        Rows sum to 1; NaN where nobody voted.

    Raises
    ------
    UsageError
        If the scale is not nominal.

    Examples
    --------
    >>> votes = np.array([[0.0, 0.0, 2.0, np.nan]])
    >>> table = RatingTable(("p/s",), ("a", "b", "c", "d"), votes, "nominal", categories=("x", "y", "z"))
    >>> vote_shares(table).round(3).tolist()
    [[0.667, 0.0, 0.333]]
    """
    if table.scale != "nominal":
        raise UsageError(f"votes are counted on a nominal scale, this one is {table.scale}", fix="use mean_ratings")
    counts = count_answers(table.rating, range(len(table.categories)))
    num_votes = counts.sum(axis=1, keepdims=True)
    return np.where(num_votes > 0, counts / np.maximum(num_votes, 1), np.nan)


def mean_ratings(table: RatingTable) -> Float[ndarray, " I"]:
    """Mean rating of each item, in the unit of the scale; NaN where nobody rated.

    Raises
    ------
    UsageError
        If the scale is nominal.
    """
    if table.scale == "nominal":
        raise UsageError("words have no mean", fix="use vote_shares")
    given = np.isfinite(table.rating)
    number = given.sum(axis=1)
    total = np.where(given, table.rating, 0).sum(axis=1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def shown_labels(ratings: Iterable[Rating], *, machines: bool = False) -> dict[str, EmotionLabel]:
    """The shown label of every rated item, by item.

    Parameters
    ----------
    ratings : iterable of Rating
    machines : bool
        Whether annotators named ``machine-*`` vote too; by default only people do.

    Returns
    -------
    mapping from item to EmotionLabel
        View SHOWN: vote shares of emotion7 and emotion3 as far as they were asked, means of valence, arousal
        and intensity; `agreement` is the largest share of emotion7 (of emotion3 where that was not asked).
    """
    counted = [rating for rating in ratings if machines or not is_machine(rating.annotator)]
    shares = {space: _by_item(rating_table(counted, space), vote_shares) for space in ("emotion7", "emotion3")}
    means = {name: _by_item(rating_table(counted, name), mean_ratings) for name in LIMITS}
    labels = {}
    for item in sorted({rating.item for rating in counted}):
        share = {space: by_item[item] for space, by_item in shares.items() if item in by_item}
        mean = {name: float(by_item[item]) for name, by_item in means.items() if item in by_item}
        agreement = float(next(iter(share.values())).max()) if share else None
        labels[item] = EmotionLabel(LabelView.SHOWN, share, **mean, agreement=agreement)
    return labels


def _by_item(table: RatingTable, summary: Callable[[RatingTable], ndarray]) -> dict[str, ndarray]:
    return dict(zip(table.items, summary(table), strict=True))
