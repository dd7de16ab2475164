"""The continuous gap: how far shown valence and arousal lie from the felt ones, and in which direction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.analysis.group_gap import GroupGap, GroupMembers, members_of
from emogap.analysis.weightings import draw_weightings
from emogap.errors import UsageError
from emogap.scoring import Interval
from emogap.scoring.sums import ratio

__all__ = ["PlaneGap", "plane_gap"]

SENSITIVITY = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Reliabilities of the self-report at which the distance is given."""

DRAWS = 10_000
BLOCK_BYTES = 1 << 26


@dataclass(frozen=True, slots=True, eq=False)
class PlaneGap:
    """Shown minus felt in the plane of valence and arousal, both in [-1, 1].

    Attributes
    ----------
    shift : tuple of two Interval
        Mean of shown minus felt valence, and arousal, over people.
    shift_two_way : tuple of two Interval, or None
        The same over people and stimuli.
    raw : float
        Root mean square distance between felt and shown, as the labels are.
    corrected : Interval
        The distance without what the errors of both labels add to it, over people; 0 at least.
    corrected_two_way : Interval or None
    reliability : float
        Assumed share of the variance of the felt answers that is not error.
    sensitivity : mapping from reliability to Interval
        The corrected distance, had another reliability been assumed.
    rater_error_sd : tuple of two float, or None
        SD of the error of the mean rating, of valence and arousal; None if single ratings are not known.
    groups : mapping from kind of group to tuple of GroupGap
        Root mean square distances, in sorted order of the names.
    is_at_limit : bool
        Whether the errors taken out were larger than the squared distance.
    """

    shift: tuple[Interval, Interval]
    shift_two_way: tuple[Interval, Interval] | None
    raw: float
    corrected: Interval
    corrected_two_way: Interval | None
    reliability: float
    sensitivity: Mapping[float, Interval]
    rater_error_sd: tuple[float, float] | None
    groups: Mapping[str, tuple[GroupGap, ...]]
    is_at_limit: bool


def plane_gap(
    felt: Float[ndarray, "N 2"],
    shown: Float[ndarray, "N 2"],
    *,
    people: ArrayLike,
    stimuli: ArrayLike | None = None,
    shown_variance: Float[ndarray, "N 2"] | None = None,
    reliability: float = 1.0,
    groups: Mapping[str, Sequence[str]] | None = None,
    sensitivity: tuple[float, ...] = SENSITIVITY,
    draws: int = DRAWS,
    seed: int = 0,
) -> PlaneGap:
    """How far shown valence and arousal lie from felt ones, with what label errors add taken out.

    Parameters
    ----------
    felt, shown : float64 array, shape (N, 2)
        Valence and arousal in [-1, 1]: the self-report, and the mean over raters.
    people, stimuli : array, shape (N,)
        Whose clip it is, and of which stimulus. Without stimuli there is no two-way interval.
    shown_variance : float64 array, shape (N, 2), optional
        Variance of each mean rating: that of the clip's ratings (divisor m - 1) over their number m. None if single
        ratings are not known; the raters' errors then stay in the distance.
    reliability : float
        Assumed share of the variance of the felt answers, over clips, that is not error; in (0, 1].
    groups : mapping from kind to sequence of N str, optional
        The group of each clip, of which the distance is wanted too; an empty name = none. The interval of a group of
        one person is over clips, of any other over people.
    sensitivity : tuple of float
        Other reliabilities.
    draws, seed : int

    Raises
    ------
    UsageError
        If there are fewer than two people, or a reliability is not in (0, 1].

    Notes
    -----
    With independent errors of mean 0, ``E |s - f|^2 = E |S - F|^2 + var(errors of f) + var(errors of s)``, so both are
    subtracted from the mean square before the root is taken: the first is (1 - reliability) times the variance of the
    answers, the second the mean of `shown_variance` (Fuller 1987, section 1.2). A bias that all raters share cannot be
    told from a gap. From the distance of a group, the error of the answers of all clips is taken: how much people
    differ in what they felt says nothing of their errors.

    References
    ----------
    Fuller (1987), *Measurement Error Models*, doi:10.1002/9780470316665.
    """
    for one in (reliability, *sensitivity):
        if not 0 < one <= 1:
            raise UsageError(f"the reliability {one:g} does not lie in (0, 1]", fix="give the share that is not error")
    shift = shown - felt
    error = np.zeros(len(felt)) if shown_variance is None else shown_variance.sum(axis=1)
    # What every draw needs is a weighted sum of these columns.
    terms = np.column_stack([np.ones(len(felt)), shift, (shift**2).sum(axis=1) - error, felt, (felt**2).sum(axis=1)])

    def score(weights: Float[ndarray, "D N"]) -> Float[ndarray, "D M"]:
        number, *sums = (weights @ terms).T
        valence, arousal, square, felt_valence, felt_arousal, felt_square = (one / number for one in sums)
        felt_variance = felt_square - felt_valence**2 - felt_arousal**2
        squares = [square - (1 - one) * felt_variance for one in (reliability, *sensitivity)]
        return np.column_stack([valence, arousal, *squares])

    def rooted(weights: Float[ndarray, "D N"]) -> Float[ndarray, "D M"]:
        numbers = score(weights)
        return np.column_stack([numbers[:, :2], np.sqrt(np.maximum(numbers[:, 2:], 0))])

    block = max(1, BLOCK_BYTES // (8 * len(felt)))
    one_way = draw_weightings(people, draws=draws, seed=seed).intervals(rooted, block=block, method="bca")
    two_way = None
    if stimuli is not None and len(np.unique(np.asarray(stimuli))) > 1:
        # The squares, since a root that was put at 0 has no variance.
        two_way = draw_weightings(people, stimuli, draws=draws, seed=seed).intervals(score, block=block, method="bca")
    spread = None if shown_variance is None else np.sqrt(shown_variance.mean(axis=0))
    answer_error = (1 - reliability) * float(felt.var(axis=0).sum())
    return PlaneGap(
        shift=(one_way[0], one_way[1]),
        shift_two_way=None if two_way is None else (two_way[0], two_way[1]),
        raw=float(np.sqrt((shift**2).sum(axis=1).mean())),
        corrected=one_way[2],
        corrected_two_way=None if two_way is None else _root(two_way[2]),
        reliability=reliability,
        sensitivity=dict(zip(sensitivity, one_way[3:], strict=True)),
        rater_error_sd=None if spread is None else (float(spread[0]), float(spread[1])),
        groups={
            kind: tuple(
                _group_distance(group, terms[:, 3] - answer_error, (shift**2).sum(axis=1), people, draws, seed)
                for group in members_of(names, np.asarray(people))
            )
            for kind, names in (groups or {}).items()
        },
        is_at_limit=float(terms[:, 3].mean()) < answer_error,
    )


def _root(interval: Interval) -> Interval:
    """The interval of a distance from that of its square; 0 where that is below 0."""
    estimate, low, high = (float(np.sqrt(max(one, 0))) for one in (interval.estimate, interval.low, interval.high))
    return replace(interval, estimate=estimate, low=low, high=high)


def _group_distance(
    group: GroupMembers,
    corrected: Float[ndarray, " N"],
    observed: Float[ndarray, " N"],
    people: ArrayLike,
    draws: int,
    seed: int,
) -> GroupGap:
    """Root of the mean of squares of a group, drawing its people, or the clips of its one person."""
    squares = corrected[group.clips]
    drawn = np.asarray(people)[group.clips] if group.num_people > 1 else group.clips

    def score(weights: Float[ndarray, "D M"]) -> Float[ndarray, "D 1"]:
        return np.asarray(np.sqrt(np.maximum(ratio(weights @ squares, weights.sum(axis=1)), 0))[:, None])

    block = max(1, BLOCK_BYTES // (8 * len(squares)))
    (found,) = draw_weightings(drawn, draws=draws, seed=seed).intervals(score, block=block, method="bca")
    return GroupGap(
        name=group.name,
        num_clips=len(squares),
        num_people=group.num_people,
        observed=float(np.sqrt(observed[group.clips].mean())),
        corrected=found.estimate,
        low=found.low,
        high=found.high,
    )
