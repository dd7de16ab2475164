"""p of the first of two models against the second, in many simulated studies at once.

Shapes: R studies, P people, S stimuli, D exchanges.
"""

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from scipy.stats import t as student

from emogap.analysis.power.cohorts import Cohorts
from emogap.scoring import METRICS
from emogap.scoring.detectable import sign_flip_p
from emogap.scoring.paired import person_exchanges

__all__ = ["exchange_p", "lead_of", "two_way_p"]

BLOCK = 20
"""Studies of values tested at once, which bounds memory."""


def exchange_p(
    cohorts: Cohorts, metric: str, first: int, second: int, *, draws: int, rng: np.random.Generator
) -> Float[ndarray, " R"]:
    """p of :func:`emogap.scoring.permutation_test` for each study: new people, these stimuli."""
    num_people = cohorts.label.shape[1]
    exchanged, is_exact = person_exchanges(num_people, draws=draws, rng=rng)
    if metric != "ccc":
        lead = (cohorts.output[first] - cohorts.output[second]) * _weights(cohorts, metric)
        return sign_flip_p(lead.sum(axis=2), 1 - 2 * exchanged, is_exact=is_exact)
    return _moments_p(cohorts, first, second, exchanged, is_exact=is_exact)


def two_way_p(cohorts: Cohorts, metric: str, first: int, second: int) -> Float[ndarray, " R"]:
    """p that the 95 % interval over people and stimuli stands for: new people, new stimuli.

    Notes
    -----
    The difference over the root of ``V_people + V_stimuli - V_clips``, or of the larger of the first two if that is
    more; Student's t with ``min(P, S) - 1`` degrees of freedom. Each V is a sum of squared influences (of a person, a
    stimulus, a clip) times n / (n - 1): the first-order form of the jackknife of
    :func:`emogap.scoring.jackknife.two_way_variance`, from which tables have their intervals.
    """
    difference, influence = _difference(cohorts, metric, first, second)
    people, stimuli, clips = (
        np.sum(part**2, axis=-1) * number / (number - 1)
        for part, number in (
            (influence.sum(axis=2), _clusters(cohorts.is_tested, 2)),
            (influence.sum(axis=1), _clusters(cohorts.is_tested, 1)),
            (influence.reshape(len(influence), -1), cohorts.is_tested.sum(axis=(1, 2))),
        )
    )
    variance = np.maximum(people + stimuli - clips, np.maximum(people, stimuli))
    freedom = np.minimum(_clusters(cohorts.is_tested, 2), _clusters(cohorts.is_tested, 1)) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * student.sf(np.abs(difference) / np.sqrt(variance), freedom)
    # Two models that are right on the same clips do not differ.
    return np.asarray(np.where(variance > 0, p, 1.0))


def lead_of(cohorts: Cohorts, metric: str, first: int, second: int) -> Float[ndarray, " R"]:
    """Score of the first model minus that of the second in each study."""
    return _difference(cohorts, metric, first, second)[0]


def _difference(
    cohorts: Cohorts, metric: str, first: int, second: int
) -> tuple[Float[ndarray, " R"], Float[ndarray, "R P S"]]:
    """The difference of each study, and the influence of each clip on it."""
    if metric == "ccc":
        one, two = (_ccc_influence(cohorts, model) for model in (first, second))
        return one[0] - two[0], one[1] - two[1]
    weights = _weights(cohorts, metric)
    lead = cohorts.output[first] - cohorts.output[second]
    return (lead * weights).sum(axis=(1, 2)), weights * (lead - _class_means(cohorts, lead, metric))


def _clusters(is_tested: Bool[ndarray, "R P S"], axis: int) -> Float[ndarray, " R"]:
    """People (or stimuli) with a tested clip; two at least, so that there is a variance."""
    return np.asarray(np.maximum(is_tested.any(axis=axis).sum(axis=1), 2).astype(np.float64))


def _weights(cohorts: Cohorts, metric: str) -> Float[ndarray, "R P S"]:
    """What a right clip adds to the score: 1 / N for WAR, 1 / (K n_k) for UAR; 0 for a clip that is not tested."""
    tested = cohorts.is_tested.astype(np.float64)
    if metric == "war":
        return np.asarray(tested / tested.sum(axis=(1, 2), keepdims=True))
    weights = np.zeros_like(tested)
    present = np.zeros((len(tested), 1, 1))
    for label in np.unique(cohorts.label):
        of_class = tested * (cohorts.label == label)
        number = of_class.sum(axis=(1, 2), keepdims=True)
        present += number > 0
        weights += of_class / np.maximum(number, 1)
    return np.asarray(weights / present)


def _class_means(cohorts: Cohorts, lead: Float[ndarray, "R P S"], metric: str) -> Float[ndarray, "R P S"]:
    """Mean lead over the tested clips of each clip's class; over all of them for WAR."""
    classes = [np.ones_like(lead)] if metric == "war" else [cohorts.label == c for c in np.unique(cohorts.label)]
    means = np.zeros_like(lead)
    for of_class in classes:
        counted = of_class * cohorts.is_tested
        number = np.maximum(counted.sum(axis=(1, 2), keepdims=True), 1)
        means += of_class * ((lead * counted).sum(axis=(1, 2), keepdims=True) / number)
    return means


def _moments_p(
    cohorts: Cohorts, first: int, second: int, exchanged: Float[ndarray, "D P"], *, is_exact: bool
) -> Float[ndarray, " R"]:
    """The metric computed again for every exchange, from sums per person."""
    from_sums = METRICS.open("ccc").from_sums
    tested = cohorts.is_tested.astype(np.float64)
    p = np.empty(len(tested))
    for start in range(0, len(p), BLOCK):
        block = slice(start, start + BLOCK)
        one, two = (
            _person_sums(cohorts.label[block], cohorts.output[m][block], tested[block]) for m in (first, second)
        )
        moved = np.einsum("dp,rpk->rdk", exchanged, two - one, optimize=True)
        totals = one.sum(axis=1)[:, None], two.sum(axis=1)[:, None]
        observed = np.abs(from_sums(totals[0]) - from_sums(totals[1]))
        drawn = np.abs(from_sums(totals[0] + moved) - from_sums(totals[1] - moved))
        as_large = (drawn >= observed - 1e-12).sum(axis=1)
        p[block] = as_large / len(exchanged) if is_exact else (1 + as_large) / (1 + len(exchanged))
    return p


def _person_sums(
    label: Float[ndarray, "R P S"], output: Float[ndarray, "R P S"], tested: Float[ndarray, "R P S"]
) -> Float[ndarray, "R P 7"]:
    """The seven sums of :data:`emogap.scoring.sums.MOMENTS` for each person of each study."""
    y, o = label * tested, output * tested
    terms = (tested, y, o, y * y, o * o, y * o, np.abs(o - y))
    return np.stack([term.sum(axis=2) for term in terms], axis=-1)


def _ccc_influence(cohorts: Cohorts, model: int) -> tuple[Float[ndarray, " R"], Float[ndarray, "R P S"]]:
    """CCC = A / B of each study, and of each clip (dA - CCC dB) / (N B); A = 2 s_yo, B = s_yy + s_oo + bias^2."""
    tested = cohorts.is_tested.astype(np.float64)
    number = tested.sum(axis=(1, 2), keepdims=True)

    def mean(values: Float[ndarray, "R P S"]) -> Float[ndarray, "R 1 1"]:
        return np.asarray((values * tested).sum(axis=(1, 2), keepdims=True) / number)

    bias = mean(cohorts.label) - mean(cohorts.output[model])
    y, o = cohorts.label - mean(cohorts.label), cohorts.output[model] - mean(cohorts.output[model])
    s_yy, s_oo, s_yo = mean(y * y), mean(o * o), mean(y * o)
    below = s_yy + s_oo + bias**2
    ccc = 2 * s_yo / below
    d_above = 2 * (y * o - s_yo)
    d_below = y * y - s_yy + o * o - s_oo + 2 * bias * (y - o)
    return ccc[:, 0, 0], tested * (d_above - ccc * d_below) / (number * below)
