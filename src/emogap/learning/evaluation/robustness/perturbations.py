"""What happens to one clip of one stream. Pure functions; NaN = not measured, and stays so.

Shapes: T steps, D channels, L lost intervals.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

__all__ = ["add_noise", "constant_shift", "drifting_shift", "held_steps", "lost_intervals", "lost_steps", "shift_gaze"]

POINTS = ("gaze", "fixation")
"""How the channels of a point in degrees begin: ``gaze_x_deg``."""


def add_noise(
    values: Float[ndarray, "T D"], *, variance: float, sd: Float[ndarray, " D"], rng: np.random.Generator
) -> Float[ndarray, "T D"]:
    """`values` with Gaussian noise in units of the training clips: of `variance` on the standardised stream.

    Parameters
    ----------
    values : float array, shape (T, D)
    variance : float
        Of the noise where a channel has mean 0 and SD 1.
    sd : float64 array, shape (D,)
        SD of each channel over the training clips; NaN where none holds it: such a channel has no scale and gets none.
    rng : Generator
    """
    scale = np.sqrt(variance) * np.nan_to_num(sd)
    return np.asarray(values + scale * rng.standard_normal(values.shape))


def lost_intervals(*, share: float, burst: float, rng: np.random.Generator) -> Float[ndarray, "L 2"]:
    """Begin and end of each burst of track loss, in clip lengths; together they last `share` of the clip.

    Parameters
    ----------
    share : float
        In [0, 1].
    burst : float
        How long a burst should be, in clip lengths; the nearest length of which a whole number makes `share`.
    rng : Generator

    Notes
    -----
    The rest of the clip is cut at uniformly random places, and a burst is put at each cut: bursts may touch, and never
    overlap.

    Examples
    --------
    >>> intervals = lost_intervals(share=0.25, burst=0.125, rng=np.random.default_rng(0))
    >>> len(intervals), float(np.diff(intervals, axis=1).sum())
    (2, 0.25)
    """
    number = max(1, round(share / burst))
    cuts = np.sort(rng.uniform(0, 1 - share, number))
    begin = cuts + share / number * np.arange(number)
    return np.stack([begin, begin + share / number], axis=1)


def lost_steps(intervals: Float[ndarray, "L 2"], num_steps: int) -> Bool[ndarray, " T"]:
    """Which of `num_steps` even steps have their middle in one of `intervals`.

    Examples
    --------
    >>> lost_steps(np.array([[0.2, 0.6]]), 5).tolist()
    [False, True, True, False, False]
    """
    middle = (np.arange(num_steps) + 0.5) / num_steps
    return np.asarray(((middle[:, None] >= intervals[:, 0]) & (middle[:, None] < intervals[:, 1])).any(axis=1))


def constant_shift(num_steps: int, *, amount_deg: float, angle_rad: float) -> Float[ndarray, "T 2"]:
    """A calibration offset: the same shift in degrees (x right, y up) at every step."""
    return np.tile(amount_deg * np.array([np.cos(angle_rad), np.sin(angle_rad)]), (num_steps, 1))


def drifting_shift(num_steps: int, *, amount_deg: float, angle_rad: float) -> Float[ndarray, "T 2"]:
    """A slow drift: from no shift at the begin of the clip, evenly to the whole one at its end.

    Examples
    --------
    >>> drifting_shift(4, amount_deg=8.0, angle_rad=0.0)[:, 0].tolist()
    [1.0, 3.0, 5.0, 7.0]
    """
    middle = (np.arange(num_steps) + 0.5) / num_steps
    return constant_shift(num_steps, amount_deg=amount_deg, angle_rad=angle_rad) * middle[:, None]


def shift_gaze(
    values: Float[ndarray, "T D"], channels: Sequence[str], shift_deg: Float[ndarray, "T 2"]
) -> Float[ndarray, "T D"]:
    """`values` with gaze and fixations moved by `shift_deg`; unit vectors of the eyes are turned with them.

    Parameters
    ----------
    values : float array, shape (T, D)
    channels : sequence of str
        D names. Moved are ``gaze_x_deg``, ``gaze_y_deg``, ``fixation_x_deg``, ``fixation_y_deg`` and
        ``direction_<side>_x``, ``_y`` and ``_z``; all others stay.
    shift_deg : float64 array, shape (T, 2)

    Notes
    -----
    A direction d becomes ``d + |d_z| (tan x, tan y, 0)``, of length 1 again: exact for an eye that looks straight
    ahead, and short by the cosine of its own angle beside that. Whether a tracker's y axis points up is not asked: the
    angle of a shift is drawn at random.
    """
    moved = np.array(values, np.float64)
    place = {name: at for at, name in enumerate(channels)}
    for axis, name in enumerate("xy"):
        for point in POINTS:
            if f"{point}_{name}_deg" in place:
                moved[:, place[f"{point}_{name}_deg"]] += shift_deg[:, axis]
    for side in "lr":
        vector = [place[name] for axis in "xyz" if (name := f"direction_{side}_{axis}") in place]
        if len(vector) == 3:
            moved[:, vector] = _turned(moved[:, vector], shift_deg)
    return moved


def held_steps(num_steps: int, *, every: int) -> ndarray:
    """For each step, the step whose sample a tracker that is `every` times slower still shows; int64, shape (T,).

    Examples
    --------
    >>> held_steps(7, every=3).tolist()
    [0, 0, 0, 3, 3, 3, 6]
    """
    return np.asarray(np.arange(num_steps) // every * every)


def _turned(direction: Float[ndarray, "T 3"], shift_deg: Float[ndarray, "T 2"]) -> Float[ndarray, "T 3"]:
    turned = direction.copy()
    turned[:, :2] += np.abs(direction[:, 2:]) * np.tan(np.deg2rad(shift_deg))
    return np.asarray(turned / np.linalg.norm(turned, axis=1, keepdims=True))
