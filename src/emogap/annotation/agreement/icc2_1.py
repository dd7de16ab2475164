"""ICC(2,1): absolute agreement of one annotator, drawn from many."""

from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.agreement._designs import complete_ratings, require_scale
from emogap.annotation.agreement._mean_squares import item_squares, mean_squares
from emogap.scoring.sums import ratio
from emogap.types import RatingTable

__all__ = ["ALLOWS_MISSING", "ASSUMES", "SCALES", "TITLE", "coefficient", "from_sums", "item_sums"]

TITLE = "ICC(2,1)"
SCALES = ("ordinal", "interval")
ALLOWS_MISSING = False
ASSUMES = "absolute agreement of one annotator; annotators are a sample of many; the same ones rate everything"


def coefficient(table: RatingTable) -> float:
    """ICC(2,1) of complete ratings, at most 1; NaN if nothing varies.

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
    ``(BMS - EMS) / (BMS + (A - 1) EMS + A (JMS - EMS) / I)``: annotators are random, and their different means
    count as disagreement.

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
    spread = squares.num_raters * (squares.raters - squares.residual) / squares.num_items
    whole = squares.between + (squares.num_raters - 1) * squares.residual + spread
    return ratio(squares.between - squares.residual, whole)
