"""How fast gaze moves, over a window centred on each sample."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.preprocessing.runs import unbroken_runs

__all__ = ["half_window", "window_velocity"]


def half_window(window_s: float, rate_hz: float) -> int:
    """Sampling intervals on either side of a sample that make up `window_s`; at least one.

    Examples
    --------
    >>> [half_window(0.020, rate_hz) for rate_hz in (30, 60, 120, 300)]
    [1, 1, 1, 3]
    """
    return max(1, round(window_s * rate_hz / 2))


def window_velocity(
    values: Float[ndarray, "T C"], time_s: Float[ndarray, " T"], *, window_s: float, rate_hz: float
) -> Float[ndarray, "T C"]:
    """Change of each column over a window centred on each sample, per second.

    Parameters
    ----------
    values : float64 array, shape (T, C)
        NaN = missing.
    time_s : float64 array, shape (T,)
    window_s : float
        Length of the window in s; at least one sampling interval on either side is used, so that at 60 Hz
        a window of 20 ms is one of 33 ms.
    rate_hz : float
        Nominal sampling rate in Hz.

    Returns
    -------
    float64 array, shape (T, C)
        In units of `values` per second; NaN where the sample is missing or stands alone.

    Notes
    -----
    ``v_i = (x_{i+h} - x_{i-h}) / (t_{i+h} - t_{i-h})`` with h from :func:`half_window`. The window never reaches
    over a missing sample or a missing row: there it is cut on that side, to half its length at the least
    (Tobii's filter leaves those samples unclassified; cutting keeps the first and last 10 ms of a fixation).

    References
    ----------
    Olsen (2012), The Tobii I-VT fixation filter: algorithm description, section 3.1.4.
    """
    velocity = np.full(values.shape, np.nan)
    first, last = _run_limits(np.isfinite(values).all(axis=1), time_s, rate_hz)
    index = np.flatnonzero(last > first)
    half = half_window(window_s, rate_hz)
    low = np.maximum(index - half, first[index])
    high = np.minimum(index + half, last[index])
    velocity[index] = (values[high] - values[low]) / (time_s[high] - time_s[low])[:, None]
    return velocity


def _run_limits(known: ndarray, time_s: Float[ndarray, " T"], rate_hz: float) -> tuple[ndarray, ndarray]:
    """First and last index of the unbroken run each known sample is in; both -1 where there is none."""
    first = np.full(len(time_s), -1)
    last = np.full(len(time_s), -1)
    start, stop = unbroken_runs(known, time_s, rate_hz)
    lengths = stop - start
    inside = np.flatnonzero(known)
    first[inside] = np.repeat(start, lengths)
    last[inside] = np.repeat(stop - 1, lengths)
    return first, last
