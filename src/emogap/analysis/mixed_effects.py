"""A second look at a difference of two models: a linear mixed model with people and stimuli as crossed random effects.

A bootstrap draws people and stimuli; a mixed model writes their variances down. Where both say the same, neither is an
accident of its assumptions.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.stats import t as student

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.scoring.sums import codes_of

__all__ = ["MixedDifference", "mixed_difference"]

STARTS = (0.02, 0.5)
"""Variances of people and stimuli over that of the rest, from which the search begins."""


@dataclass(frozen=True, slots=True)
class MixedDifference:
    """The fixed effect of the model, and what varies.

    Attributes
    ----------
    difference : float
        Mean of first minus second, in the unit of the values.
    low, high : float
        95 % limits.
    standard_error : float
    person_variance, stimulus_variance, rest_variance : float
        Of the paired difference: of whom, and of what, one model suits more.
    num_people, num_stimuli : int
    """

    difference: float
    low: float
    high: float
    standard_error: float
    person_variance: float
    stimulus_variance: float
    rest_variance: float
    num_people: int
    num_stimuli: int


def mixed_difference(
    first: ArrayLike, second: ArrayLike, *, people: ArrayLike, stimuli: ArrayLike, level: float = 0.95
) -> MixedDifference:
    """REML estimate of ``first - second`` with crossed random effects of people and stimuli.

    Parameters
    ----------
    first, second : float array, shape (N,)
        What two models make of N clips: 1 = right, 0 = wrong; or absolute errors.
    people, stimuli : array, shape (N,)
    level : float

    Raises
    ------
    UsageError
        If there are fewer than two people or stimuli, or the difference never varies.

    Notes
    -----
    ``d_ps = mu + a_p + b_s + e_ps``. It is ``value ~ model + (1 | clip) + (model | person) + (model | stimulus)`` of
    both models' clips: taking the difference removes what is hard for both, and with it the intercepts of people,
    stimuli and clips. A formula with intercepts alone, ``model + (1 | person) + (1 | stimulus)``, would take clips of
    one person as independent news of the difference, and its error would be too small.

    For right and wrong this is a linear probability model: mu is the difference in the share of right clips itself,
    which a logistic model would give on another scale; normality holds for means over many clips only. Limits use
    Student's t with ``min(P, S) - 1`` degrees of freedom. The restricted likelihood is maximised over the two ratios
    of variances, all else in closed form, with the matrix inversion lemma: ``statsmodels`` fits the same model, but its
    optimiser does not come to an end at 121 people.

    References
    ----------
    Baayen, Davidson and Bates (2008), J. Mem. Lang. 59(4), 390-412, doi:10.1016/j.jml.2007.12.005 (crossed effects).
    Patterson and Thompson (1971), Biometrika 58(3), 545-554, doi:10.1093/biomet/58.3.545 (REML).
    Angrist and Pischke (2009), *Mostly Harmless Econometrics*, section 3.4.2 (linear probability).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> people, stimuli = (axis.ravel() for axis in np.indices((30, 12)))
    >>> lead = 0.1 + rng.normal(0, 0.1, 30)[people] + rng.normal(0, 0.3, 360)
    >>> found = mixed_difference(lead, np.zeros(360), people=people, stimuli=stimuli)
    >>> found.low < 0.1 < found.high
    True
    """
    values = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    person, num_people = codes_of(people)
    stimulus, num_stimuli = codes_of(stimuli)
    if min(num_people, num_stimuli) < 2 or values.var() == 0:
        raise UsageError(
            f"{counted(num_people, 'person')}, {counted(num_stimuli, 'stimulus')} and a difference with"
            f" variance {values.var():g} allow no mixed"
            " model",
            fix="give two models that differ, on clips of at least two people and two stimuli",
        )
    design = np.zeros((len(values), num_people + num_stimuli))
    design[np.arange(len(values)), person] = 1
    design[np.arange(len(values)), num_people + stimulus] = 1
    likelihood = _Likelihood(design, values, num_people)
    # Square roots of the ratios, so that zero is an inner point of the search and not its edge.
    found = min(
        (minimize(lambda x: likelihood.at(x**2)[0], np.sqrt([start, start]), method="Nelder-Mead") for start in STARTS),
        key=lambda result: float(result.fun),
    )
    ratios = found.x**2
    _, mean, rest, error = likelihood.at(ratios)
    half = float(student.ppf((1 + level) / 2, min(num_people, num_stimuli) - 1)) * error
    return MixedDifference(
        difference=mean,
        low=mean - half,
        high=mean + half,
        standard_error=error,
        person_variance=float(ratios[0]) * rest,
        stimulus_variance=float(ratios[1]) * rest,
        rest_variance=rest,
        num_people=num_people,
        num_stimuli=num_stimuli,
    )


class _Likelihood:
    """Restricted likelihood of a mean under V = rest (I + Z G Z'), with products of Z and the data made once."""

    def __init__(self, design: Float[ndarray, "N Q"], values: Float[ndarray, " N"], num_people: int) -> None:
        self.inner = design.T @ design
        self.of_ones = design.sum(axis=0)
        self.of_values = design.T @ values
        self.number = len(values)
        self.sums = (float(values.sum()), float(values @ values))
        self.num_people = num_people

    def at(self, ratios: Float[ndarray, " 2"]) -> tuple[float, float, float, float]:
        """-2 log likelihood up to a constant, mean, variance of the rest, and standard error of the mean.

        With L = G^(1/2) and M = I + L Z'Z L, V^-1 = I - Z L M^-1 L Z' and log det V = log det M, in units of the rest.
        """
        root = np.sqrt(np.repeat(ratios, [self.num_people, len(self.inner) - self.num_people]))
        matrix = np.eye(len(root)) + root[:, None] * self.inner * root
        lower = np.linalg.cholesky(matrix)
        ones, values = np.linalg.solve(lower, np.stack([root * self.of_ones, root * self.of_values], axis=1)).T
        weight = self.number - float(ones @ ones)
        total = self.sums[0] - float(ones @ values)
        squares = self.sums[1] - float(values @ values)
        mean = total / weight
        rest = max((squares - total * mean) / (self.number - 1), np.finfo(float).tiny)
        log_det = 2 * float(np.log(np.diag(lower)).sum())
        deviance = (self.number - 1) * math.log(rest) + log_det + math.log(weight)
        return deviance, mean, rest, math.sqrt(rest / weight)
