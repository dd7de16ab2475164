"""A window of gaze in 29 numbers, as the statistical baseline of GLASS has them.

Letters: N windows, T frames, D channels, E eyes, A axes of an eye.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

__all__ = ["gaze_statistics", "statistic_names"]

PER_EYE = ("mean speed", "SD of speed", "median speed", "95th percentile of speed", "mean acceleration", "SD of it")


def statistic_names(channels: Sequence[str]) -> tuple[str, ...]:
    """What :func:`gaze_statistics` gives, in order.

    Examples
    --------
    >>> len(statistic_names([f"gaze_{eye}_{axis}" for eye in (0, 1) for axis in "xyz"]))
    29
    """
    eyes = _eyes(channels)
    names: list[str] = []
    for number, eye in enumerate(eyes):
        names += [f"mean {channels[place]}" for place in eye] + [f"SD {channels[place]}" for place in eye]
        names += [f"{name} of eye {number}" for name in PER_EYE]
    for one, other in combinations(eyes, 2):
        names += [f"r of {channels[a]} and {channels[b]}" for a, b in zip(one, other, strict=True)]
    return (*names, "valid frames", "rate")


def gaze_statistics(
    gaze: Float[ndarray, "N T D"], valid: Bool[ndarray, "N T"], channels: Sequence[str], rate_hz: float
) -> Float[ndarray, "N F"]:
    """Statistics of each window over its valid frames.

    Parameters
    ----------
    gaze : float array, shape (N, T, D)
        In the units of the channels; what stands where not valid is not read.
    valid : bool array, shape (N, T)
    channels : sequence of str, length D
        ``gaze_0_*`` and ``gaze_1_*`` are two eyes; any other channels are taken as one.
    rate_hz : float

    Returns
    -------
    float64 array, shape (N, F)
        Finite; F is 29 for two eyes of three axes. Zero where a window has too few valid frames for a number, or a
        correlation is one of a constant.

    Notes
    -----
    Per eye: mean and SD (divided by the number of frames) of each axis; mean, SD, median and 95th percentile of the
    speed, which is the Euclidean norm of the difference of neighbouring frames times the rate; mean and SD of the norm
    of the differences of those, times the rate. Then Pearson's r between the eyes for each axis, the number of valid
    frames, and the rate. The list is that of the baseline of arXiv 2601.12534, whose code counts all frames and
    assumes windows of 5 s. Differences across a frame that is not valid do not count.
    """
    return np.array([_of_window(gaze[row], valid[row], _eyes(channels), rate_hz) for row in range(len(gaze))])


def _eyes(channels: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Places of the channels of each eye."""
    eyes = [tuple(place for place, name in enumerate(channels) if name.startswith(f"gaze_{eye}_")) for eye in (0, 1)]
    if len(eyes[0]) == len(eyes[1]) and sum(map(len, eyes)) == len(channels):
        return tuple(eyes)
    return (tuple(range(len(channels))),)


def _of_window(
    gaze: Float[ndarray, "T D"], valid: Bool[ndarray, " T"], eyes: tuple[tuple[int, ...], ...], rate_hz: float
) -> Float[ndarray, " F"]:
    known = gaze[valid].astype(np.float64)
    pairs = valid[1:] & valid[:-1]
    triples = pairs[1:] & pairs[:-1]
    parts: list[float] = []
    for eye in eyes:
        velocity = np.diff(gaze[:, eye].astype(np.float64), axis=0) * rate_hz
        speed = np.linalg.norm(velocity[pairs], axis=1)
        acceleration = np.linalg.norm((np.diff(velocity, axis=0) * rate_hz)[triples], axis=1)
        parts += [float(number(known[:, place])) for number in (_mean, _sd) for place in eye]
        parts += [_mean(speed), _sd(speed), _quantile(speed, 0.5), _quantile(speed, 0.95)]
        parts += [_mean(acceleration), _sd(acceleration)]
    for one, other in combinations(eyes, 2):
        parts += [_pearson_r(known[:, a], known[:, b]) for a, b in zip(one, other, strict=True)]
    return np.array([*parts, float(len(known)), rate_hz])


def _mean(values: Float[ndarray, " K"]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _sd(values: Float[ndarray, " K"]) -> float:
    return float(values.std()) if len(values) else 0.0


def _quantile(values: Float[ndarray, " K"], share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else 0.0


def _pearson_r(one: Float[ndarray, " K"], other: Float[ndarray, " K"]) -> float:
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
