"""The emotion gap in classes: how often what was felt and what was shown differ, over clips and groups of clips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.analysis.group_gap import Evidence, GroupGap, GroupMembers, members_of, person_limits, reweighted
from emogap.analysis.misclassification import ViewsFit, corrected_views, fit_views, symmetric_confusion
from emogap.analysis.weightings import Weightings, draw_weightings
from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.scoring import Interval
from emogap.scoring.sums import ratio

__all__ = ["DRAWS", "SENSITIVITY", "ClassGap", "RaterSource", "class_gap"]

RaterSource = Literal["estimated", "assumed"]

SENSITIVITY = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Reliabilities of the self-report at which the gap is given, since one answer per clip cannot measure its own."""

DRAWS = 2_000
"""Fits of an interval: the Monte Carlo error of a 2.5 % tail is then 0.35 %."""

LEAST_VOTES = 3
"""Votes per clip from which confusions can be estimated without knowing a class (Allman et al. 2009)."""

DRAW_TOLERANCE = 3e-4
"""Of the fit of one draw; the gap scatters between draws by some hundred times as much."""

LEFT_OUT_TOLERANCE = 1e-5
"""Of the fit without one person, stimulus or clip, by which the gap moves about as little as draws may be off."""

BLOCK_BYTES = 1 << 25
"""Draws are fitted in blocks whose largest array has this size."""


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
    groups : mapping from kind of group to tuple of GroupGap
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
    groups: Mapping[str, Sequence[str]] | None = None,
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
    groups : mapping from kind to sequence of N str, optional
        The group of each clip, of which the gap is wanted too; an empty name = none. The interval of a group of one
        person is over clips (:func:`emogap.analysis.group_gap.person_limits`), of any other over people.
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
    Over people and stimuli the draws give the shape and the jackknife the width
    (:meth:`emogap.analysis.weightings.Weightings.intervals`).

    The gap of a group is the rate under which the votes of its clips are likeliest
    (:meth:`emogap.analysis.group_gap.Evidence.rate`), fitted anew in every draw; which expression is shown where it
    differs is taken from all clips with the same answer. Under a reliability below 1 the correction may make single
    joint shares negative; clips, groups and `views` take these as 0, so that their mean may then lie above the
    corrected gap.

    References
    ----------
    Rogan and Gladen (1978), Am. J. Epidemiol. 107(1), 71-76, doi:10.1093/oxfordjournals.aje.a112510.
    Dawid and Skene (1979), Applied Statistics 28(1), 20-28, doi:10.2307/2346806.
    Allman et al. (2009), Annals of Statistics 37(6A), 3099-3132, doi:10.1214/09-AOS689: three votes suffice.
    """
    _require_votes(votes, is_estimated=rater_confusion is None)
    whole = fit_views(felt, votes, np.ones((1, len(felt))), confusion=rater_confusion)
    members = {kind: members_of(names, np.asarray(people)) for kind, names in (groups or {}).items()}
    confusions = tuple(symmetric_confusion(one, votes.shape[2]) for one in (reliability, *sensitivity))
    score = _Score(felt, votes, whole, rater_confusion, confusions)
    block = max(1, BLOCK_BYTES // (8 * votes.shape[2] * len(felt)))
    over_people = draw_weightings(people, draws=draws, seed=seed)
    intervals = [_as_share(one) for one in over_people.intervals(score, block=block, method="percentile")]
    two_way = None
    if stimuli is not None and len(np.unique(np.asarray(stimuli))) > 1:
        crossed = draw_weightings(people, stimuli, draws=draws, seed=seed)
        alone = score.of_groups(())
        (unlimited_two_way,) = crossed.intervals(
            alone, block=block, method="percentile", left_out_score=replace(alone, tolerance=LEFT_OUT_TOLERANCE)
        )
        two_way = _as_share(unlimited_two_way)
    limits: dict[str, dict[str, Interval]] = {}
    for kind, names in (groups or {}).items():
        several = tuple(group for group in members[kind] if group.num_people > 1)
        if several:
            # As many people of a trait as there are: else a draw may hold one of six, or none.
            strata = names if _is_trait(names, np.asarray(people)) else None
            weightings = (
                over_people if strata is None else draw_weightings(people, strata=strata, draws=draws, seed=seed)
            )
            limits[kind] = _limits(score, several, weightings, block)
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
        sensitivity=dict(zip(sensitivity, intervals[1:], strict=True)),
        rater_source="estimated" if rater_confusion is None else "assumed",
        rater_reliability=np.asarray(np.diagonal(confusion, axis1=1, axis2=2) @ whole.views[0].sum(axis=0)),
        rater_confusion=confusion,
        views=_distribution(whole, score.felt_confusion[0])[0],
        clip_probability=_differs(whole, felt, score.felt_confusion[0])[0],
        groups={kind: _grouped(score, share, each, limits.get(kind, {})) for kind, each in members.items()},
        is_at_limit=not 0 <= unlimited <= 1,
        is_converged=whole.is_converged,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Score:
    """From weights to the gap at each reliability, not yet put at its limits, and, at the first, in each group."""

    felt: Int[ndarray, " N"]
    votes: Float[ndarray, "N A K"]
    start: ViewsFit
    rater_confusion: Float[ndarray, "K K"] | None
    felt_confusion: tuple[Float[ndarray, "K K"], ...]
    groups: tuple[GroupMembers, ...] = ()
    tolerance: float = DRAW_TOLERANCE

    def of_groups(self, groups: tuple[GroupMembers, ...]) -> "_Score":
        return replace(self, felt_confusion=self.felt_confusion[:1], groups=groups)

    def __call__(self, weights: Float[ndarray, "D N"]) -> Float[ndarray, "D M"]:
        fit = fit_views(
            self.felt,
            self.votes,
            weights,
            confusion=self.rater_confusion,
            start=self.start,
            tolerance=self.tolerance,
        )
        traces = [np.trace(corrected_views(fit.views, one), axis1=1, axis2=2) for one in self.felt_confusion]
        gaps = 1 - np.stack(traces, axis=1)
        if not self.groups:
            return np.asarray(gaps)
        evidence = self.evidence(fit)
        rates = [evidence.rate(group.clips, weights) for group in self.groups]
        return np.concatenate([gaps, np.stack(rates, axis=1)], axis=1)

    def evidence(self, fit: ViewsFit) -> Evidence:
        """What answers and votes say of each clip, whatever the rate of its group."""
        expected = _differs_after(fit, self.felt_confusion[0])[:, self.felt]
        return Evidence.of(_differs(fit, self.felt, self.felt_confusion[0]), expected)


def _as_share(interval: Interval) -> Interval:
    """The interval with what lies below 0 or above 1 put at that limit."""
    estimate, low, high = np.clip((interval.estimate, interval.low, interval.high), 0, 1).tolist()
    return replace(interval, estimate=estimate, low=low, high=high)


def _distribution(fit: ViewsFit, felt_confusion: Float[ndarray, "K K"]) -> Float[ndarray, "D K K"]:
    """Joint share of felt and shown class, without the negative shares that the correction may give."""
    joint = np.clip(corrected_views(fit.views, felt_confusion), 0, None)
    return np.asarray(joint / joint.sum(axis=(1, 2), keepdims=True))


def _same(fit: ViewsFit, felt_confusion: Float[ndarray, "K K"]) -> Float[ndarray, "D K K"]:
    """Probability that what was felt is what was shown, given the answer (rows) and the shown class."""
    joint = _distribution(fit, felt_confusion)
    told = np.einsum("dts,tf->dfs", joint, felt_confusion)
    return ratio(np.diagonal(joint, axis1=1, axis2=2)[:, None] * felt_confusion.T, told, undefined=0.0)


def _differs(fit: ViewsFit, felt: Int[ndarray, " N"], felt_confusion: Float[ndarray, "K K"]) -> Float[ndarray, "D N"]:
    """Probability that felt and shown differ in each clip, given its answer and votes."""
    return np.asarray(1 - np.einsum("dsn,dns->dn", fit.posterior, _same(fit, felt_confusion)[:, felt]))


def _differs_after(fit: ViewsFit, felt_confusion: Float[ndarray, "K K"]) -> Float[ndarray, "D K"]:
    """Share of the clips with each answer in which felt and shown differ."""
    same = (fit.views * _same(fit, felt_confusion)).sum(axis=2)
    return np.asarray(np.clip(1 - ratio(same, fit.views.sum(axis=2), undefined=1.0), 0, 1))


def _clip_views(score: "_Score") -> Float[ndarray, "N K K"]:
    """Probability of each felt (rows) and shown class of each clip, given its answer and votes."""
    joint = _distribution(score.start, score.felt_confusion[0])[0]
    told = joint[:, :, None] * score.felt_confusion[0][:, None]
    felt_given = ratio(told, told.sum(axis=0, keepdims=True), undefined=0.0)
    return np.asarray(np.moveaxis(felt_given, 2, 0)[score.felt] * score.start.posterior[0].T[:, None])


def _is_trait(names: Sequence[str], people: ndarray) -> bool:
    """Whether all clips of a person have the same name."""
    return len(set(zip(people.tolist(), names, strict=True))) == len(np.unique(people))


def _limits(
    score: "_Score", groups: tuple[GroupMembers, ...], weightings: Weightings, block: int
) -> dict[str, Interval]:
    """Interval of each group over its people."""
    number = [len(weightings.left_out[0]), *(group.num_people for group in groups)]
    found = weightings.intervals(score.of_groups(groups), block=block, method="percentile", num_people=number)
    return {group.name: interval for group, interval in zip(groups, found[1:], strict=True)}


def _grouped(
    score: "_Score",
    share: Float[ndarray, "N K"],
    groups: tuple[GroupMembers, ...],
    intervals: Mapping[str, Interval],
) -> tuple[GroupGap, ...]:
    evidence, views = score.evidence(score.start), _clip_views(score)
    answers = np.eye(share.shape[1])[score.felt][:, :, None] * share[:, None]

    def measured(group: GroupMembers) -> GroupGap:
        rate = float(evidence.rate(group.clips, np.ones((1, len(share))))[0])
        limits = person_limits(evidence, group.clips, rate)
        if group.num_people > 1:
            limits = intervals[group.name].low, intervals[group.name].high
        observed = answers[group.clips].mean(axis=0)
        return GroupGap(
            name=group.name,
            num_clips=len(group.clips),
            num_people=group.num_people,
            observed=float(1 - np.trace(observed)),
            corrected=rate,
            low=limits[0],
            high=limits[1],
            answers=observed,
            views=reweighted(views[group.clips], evidence.probability(rate, group.clips)),
        )

    return tuple(measured(group) for group in groups)


def _require_votes(votes: Float[ndarray, "N A K"], *, is_estimated: bool) -> None:
    per_clip = votes.sum(axis=(1, 2))
    if not (per_clip > 0).all():
        raise UsageError(
            f"{counted(int((per_clip <= 0).sum()), 'clip', 'has')} no vote", fix="leave out clips that nobody judged"
        )
    enough = int((per_clip >= LEAST_VOTES).sum())
    if is_estimated and enough < len(votes) / 2:
        raise UsageError(
            f"only {enough} of {counted(len(votes), 'clip')} have {LEAST_VOTES} votes or more, so what raters"
            " mix up cannot be"
            " estimated from their agreement",
            fix="collect more votes, or assume a reliability with --shown-reliability",
        )
