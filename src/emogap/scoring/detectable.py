"""The smallest difference between two models that a test would have found, and the clips that a given one takes.

Read :func:`detectable_difference` first: everything else gives it a standard error.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.special import ndtri
from scipy.stats import t as student

from emogap.scoring.paired import person_exchanges

__all__ = [
    "clips_needed",
    "detectable_difference",
    "paired_standard_error",
    "resampled_detectable_difference",
    "sign_flip_p",
]

STEPS = 12
"""Halvings of the bracket: the last is 1 / 4096 of the first."""

BLOCK = 250
"""Resamples tested at once, which bounds memory."""


def detectable_difference(
    standard_error: float, *, freedom: float = math.inf, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest difference that a two-sided test at `alpha` finds with probability `power`.

    Parameters
    ----------
    standard_error : float
        Of the difference of the two models, in the unit of the metric.
    freedom : float
        Degrees of freedom behind it: people less one; infinite for a normal approximation.
    alpha : float
        In (0, 1).
    power : float
        In (0, 1).

    Notes
    -----
    ``(q(1 - alpha / 2) + q(power)) SE`` with q the quantile of Student's t, or of the normal distribution. The
    chance of a significant difference of the wrong sign is left out; it is negligible above a power of 0.5.

    References
    ----------
    Bloom (1995), "Minimum detectable effects", Evaluation Review 19(5), 547-556, doi:10.1177/0193841X9501900504.

    Examples
    --------
    1,303 clips as if they were independent, 20 % of which just one of two models gets right: 3.5 points; clips of one
    person that are alike double the variance, and it is 4.9:

    >>> round(detectable_difference(paired_standard_error(0.2, 1303)), 3)
    0.035
    >>> round(detectable_difference(paired_standard_error(0.2, 1303, design_effect=2)), 3)
    0.049
    """
    return standard_error * _quantiles(freedom, alpha, power)


def paired_standard_error(discordant: float, num_clips: int, *, design_effect: float = 1.0) -> float:
    """Standard error of the difference of two models' shares of right clips, near a difference of 0.

    Parameters
    ----------
    discordant : float
        Share of clips that exactly one of the two gets right, in [0, 1].
    num_clips : int
    design_effect : float
        Variance of the difference over that of as many independent clips: ``1 + (clips per person - 1) ICC``.

    References
    ----------
    Connor (1987), "Sample size for testing differences in proportions for the paired-sample design", Biometrics
    43(1), 207-211, doi:10.2307/2531961. Kish (1965), *Survey Sampling*, section 8.2 (design effect).

    Examples
    --------
    >>> round(paired_standard_error(0.2, 2000), 6)
    0.01
    """
    return math.sqrt(discordant * design_effect / num_clips)


def clips_needed(
    difference: float, discordant: float, *, design_effect: float = 1.0, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Clips that a test needs to find `difference`: :func:`detectable_difference` the other way round.

    Examples
    --------
    A lead of 0.2 points takes about 390,000 clips:

    >>> clips_needed(0.002, 0.2)
    392444
    """
    root = _quantiles(math.inf, alpha, power) / difference
    return math.ceil(discordant * design_effect * root**2)


def resampled_detectable_difference(
    influence: Float[ndarray, " people"],
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    resamples: int = 1_000,
    draws: int = 1_000,
    seed: int = 0,
) -> float:
    """The same for the paired permutation test over people, without taking anything as normal.

    Parameters
    ----------
    influence : float array, shape (people,)
        What each person adds to the difference: their sum is the difference (of WAR or UAR), or that of the
        linearised metric.
    alpha, power : float
    resamples : int
        Simulated studies: as many people as there are, drawn with replacement from those that there are.
    draws : int
        Exchanges of each test.
    seed : int

    Returns
    -------
    float
        NaN for fewer people than can ever show p below `alpha`.

    Notes
    -----
    The people's parts are moved by a constant so that the difference is what is tried, and that is found by halving;
    people and exchanges are the same at every step, so that the power can only grow with the difference.

    Examples
    --------
    >>> parts = np.random.default_rng(1).normal(0.0, 0.002, 40)
    >>> by_test = resampled_detectable_difference(parts, resamples=400, draws=400)
    >>> by_formula = detectable_difference(float(parts.std(ddof=1) * np.sqrt(40)), freedom=39)
    >>> abs(by_test / by_formula - 1) < 0.1
    True
    """
    number = len(influence)
    rng = np.random.default_rng(seed)
    exchanged, is_exact = person_exchanges(number, draws=draws, rng=rng)
    if (2 / len(exchanged) if is_exact else 1 / (1 + len(exchanged))) >= alpha:
        return math.nan
    centred = (influence - influence.mean())[rng.integers(0, number, (resamples, number))]
    signs = 1 - 2 * exchanged
    spread = float(influence.std(ddof=1)) * math.sqrt(number)
    low, high = 0.0, 4 * _quantiles(number - 1, alpha, power) * spread
    for _ in range(STEPS):
        middle = (low + high) / 2
        is_found = _share_found(centred + middle / number, signs, is_exact=is_exact, alpha=alpha) >= power
        low, high = (low, middle) if is_found else (middle, high)
    return (low + high) / 2


def _share_found(
    parts: Float[ndarray, "resamples people"],
    signs: Float[ndarray, "draws people"],
    *,
    is_exact: bool,
    alpha: float,
) -> float:
    found = 0
    for start in range(0, len(parts), BLOCK):
        block = parts[start : start + BLOCK]
        found += int(np.sum(sign_flip_p(block, signs, is_exact=is_exact) < alpha))
    return found / len(parts)


def sign_flip_p(
    parts: Float[ndarray, "studies people"], signs: Float[ndarray, "draws people"], *, is_exact: bool
) -> Float[ndarray, " studies"]:
    """p of the paired permutation test of many studies at once, for differences that are a sum over people.

    Parameters
    ----------
    parts : float array, shape (studies, people)
    signs : float array, shape (draws, people)
        -1 for a person whose predictions are exchanged, else 1.
    is_exact : bool
        Whether `signs` holds all exchanges.

    Examples
    --------
    >>> sign_flip_p(np.ones((1, 2)), np.array([[1.0, 1], [-1, 1], [1, -1], [-1, -1]]), is_exact=True).tolist()
    [0.5]
    """
    observed = np.abs(parts.sum(axis=1, keepdims=True))
    as_large = np.sum(np.abs(parts @ signs.T) >= observed - 1e-12, axis=1)
    return np.asarray(as_large / len(signs) if is_exact else (1 + as_large) / (1 + len(signs)))


def _quantiles(freedom: float, alpha: float, power: float) -> float:
    tails = np.array([1 - alpha / 2, power])
    return float((ndtri(tails) if math.isinf(freedom) else student.ppf(tails, freedom)).sum())
