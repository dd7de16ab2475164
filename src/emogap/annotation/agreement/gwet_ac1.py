"""Gwet's AC1: agreement beyond a chance that stays small where one category is frequent."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.agreement._designs import category_counts, require_scale
from emogap.errors import UsageError
from emogap.scoring.sums import ratio
from emogap.types import RatingTable

__all__ = ["ALLOWS_MISSING", "ASSUMES", "SCALES", "TITLE", "coefficient", "from_sums", "item_sums"]

TITLE = "Gwet's AC1"
SCALES = ("nominal",)
ALLOWS_MISSING = True
ASSUMES = (
    "chance agreement happens on clips that are hard to rate, guessed evenly; depends on how many categories were "
    "offered; stays high where one category is frequent"
)


def coefficient(table: RatingTable) -> float:
    """Gwet's AC1 of nominal ratings, at most 1; 1 if all ratings are one category.

    Parameters
    ----------
    table : RatingTable
        I items by A annotators; any rating may be missing. All K categories that were offered count, chosen or not.

    Raises
    ------
    UsageError
        If the scale is not nominal, has one category, or no item has two ratings.

    Notes
    -----
    ``AC1 = (p_a - p_e) / (1 - p_e)`` with ``p_e = sum_k pi_k (1 - pi_k) / (K - 1)``, ``pi_k`` the mean over rated items
    of the share of votes for category k, and ``p_a = mean_i sum_k n_ik (n_ik - 1) / (m_i (m_i - 1))`` over the items
    with two votes or more (``m_i`` votes). Missing ratings as in Gwet (2014).

    References
    ----------
    Gwet (2008), Br. J. Math. Stat. Psychol. 61(1), 29-48, doi:10.1348/000711006X126600.
    Gwet (2014), *Handbook of Inter-Rater Reliability*, 4th edition, Advanced Analytics, ISBN 978-0-9708062-8-4.
    """
    return float(from_sums(item_sums(table).sum(axis=0), table))


def item_sums(table: RatingTable) -> Float[ndarray, "I F"]:
    """Whether an item has two votes, its share of agreeing pairs, and the share of its votes for each category."""
    require_scale(table, TITLE, SCALES)
    if len(table.categories) < 2:
        raise UsageError(f"{TITLE} needs two categories, got {table.categories}", fix="name every word on offer")
    counts = category_counts(table)
    votes = counts.sum(axis=1)
    is_paired = votes > 1
    agreeing = np.sum(counts * (counts - 1), axis=1) / np.maximum(votes * (votes - 1), 1)
    return np.column_stack([is_paired, agreeing, counts / np.maximum(votes, 1)[:, None]])


def from_sums(sums: Float[ndarray, "*draws F"], table: RatingTable) -> Float[ndarray, "*draws"]:
    """AC1 of each set of sums."""
    share = ratio(sums[..., 2:], sums[..., 2:].sum(axis=-1, keepdims=True))
    chance = np.sum(share * (1 - share), axis=-1) / (len(table.categories) - 1)
    return np.asarray((ratio(sums[..., 1], sums[..., 0]) - chance) / (1 - chance))
