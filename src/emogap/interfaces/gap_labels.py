"""From a data set and its ratings to the arrays of the gap: answers and votes of the clips that have both."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.annotation.annotators import people_of
from emogap.annotation.opening import open_ratings
from emogap.datasets.labels import label_array
from emogap.datasets.store import Dataset
from emogap.errors import DataError, UsageError
from emogap.types import LabelView, RatingTable, vocabulary

__all__ = ["ClassLabels", "PlaneLabels", "class_labels", "plane_labels"]

MOST_VOTES = 32
"""Vote shares are read as counts of so many votes at most."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassLabels:
    """Clips with a self-report and at least one vote.

    Attributes
    ----------
    clips : polars.DataFrame, N rows
        participant_id, stimulus_id and stimulus_group.
    felt : int array, shape (N,)
    votes : float64 array, shape (N, A, K)
    raters : tuple of str, length A
        ``all raters`` if it is not known who gave which vote.
    num_left_out : int
        Clips without one of the two.
    """

    clips: pl.DataFrame
    felt: Int[ndarray, " N"]
    votes: Float[ndarray, "N A K"]
    raters: tuple[str, ...]
    num_left_out: int


@dataclass(frozen=True, slots=True, eq=False)
class PlaneLabels:
    """Clips with self-reported and judged valence and arousal; `shown_variance` is None if ratings are not known."""

    clips: pl.DataFrame
    felt: Float[ndarray, "N 2"]
    shown: Float[ndarray, "N 2"]
    shown_variance: Float[ndarray, "N 2"] | None
    num_left_out: int


def class_labels(
    dataset: Dataset, space: str, *, ratings: str | Path | None = None, num_votes: int | None = None
) -> ClassLabels:
    """Answers and votes in one label space.

    Parameters
    ----------
    dataset : Dataset
    space : str
        ``emotion3`` or ``emotion7``.
    ratings : str or Path, optional
        What :func:`emogap.annotation.opening.open_ratings` reads; items are ``<participant_id>/<stimulus_id>``.
        Machines do not vote. Without it, the vote shares of the data set are turned into counts.
    num_votes : int, optional
        Votes behind each vote share; by default the smallest number of which all shares are multiples.

    Raises
    ------
    DataError
        If the data set does not carry both views, or no rated item is one of its clips.
    UsageError
        If vote shares are no multiples of a number of votes.
    """
    felt = label_array(dataset, LabelView.FELT, "class", space)
    if ratings is None:
        shares = label_array(dataset, LabelView.SHOWN, "class", space)
        votes = _counts(shares, num_votes)[:, None]
        raters: tuple[str, ...] = ("all raters",)
    else:
        table = open_ratings(ratings, question=space)[space]
        votes, raters = _votes(dataset, table, vocabulary(space), str(ratings))
    is_answered = (felt == 1).any(axis=1)
    if np.isfinite(felt).any() and not is_answered.any():
        raise DataError("the felt labels are shares of several answers, not one answer per clip", where=dataset.name)
    both = is_answered & (votes.sum(axis=(1, 2)) > 0)
    _require_both(dataset, both, space)
    return ClassLabels(_clips(dataset, both), felt[both].argmax(axis=1), votes[both], raters, int((~both).sum()))


def plane_labels(dataset: Dataset, *, ratings: str | Path | None = None) -> PlaneLabels:
    """Valence and arousal of both views; parameters and errors as for :func:`class_labels`."""
    felt = _plane_array(dataset, LabelView.FELT)
    if ratings is None:
        shown, variance = _plane_array(dataset, LabelView.SHOWN), None
    else:
        shown, variance = _rated_plane(dataset, ratings)
    both = np.isfinite(felt).all(axis=1) & np.isfinite(shown).all(axis=1)
    if variance is not None:
        both &= np.isfinite(variance).all(axis=1)
    _require_both(dataset, both, "valence and arousal")
    kept = None if variance is None else variance[both]
    return PlaneLabels(_clips(dataset, both), felt[both], shown[both], kept, int((~both).sum()))


def _plane_array(dataset: Dataset, view: LabelView) -> Float[ndarray, "N 2"]:
    return np.column_stack([label_array(dataset, view, target) for target in ("valence", "arousal")])


def _rated_plane(dataset: Dataset, ratings: str | Path) -> tuple[Float[ndarray, "N 2"], Float[ndarray, "N 2"]]:
    """Mean valence and arousal of single ratings, and the variance of those means."""
    tables = open_ratings(ratings)
    absent = [name for name in ("valence", "arousal") if name not in tables]
    if absent:
        raise DataError(f"{' and '.join(absent)} was not rated", where=str(ratings), fix="leave out --ratings")
    pairs = [_mean_and_variance(dataset, tables[name], str(ratings)) for name in ("valence", "arousal")]
    shown, variance = zip(*pairs, strict=True)
    return np.column_stack(shown), np.column_stack(variance)


def _votes(
    dataset: Dataset, table: RatingTable, words: tuple[str, ...], where: str
) -> tuple[Float[ndarray, "N A K"], tuple[str, ...]]:
    people = people_of(table)
    rating = _joined(dataset, table, where)[:, [table.annotators.index(name) for name in people]]
    code = np.array([words.index(word) for word in table.categories])
    votes = np.zeros((*rating.shape, len(words)))
    row, column = np.nonzero(np.isfinite(rating))
    votes[row, column, code[rating[row, column].astype(np.int64)]] = 1
    return votes, people


def _mean_and_variance(
    dataset: Dataset, table: RatingTable, where: str
) -> tuple[Float[ndarray, " N"], Float[ndarray, " N"]]:
    """Mean of each clip's ratings and the variance of that mean; NaN with fewer than two ratings."""
    rating = _joined(dataset, table, where)[:, [table.annotators.index(name) for name in people_of(table)]]
    given = np.isfinite(rating)
    number = np.where(given.sum(axis=1) > 1, given.sum(axis=1), np.nan)
    mean = np.where(given, rating, 0).sum(axis=1) / number
    square = np.where(given, (rating - mean[:, None]) ** 2, 0).sum(axis=1)
    return mean, square / (number - 1) / number


def _joined(dataset: Dataset, table: RatingTable, where: str) -> Float[ndarray, "N A"]:
    """The ratings of each clip of the data set; NaN rows where nobody rated."""
    row_of = {item: row for row, item in enumerate(table.items)}
    rows = [row_of.get(f"{key.participant_id}/{key.stimulus_id}", -1) for key in dataset.keys]
    if max(rows) < 0:
        raise DataError(
            f"no rated item is a clip of the data set, the first is '{table.items[0]}'",
            where=where,
            fix="name items <participant_id>/<stimulus_id>",
        )
    padded = np.vstack([table.rating, np.full((1, len(table.annotators)), np.nan)])
    return np.asarray(padded[rows])


def _counts(shares: Float[ndarray, "N K"], num_votes: int | None) -> Float[ndarray, "N K"]:
    """Votes from vote shares; 0 where nobody voted."""
    known = shares[np.isfinite(shares).all(axis=1)]
    tried = range(1, MOST_VOTES + 1) if num_votes is None else (num_votes,)
    for number in tried:
        if len(known) and np.abs(known * number - np.rint(known * number)).max() < 1e-6 * number:
            return np.asarray(np.nan_to_num(np.rint(shares * number)))
    if not len(known):
        return np.zeros_like(shares)
    raise UsageError(
        f"the vote shares are not those of {num_votes or f'one number of votes up to {MOST_VOTES}'}",
        fix="give the single ratings with --ratings",
    )


def _require_both(dataset: Dataset, both: Bool[ndarray, " N"], what: str) -> None:
    if not both.any():
        raise DataError(
            f"no clip has {what} in both views, felt and shown",
            where=dataset.name,
            fix="a gap needs self-reports and judged expressions of the same clips",
        )


def _clips(dataset: Dataset, both: Bool[ndarray, " N"]) -> pl.DataFrame:
    return dataset.samples.select("participant_id", "stimulus_id", "stimulus_group").filter(pl.Series(both))
