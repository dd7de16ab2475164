"""Resampling people (and stimuli), and the interval that the resamples give.

Clips of one person are not independent, so people are drawn, with all their clips. A draw is a count per
person; a metric of a draw is computed from the people's sums weighted by the counts.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.special import ndtr, ndtri
from scipy.stats import t as student

from emogap.errors import UsageError

__all__ = ["MOST_UNDEFINED", "Interval", "Method", "draw_counts", "interval_of"]

Method = Literal["percentile", "bca"]
"""``percentile``, or ``bca``: bias-corrected and accelerated."""

MOST_UNDEFINED = 0.05
"""Largest share of draws without the metric that an interval leaves out: more than its tails hold may lie anywhere."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A number and the interval around it.

    Attributes
    ----------
    estimate : float
        The metric of the clips as they are.
    low, high : float
        Limits; NaN if the metric does not exist in the clips as they are, or in more than :data:`MOST_UNDEFINED` of the
        draws.
    level : float
        Nominal coverage.
    method : Method
    is_widened : bool
        Whether the tails were widened for few clusters.
    clusters : str
        What was drawn: ``"16 people"`` or ``"16 people x 80 stimuli"``.
    draws : int
    undefined_draws : int
        Draws in which the metric does not exist (such as r of a constant); they are left out.
    """

    estimate: float
    low: float
    high: float
    level: float
    method: Method
    is_widened: bool
    clusters: str
    draws: int
    undefined_draws: int = 0


def draw_counts(num_clusters: int, draws: int, rng: np.random.Generator) -> Float[ndarray, "draws clusters"]:
    """How often each cluster is drawn: `draws` times `num_clusters` draws with replacement."""
    return rng.multinomial(num_clusters, np.full(num_clusters, 1 / num_clusters), size=draws).astype(np.float64)


def interval_of(
    estimate: float,
    resampled: Float[ndarray, " draws"],
    *,
    left_out: tuple[Float[ndarray, " clusters"], ...],
    method: Method,
    level: float,
    clusters: str,
    widened: bool = True,
    variance: float | None = None,
) -> Interval:
    """The interval from the resampled metrics.

    Parameters
    ----------
    estimate : float
    resampled : float array, shape (draws,)
        The metric of each draw; NaN = undefined.
    left_out : tuple of float arrays
        The metric without each cluster in turn, one array per way of clustering: the acceleration of ``bca``,
        and the number of clusters.
    method : Method
    level : float
        In (0, 1).
    clusters : str
        What was drawn, in words.
    widened : bool
        Whether to widen the tails for few clusters.
    variance : float, optional
        Of the estimate, where the draws spread more (or less) than it should; their own if not given or NaN.

    Notes
    -----
    *percentile*: the ``(1 - level) / 2`` quantiles of the draws.
    *bca*: with ``z0 = Phi^-1(share of draws below the estimate, ties half)`` and the acceleration
    ``a = 1/6 sum l^3 / (sum l^2)^1.5`` over ``l_i = mean(left_out) - left_out_i``, the tails are
    ``Phi(z0 + (z0 + z) / (1 - a (z0 + z)))`` (Efron 1987). With two ways of clustering both sums run over both,
    each l times (n_k - 1) / n_k (several samples: Davison and Hinkley 1997, section 5.3).
    Where nearly all draws lie on one side of the estimate, as those of a UAR whose classes vanish from draws of few
    clips, the bias correction would throw the estimate out of its own interval: then the limits are those of
    *percentile*, stretched to the estimate, and the interval says so in its `method`.
    *widened*: bootstrap intervals are too narrow for few clusters, as if a mean were given with a normal
    quantile and the variance divided by n. With n clusters the normal quantile z of a tail is replaced by
    ``t sqrt(n / (n - 1))``, Student's t with n - 1 degrees of freedom, in either method (Hesterberg 2015, section
    5.3, "expanded percentile"). With two ways of clustering n is the smaller number.
    ``docs/evidence/interval_coverage.json`` has the coverage with and without.
    *Undefined draws*, such as r of a draw in which a class does not occur, say nothing of the metric and are left out.
    The interval is then about studies in which it exists. Where that is not so in more than :data:`MOST_UNDEFINED` of
    the draws, there are no limits.
    *variance*: z is multiplied by ``sqrt(variance) / SD of the draws``, so that draws of the right shape and the wrong
    width give limits of the right width. The variance is taken as unbiased: widening is then t without the factor
    ``sqrt(n / (n - 1))``.

    References
    ----------
    Efron (1987), JASA 82(397), 171-185, doi:10.1080/01621459.1987.10478410.
    Davison and Hinkley (1997), *Bootstrap Methods and their Application*, doi:10.1017/CBO9780511802843.
    Hesterberg (2015), The American Statistician 69(4), 371-386, doi:10.1080/00031305.2015.1089789.
    """
    if not 0 < level < 1:
        raise UsageError(f"the level of an interval lies between 0 and 1, got {level}", fix="use 0.95")
    defined = np.sort(resampled[np.isfinite(resampled)])
    undefined = len(resampled) - len(defined)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if undefined > MOST_UNDEFINED * len(resampled) or not (len(defined) and np.isfinite(estimate)):
        low = high = np.nan
    else:
        num_clusters = min(len(values) for values in left_out)
        spread = float(defined.std())
        if variance is not None and np.isfinite(variance) and spread > 0:
            z = (student.ppf(tails, num_clusters - 1) if widened else ndtri(tails)) * np.sqrt(variance) / spread
        else:
            z = _widened(tails, num_clusters) if widened else ndtri(tails)
        low, high = np.quantile(defined, ndtr(z))
        if method == "bca":
            corrected = np.quantile(defined, ndtr(_bias_corrected(z, estimate, defined, left_out)))
            if corrected[0] <= estimate <= corrected[1]:
                low, high = corrected
            else:
                method, low, high = "percentile", min(low, estimate), max(high, estimate)
    return Interval(estimate, float(low), float(high), level, method, widened, clusters, len(resampled), undefined)


def _widened(tails: Float[ndarray, " 2"], num_clusters: int) -> Float[ndarray, " 2"]:
    quantile = student.ppf(tails, num_clusters - 1)
    return np.asarray(np.sqrt(num_clusters / (num_clusters - 1)) * quantile, np.float64)


def _bias_corrected(
    z: Float[ndarray, " 2"],
    estimate: float,
    defined: Float[ndarray, " draws"],
    left_out: tuple[Float[ndarray, " clusters"], ...],
) -> Float[ndarray, " 2"]:
    tolerance = 1e-12 * max(1.0, abs(estimate))
    below = np.searchsorted(defined, estimate - tolerance)
    ties = np.searchsorted(defined, estimate + tolerance, side="right") - below
    # Half a draw more on either side keeps z0 finite when every draw lies on one side.
    bias = ndtri((below + ties / 2 + 0.5) / (len(defined) + 1))
    point = bias + z
    slope = 1 - _acceleration(left_out) * point
    # Beyond the pole at slope 0 the limit is the extreme draw.
    extreme = np.where(point > 0, np.inf, -np.inf)
    return np.asarray(np.where(slope > 0, bias + point / np.where(slope > 0, slope, 1.0), extreme))


def _acceleration(left_out: tuple[Float[ndarray, " clusters"], ...]) -> float:
    cubes = squares = 0.0
    for values in left_out:
        values = values[np.isfinite(values)]
        influence = (values.mean() - values) * (len(values) - 1) / len(values)
        cubes += float(np.sum(influence**3))
        squares += float(np.sum(influence**2))
    return cubes / (6 * squares**1.5) if squares > 0 else 0.0
