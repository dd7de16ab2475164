"""ICC(1): one rating, where other annotators rate other clips."""

from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.agreement._designs import complete_ratings, require_scale
from emogap.annotation.agreement._mean_squares import item_squares, mean_squares
from emogap.scoring.sums import ratio
from emogap.types import RatingTable

__all__ = ["ALLOWS_MISSING", "ASSUMES", "SCALES", "TITLE", "coefficient", "from_sums", "item_sums"]

TITLE = "ICC(1)"
SCALES = ("ordinal", "interval")
ALLOWS_MISSING = False
ASSUMES = "one rating by anybody; annotators drawn anew for every clip; rating higher than others counts as error"


def coefficient(table: RatingTable) -> float:
    """ICC(1) of complete ratings, at most 1; NaN if nothing varies.

    Parameters
    ----------
    table : RatingTable
        I items by A annotators, none missing.

    Raises
    ------
    UsageError
        If a rating is missing, the scale is nominal, or there are fewer than two items or annotators.

    Notes
    -----
    ``(BMS - WMS) / (BMS + (A - 1) WMS)``, from a one-way analysis of variance: what annotators differ in is error.
    Who gave which rating does not matter.

    References
    ----------
    Shrout and Fleiss (1979), Psychol. Bull. 86(2), 420-428, doi:10.1037/0033-2909.86.2.420, p. 423 and 426.
    McGraw and Wong (1996), Psychol. Methods 1(1), 30-46, doi:10.1037/1082-989X.1.1.30.
    """
    return float(from_sums(item_sums(table).sum(axis=0), table))


def item_sums(table: RatingTable) -> Float[ndarray, "I F"]:
    """What each item adds to the mean squares."""
    require_scale(table, TITLE, SCALES)
    return item_squares(complete_ratings(table, TITLE)[..., None])


def from_sums(sums: Float[ndarray, "*draws F"], table: RatingTable) -> Float[ndarray, "*draws"]:
    """The coefficient of each set of sums."""
    squares = mean_squares(sums, len(table.annotators))
    return ratio(squares.between - squares.within, squares.between + (squares.num_raters - 1) * squares.within)
