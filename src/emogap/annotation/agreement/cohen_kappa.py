"""Cohen's kappa: agreement of pairs of annotators, every disagreement alike."""

from jaxtyping import Float
from numpy import ndarray

from emogap.annotation.agreement._designs import require_scale
from emogap.annotation.agreement._pairs import mean_kappa, pair_sums
from emogap.types import RatingTable

__all__ = ["ALLOWS_MISSING", "ASSUMES", "SCALES", "TITLE", "coefficient", "from_sums", "item_sums"]

TITLE = "Cohen's kappa"
SCALES = ("nominal",)
ALLOWS_MISSING = True
ASSUMES = "two annotators; for more the mean over all pairs (Light 1971); each annotator's own frequencies are chance"


def coefficient(table: RatingTable) -> float:
    """Cohen's kappa, mean over all pairs of annotators, at most 1; NaN if undefined for a pair.

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
    ``kappa = 1 - (sum_cv o_cv [c != v] / n) / (sum_cv r_c s_v [c != v] / n**2)``, with ``o`` the confusion table of a
    pair over its n shared items and ``r``, ``s`` its margins.

    References
    ----------
    Cohen (1960), Educ. Psychol. Meas. 20(1), 37-46, doi:10.1177/001316446002000104.
    Light (1971), Psychol. Bull. 76(5), 365-377, doi:10.1037/h0031643 (the mean over pairs).
    """
    return float(from_sums(item_sums(table).sum(axis=0), table))


def item_sums(table: RatingTable) -> Float[ndarray, "I F"]:
    """What each item adds to each pair of annotators."""
    require_scale(table, TITLE, SCALES)
    return pair_sums(table, TITLE, "nominal")


def from_sums(sums: Float[ndarray, "*draws F"], table: RatingTable) -> Float[ndarray, "*draws"]:
    """Kappa of each set of sums."""
    return mean_kappa(sums, table, "nominal")
