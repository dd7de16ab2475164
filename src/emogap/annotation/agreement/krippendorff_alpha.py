"""Krippendorff's alpha: observed against expected disagreement, for any number of annotators and any gaps."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.agreement._designs import distinct_values, require_points, require_scale
from emogap.annotation.annotators import count_answers
from emogap.scoring.sums import ratio
from emogap.types import RatingTable

__all__ = ["ALLOWS_MISSING", "ASSUMES", "SCALES", "TITLE", "coefficient", "from_sums", "item_sums"]

TITLE = "Krippendorff's alpha"
SCALES = ("nominal", "ordinal", "interval")
ALLOWS_MISSING = True
ASSUMES = (
    "of a single rating; annotators are interchangeable; a rating is missing for no reason that has to do with it; "
    "chance is the distribution of all ratings"
)


def coefficient(table: RatingTable) -> float:
    """Krippendorff's alpha on the scale of the table, at most 1; NaN if all ratings are the same.

    Parameters
    ----------
    table : RatingTable
        I items by A annotators; any rating may be missing. An item with one rating says nothing and is left out.

    Raises
    ------
    UsageError
        If no item has two ratings, or an ordinal scale has more than 101 different ratings.

    Notes
    -----
    ``alpha = 1 - (n - 1) sum_cv o_cv d2_cv / sum_cv n_c n_v d2_cv`` with the coincidences
    ``o_cv = sum_u (pairs of values c, v in item u) / (m_u - 1)``, ``m_u`` the number of ratings of the item, ``n_c``
    how often value c was given in items with two ratings or more, and ``n = sum_c n_c``. The squared difference
    ``d2_cv`` is 1 for different words (nominal), ``(c - v)**2`` (interval), and the squared difference of mean ranks
    (ordinal): ``(n_c / 2 + sum of n_g between + n_v / 2)**2``.

    References
    ----------
    Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", University of Pennsylvania,
    https://repository.upenn.edu/asc_papers/43, section D.
    Hayes and Krippendorff (2007), Commun. Methods Meas. 1(1), 77-89, doi:10.1080/19312450709336664.
    """
    return float(from_sums(item_sums(table).sum(axis=0), table))


def item_sums(table: RatingTable) -> Float[ndarray, "I F"]:
    """What each item adds to the sums of the table's scale; nothing where fewer than two rated."""
    require_scale(table, TITLE, SCALES)
    num_ratings = np.sum(~np.isnan(table.rating), axis=1)
    is_paired = num_ratings > 1
    weight = np.where(is_paired, 1 / np.maximum(num_ratings - 1, 1), 0.0)
    if table.scale == "interval":
        return np.asarray(_moments(table, num_ratings, weight) * is_paired[:, None])
    values = distinct_values(table)
    counts = count_answers(table.rating, values).astype(np.float64)
    counts *= is_paired[:, None]
    if table.scale == "nominal":
        observed = weight * np.sum(counts * (num_ratings[:, None] - counts), axis=1)
        return np.column_stack([observed, counts])
    require_points(values, TITLE)
    pairs = weight[:, None, None] * counts[:, :, None] * counts[:, None, :]
    return np.column_stack([counts, pairs.reshape(len(counts), -1)])


def from_sums(sums: Float[ndarray, "*draws F"], table: RatingTable) -> Float[ndarray, "*draws"]:
    """Alpha of each set of sums; NaN where nothing could disagree."""
    if table.scale == "interval":
        observed, n, total, squares = np.moveaxis(sums, -1, 0)
        expected = 2 * (n * squares - total**2)
        expected = np.where(expected > 1e-12 * n * squares, expected, 0.0)
    elif table.scale == "nominal":
        observed, counts = sums[..., 0], sums[..., 1:]
        n = counts.sum(axis=-1)
        expected = n**2 - np.square(counts).sum(axis=-1)
    else:
        num_values = len(distinct_values(table))
        counts, pairs = sums[..., :num_values], sums[..., num_values:]
        pairs = pairs.reshape(*pairs.shape[:-1], num_values, num_values)
        n = counts.sum(axis=-1)
        rank = np.cumsum(counts, axis=-1) - counts / 2
        difference = np.square(rank[..., :, None] - rank[..., None, :])
        observed = np.sum(pairs * difference, axis=(-2, -1))
        expected = np.einsum("...c,...cv,...v->...", counts, difference, counts)
    return np.asarray(1 - (n - 1) * ratio(observed, expected))


def _moments(table: RatingTable, num_ratings: ndarray, weight: Float[ndarray, " I"]) -> Float[ndarray, "I 4"]:
    """Disagreement within each item, number of ratings, their sum and the sum of their squares."""
    given = ~np.isnan(table.rating)
    centred = np.where(given, table.rating - np.mean(table.rating[given]), 0.0)
    total, squares = centred.sum(axis=1), np.square(centred).sum(axis=1)
    mean = total / np.maximum(num_ratings, 1)
    spread = np.where(given, np.square(centred - mean[:, None]), 0.0).sum(axis=1)
    return np.column_stack([2 * weight * num_ratings * spread, num_ratings, total, squares])
