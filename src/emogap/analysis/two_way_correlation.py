"""Pearson's r for other people *and* other stimuli: interval and test when every clip has a person and a stimulus."""

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.analysis.coefficients import pearson
from emogap.analysis.weightings import Weightings
from emogap.scoring.jackknife import fisher_z, two_sided_p, two_way_variance
from emogap.scoring.resampling import Interval, interval_of
from emogap.scoring.sums import codes_of

__all__ = ["two_way_pearson"]

BLOCK = 512
"""Cells left out at once, which bounds memory."""


def two_way_pearson(
    measure: Float[ndarray, " n"],
    labels: Float[ndarray, "n L"],
    mask: Bool[ndarray, " N"],
    weightings: Weightings,
    group: Int[ndarray, " n"],
    *,
    level: float,
) -> list[tuple[Interval | None, float]]:
    """Interval and p over people and stimuli of Pearson's r of a measure with each label.

    Parameters
    ----------
    measure, labels, group
        As :func:`emogap.analysis.coefficients.pearson` takes them; means of groups are taken anew in every draw.
    mask : bool array, shape (N,)
        Which n of the N clips of the weightings these are.
    weightings : Weightings
        Over people and stimuli, people first.
    level : float

    Returns
    -------
    list of (Interval or None, float), length L
        None and NaN with fewer than two people or stimuli among these clips.

    Notes
    -----
    Interval: percentiles of the draws. p: ``z = atanh(r)`` over the root of the variance over people and stimuli
    (:func:`emogap.scoring.jackknife.two_way_variance`); Student's t with ``min(P, S) - 1`` degrees of freedom.

    References
    ----------
    Cameron, Gelbach and Miller (2011), J. Bus. Econ. Stat. 29(2), 238-249, doi:10.1198/jbes.2010.07136.
    Owen (2007), Annals of Applied Statistics 1(2), 386-411, doi:10.1214/07-AOAS122.
    """
    # A person or a stimulus without a clip is no cluster of these clips.
    left_out = [one[(one == 0).any(axis=1)] for one in (weights[:, mask] for weights in weightings.left_out)]
    if min(map(len, left_out)) < 2:
        return [(None, np.nan)] * labels.shape[1]
    estimate = pearson(measure, labels, np.ones((1, len(measure))), group)[0]
    drawn = pearson(measure, labels, weightings.drawn[:, mask], group)
    without = [pearson(measure, labels, one, group) for one in left_out]
    of_cells = fisher_z(_without_cells(measure, labels, left_out, group))
    clusters = f"{len(left_out[0])} people x {len(left_out[1])} stimuli"
    found: list[tuple[Interval | None, float]] = []
    for column in range(labels.shape[1]):
        interval = interval_of(
            float(estimate[column]),
            drawn[:, column],
            left_out=tuple(one[:, column] for one in without),
            method="percentile",
            level=level,
            clusters=clusters,
        )
        of_people, of_stimuli = (fisher_z(one[:, column]) for one in without)
        variance = two_way_variance(of_people, of_stimuli, of_cells[:, column])
        z = float(fisher_z(estimate[[column]])[0])
        found.append((interval, two_sided_p(z, variance, min(map(len, left_out)) - 1)))
    return found


def _without_cells(
    measure: Float[ndarray, " n"],
    labels: Float[ndarray, "n L"],
    left_out: list[Float[ndarray, "clusters n"]],
    group: Int[ndarray, " n"],
) -> Float[ndarray, "C L"]:
    """r without the clips of each person with each stimulus, which may be several, such as windows of one film."""
    person, stimulus = (one.argmin(axis=0) for one in left_out)
    cell, number = codes_of(person * len(left_out[1]) + stimulus)
    blocks = (np.arange(start, min(start + BLOCK, number)) for start in range(0, number, BLOCK))
    weights = ((cell != block[:, None]).astype(np.float64) for block in blocks)
    return np.concatenate([pearson(measure, labels, one, group) for one in weights])
