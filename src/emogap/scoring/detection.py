"""How well a probability tells an event from none: ranks, precision, and flags that are false.

Predictions of several fits (the folds of a split) are on scales of their own. With `strata` clips are compared within
one fit only: pooled, even a constant per fold would seem to rank clips, since a fold with many events is held out from
a training set with few.
"""

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from emogap.errors import UsageError
from emogap.scoring.sums import codes_of

__all__ = ["auroc", "average_precision", "false_flag_rate"]


def auroc(event: Bool[ndarray, " N"], probability: Float[ndarray, " N"], *, strata: ArrayLike | None = None) -> float:
    """Probability that a clip with the event ranks above one without, ties half; NaN if either kind is absent.

    Parameters
    ----------
    event : bool array, shape (N,)
    probability : float array, shape (N,)
    strata : array, shape (N,), optional
        Which fit each clip was predicted by; pairs are counted within.

    Notes
    -----
    ``sum_s U_s / sum_s n1_s n0_s`` with Mann and Whitney's U of each stratum.

    References
    ----------
    Hanley and McNeil (1982), Radiology 143(1), 29-36, doi:10.1148/radiology.143.1.7063747.
    Airola et al. (2011), Comput. Stat. Data Anal. 55(4), 1828-1844, doi:10.1016/j.csda.2010.11.018: pairs of one fold.

    Examples
    --------
    >>> auroc(np.array([True, False, True, False]), np.array([0.9, 0.2, 0.4, 0.4]))
    0.875
    """
    above = pairs = 0.0
    for part in _parts(event, probability, strata):
        num_events = float(event[part].sum())
        ranks = rankdata(probability[part])
        above += float(ranks[event[part]].sum()) - num_events * (num_events + 1) / 2
        pairs += num_events * (len(part) - num_events)
    return above / pairs if pairs else float("nan")


def average_precision(
    event: Bool[ndarray, " N"], probability: Float[ndarray, " N"], *, strata: ArrayLike | None = None
) -> float:
    """Area under the steps of precision against recall; always state the share of events with it, which is chance.

    Parameters
    ----------
    event, probability, strata
        As in :func:`auroc`; the areas of strata are averaged, weighted by their events.

    Notes
    -----
    ``sum_n (R_n - R_{n-1}) P_n`` over the distinct probabilities in falling order, no interpolation. NaN without an
    event.

    References
    ----------
    Davis and Goadrich (2006), ICML, 233-240, doi:10.1145/1143844.1143874: why not to interpolate.

    Examples
    --------
    >>> round(average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.1])), 4)
    0.8333
    """
    area = total = 0.0
    for part in _parts(event, probability, strata):
        order = np.argsort(-probability[part], kind="stable")
        said, happened = probability[part][order], event[part][order]
        # Clips that are equally probable are flagged together.
        last = np.flatnonzero(np.append(np.diff(said) != 0, True))
        caught = np.cumsum(happened)[last].astype(np.float64)
        area += float(np.sum(np.diff(caught, prepend=0.0) * caught / (last + 1)))
        total += float(happened.sum())
    return area / total if total else float("nan")


def false_flag_rate(event: Bool[ndarray, " N"], is_flagged: Bool[ndarray, " N"]) -> float:
    """Share of the clips *without* the event that are flagged; NaN if every clip has it.

    Not the share of flags that are false, which depends on how common the event is.

    Examples
    --------
    >>> false_flag_rate(np.array([True, False, False, False]), np.array([True, True, False, False]))
    0.3333333333333333
    """
    without = ~event
    return float(is_flagged[without].mean()) if without.any() else float("nan")


def _parts(event: ndarray, probability: ndarray, strata: ArrayLike | None) -> list[ndarray]:
    if event.shape != probability.shape or event.ndim != 1 or not len(event):
        raise UsageError(
            f"events of shape {event.shape} do not fit probabilities of shape {probability.shape}",
            fix="give one probability for each clip, and at least one clip",
        )
    if strata is None:
        return [np.arange(len(event))]
    codes, num_strata = codes_of(strata)
    return [np.flatnonzero(codes == number) for number in range(num_strata)]
