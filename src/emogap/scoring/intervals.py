"""Intervals over people: bootstrap of a metric, of a difference, or of any function of clips; a test over both."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.scoring.jackknife import two_sided_p, two_way_variance
from emogap.scoring.metrics import METRICS
from emogap.scoring.paired import PairedTest
from emogap.scoring.resampling import Interval, Method, draw_counts, interval_of
from emogap.scoring.sums import codes_of, metric_sums

__all__ = ["bootstrap_difference", "bootstrap_metric", "cluster_bootstrap", "two_way_test"]

DRAWS = 10_000
"""Draws of an interval: the Monte Carlo error of a 2.5 % tail is then 0.16 %."""

BLOCK = 1_000
"""Draws computed at once in the two-way bootstrap, which bounds its memory."""

Sums = Float[ndarray, "people stimuli ..."]
FromSums = Callable[[Float[ndarray, "*draws sums"]], Float[ndarray, "*draws"]]


def bootstrap_metric(
    metric: str,
    label: ArrayLike,
    output: ArrayLike,
    *,
    people: ArrayLike,
    stimuli: ArrayLike | None = None,
    method: Method = "bca",
    widened: bool = True,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """Interval of a metric over people, or over people and stimuli.

    Parameters
    ----------
    metric : str
        Name on the shelf of metrics, such as ``"uar"``.
    label, output : array, shape (N,)
        Class indices, or values, of N clips.
    people : array, shape (N,)
        Participant of each clip.
    stimuli : array, shape (N,), optional
        Stimulus of each clip. If given, stimuli are drawn too, and the interval is about other people *and*
        other stimuli.
    method : Method
    widened : bool
        Whether to widen the tails for few people; see :func:`emogap.scoring.resampling.interval_of`.
    level : float
    draws : int
    seed : int

    Returns
    -------
    Interval

    Raises
    ------
    UsageError
        If there are fewer than two people (or stimuli), or no clip.

    Notes
    -----
    One way: n people drawn with replacement, each with all their clips. Two way: people and stimuli drawn
    independently, a clip counts as often as its person times its stimulus was drawn (the pigeonhole bootstrap).
    These draws spread too much: noise of single clips is counted up to three times (Owen 2007, theorem 3). So they give
    the shape of the interval, and its width comes from ``V_people + V_stimuli - V_clips``, each by the jackknife
    (Cameron, Gelbach and Miller 2011, eq. 2.8), or from the larger of the first two if that is more: people and
    stimuli together vary no less than either.

    References
    ----------
    Owen (2007), Annals of Applied Statistics 1(2), 386-411, doi:10.1214/07-AOAS122.
    Cameron, Gelbach and Miller (2011), J. Bus. Econ. Stat. 29(2), 238-249, doi:10.1198/jbes.2010.07136.
    Field and Welsh (2007), J. R. Stat. Soc. B 69(3), 369-390, doi:10.1111/j.1467-9868.2007.00593.x.

    Examples
    --------
    >>> people = ["a", "a", "b", "b", "c", "c", "d", "d"]
    >>> interval = bootstrap_metric("war", [0, 1] * 4, [0, 1, 0, 1, 0, 0, 1, 1], people=people)
    >>> interval.estimate, interval.low, interval.high, interval.clusters
    (0.75, 0.5, 1.0, '4 people')
    """
    entry = METRICS.open(metric)
    crossed = _Crossed.of(people, stimuli)
    sums = crossed.table(metric_sums(entry.KIND, label, output, groups=crossed.cell, num_groups=crossed.num_cells))
    return _bootstrap(
        sums, entry.from_sums, crossed, method=method, widened=widened, level=level, draws=draws, seed=seed
    )


def bootstrap_difference(
    metric: str,
    label: ArrayLike,
    output: ArrayLike,
    other: ArrayLike,
    *,
    people: ArrayLike,
    stimuli: ArrayLike | None = None,
    method: Method = "bca",
    widened: bool = True,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """Interval of ``metric(output) - metric(other)`` on the same clips; parameters as in :func:`bootstrap_metric`.

    Every draw scores both on the same people, so what makes a person hard for both cancels.

    Examples
    --------
    >>> people = ["a", "a", "b", "b", "c", "c"]
    >>> bootstrap_difference("war", [0, 1] * 3, [0, 1] * 3, [0, 0] * 3, people=people).estimate
    0.5
    """
    entry = METRICS.open(metric)
    crossed = _Crossed.of(people, stimuli)
    pair = _same_classes(entry.KIND, label, output, other, crossed)
    sums = crossed.table(np.stack(pair, axis=1))

    def difference(sums: Float[ndarray, "*draws sums"]) -> Float[ndarray, "*draws"]:
        axis = -3 if entry.KIND == "classification" else -2
        first, second = np.moveaxis(sums, axis, 0)
        return np.asarray(entry.from_sums(first) - entry.from_sums(second))

    return _bootstrap(sums, difference, crossed, method=method, widened=widened, level=level, draws=draws, seed=seed)


def two_way_test(
    metric: str, label: ArrayLike, output: ArrayLike, other: ArrayLike, *, people: ArrayLike, stimuli: ArrayLike
) -> PairedTest:
    """Test of no difference between two models for other people *and* other stimuli, on the same clips.

    Parameters
    ----------
    metric : str
        Name on the shelf of metrics.
    label, output, other : array, shape (N,)
        Labels and the outputs of the two models.
    people, stimuli : array, shape (N,)
        Participant and stimulus of each clip.

    Raises
    ------
    UsageError
        If there are fewer than two people or stimuli, no clip, or outputs that do not fit the metric.

    Notes
    -----
    ``t = difference / sqrt(V)`` with the variance of :func:`emogap.scoring.jackknife.two_way_variance` and the smaller
    of both numbers less one as degrees of freedom. An exchange of whole people, as in
    :func:`emogap.scoring.permutation_test`, keeps the stimuli: with few of them it calls equal models different.

    References
    ----------
    Cameron, Gelbach and Miller (2011), J. Bus. Econ. Stat. 29(2), 238-249, doi:10.1198/jbes.2010.07136.

    Examples
    --------
    >>> people, stimuli = ["a", "a", "b", "b", "c", "c"], ["s", "t"] * 3
    >>> test = two_way_test("war", [0, 1] * 3, [0, 1] * 3, [0, 0] * 3, people=people, stimuli=stimuli)
    >>> test.difference, test.method, round(test.p, 2)
    (0.5, 'two-way', 0.5)
    """
    entry = METRICS.open(metric)
    crossed = _Crossed.of(people, stimuli)
    first, second = (crossed.table(sums) for sums in _same_classes(entry.KIND, label, output, other, crossed))

    def differences(kept: Callable[[Sums], Sums]) -> Float[ndarray, "*left"]:
        return np.asarray(entry.from_sums(kept(first)) - entry.from_sums(kept(second)))

    difference = float(differences(lambda sums: sums.sum(axis=(0, 1))))
    shown = np.unique(crossed.cell)
    variance = two_way_variance(
        differences(lambda sums: sums.sum(axis=(0, 1)) - sums.sum(axis=1)),
        differences(lambda sums: sums.sum(axis=(0, 1)) - sums.sum(axis=0)),
        differences(lambda sums: sums.sum(axis=(0, 1)) - sums.reshape(crossed.num_cells, *sums.shape[2:])[shown]),
    )
    return PairedTest(
        difference=difference,
        p=two_sided_p(difference, variance, min(crossed.num_people, crossed.num_stimuli) - 1),
        method="two-way",
        num_people=crossed.num_people,
        num_exchanges=0,
        standard_error=math.sqrt(variance),
        num_stimuli=crossed.num_stimuli,
    )


def cluster_bootstrap(
    score: Callable[[Int[ndarray, " M"]], float],
    clusters: ArrayLike,
    *,
    method: Method = "bca",
    widened: bool = True,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval:
    """Interval of any number computed from clips, one call of `score` per draw.

    For metrics of the shelf :func:`bootstrap_metric` gives the same interval much faster.

    Parameters
    ----------
    score : function of an int array, shape (M,)
        Gets the positions of the clips of a draw, a clip as often as its person was drawn.
    clusters : array, shape (N,)
        Participant of each clip.
    method, widened, level, draws, seed
        As in :func:`bootstrap_metric`.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0, 10.0])
    >>> cluster_bootstrap(lambda clips: float(np.median(values[clips])), [0, 1, 2, 3], draws=200).estimate
    2.5
    """
    codes, num_clusters = codes_of(clusters)
    _require_two(num_clusters, "people")
    members = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    counts = draw_counts(num_clusters, draws, np.random.default_rng(seed)).astype(np.int64)
    resampled = [score(np.concatenate([np.repeat(members[c], row[c]) for c in np.flatnonzero(row)])) for row in counts]
    without = [score(np.flatnonzero(codes != cluster)) for cluster in range(num_clusters)]
    return interval_of(
        float(score(np.arange(len(codes)))),
        np.array(resampled),
        left_out=(np.array(without),),
        method=method,
        level=level,
        widened=widened,
        clusters=counted(num_clusters, "person"),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Crossed:
    """Clips in a table of people by stimuli; one column if stimuli are not drawn."""

    person: Int[ndarray, " N"]
    num_people: int
    stimulus: Int[ndarray, " N"]
    num_stimuli: int

    @classmethod
    def of(cls, people: ArrayLike, stimuli: ArrayLike | None) -> "_Crossed":
        person, num_people = codes_of(people)
        _require_two(num_people, "people")
        if stimuli is None:
            return cls(person, num_people, np.zeros(len(person), np.int64), 1)
        stimulus, num_stimuli = codes_of(stimuli)
        _require_two(num_stimuli, "stimuli")
        return cls(person, num_people, stimulus, num_stimuli)

    @property
    def cell(self) -> Int[ndarray, " N"]:
        return np.asarray(self.person * self.num_stimuli + self.stimulus)

    @property
    def num_cells(self) -> int:
        return self.num_people * self.num_stimuli

    @property
    def words(self) -> str:
        people = counted(self.num_people, "person")
        return people if self.num_stimuli == 1 else f"{people} x {counted(self.num_stimuli, 'stimulus')}"

    def table(self, sums: Float[ndarray, "cells ..."]) -> Sums:
        return sums.reshape(self.num_people, self.num_stimuli, *sums.shape[1:])


def _bootstrap(
    sums: Sums,
    from_sums: FromSums,
    crossed: _Crossed,
    *,
    method: Method,
    widened: bool,
    level: float,
    draws: int,
    seed: int,
) -> Interval:
    rng = np.random.default_rng(seed)
    two_way = crossed.num_stimuli > 1
    total = sums.sum(axis=(0, 1))
    resampled = []
    for start in range(0, draws, BLOCK):
        block = min(BLOCK, draws - start)
        drawn = np.tensordot(draw_counts(crossed.num_people, block, rng), sums, axes=1)
        if two_way:
            stimulus_counts = draw_counts(crossed.num_stimuli, block, rng)
            flat = drawn.reshape(block, crossed.num_stimuli, -1)
            drawn = np.einsum("ds,dsk->dk", stimulus_counts, flat).reshape(block, 1, *total.shape)
        resampled.append(from_sums(drawn[:, 0]))
    left_out = [from_sums(total - sums.sum(axis=1))]
    variance = None
    if two_way:
        left_out.append(from_sums(total - sums.sum(axis=0)))
        cells = sums.reshape(crossed.num_cells, *total.shape)[np.unique(crossed.cell)]
        variance = two_way_variance(left_out[0], left_out[1], from_sums(total - cells))
    return interval_of(
        float(from_sums(total)),
        np.concatenate(resampled),
        left_out=tuple(left_out),
        method=method,
        level=level,
        widened=widened,
        clusters=crossed.words,
        variance=variance,
    )


def _same_classes(
    kind: str, label: ArrayLike, output: ArrayLike, other: ArrayLike, crossed: _Crossed
) -> tuple[Float[ndarray, "cells ..."], Float[ndarray, "cells ..."]]:
    """Sums of both outputs; confusion matrices padded to the same number of classes."""
    first, second = (
        metric_sums(kind, label, guess, groups=crossed.cell, num_groups=crossed.num_cells) for guess in (output, other)
    )
    if kind == "classification":
        largest = max(first.shape[-1], second.shape[-1])
        first, second = (np.pad(sums, [(0, 0)] + [(0, largest - sums.shape[-1])] * 2) for sums in (first, second))
    return first, second


def _require_two(number: int, what: str) -> None:
    if number < 2:
        raise UsageError(
            f"an interval over {what} needs at least two, got {number}",
            fix="score more people, or report the number without an interval",
        )
