"""Cohen's kappa with quadratic weights: agreement of pairs of annotators, by the squared difference."""

from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.agreement._designs import require_scale
from emogap.annotation.agreement._pairs import mean_kappa, pair_sums
from emogap.types import RatingTable

__all__ = ["ALLOWS_MISSING", "ASSUMES", "SCALES", "TITLE", "coefficient", "from_sums", "item_sums"]

TITLE = "Cohen's kappa with quadratic weights"
SCALES = ("ordinal", "interval")
ALLOWS_MISSING = True
ASSUMES = (
    "two annotators; for more the mean over all pairs (Light 1971); each annotator's own frequencies are chance"
    "; large differences dominate"
)


def coefficient(table: RatingTable) -> float:
    """Cohen's weighted kappa with quadratic weights, mean over all pairs of annotators, at most 1.

    NaN if it is undefined for a pair.

    Parameters
    ----------
    table : RatingTable
        I items by A annotators. A pair is compared on the items that both rated.

    Raises
    ------
    UsageError
        If the scale does not fit, or two annotators share no item.

    Notes
    -----
    ``kappa = 1 - (sum_cv o_cv (c - v)**2 / n) / (sum_cv r_c s_v (c - v)**2 / n**2)``, with ``o`` the table of a pair
    over its n shared items and ``r``, ``s`` its margins. For two annotators and many items it is close to ICC(2,1).

    References
    ----------
    Cohen (1968), Psychol. Bull. 70(4), 213-220, doi:10.1037/h0026256.
    Fleiss and Cohen (1973), Educ. Psychol. Meas. 33(3), 613-619, doi:10.1177/001316447303300309 (and ICC).
    Light (1971), Psychol. Bull. 76(5), 365-377, doi:10.1037/h0031643 (the mean over pairs).
    """
    return float(from_sums(item_sums(table).sum(axis=0), table))


def item_sums(table: RatingTable) -> Float[ndarray, "I F"]:
    """What each item adds to each pair of annotators."""
    require_scale(table, TITLE, SCALES)
    return pair_sums(table, TITLE, "quadratic")


def from_sums(sums: Float[ndarray, "*draws F"], table: RatingTable) -> Float[ndarray, "*draws"]:
    """Kappa of each set of sums."""
    return mean_kappa(sums, table, "quadratic")
