"""Text and pictures in characters: facts and bullets, a density map of the screen, traces over time with gaps."""

from textwrap import wrap

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["WIDTH", "bullet", "density_map", "fact", "trace"]

WIDTH = 78
"""Of what 'emogap look' prints, in characters."""

SHADES = " \u2591\u2592\u2593\u2588"
LEVELS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
CELL_ASPECT = 2.0
"""A character cell is about twice as high as it is wide."""


def fact(name: str, text: str) -> list[str]:
    """The lines of a fact: its name, and a text beside it."""
    return wrap(text, width=WIDTH, initial_indent=f"  {name:<13}", subsequent_indent=" " * 15)


def bullet(text: str) -> list[str]:
    """The lines of one item of a list."""
    return wrap(text, width=WIDTH, initial_indent="  - ", subsequent_indent="    ")


def trace(values: Float[ndarray, " T"], *, width: int, limits: tuple[float, float] | None = None) -> str:
    """`width` characters whose height follows the median of equal shares of `values`; blank where all are NaN.

    Parameters
    ----------
    values : float64 array, shape (T,)
        In any unit, evenly sampled; NaN = lost.
    width : int
        Number of characters, at least 1; fewer are drawn if there are fewer values.
    limits : (float, float), optional
        Values of the lowest and the highest character; by default the 1st and the 99th percentile.

    Examples
    --------
    >>> import numpy as np
    >>> trace(np.array([0.0, 1, np.nan, 7]), width=4, limits=(0, 7))
    '▁▂ █'
    """
    given = values[np.isfinite(values)]
    if not len(given):
        return " " * min(width, len(values))
    low, high = limits or (float(np.percentile(given, 1)), float(np.percentile(given, 99)))
    return "".join(_level(share, low, high) for share in np.array_split(values, min(width, len(values))))


def _level(values: Float[ndarray, " S"], low: float, high: float) -> str:
    given = values[np.isfinite(values)]
    if not len(given):
        return " "
    height = (float(np.median(given)) - low) / (high - low) if high > low else 0.5
    return LEVELS[int(np.clip(height * len(LEVELS), 0, len(LEVELS) - 1))]


def density_map(
    points: Float[ndarray, "N 2"],
    *,
    extent: tuple[float, float, float, float],
    y_up: bool,
    num_lines: int,
    max_width: int,
) -> tuple[str, ...]:
    """Lines of characters that are darker where more points lie; points outside `extent` are left out.

    Parameters
    ----------
    points : float64 array, shape (N, 2)
        x and y in any unit; NaN is left out.
    extent : (float, float, float, float)
        Least x, greatest x, least y and greatest y of the map.
    y_up : bool
        Whether greater y is further up.
    num_lines, max_width : int
        Height of the map; its width keeps the proportions of `extent`, up to `max_width` characters.

    Notes
    -----
    Shade follows the square root of the count, so that what was looked at briefly can be seen as well.

    Examples
    --------
    >>> import numpy as np
    >>> density_map(np.array([[1.0, 1.0]]), extent=(0, 8, 0, 8), y_up=True, num_lines=2, max_width=9)
    ('    ', '█   ')
    """
    left, right, low, high = extent
    width = int(np.clip(round(num_lines * CELL_ASPECT * (right - left) / (high - low)), 1, max_width))
    inside = points[np.isfinite(points).all(axis=1)]
    counts, _, _ = np.histogram2d(
        inside[:, 1], inside[:, 0], bins=(num_lines, width), range=((low, high), (left, right))
    )
    most = counts.max()
    shade = np.ceil(np.sqrt(counts / most) * (len(SHADES) - 1)).astype(int) if most else counts.astype(int)
    lines = tuple("".join(SHADES[level] for level in line) for line in shade)
    return lines[::-1] if y_up else lines
