"""The sample nearest to a time."""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

__all__ = ["nearest_samples"]


def nearest_samples(time_s: Float[ndarray, " S"], wanted_s: Float[ndarray, " T"]) -> Int[ndarray, " T"]:
    """Index of the sample nearest to each wanted time, the earlier of two that are as near; int64, shape (T,).

    Parameters
    ----------
    time_s : float64 array, shape (S,)
        Seconds, strictly increasing; at least one.
    wanted_s : float64 array, shape (T,)
        In any order.

    Examples
    --------
    >>> nearest_samples(np.array([0.0, 1.0, 4.0]), np.array([0.5, 2.6, 9.0])).tolist()
    [0, 2, 2]
    """
    after = np.clip(np.searchsorted(time_s, wanted_s), 1, max(1, len(time_s) - 1))
    before = after - 1
    after = np.minimum(after, len(time_s) - 1)
    is_earlier = np.abs(wanted_s - time_s[before]) <= np.abs(time_s[after] - wanted_s)
    return np.where(is_earlier, before, after)
