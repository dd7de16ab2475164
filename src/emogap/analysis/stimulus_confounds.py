"""Whether the class of a stimulus can be told from one plain property, such as how bright or loud it is.

If it can, a model may learn brightness and be paid for emotion: the pupil follows light before it follows anything
else.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.scoring.sums import codes_of

__all__ = ["ClassFromProperty", "class_from_property"]

LEAST_DRAWS = 39
"""Fewer shuffles cannot hold a 95 % range."""

BLOCK = 1_000
"""Shuffles scored at once, which bounds memory."""


@dataclass(frozen=True, slots=True)
class ClassFromProperty:
    """How well one property alone predicts the class.

    Attributes
    ----------
    num_units : int
        Stimuli, or stimulus groups where every group has one class.
    num_left_out : int
        Stimuli whose property or class is not known, or whose class stands alone.
    accuracy, uar : float
        Leave-one-out, in [0, 1].
    chance_accuracy, chance_uar : (float, float)
        The middle 95 % of the same numbers when the classes are dealt anew.
    p : float
        Share of the dealings whose UAR is at least as high, the one at hand counted in.
    """

    num_units: int
    num_left_out: int
    accuracy: float
    uar: float
    chance_accuracy: tuple[float, float]
    chance_uar: tuple[float, float]
    p: float


def class_from_property(
    value: Float[ndarray, " N"],
    classes: ndarray,
    *,
    groups: ndarray | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> ClassFromProperty:
    """How well `value` alone predicts the class of a stimulus that was left out.

    Parameters
    ----------
    value : float array, shape (N,)
        The property of each stimulus; NaN = not known.
    classes : array of str, shape (N,)
        Empty = not known.
    groups : array of str, shape (N,), optional
        Stimuli that belong together (one actor, one film). Where every group has a single class, groups are the units
        and their mean value counts; otherwise a whole group is left out at a time and classes are shuffled
        within groups.
    draws : int
        Shuffles.
    seed : int

    Returns
    -------
    ClassFromProperty

    Raises
    ------
    UsageError
        If fewer than two classes have two units each, or there are too few shuffles.

    Notes
    -----
    The rule is the nearest class mean, from the others. Leaving one out pushes the own class's mean away, so that a
    property without any relation scores *below* 1/K: the range of the shuffled classes is the right comparison, not
    1/K. The p of a permutation test counts the observed dealing in (Phipson and Smyth 2010). With several properties
    the smallest of several p is expected to be small: correct for their number.

    References
    ----------
    Ojala and Garriga (2010), Journal of Machine Learning Research 11, 1833-1863 (test 1).
    Phipson and Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9(1), 39, doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> dark_and_bright = np.array([0.1, 0.12, 0.11, 0.13, 0.8, 0.82, 0.81, 0.83])
    >>> found = class_from_property(dark_and_bright, np.array(["fear"] * 4 + ["joy"] * 4), draws=500)
    >>> found.uar, found.p < 0.1
    (1.0, True)
    """
    if draws < LEAST_DRAWS:
        raise UsageError(f"{draws} shuffles hold no 95 % range", fix=f"use at least {LEAST_DRAWS}, better 10000")
    owner = np.arange(len(value)).astype(str) if groups is None else np.asarray(groups)
    values, label, unit, num_units, left_out = _units(np.asarray(value, np.float64), np.asarray(classes), owner)
    dealt = _dealings(label, unit, draws, np.random.default_rng(seed))
    accuracies, uars = _left_out_scores(values, np.concatenate([label[None], dealt]), unit)
    at_least = int((uars[1:] >= uars[0] - 1e-12).sum())
    return ClassFromProperty(
        num_units=num_units,
        num_left_out=left_out,
        accuracy=float(accuracies[0]),
        uar=float(uars[0]),
        chance_accuracy=_middle(accuracies[1:]),
        chance_uar=_middle(uars[1:]),
        p=(at_least + 1) / (draws + 1),
    )


def _units(
    value: Float[ndarray, " N"], classes: ndarray, groups: ndarray
) -> tuple[Float[ndarray, " U"], Int[ndarray, " U"], Int[ndarray, " U"], int, int]:
    """Values, class indices and groups of the units, their number, and how many stimuli were left out."""
    known = np.isfinite(value) & (classes != "")
    value, classes, groups = value[known], classes[known], groups[known]
    group, num_groups = codes_of(groups)
    is_pure = all(len(set(classes[group == g])) == 1 for g in range(num_groups))
    if is_pure:
        sizes = np.bincount(group, minlength=num_groups)
        value = np.bincount(group, value, num_groups) / sizes
        classes = np.array([classes[group == g][0] for g in range(num_groups)])
        group = np.arange(num_groups)
    names, sizes = np.unique(classes, return_counts=True)
    kept = np.isin(classes, names[sizes > 1])
    if (sizes > 1).sum() < 2:
        raise UsageError(
            f"to predict a class that was left out, two classes need two stimuli each; known are"
            f" {counted(len(classes), 'stimulus')}"
            f" of {counted(len(names), 'class')}",
            fix="state target_emotion7 or target_emotion3 of more stimuli, and put their films in place",
        )
    label, _ = codes_of(classes[kept])
    return value[kept], label, group[kept], int(kept.sum()), int((~known).sum() + (~kept).sum())


def _dealings(
    label: Int[ndarray, " U"], unit: Int[ndarray, " U"], draws: int, rng: np.random.Generator
) -> Int[ndarray, "draws U"]:
    """Classes dealt anew: among all units, or within groups that hold several."""
    if len(np.unique(unit)) == len(unit):
        return np.asarray(rng.permuted(np.tile(label, (draws, 1)), axis=1))
    dealt = np.tile(label, (draws, 1))
    for group in np.unique(unit):
        members = np.flatnonzero(unit == group)
        dealt[:, members] = rng.permuted(dealt[:, members], axis=1)
    return dealt


def _left_out_scores(
    value: Float[ndarray, " U"], labels: Int[ndarray, "D U"], unit: Int[ndarray, " U"]
) -> tuple[Float[ndarray, " D"], Float[ndarray, " D"]]:
    """Accuracy and UAR of the nearest class mean, each unit's group left out of the means, for each row of classes."""
    num_classes = int(labels.max()) + 1
    same = (unit[:, None] == unit[None, :]).astype(np.float64)
    correct = np.zeros(labels.shape, bool)
    for start in range(0, len(labels), BLOCK):
        indicator = np.eye(num_classes)[labels[start : start + BLOCK]]
        weighed = indicator * value[:, None]
        size = indicator.sum(axis=1, keepdims=True) - same @ indicator
        total = weighed.sum(axis=1, keepdims=True) - same @ weighed
        mean = np.where(size > 0.5, total / np.maximum(size, 1), np.inf)
        guess = np.argmin(np.abs(value[:, None] - mean), axis=2)
        correct[start : start + BLOCK] = guess == labels[start : start + BLOCK]
    # Dealing anew never changes how many units a class has.
    recall = [np.where(labels == k, correct, False).sum(axis=1) / (labels[0] == k).sum() for k in range(num_classes)]
    return correct.mean(axis=1), np.mean(recall, axis=0)


def _middle(values: Float[ndarray, " draws"]) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
