"""MAE, mean absolute error."""

from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.scoring.sums import moment_sums, ratio

__all__ = ["HIGHER_IS_BETTER", "KIND", "TITLE", "from_sums", "score"]

TITLE = "MAE"
KIND = "regression"
HIGHER_IS_BETTER = False


def score(label: ArrayLike, output: ArrayLike) -> float:
    """MAE in units of the label: ``1/N sum_i |o_i - y_i|``.

    Parameters
    ----------
    label, output : float array, shape (N,)
        Values y and o.

    Raises
    ------
    UsageError
        If there is no clip, or a value is not finite.

    References
    ----------
    Willmott and Matsuura (2005), Climate Research 30, 79-82, doi:10.3354/cr030079.

    Examples
    --------
    >>> score([0.0, 1.0], [0.5, 1.25])
    0.375
    """
    return float(from_sums(moment_sums(label, output)[0]))


def from_sums(sums: Float[ndarray, "*draws 7"]) -> Float[ndarray, "*draws"]:
    """MAE of each set of sums; NaN where there is no clip."""
    return ratio(sums[..., 6], sums[..., 0])
