"""Fleiss' kappa: agreement of equally many votes per item beyond chance."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.agreement._designs import category_counts, require_scale
from emogap.errors import UsageError
from emogap.scoring.sums import ratio
from emogap.types import RatingTable

__all__ = ["ALLOWS_MISSING", "ASSUMES", "SCALES", "TITLE", "coefficient", "from_sums", "item_sums"]

TITLE = "Fleiss' kappa"
SCALES = ("nominal",)
ALLOWS_MISSING = False
ASSUMES = (
    "equally many votes on every item, by whomever; annotators are interchangeable; chance is the distribution of all "
    "votes, so it falls where one category is frequent"
)


def coefficient(table: RatingTable) -> float:
    """Fleiss' kappa of nominal ratings, at most 1; NaN if all ratings are one category.

    Parameters
    ----------
    table : RatingTable
        I items by A annotators. Annotators may differ from item to item, but not the number of votes.

    Raises
    ------
    UsageError
        If the scale is not nominal, or items have different numbers of votes.

    Notes
    -----
    ``kappa = (P - P_e) / (1 - P_e)``, with ``P = mean_i sum_k n_ik (n_ik - 1) / (m (m - 1))``, ``n_ik`` the votes of
    item i for category k, m the votes per item, ``P_e = sum_k p_k**2`` and ``p_k`` the share of all votes.

    References
    ----------
    Fleiss (1971), Psychol. Bull. 76(5), 378-382, doi:10.1037/h0031619, eq. 7.
    """
    return float(from_sums(item_sums(table).sum(axis=0), table))


def item_sums(table: RatingTable) -> Float[ndarray, "I F"]:
    """The share of agreeing pairs of each item, and the share of its votes for each category."""
    require_scale(table, TITLE, SCALES)
    counts = category_counts(table)
    votes = counts.sum(axis=1)
    if votes.min() != votes.max():
        first = int(np.argmin(votes))
        raise UsageError(
            f"{TITLE} needs equally many votes on every item: there are {votes.min():.0f} to {votes.max():.0f}, "
            f"{table.items[first]} has {votes.min():.0f}",
            fix="use krippendorff_alpha or gwet_ac1, or leave items out (complete_items; --complete)",
        )
    agreeing = np.sum(counts * (counts - 1), axis=1) / (votes * (votes - 1))
    return np.column_stack([agreeing, counts / votes[:, None]])


def from_sums(sums: Float[ndarray, "*draws F"], table: RatingTable) -> Float[ndarray, "*draws"]:
    """Kappa of each set of sums."""
    num_items = sums[..., 1:].sum(axis=-1)
    chance = np.square(sums[..., 1:] / num_items[..., None]).sum(axis=-1)
    return ratio(sums[..., 0] / num_items - chance, 1 - chance, least=1e-12)
