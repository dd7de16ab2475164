"""Sets of classes that hold the right one as often as stated: split conformal prediction, over clips or people.

Read :func:`conformal_threshold` first. What it promises holds whatever the model: a poor model gives large sets.
:func:`cross_conformal` is for models of several folds, each calibrated on the people that it did not see;
:func:`emogap.scoring.seated_conformal.seated_conformal` too, and keeps to the stated coverage where they disagree.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike

from emogap.errors import UsageError
from emogap.scoring.sums import codes_of

__all__ = ["ROUNDING", "ConformalSets", "conformal_threshold", "cross_conformal", "fit_conformal"]

ROUNDING = 1e-12
"""Scores this close to a threshold do not exceed it."""


def conformal_threshold(score: Float[ndarray, " N"], *, level: float, groups: ArrayLike | None = None) -> float:
    """The score that a new clip does not exceed with probability `level` or more.

    Parameters
    ----------
    score : float array, shape (N,)
        How strange the true class of each calibration clip looks to the model.
    level : float
        In (0, 1), such as 0.9.
    groups : array, shape (N,), optional
        Participant of each clip; without it every clip stands for itself.

    Returns
    -------
    float
        Infinite if there are too few groups for this level, fewer than ``level / (1 - level)``: then nothing can be
        excluded.

    Raises
    ------
    UsageError
        If the level is not in (0, 1).

    Notes
    -----
    With G groups of n_g clips the threshold is the `level` quantile of a distribution that puts 1 / ((G + 1) n_g) on
    the score of each clip and 1 / (G + 1) on infinity. The promise is about one clip of one new group. Without groups
    (n_g = 1) this is split conformal prediction, ``ceil((N + 1) level)``-th smallest score, which wants exchangeable
    clips. Clips of one person are not, as people differ in how well a model reads them; *people* are, if those of
    the test came to the study as those of the calibration did, and then the promise over groups holds (HCP of Lee et
    al.). Its price: the sets are larger than needed, by up to about 1 / (G + 1) of coverage.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), *Algorithmic Learning in a Random World*, doi:10.1007/b106715.
    Angelopoulos and Bates (2021), arXiv 2107.07511, section 1.
    Lee, Barber and Willett (2023), arXiv 2306.06342: hierarchical conformal prediction (HCP).
    Dunn, Wasserman and Ramdas (2023), JASA 118(544), 2491-2502, doi:10.1080/01621459.2022.2060112.

    Examples
    --------
    >>> scores = np.array([0.1, 0.2, 0.3, 0.4])
    >>> conformal_threshold(scores, level=0.6), conformal_threshold(scores, level=0.9)
    (0.3, inf)
    >>> conformal_threshold(scores, level=0.6, groups=["a", "a", "a", "b"])
    0.4
    """
    _require_level(level)
    weight = _weights(len(score), groups)
    order = np.argsort(score, kind="stable")
    reached = np.cumsum(weight[order]) >= level - ROUNDING
    return float(score[order][reached.argmax()]) if reached.any() else np.inf


@dataclass(frozen=True, slots=True, eq=False)
class ConformalSets:
    """Thresholds that turn probabilities into sets of classes.

    Attributes
    ----------
    threshold : float64 array, shape (K,)
        Largest ``1 - p`` with which a class is in the set; infinite = the class is in every set.
    level : float
        Nominal coverage.
    num_groups : int64 array, shape (K,)
        People (or clips) that each threshold rests on.
    """

    threshold: Float[ndarray, " K"]
    level: float
    num_groups: Int[ndarray, " K"]

    def of(self, probability: Float[ndarray, "N K"]) -> Bool[ndarray, "N K"]:
        """Which classes the set of each clip holds: one, several, or none."""
        return np.asarray(1 - probability <= self.threshold + ROUNDING)


def fit_conformal(
    label: Int[ndarray, " N"],
    probability: Float[ndarray, "N K"],
    *,
    level: float,
    groups: ArrayLike | None = None,
    by_class: bool = True,
) -> ConformalSets:
    """Thresholds from calibration clips.

    Parameters
    ----------
    label : int array, shape (N,)
        Class indices.
    probability : float array, shape (N, K)
        What the model said of these clips, none of which it was trained on.
    level : float
    groups : array, shape (N,), optional
        Participant of each clip; see :func:`conformal_threshold`.
    by_class : bool
        Whether coverage is promised within each class (a threshold per class, from its own clips), so that of the
        clips without an event no more than ``1 - level`` lose that answer; else over all clips together.

    Notes
    -----
    The score is ``1 - p`` of the true class. By class this is Mondrian (label-conditional) conformal prediction. With
    two classes it looks at nothing but the order of the clips of a class, so any rising recalibration of the
    probabilities leaves the sets as they are.

    References
    ----------
    Vovk (2012), ACML, PMLR 25, 475-490, arXiv 1209.2673, section 3: conditional on the label.
    Sadinle, Lei and Wasserman (2019), JASA 114(525), 223-234, doi:10.1080/01621459.2017.1395341: the score.

    Examples
    --------
    >>> chance = np.linspace(0.05, 0.95, 19)
    >>> sets = fit_conformal((chance > 0.5).astype(int), np.stack([1 - chance, chance], axis=1), level=0.8)
    >>> sets.of(np.array([[0.7, 0.3], [0.5, 0.5]])).tolist()
    [[True, False], [False, False]]
    """
    num_classes = probability.shape[1]
    score = 1 - probability[np.arange(len(label)), label]
    names = np.arange(len(label)) if groups is None else np.asarray(groups)
    thresholds, numbers = [], []
    for number in range(num_classes):
        counts = label == number if by_class else np.ones(len(label), bool)
        thresholds.append(conformal_threshold(score[counts], level=level, groups=names[counts]))
        numbers.append(len(np.unique(names[counts])))
    return ConformalSets(np.array(thresholds), level, np.array(numbers, np.int64))


def cross_conformal(
    label: Int[ndarray, " C"],
    probability: Float[ndarray, "C K"],
    folds: Int[ndarray, " C"],
    new: Float[ndarray, "M N K"],
    *,
    level: float,
    groups: ArrayLike | None = None,
    by_class: bool = True,
) -> Bool[ndarray, "N K"]:
    """Which classes the set of each new clip holds, when M models were each calibrated on a fold of their own.

    Parameters
    ----------
    label : int array, shape (C,)
        Class indices of the calibration clips.
    probability : float array, shape (C, K)
        What was said of each calibration clip by the model that has not seen its fold.
    folds : int array, shape (C,)
        That model, 0 to M - 1.
    new : float array, shape (M, N, K)
        What every model says of every new clip.
    level, groups, by_class
        As in :func:`fit_conformal`.

    Raises
    ------
    UsageError
        If the level is not in (0, 1).

    Notes
    -----
    A calibration clip i looks less strange than a new clip if ``1 - p`` of its class is less than ``1 - p`` of the new
    clip *by the same model*. A class is left out of the set if the clips that do so carry a weight of `level` or more,
    weights as in :func:`conformal_threshold`. With one model this is :func:`fit_conformal`. It needs no two models to
    mean the same by a number, which networks of several folds do not. Whatever the models, a set holds the truth with
    probability ``2 level - 1`` or more, up to terms of the order of one over the size of a fold (Barber et al.,
    theorem 4, for CV+); about `level` is what is seen where models of other folds do not differ by much (Vovk).
    Where they differ it is more (Linusson et al.), as the mean of several ranks is less often extreme than each: if
    a share ``d`` of what models say of a clip, in variance, is each model's own, all of it normal and models many,
    a set holds the truth with probability ``Phi(Phi^-1(level) sqrt((1 + d) / (1 - d)))``, 0.86 for 0.8 and d = 0.25.

    References
    ----------
    Vovk (2015), Ann. Math. Artif. Intell. 74, 9-28, doi:10.1007/s10472-013-9368-4: cross-conformal predictors.
    Barber, Candes, Ramdas and Tibshirani (2021), Ann. Statist. 49(1), 486-507, doi:10.1214/20-AOS1965.
    Linusson, Norinder, Bostrom, Johansson and Lofstrom (2017), PMLR 60, 154-173.

    Examples
    --------
    Two models, the second of which says 0.1 more of everything; the new clip is as strange as the strangest to both:

    >>> said = np.array([0.9, 0.8, 0.7, 1.0, 0.9, 0.8])
    >>> sets = cross_conformal(
    ...     np.zeros(6, int), np.stack([said, 1 - said], axis=1), np.array([0, 0, 0, 1, 1, 1]),
    ...     np.array([[[0.7, 0.3]], [[0.8, 0.2]]]), level=0.6,
    ... )
    >>> sets.tolist()
    [[True, True]]
    """
    score = 1 - probability[np.arange(len(label)), label]
    names = np.arange(len(label)) if groups is None else np.asarray(groups)
    holds = np.empty(new.shape[1:], bool)
    _require_level(level)
    for number in range(probability.shape[1]):
        counts = label == number if by_class else np.ones(len(label), bool)
        weight = _weights(int(counts.sum()), names[counts])
        is_less = score[counts, None] < 1 - new[folds[counts], :, number] - ROUNDING
        holds[:, number] = weight @ is_less < level - ROUNDING
    return holds


def _weights(num_clips: int, groups: ArrayLike | None) -> Float[ndarray, " N"]:
    """1 / ((G + 1) n_g) for each clip."""
    codes, num_groups = codes_of(np.arange(num_clips) if groups is None else groups)
    weights: Float[ndarray, " N"] = 1 / ((num_groups + 1) * np.bincount(codes, minlength=num_groups)[codes])
    return weights


def _require_level(level: float) -> None:
    if not 0 < level < 1:
        raise UsageError(f"a coverage lies between 0 and 1, got {level:g}", fix="use 0.9")
