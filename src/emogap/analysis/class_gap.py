"""The emotion gap in classes: how often what was felt and what was shown differ, over clips and groups of clips."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.analysis.misclassification import ViewsFit, corrected_views, fit_views, symmetric_confusion
from emogap.analysis.weightings import draw_weightings
from emogap.errors import UsageError
from emogap.scoring import Interval
from emogap.scoring.sums import ratio

__all__ = ["DRAWS", "SENSITIVITY", "ClassGap", "GroupGap", "RaterSource", "class_gap"]

RaterSource = Literal["estimated", "assumed"]

SENSITIVITY = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Reliabilities of the self-report at which the gap is given, since one answer per clip cannot measure its own."""

DRAWS = 2_000
"""Fits of an interval: the Monte Carlo error of a 2.5 % tail is then 0.35 %."""

LEAST_VOTES = 3
"""Votes per clip from which confusions can be estimated without knowing a class (Allman et al. 2009)."""

DRAW_TOLERANCE = 3e-4
"""Of the fit of one draw; the gap scatters between draws by some hundred times as much."""

BLOCK_BYTES = 1 << 25
"""Draws are fitted in blocks whose largest array has this size."""


@dataclass(frozen=True, slots=True)
class GroupGap:
    """The gap of a group of clips.

    Attributes
    ----------
    name : str
    num_clips : int
    interval : Interval
        Mean over the clips of the probability that felt and shown differ.
    """

    name: str
    num_clips: int
    interval: Interval


@dataclass(frozen=True, slots=True, eq=False)
class ClassGap:
    """How often felt and shown differ, raw and corrected.

    Attributes
    ----------
    raw : float
        Share of votes, averaged over clips, that differ from the felt answer.
    raw_majority : float
        Share of clips whose most frequent vote differs from the felt answer; ties count in parts.
    corrected : Interval
        Share of clips in which felt and shown differ, over people.
    corrected_two_way : Interval or None
        The same over people and stimuli; None with fewer than two stimuli.
    reliability : float
        Assumed probability that the felt answer names what was felt.
    reliability_without_gap : float
        Reliability of the self-report at which nothing would be left of the gap; no lower one fits the answers.
    sensitivity : mapping from reliability to Interval
        The corrected gap, had another reliability been assumed.
    rater_source : RaterSource
        Whether the confusions of the raters were estimated from their agreement, or assumed.
    rater_reliability : float64 array, shape (A,)
        Probability that a vote names the shown class, averaged over the shown classes as they occur.
    rater_confusion : float64 array, shape (A, K, K)
        Rows: shown class; columns: vote.
    views : float64 array, shape (K, K)
        Corrected joint share of felt (rows) and shown class (columns); sums to 1.
    clip_probability : float64 array, shape (N,)
        Probability that felt and shown differ in each clip, given its answer and votes.
    groups : mapping from kind of group to GroupGap
        In sorted order of their names.
    is_at_limit : bool
        Whether the corrected gap fell below 0 or above 1 and was put at that limit.
    is_converged : bool
    """

    raw: float
    raw_majority: float
    corrected: Interval
    corrected_two_way: Interval | None
    reliability: float
    reliability_without_gap: float
    sensitivity: Mapping[float, Interval]
    rater_source: RaterSource
    rater_reliability: Float[ndarray, " A"]
    rater_confusion: Float[ndarray, "A K K"]
    views: Float[ndarray, "K K"]
    clip_probability: Float[ndarray, " N"]
    groups: Mapping[str, tuple[GroupGap, ...]]
    is_at_limit: bool
    is_converged: bool


def class_gap(
    felt: Int[ndarray, " N"],
    votes: Float[ndarray, "N A K"],
    *,
    people: ArrayLike,
    stimuli: ArrayLike | None = None,
    reliability: float = 1.0,
    rater_confusion: Float[ndarray, "K K"] | None = None,
    groups: Mapping[str, ArrayLike] | None = None,
    sensitivity: tuple[float, ...] = SENSITIVITY,
    draws: int = DRAWS,
    seed: int = 0,
) -> ClassGap:
    """The share of clips in which what was felt and what was shown differ, freed of the errors of both labels.

    Parameters
    ----------
    felt : int array, shape (N,)
        Self-reported class of each clip.
    votes : float64 array, shape (N, A, K)
        Votes for the shown class; see :func:`emogap.analysis.misclassification.fit_views`.
    people, stimuli : array, shape (N,)
        Whose clip it is, and of which stimulus. Without stimuli there is no two-way interval.
    reliability : float
        Assumed probability that a self-report names what was felt; its errors are taken as equally frequent. One
        answer per clip cannot measure it.
    rater_confusion : float64 array, shape (K, K), optional
        Assumed confusion of every vote; estimated from the votes if None.
    groups : mapping from kind to array (N,), optional
        Groups of clips of which the gap is wanted too. Each should hold several people.
    sensitivity : tuple of float
        Other reliabilities at which to give the gap.
    draws : int
    seed : int

    Raises
    ------
    UsageError
        If there are fewer than two people, a clip without a vote, or too few votes to estimate confusions.

    Notes
    -----
    ``gap = 1 - sum_k P(felt = k, shown = k)``. The joint distribution of answer and shown class and the confusions
    of the raters are estimated together (:func:`emogap.analysis.misclassification.fit_views`), then the errors of the
    answer are taken out (:func:`emogap.analysis.misclassification.corrected_views`). Below 0 or above 1, the limit is
    given. Every draw of people is fitted anew, so the interval (percentile, widened for few people) holds what is not
    known of the raters. It does not hold what is not known of the self-report: that is what `sensitivity` is for.

    The gap of a group is the mean of its clips' probabilities, each drawn slightly towards all clips with the same
    answer where votes disagree. Under a reliability below 1 the correction may make single joint shares negative; clips
    and `views` take these as 0, so that the mean over clips may then lie above the corrected gap.

    References
    ----------
    Rogan and Gladen (1978), Am. J. Epidemiol. 107(1), 71-76, doi:10.1093/oxfordjournals.aje.a112510.
    Dawid and Skene (1979), Applied Statistics 28(1), 20-28, doi:10.2307/2346806.
    Allman et al. (2009), Annals of Statistics 37(6A), 3099-3132, doi:10.1214/09-AOS689: three votes suffice.
    """
    _require_votes(votes, is_estimated=rater_confusion is None)
    whole = fit_views(felt, votes, np.ones((1, len(felt))), confusion=rater_confusion)
    score = _Score.of(felt, votes, whole, rater_confusion, (reliability, *sensitivity), groups or {})
    block = max(1, BLOCK_BYTES // (8 * votes.shape[2] * len(felt)))
    over_people = draw_weightings(people, draws=draws, seed=seed)
    intervals = over_people.intervals(score, block=block, method="percentile")
    two_way = None
    if stimuli is not None and len(np.unique(np.asarray(stimuli))) > 1:
        crossed = draw_weightings(people, stimuli, draws=draws, seed=seed)
        two_way = crossed.intervals(score.without_groups(), block=block, method="percentile")[0]
    share = votes.sum(axis=1) / votes.sum(axis=(1, 2))[:, None]
    most = share == share.max(axis=1, keepdims=True)
    clip = np.arange(len(felt))
    confusion = whole.confusion[0].swapaxes(0, 1)
    unlimited = 1 - float(np.trace(corrected_views(whole.views[0], score.felt_confusion[0])))
    return ClassGap(
        raw=float(1 - share[clip, felt].mean()),
        raw_majority=float(1 - (most[clip, felt] / most.sum(axis=1)).mean()),
        corrected=intervals[0],
        corrected_two_way=two_way,
        reliability=reliability,
        reliability_without_gap=float(np.trace(whole.views[0])),
        sensitivity=dict(zip(sensitivity, intervals[1:], strict=False)),
        rater_source="estimated" if rater_confusion is None else "assumed",
        rater_reliability=np.asarray(np.diagonal(confusion, axis1=1, axis2=2) @ whole.views[0].sum(axis=0)),
        rater_confusion=confusion,
        views=_distribution(whole, score.felt_confusion[0])[0],
        clip_probability=_differs(whole, felt, score.felt_confusion[0])[0],
        groups=_grouped(groups or {}, intervals[1 + len(sensitivity) :]),
        is_at_limit=not 0 <= unlimited <= 1,
        is_converged=whole.is_converged,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Score:
    """From weights to the gap at each reliability and, at the first of them, in each group."""

    felt: Int[ndarray, " N"]
    votes: Float[ndarray, "N A K"]
    start: ViewsFit
    rater_confusion: Float[ndarray, "K K"] | None
    felt_confusion: tuple[Float[ndarray, "K K"], ...]
    member: Float[ndarray, "N G"]

    @classmethod
    def of(
        cls,
        felt: Int[ndarray, " N"],
        votes: Float[ndarray, "N A K"],
        start: ViewsFit,
        rater_confusion: Float[ndarray, "K K"] | None,
        reliabilities: tuple[float, ...],
        groups: Mapping[str, ArrayLike],
    ) -> "_Score":
        confusions = tuple(symmetric_confusion(one, votes.shape[2]) for one in reliabilities)
        member = [np.asarray(names)[:, None] == np.unique(np.asarray(names)) for names in groups.values()]
        columns = np.concatenate(member, axis=1) if member else np.zeros((len(felt), 0))
        return cls(felt, votes, start, rater_confusion, confusions, columns.astype(np.float64))

    def without_groups(self) -> "_Score":
        none = self.member[:, :0]
        return _Score(self.felt, self.votes, self.start, self.rater_confusion, self.felt_confusion[:1], none)

    def __call__(self, weights: Float[ndarray, "D N"]) -> Float[ndarray, "D M"]:
        fit = fit_views(
            self.felt,
            self.votes,
            weights,
            confusion=self.rater_confusion,
            start=self.start,
            tolerance=DRAW_TOLERANCE,
        )
        traces = [np.trace(corrected_views(fit.views, one), axis1=1, axis2=2) for one in self.felt_confusion]
        gaps = np.clip(1 - np.stack(traces, axis=1), 0, 1)
        if not self.member.shape[1]:
            return np.asarray(gaps)
        differs = weights * _differs(fit, self.felt, self.felt_confusion[0])
        return np.concatenate([gaps, ratio(differs @ self.member, weights @ self.member)], axis=1)


def _distribution(fit: ViewsFit, felt_confusion: Float[ndarray, "K K"]) -> Float[ndarray, "D K K"]:
    """Joint share of felt and shown class, without the negative shares that the correction may give."""
    joint = np.clip(corrected_views(fit.views, felt_confusion), 0, None)
    return np.asarray(joint / joint.sum(axis=(1, 2), keepdims=True))


def _differs(fit: ViewsFit, felt: Int[ndarray, " N"], felt_confusion: Float[ndarray, "K K"]) -> Float[ndarray, "D N"]:
    """Probability that felt and shown differ in each clip: P(felt = s | answer, shown = s), summed over s."""
    joint = _distribution(fit, felt_confusion)
    told = np.einsum("dts,tf->dfs", joint, felt_confusion)
    same = ratio(np.diagonal(joint, axis1=1, axis2=2)[:, None] * felt_confusion.T, told, undefined=0.0)
    return np.asarray(1 - np.einsum("dsn,dns->dn", fit.posterior, same[:, felt]))


def _grouped(groups: Mapping[str, ArrayLike], intervals: tuple[Interval, ...]) -> dict[str, tuple[GroupGap, ...]]:
    result, position = {}, 0
    for kind, members in groups.items():
        names, counts = np.unique(np.asarray(members), return_counts=True)
        mine = intervals[position : position + len(names)]
        result[kind] = tuple(map(GroupGap, map(str, names), map(int, counts), mine))
        position += len(names)
    return result


def _require_votes(votes: Float[ndarray, "N A K"], *, is_estimated: bool) -> None:
    per_clip = votes.sum(axis=(1, 2))
    if not (per_clip > 0).all():
        raise UsageError(f"{int((per_clip <= 0).sum())} clips have no vote", fix="leave out clips that nobody judged")
    enough = int((per_clip >= LEAST_VOTES).sum())
    if is_estimated and enough < len(votes) / 2:
        raise UsageError(
            f"only {enough} of {len(votes)} clips have {LEAST_VOTES} votes or more, so what raters mix up cannot be"
            " estimated from their agreement",
            fix="collect more votes, or assume a reliability with --shown-reliability",
        )
