"""Pearson's r for other people *and* other stimuli: interval and test when every clip has a person and a stimulus."""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.analysis.coefficients import pearson
from emogap.analysis.weightings import Weightings, without_each
from emogap.counted_nouns import counted
from emogap.scoring.jackknife import fisher_z, two_sided_p, two_way_variance
from emogap.scoring.resampling import Interval, interval_of

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
    Both on Fisher's scale, ``z = atanh(r)``, with the variance V of z over people and stimuli
    (:func:`emogap.scoring.jackknife.two_way_variance`) and Student's t with ``min(P, S) - 1`` degrees of freedom. p: of
    ``z / sqrt(V)``. Interval: percentiles of the draws, which have its shape but spread too much, at the width of V
    (:func:`emogap.scoring.resampling.interval_of`); ``docs/evidence/two_way_estimates.json`` has its coverage.

    References
    ----------
    Cameron, Gelbach and Miller (2011), J. Bus. Econ. Stat. 29(2), 238-249, doi:10.1198/jbes.2010.07136.
    Owen (2007), Annals of Applied Statistics 1(2), 386-411, doi:10.1214/07-AOAS122.
    """
    # A person or a stimulus without a clip is no cluster of these clips.
    left_out = [one[(one == 0).any(axis=1)] for one in (weights[:, mask] for weights in weightings.left_out)]
    if weightings.cell is None or min(map(len, left_out)) < 2:
        return [(None, np.nan)] * labels.shape[1]

    def z(weights: Float[ndarray, "D n"]) -> Float[ndarray, "D L"]:
        return fisher_z(pearson(measure, labels, weights, group))

    estimate = z(np.ones((1, len(measure))))[0]
    drawn = z(weightings.drawn[:, mask])
    without_person, without_stimulus = (z(one) for one in left_out)
    without_cell = np.concatenate([z(weights) for weights in without_each(weightings.cell[mask], BLOCK)])
    clusters = f"{counted(len(left_out[0]), 'person')} x {counted(len(left_out[1]), 'stimulus')}"
    found: list[tuple[Interval | None, float]] = []
    for column in range(labels.shape[1]):
        of_people, of_stimuli = without_person[:, column], without_stimulus[:, column]
        variance = two_way_variance(of_people, of_stimuli, without_cell[:, column])
        of_z = interval_of(
            float(estimate[column]),
            drawn[:, column],
            left_out=(of_people, of_stimuli),
            method="percentile",
            level=level,
            clusters=clusters,
            variance=variance,
        )
        p = two_sided_p(of_z.estimate, variance, min(map(len, left_out)) - 1)
        found.append((_on_r(of_z), p))
    return found


def _on_r(of_z: Interval) -> Interval:
    estimate, low, high = (float(np.tanh(z)) for z in (of_z.estimate, of_z.low, of_z.high))
    return replace(of_z, estimate=estimate, low=low, high=high)
