"""How right two models are in a simulated study, and how their errors hang together.

Every clip has a latent error of variance 1 for each model::

    e_m = a_person + b_stimulus + c_clip            (the same for all models: what is hard is hard for all)
        + g_person,m + h_stimulus,m + rest_clip,m   (of each model alone: people and stimuli that suit it)

all parts normal and independent, their variances the shares of :class:`VarianceShares`. A class is right where e_m
lies below the normal quantile of the model's score, so that the score is exact in the population whatever the shares.
A value is ``r_m y + sqrt(1 - r_m^2) e_m`` for labels y of variance 1 with the same shares of people and stimuli, so
that mean and variance are those of the labels and CCC = r_m.
"""

from dataclasses import dataclass, replace

from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from emogap.errors import UsageError

__all__ = ["Outcome", "VarianceShares", "both_right", "correlation_of_discordant", "outcome_with"]

LARGEST = 0.999
"""Largest correlation of two models' errors that is told from 1."""


@dataclass(frozen=True, slots=True)
class VarianceShares:
    """Shares of the variance of the latent error; what is left is of one clip and one model.

    Attributes
    ----------
    person, stimulus, clip : float
        Shared by the models. With `person` 0.1 two clips of a person correlate at 0.1.
    person_by_model, stimulus_by_model : float
        Of each model alone: the only effects of people and stimuli that a paired difference feels.
    """

    person: float = 0.1
    stimulus: float = 0.1
    clip: float = 0.0
    person_by_model: float = 0.02
    stimulus_by_model: float = 0.02

    @property
    def correlation(self) -> float:
        """Correlation of two models' errors of a clip."""
        return self.person + self.stimulus + self.clip

    @property
    def rest(self) -> float:
        """Share of one clip and one model."""
        return max(0.0, 1 - self.correlation - self.person_by_model - self.stimulus_by_model)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is true in the simulated population.

    Attributes
    ----------
    metric : str
        ``uar``, ``war`` or ``ccc``.
    score : float
        Mean score of the two models that are compared.
    shares : VarianceShares
    class_shares : tuple of float
        How common each class is; each is as hard as the others. Not used for ``ccc``.
    """

    metric: str
    score: float
    shares: VarianceShares
    class_shares: tuple[float, ...] = (1 / 3, 1 / 3, 1 / 3)

    @property
    def largest_difference(self) -> float:
        """Two models with this mean score cannot differ by more: scores end at 0 and 1."""
        return 2 * min(self.score, 1 - self.score)


def outcome_with(
    metric: str,
    *,
    score: float,
    shares: VarianceShares,
    discordant: float | None = None,
    correlation: float | None = None,
    class_shares: tuple[float, ...] = (1 / 3, 1 / 3, 1 / 3),
) -> Outcome:
    """An outcome whose share `clip` is such that two equally good models disagree as often as stated.

    Parameters
    ----------
    metric : str
    score : float
        In (0, 1).
    shares : VarianceShares
        `clip` is replaced.
    discordant : float, optional
        For classes: share of clips that just one of two equally good models gets right.
    correlation : float, optional
        Of the errors of two models, instead of `discordant`; for values the only way.
    class_shares : tuple of float

    Raises
    ------
    UsageError
        If the shares allow no such pair of models.
    """
    if discordant is not None:
        correlation = correlation_of_discordant(discordant, score)
    correlation = shares.correlation if correlation is None else correlation
    clip = correlation - shares.person - shares.stimulus
    own = shares.person_by_model + shares.stimulus_by_model
    if clip < -1e-9 or correlation + own > 1 + 1e-9:
        said = f" (from {discordant:.0%} discordant clips)" if discordant is not None else ""
        raise UsageError(
            f"errors of two models that correlate at {correlation:.2f}{said} cannot be made of shares"
            f" {shares.person:g} of people and {shares.stimulus:g} of stimuli, which both feel, and {own:g} of people"
            " and stimuli by model, which one feels",
            fix="give smaller shares, or another share of discordant clips",
        )
    return Outcome(metric, score, replace(shares, clip=max(0.0, clip)), class_shares)


def both_right(first: float, second: float, correlation: float) -> float:
    """Probability that two models with scores `first` and `second` are both right, errors correlated.

    Examples
    --------
    >>> round(both_right(0.5, 0.5, 0.5), 4)
    0.3333
    """
    return float(multivariate_normal.cdf(ndtri([first, second]), mean=[0, 0], cov=[[1, correlation], [correlation, 1]]))


def correlation_of_discordant(discordant: float, score: float) -> float:
    """Correlation of the errors of two models with the same score, of which just one is right in this share of clips.

    Notes
    -----
    ``discordant = 2 (score - Phi2(t, t; r))`` with t the normal quantile of the score; at a score of one half
    ``r = cos(pi discordant)`` (Sheppard 1899).

    Raises
    ------
    UsageError
        If two models with this score, and errors that do not hang together, disagree less often.

    Examples
    --------
    >>> round(correlation_of_discordant(0.2, 0.5), 4)
    0.809
    """
    most, least = (2 * (score - both_right(score, score, r)) for r in (0.0, LARGEST))
    if not least <= discordant <= most:
        raise UsageError(
            f"{discordant:.1%} discordant clips is not between {least:.1%} and {most:.1%}, which two models with a"
            f" score of {score:g} can have",
            fix="give a share in this range",
        )
    return float(brentq(lambda r: 2 * (score - both_right(score, score, r)) - discordant, 0.0, LARGEST))
