"""What actors were asked to show against what raters saw or heard: the gap of intended and perceived emotion.

It is a gap between the views ``target`` and ``shown``. Nobody's feeling is in it.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.annotation.votes.clustered import intervals_over_clusters
from emogap.annotation.votes.counts import plurality
from emogap.annotation.votes.cremad import CremaD
from emogap.errors import MismatchError
from emogap.scoring.resampling import Interval
from emogap.scoring.sums import ratio

__all__ = ["IntendedGap", "gap_difference", "intended_gap", "perceived_shares"]

DRAWN = ("actors", "sentences")


@dataclass(frozen=True, slots=True)
class IntendedGap:
    """The gap of one modality.

    Attributes
    ----------
    modality : str
    num_clips : int
    gap : Interval
        Share of votes that name another emotion than the intended, mean over clips, in [0, 1]; over actors and
        sentences drawn at once.
    by_emotion : dict from intended emotion to Interval
        The same among the clips that intend it.
    agree, tie, differ : int
        Clips whose majority is the intended emotion alone, shares the first place with others, or is another.
    """

    modality: str
    num_clips: int
    gap: Interval
    by_emotion: dict[str, Interval]
    agree: int
    tie: int
    differ: int


def intended_gap(clips: CremaD, *, draws: int = 10_000, seed: int = 0) -> IntendedGap:
    """How often raters name another emotion than the actor was asked to show.

    The interval is about other actors and other sentences: clips of one actor are alike. Votes on one clip come
    from different people, but the same people vote on many clips, and counts do not say which: that part of the
    uncertainty is not in the interval.

    Raises
    ------
    UsageError
        If there are fewer than two actors or sentences.
    """
    missed, intended = _missed(clips), np.array(clips.intended)
    groups = [emotion for emotion in clips.votes.categories if (intended == emotion).any()]
    is_meant = np.stack([np.ones(len(missed), bool), *(intended == emotion for emotion in groups)], axis=1)
    overall, *by_group = _intervals(missed, is_meant, clips, draws=draws, seed=seed)
    most = plurality(clips.votes)
    agree = sum(chosen == (meant,) for chosen, meant in zip(most, clips.intended, strict=True))
    tie = sum(len(chosen) > 1 and meant in chosen for chosen, meant in zip(most, clips.intended, strict=True))
    return IntendedGap(
        modality=clips.modality,
        num_clips=len(most),
        gap=overall,
        by_emotion=dict(zip(groups, by_group, strict=True)),
        agree=agree,
        tie=tie,
        differ=len(most) - agree - tie,
    )


def gap_difference(first: CremaD, second: CremaD, *, draws: int = 10_000, seed: int = 0) -> Interval:
    """Gap of `first` minus gap of `second` on the same clips, over actors and sentences.

    Every draw takes the same clips for both, so what makes a clip hard in either modality cancels.

    Raises
    ------
    MismatchError
        If the two have different clips.
    """
    if first.votes.items != second.votes.items:
        raise MismatchError(
            f"{first.modality} and {second.modality} hold different clips", fix="compare the clips that both have"
        )
    less = _missed(first) - _missed(second)
    return _intervals(less, np.ones((len(less), 1), bool), first, draws=draws, seed=seed)[0]


def perceived_shares(clips: CremaD) -> Float[ndarray, "K K"]:
    """Mean vote shares of the clips of each intended emotion; rows intended, columns perceived.

    Returns
    -------
    float64 array, shape (K, K)
        In the order of ``clips.votes.categories``; rows add up to 1, NaN if no clip intends the emotion.
    """
    share = clips.votes.count / clips.votes.num_votes[:, None]
    intended = np.array(clips.intended)
    rows = [share[intended == emotion] for emotion in clips.votes.categories]
    return np.stack([row.mean(axis=0) if len(row) else np.full(share.shape[1], np.nan) for row in rows])


def _missed(clips: CremaD) -> Float[ndarray, " I"]:
    """Share of each clip's votes that name another emotion than the intended."""
    meant = np.array([clips.votes.categories.index(emotion) for emotion in clips.intended])
    return np.asarray(1 - clips.votes.count[np.arange(len(meant)), meant] / clips.votes.num_votes)


def _intervals(
    value: Float[ndarray, " I"], groups: Bool[ndarray, "I G"], clips: CremaD, *, draws: int, seed: int
) -> tuple[Interval, ...]:
    """Mean of the value in each group of clips, with intervals from the same draws."""
    num_groups = groups.shape[1]
    return intervals_over_clusters(
        np.concatenate([value[:, None] * groups, groups], axis=1),
        [partial(_mean_of_group, group, num_groups) for group in range(num_groups)],
        np.array(clips.actor),
        crossed=np.array(clips.sentence),
        names=DRAWN,
        draws=draws,
        seed=seed,
    )


def _mean_of_group(group: int, num_groups: int, sums: Float[ndarray, "*draws S"]) -> Float[ndarray, "*draws"]:
    return ratio(sums[..., group], sums[..., num_groups + group])
