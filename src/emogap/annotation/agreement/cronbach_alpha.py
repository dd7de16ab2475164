"""Cronbach's alpha: how consistently annotators, as the items of a test, order the clips."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.stats import f as fisher

from emogap.annotation.agreement._designs import complete_ratings, require_scale
from emogap.annotation.agreement._mean_squares import item_squares, mean_squares
from emogap.scoring.sums import ratio
from emogap.types import RatingTable

__all__ = ["ALLOWS_MISSING", "ASSUMES", "SCALES", "TITLE", "coefficient", "feldt_interval", "from_sums", "item_sums"]

TITLE = "Cronbach's alpha"
SCALES = ("nominal", "ordinal", "interval")
ALLOWS_MISSING = False
ASSUMES = (
    "the same annotators rate everything; of the mean of all of them, rises with their number; blind to one rating "
    "higher than another; legacy (the EMER paper's choice)"
)


def coefficient(table: RatingTable) -> float:
    """Cronbach's alpha of annotators as the items of a test, at most 1; NaN if the clips do not differ.

    Parameters
    ----------
    table : RatingTable
        I items by A annotators, none missing. Words count as one indicator per category.

    Raises
    ------
    UsageError
        If a rating is missing, or there are fewer than two items or annotators.

    Notes
    -----
    ``alpha = A / (A - 1) (1 - sum_j s2_j / s2_T)``, with ``s2_j`` the variance over items of the ratings of annotator
    j and ``s2_T`` that of their sum; equal to ICC(3,k). It is negative where annotators contradict each other.
    Words have no variance, and numbering categories makes alpha depend on their order. Here a word is a vector of
    indicators, one per category, and the variances of the indicators are added: the order does not matter, and
    for two categories this is the formula 20 of Kuder and Richardson.

    References
    ----------
    Cronbach (1951), Psychometrika 16(3), 297-334, doi:10.1007/BF02310555, eq. 2.
    Kuder and Richardson (1937), Psychometrika 2(3), 151-160, doi:10.1007/BF02288391, eq. 20.
    """
    return float(from_sums(item_sums(table).sum(axis=0), table))


def item_sums(table: RatingTable) -> Float[ndarray, "I F"]:
    """What each item adds to the mean squares."""
    require_scale(table, TITLE, SCALES)
    rating = complete_ratings(table, TITLE)
    if table.scale == "nominal":
        return item_squares((rating[..., None] == np.arange(len(table.categories))).astype(np.float64))
    return item_squares(rating[..., None])


def from_sums(sums: Float[ndarray, "*draws F"], table: RatingTable) -> Float[ndarray, "*draws"]:
    """Alpha of each set of sums."""
    squares = mean_squares(sums, len(table.annotators))
    return ratio(squares.between - squares.residual, squares.between)


def feldt_interval(alpha: float, *, num_items: int, num_raters: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of alpha from the F distribution, for numbers with normal and equal errors.

    Parameters
    ----------
    alpha : float
        Cronbach's alpha.
    num_items, num_raters : int
        Rows and columns of the table: clips, and annotators.
    level : float
        In (0, 1).

    Notes
    -----
    ``(1 - alpha) / (1 - alpha_hat)`` has an F distribution with ``I - 1`` and ``(I - 1)(A - 1)`` degrees of freedom,
    so the limits are ``1 - (1 - alpha_hat) F_q`` at ``q = (1 + level) / 2`` and ``(1 - level) / 2``.

    References
    ----------
    Feldt (1965), Psychometrika 30(3), 357-370, doi:10.1007/BF02289499.
    Feldt, Woodruff and Salih (1987), Appl. Psychol. Meas. 11(1), 93-103, doi:10.1177/014662168701100107.

    Examples
    --------
    >>> low, high = feldt_interval(0.8, num_items=100, num_raters=5)
    >>> round(low, 3), round(high, 3)
    (0.731, 0.856)
    """
    freedom = num_items - 1, (num_items - 1) * (num_raters - 1)
    upper, lower = fisher.ppf([(1 + level) / 2, (1 - level) / 2], *freedom)
    return float(1 - (1 - alpha) * upper), float(1 - (1 - alpha) * lower)
