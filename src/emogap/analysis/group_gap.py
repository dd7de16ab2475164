"""The gap of groups of clips: of each stimulus, of each person, of people who share a trait.

Read :class:`Evidence` first: it holds what the fit of all clips says of each of them, without what it supposes of how
often clips differ. A group's own rate is the one under which that evidence is likeliest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.scoring.sums import ratio

__all__ = ["NO_GROUP", "Evidence", "GroupGap", "GroupMembers", "members_of", "person_limits", "reweighted"]

NO_GROUP = ""
"""Name of a clip that is in no group of its kind."""

HALVINGS = 20
"""Of the range in which a rate is looked for: it is known to 1e-6."""

RARELY = 1e-4
"""Share of clips that differ after an answer below which none is taken to; the fit comes ever nearer to 0."""

RATES = 4_000
"""Points at which the probability of a person's rate is computed."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupGap:
    """The gap of a group of clips; shares for classes, root mean square distances for valence and arousal.

    Attributes
    ----------
    name : str
    num_clips, num_people : int
    observed : float
        As the labels are.
    corrected : float
        Freed of the errors of the labels.
    low, high : float
        95 % interval of `corrected`: over people, and over clips in a group of one person.
    answers : float64 array, shape (K, K), or None
        Observed joint share of answer (rows) and vote (columns); sums to 1. None for valence and arousal.
    views : float64 array, shape (K, K), or None
        Corrected joint share of felt (rows) and shown class (columns); off the diagonal it sums to `corrected`.
    """

    name: str
    num_clips: int
    num_people: int
    observed: float
    corrected: float
    low: float
    high: float
    answers: Float[ndarray, "K K"] | None = None
    views: Float[ndarray, "K K"] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GroupMembers:
    """The clips of one group.

    Attributes
    ----------
    name : str
    clips : int array, shape (M,)
        Their positions.
    num_people : int
    """

    name: str
    clips: Int[ndarray, " M"]
    num_people: int


def members_of(names: Sequence[str], people: ndarray) -> tuple[GroupMembers, ...]:
    """The groups of N clips in sorted order of their names, without the clips named :data:`NO_GROUP`.

    Examples
    --------
    >>> [(group.name, group.clips.tolist()) for group in members_of(["b", "", "a", "b"], np.arange(4))]
    [('a', [2]), ('b', [0, 3])]
    """
    every = np.asarray(names, dtype=str)
    clips_of = {str(name): np.flatnonzero(every == name) for name in np.unique(every) if name != NO_GROUP}
    return tuple(GroupMembers(name, clips, len(np.unique(people[clips]))) for name, clips in clips_of.items())


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What answers and votes say of each of N clips in each of D weightings, whatever the rate at which clips differ.

    Attributes
    ----------
    differing, same : float64 array, shape (D, N)
        Likelihood of the votes of a clip if felt and shown differ, and if they do not, both given its answer and
        relative to the likelihood among all clips with that answer.

    Notes
    -----
    With the probability ``p`` that a clip differs, given answer and votes, and the share ``m`` of all clips with that
    answer that do: ``differing = p / m`` and ``same = (1 - p) / (1 - m)`` (Bayes' rule). An answer after which no clip
    differs (m below :data:`RARELY`) says so of every clip: what would be shown if it did, has not been seen. The other
    way round likewise.
    """

    differing: Float[ndarray, "D N"]
    same: Float[ndarray, "D N"]

    @classmethod
    def of(cls, probability: Float[ndarray, "D N"], expected: Float[ndarray, "D N"]) -> "Evidence":
        """From ``p`` and ``m`` of the notes above."""
        never, always = expected < RARELY, expected > 1 - RARELY
        known = np.select([never, always], [0.0, 1.0], np.clip(probability, 0, 1))
        share = np.select([never, always], [0.0, 1.0], expected)
        return cls(ratio(known, share, undefined=0.0), ratio(1 - known, 1 - share, undefined=0.0))

    def rate(self, clips: Int[ndarray, " M"], weights: Float[ndarray, "D N"]) -> Float[ndarray, " D"]:
        """Share of the clips of a group that differ, freed of raters' errors; NaN where it has no weight.

        Parameters
        ----------
        clips : int array, shape (M,)
            Positions of the group's clips.
        weights : float64 array, shape (D, N)
            How often each clip counts.

        Notes
        -----
        The ``r`` in [0, 1] that maximises ``sum_i w_i log(r differing_i + (1 - r) same_i)``, found by halving where
        its derivative changes sign; the sum is concave. The mean of the clips' probabilities would be drawn towards
        the gap of all clips.

        Examples
        --------
        Where it is certain that one clip of four differs:

        >>> evidence = Evidence(np.array([[1.0, 0, 0, 0]]), np.array([[0.0, 1, 1, 1]]))
        >>> evidence.rate(np.arange(4), np.ones((1, 4))).round(4).tolist()
        [0.25]
        """
        weight, differing, same = weights[:, clips], self.differing[:, clips], self.same[:, clips]
        low, high = np.zeros(len(weight)), np.ones(len(weight))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            likelihood = middle[:, None] * differing + (1 - middle[:, None]) * same
            is_rising = (weight * (differing - same) / likelihood).sum(axis=1) > 0
            low, high = np.where(is_rising, middle, low), np.where(is_rising, high, middle)
        found = np.where(low == 0, 0.0, np.where(high == 1, 1.0, (low + high) / 2))
        return np.asarray(np.where(weight.sum(axis=1) > 0, found, np.nan))

    def probability(self, rate: float, clips: Int[ndarray, " M"]) -> Float[ndarray, " M"]:
        """Probability that each clip of a group differs, given the rate of the group; of the first weighting."""
        differing = rate * self.differing[0, clips]
        return ratio(differing, differing + (1 - rate) * self.same[0, clips], undefined=0.0)


def person_limits(
    evidence: Evidence, clips: Int[ndarray, " M"], estimate: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Interval of the rate at which felt and shown differ in one person, over clips such as the ones at hand.

    Parameters
    ----------
    evidence : Evidence
        Its first weighting is used.
    clips : int array, shape (M,)
        Positions of the person's clips.
    estimate : float
        The rate, which the interval is made to hold.
    level : float

    Notes
    -----
    One person is one cluster, so there is nobody to draw. The limits are quantiles of the rate's probability under
    Jeffreys' prior ``r^-1/2 (1 - r)^-1/2``; without errors of the raters that is ``Beta(d + 1/2, M - d + 1/2)`` for d
    clips that differ. They hold what is not known of the clips' classes, not what is not known of the raters, who
    were seen in the clips of all people.

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16(2), 101-133, doi:10.1214/ss/1009213286, section 4.1.2,
    which also has the limits 0 and 1 hold an estimate there.

    Examples
    --------
    Of 14 clips that certainly do or do not differ, 3 do: the quantiles of Beta(3.5, 11.5).

    >>> differs = np.arange(14)[None] < 3
    >>> evidence = Evidence(differs.astype(float), (~differs).astype(float))
    >>> [round(limit, 3) for limit in person_limits(evidence, np.arange(14), 3 / 14)]
    [0.064, 0.469]
    """
    # In the angle whose squared sine is the rate, Jeffreys' prior is flat.
    rates = np.sin((np.arange(RATES) + 0.5) / RATES * np.pi / 2) ** 2
    likelihood = rates[:, None] * evidence.differing[0, clips] + (1 - rates[:, None]) * evidence.same[0, clips]
    log_probability = np.log(likelihood).sum(axis=1)
    cumulated = np.exp(log_probability - log_probability.max()).cumsum()
    tails = cumulated[-1] * np.array([(1 - level) / 2, (1 + level) / 2])
    low, high = rates[np.searchsorted(cumulated, tails)]
    return min(float(low), estimate), max(float(high), estimate)


def reweighted(views: Float[ndarray, "M K K"], probability: Float[ndarray, " M"]) -> Float[ndarray, "K K"]:
    """Mean joint share of felt and shown class over clips, each with its share off the diagonal set to `probability`.

    Parameters
    ----------
    views : float64 array, shape (M, K, K)
        Probability of each felt (rows) and shown class of each clip; sums to 1.
    probability : float64 array, shape (M,)
        That felt and shown differ.
    """
    is_same = np.eye(views.shape[1], dtype=bool)
    of_same = ratio(1 - probability, views[:, is_same].sum(axis=1), undefined=0.0)
    of_other = ratio(probability, views[:, ~is_same].sum(axis=1), undefined=0.0)
    mean = np.where(is_same, of_same[:, None, None], of_other[:, None, None]) * views
    return np.asarray(mean.mean(axis=0))
