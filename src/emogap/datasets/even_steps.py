"""Streams of one clip brought to the same number of steps, by means over equal parts of the clip.

Shapes: N clips, T steps of the stream, S steps wanted, D channels.
"""

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

__all__ = ["averaged_to"]


def averaged_to(
    values: Float[ndarray, "N T D"],
    mask: Bool[ndarray, "N T"],
    steps: Int[ndarray, " N"],
    *,
    num_steps: int,
) -> tuple[Float[ndarray, "N S D"], Bool[ndarray, "N S"]]:
    """The steps of each clip that hold something, averaged over as many equal parts as `steps` says.

    Parameters
    ----------
    values : float32 array, shape (N, T, D)
        NaN = not measured; left out of the means.
    mask : bool array, shape (N, T)
        True = a step that holds something.
    steps : int array, shape (N,)
        Parts of each clip, 0 to `num_steps`.
    num_steps : int
        Steps of the result (S); those beyond a clip's parts are masked.

    Returns
    -------
    values : float32 array, shape (N, S, D)
        NaN where nothing was measured.
    mask : bool array, shape (N, S)

    Notes
    -----
    With n steps that hold something and L parts, part k is the mean of the steps from ``floor(k n / L)`` to
    ``ceil((k + 1) n / L) - 1``, as in adaptive average pooling: parts may share a step, and none is empty.

    Examples
    --------
    >>> stream = np.array([[[1.0], [3.0], [5.0], [7.0], [np.nan]]], np.float32)
    >>> means, mask = averaged_to(stream, np.isfinite(stream[..., 0]), np.array([2]), num_steps=3)
    >>> means[0, :, 0].tolist(), mask[0].tolist()
    ([2.0, 6.0, nan], [True, True, False])
    """
    averaged = np.full((len(values), num_steps, values.shape[2]), np.nan, np.float32)
    for clip, parts in enumerate(steps.tolist()):
        held = values[clip][mask[clip]].astype(np.float64)
        if parts and len(held):
            averaged[clip, :parts] = _means(held, parts)
    return averaged, np.asarray(np.isfinite(averaged).any(axis=2))


def _means(held: Float[ndarray, "n D"], parts: int) -> Float[ndarray, "L D"]:
    part = np.arange(parts)
    start, stop = part * len(held) // parts, -(-(part + 1) * len(held) // parts)
    is_known = np.isfinite(held)
    total, count = (
        np.concatenate([np.zeros((1, held.shape[1])), np.cumsum(each, axis=0)])
        for each in (np.where(is_known, held, 0.0), is_known)
    )
    number = count[stop] - count[start]
    return np.asarray((total[stop] - total[start]) / np.where(number > 0, number, np.nan))
