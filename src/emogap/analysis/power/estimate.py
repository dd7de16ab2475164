"""What is true of two models, guessed from their predictions of the same clips: scores and shares of variance.

Correlations of the latent errors are read off pairs of clips: of one person and different stimuli, of one stimulus and
different people, and of one clip. For classes they are tetrachoric: the correlation of two normal errors that are
below their thresholds together as often as the two clips are right together.
"""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from emogap.analysis.power.outcome import LARGEST, Outcome, VarianceShares, both_right
from emogap.errors import UsageError
from emogap.scoring import METRICS
from emogap.scoring.sums import codes_of

__all__ = ["estimate_outcome"]


def estimate_outcome(
    metric: str, label: ArrayLike, output: ArrayLike, other: ArrayLike, *, people: ArrayLike, stimuli: ArrayLike
) -> Outcome:
    """The outcome model that two models' predictions suggest.

    Parameters
    ----------
    metric : str
        ``uar``, ``war`` or ``ccc``.
    label, output, other : array, shape (N,)
        Labels and what two models give; class indices, or values.
    people, stimuli : array, shape (N,)
        Of each clip; a person has a stimulus at most once.

    Raises
    ------
    UsageError
        If a model is right on every clip or on none, or nobody has two clips.

    Notes
    -----
    ``person``: correlation of one model's error with the *other* model's on another clip of the person;
    ``person_by_model``: what the correlation within a model has beyond that, the mean of both. The same for stimuli.
    ``clip``: what is left of the correlation of both errors on the same clip. Negative parts are 0. With few people
    or stimuli these numbers are rough; they are printed so that they can be judged.

    References
    ----------
    Pearson (1900), Phil. Trans. R. Soc. A 195, 1-47, doi:10.1098/rsta.1900.0022 (tetrachoric correlation).
    """
    labels, first, second = np.asarray(label), np.asarray(output), np.asarray(other)
    entry = METRICS.open(metric)
    score = float(np.mean([entry.score(labels, first), entry.score(labels, second)]))
    values = [_errors(labels, given, is_value=metric == "ccc") for given in (first, second)]
    person, person_by_model = _parts(values, codes_of(people), is_value=metric == "ccc")
    stimulus, stimulus_by_model = _parts(values, codes_of(stimuli), is_value=metric == "ccc")
    together = float(np.mean(values[0] * values[1]))
    correlation = together if metric == "ccc" else _tetrachoric(together, *(float(v.mean()) for v in values))
    correlation = min(max(correlation, person + stimulus), LARGEST)
    own = person_by_model + stimulus_by_model
    fits = min(1.0, (1 - correlation) / own) if own > 0 else 1.0
    shares = VarianceShares(
        person=person,
        stimulus=stimulus,
        clip=correlation - person - stimulus,
        person_by_model=person_by_model * fits,
        stimulus_by_model=stimulus_by_model * fits,
    )
    if metric == "ccc":
        return Outcome(metric, score, shares)
    counts = np.bincount(labels)
    return Outcome(metric, score, shares, tuple((counts[counts > 0] / counts.sum()).tolist()))


def _errors(label: ndarray, output: ndarray, *, is_value: bool) -> Float[ndarray, " N"]:
    """1 for a right clip; for values what is left of the output beside the label, with mean 0 and variance 1."""
    if not is_value:
        right = (label == output).astype(np.float64)
        if not 0 < right.mean() < 1:
            raise UsageError(
                f"a model is right on {right.mean():.0%} of its clips, so that its errors cannot be compared",
                fix="name two other models with --pair",
            )
        return np.asarray(right)
    slope = np.cov(label, output, bias=True)[0, 1] / label.var() if label.var() > 0 else 0.0
    left = output - output.mean() - slope * (label - label.mean())
    if left.std() < 1e-12:
        raise UsageError("a model's output is a function of the label", fix="name two other models with --pair")
    return np.asarray(left / left.std())


def _parts(
    values: list[Float[ndarray, " N"]], groups: tuple[Int[ndarray, " N"], int], *, is_value: bool
) -> tuple[float, float]:
    """Correlation of two clips of a group: shared by the models, and what a model has beyond."""
    shared = _pair_correlation(values[0], values[1], groups, is_value=is_value)
    within = float(np.mean([_pair_correlation(each, each, groups, is_value=is_value) for each in values]))
    shared = max(0.0, shared)
    return shared, max(0.0, within - shared)


def _pair_correlation(
    one: Float[ndarray, " N"], two: Float[ndarray, " N"], groups: tuple[Int[ndarray, " N"], int], *, is_value: bool
) -> float:
    """Of `one` on a clip with `two` on another clip of the group, over all such pairs."""
    codes, number = groups
    sizes = np.bincount(codes, minlength=number)
    pairs = float(np.sum(sizes * (sizes - 1)))
    if pairs == 0:
        raise UsageError(
            "no person (or stimulus) has two clips, so that what is shared among them cannot be seen",
            fix="state the shares instead of --like",
        )
    products = np.bincount(codes, one, number) * np.bincount(codes, two, number) - np.bincount(codes, one * two, number)
    together = float(products.sum()) / pairs
    return together if is_value else _tetrachoric(together, float(one.mean()), float(two.mean()))


def _tetrachoric(together: float, one: float, two: float) -> float:
    """Correlation at which two events of probability `one` and `two` happen together as often as `together`."""
    low, high = (both_right(one, two, r) - together for r in (-LARGEST, LARGEST))
    if low >= 0 or high <= 0:
        return -LARGEST if low >= 0 else LARGEST
    return float(brentq(lambda r: both_right(one, two, r) - together, -LARGEST, LARGEST))
