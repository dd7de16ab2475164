"""Events that two clocks see, from signals: flashes in a video's luminance, blinks in the look of the eyes.

:func:`flash_onsets` and :func:`lid_dips` are for :func:`emogap.preprocessing.synchronise.estimate_clock`: they would
rather miss an event than place it wrongly.
"""

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from scipy.ndimage import median_filter

from emogap.preprocessing.runs import find_runs

__all__ = ["flash_onsets", "lid_dips"]

FLASH_WINDOW_S = 1.5
FLASH_LONGEST_S = 0.5
"""Both ours: a flash is short, and brighter than most of the second and a half around it."""
FLASH_LEAST = 0.01
"""Rise of the mean luminance, as a share of white, below which nothing is called a flash."""

LID_WINDOW_S = 2.5
LID_SHORTEST_S, LID_LONGEST_S = 0.03, 0.7
"""From edge to edge; the whole way of the lids takes 0.25 s (Caffier et al. 2003, doi:10.1007/s00421-003-0807-5)."""
LID_EDGE = 0.7
"""Share of its depth at which a dip begins and ends. The lid rises more slowly than it falls (VanderWerf et al. 2003,
doi:10.1152/jn.00557.2002), so that the middle is later the higher the dip is cut; a tracker loses the pupil when the
lid is more than half way down."""
LID_DEEP = 0.998
"""Quantile of the drop that counts as shut: eyes are shut for one to five per cent of the time, and rarely less."""

NOISE_FACTOR = 6.0
MAD_TO_SD = 1.4826


def flash_onsets(luminance: Float[ndarray, " F"], time_s: Float[ndarray, " F"]) -> Float[ndarray, " N"]:
    """Onset of every flash, in s: half way between the last frame before it and the first one that is lit.

    Parameters
    ----------
    luminance : float64 array, shape (F,)
        Mean luminance of each frame, 0 (black) to 1 (white).
    time_s : float64 array, shape (F,)
        Presentation time of each frame, increasing.

    Notes
    -----
    Frames brighter than the running median over 1.5 s by six robust standard deviations and by 0.01, for at most
    0.5 s. A flash that is on in the first frame has no onset. The onset is uniform within one frame interval around
    the time given.

    Examples
    --------
    >>> luminance = np.full(100, 0.4)
    >>> luminance[50:53] = 0.5
    >>> flash_onsets(luminance, np.arange(100) / 25).tolist()
    [1.98]
    """
    if len(time_s) < 3:
        return np.zeros(0)
    rise = luminance - _running_median(luminance, time_s, FLASH_WINDOW_S)
    start, stop = find_runs(rise > max(NOISE_FACTOR * _noise(rise), FLASH_LEAST))
    ends_s = np.append(time_s, np.inf)
    is_flash = (start > 0) & (ends_s[stop] - time_s[start] <= FLASH_LONGEST_S)
    onset_s: Float[ndarray, " N"] = (time_s[start[is_flash] - 1] + time_s[start[is_flash]]) / 2
    return onset_s


def lid_dips(
    eye_edges: Float[ndarray, " F"], time_s: Float[ndarray, " F"]
) -> tuple[Float[ndarray, " N"], Float[ndarray, " N"]]:
    """When the eyes look shut, in s: where each dip of `eye_edges` passes 0.7 of its depth, down and up again.

    Parameters
    ----------
    eye_edges : float64 array, shape (F,)
        How open the eyes look, any unit, larger = more open; NaN where no face was found. As
        :func:`emogap.preprocessing.face.eye_edges.face_signals` gives it.
    time_s : float64 array, shape (F,)
        Presentation time of each frame, increasing.

    Returns
    -------
    onset_s, offset_s : float64 array, shape (N,)
        Between frames, by straight lines.

    Notes
    -----
    The drop is measured from the running median over 2.5 s. A dip is deeper than six robust standard deviations and
    than half of the drop that 0.2 % of the frames exceed, lasts 0.03 to 0.7 s, and touches no frame without a face.
    What else moves the signal (glances, expressions, the head) does so less deeply than a lid that covers the iris.
    """
    known = np.isfinite(eye_edges)
    if known.sum() < 3:
        return np.zeros(0), np.zeros(0)
    filled = np.interp(time_s, time_s[known], eye_edges[known])
    drop = _running_median(filled, time_s, LID_WINDOW_S) - filled
    limit = max(NOISE_FACTOR * _noise(drop), 0.5 * float(np.quantile(drop[known], LID_DEEP)))
    runs = sorted(zip(*find_runs(drop > limit), strict=True), key=lambda run: -float(drop[run[0] : run[1]].max()))
    dips: list[tuple[float, float]] = []
    for start, stop in runs:
        dip = _edges_of(drop, time_s, known, start, stop)
        # The deepest first: a second run above the limit may lie within the edges of the first.
        if dip is not None and not any(dip[0] < other[1] and other[0] < dip[1] for other in dips):
            dips.append(dip)
    lasting = [dip for dip in sorted(dips) if LID_SHORTEST_S <= dip[1] - dip[0] <= LID_LONGEST_S]
    found = np.array(lasting).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _edges_of(
    drop: Float[ndarray, " F"], time_s: Float[ndarray, " F"], known: Bool[ndarray, " F"], start: int, stop: int
) -> tuple[float, float] | None:
    """Where the drop passes the edge level of the run; None at an end, or where no face was found."""
    level = LID_EDGE * float(drop[start:stop].max())
    first, last = start, stop - 1
    while first > 0 and drop[first - 1] > level:
        first -= 1
    while last < len(drop) - 1 and drop[last + 1] > level:
        last += 1
    while drop[first] <= level:
        first += 1
    while drop[last] <= level:
        last -= 1
    if first == 0 or last == len(drop) - 1 or not known[first - 1 : last + 2].all():
        return None
    return _crossing(drop, time_s, level, first - 1, first), _crossing(drop, time_s, level, last + 1, last)


def _crossing(drop: Float[ndarray, " F"], time_s: Float[ndarray, " F"], level: float, below: int, above: int) -> float:
    share = (level - drop[below]) / (drop[above] - drop[below])
    return float(time_s[below] + share * (time_s[above] - time_s[below]))


def _running_median(
    values: Float[ndarray, " F"], time_s: Float[ndarray, " F"], window_s: float
) -> Float[ndarray, " F"]:
    size = 2 * round(window_s / float(np.median(np.diff(time_s))) / 2) + 1
    median: Float[ndarray, " F"] = median_filter(values, size=size, mode="nearest")
    return median


def _noise(values: Float[ndarray, " F"]) -> float:
    return MAD_TO_SD * float(np.median(np.abs(values)))
