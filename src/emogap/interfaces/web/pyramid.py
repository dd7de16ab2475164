"""A signal at every zoom: lowest and highest value of ever longer stretches; a picture of any width is cheap."""

from dataclasses import dataclass
from functools import reduce

import numpy as np
from jaxtyping import Float
from numpy import ndarray

__all__ = ["Pyramid", "Window"]

BRANCH = 4
"""Cells of a level that become one of the next."""

FEWEST = 64
"""Cells at which the next level would be of no use."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A stretch of a signal for a picture.

    Attributes
    ----------
    start_s, step_s : float
        Where the first cell begins, and how long each one is.
    low, high : float32 array, shape (W,)
        NaN where a cell holds no value.
    """

    start_s: float
    step_s: float
    low: Float[ndarray, " W"]
    high: Float[ndarray, " W"]


class Pyramid:
    """Lowest and highest values of a signal, by cells of 1, 4, 16, ... sampling intervals.

    Parameters
    ----------
    time_s : float64 array, shape (T,)
        Strictly increasing; where rows are missing, cells stay empty.
    values : float array, shape (T,)
        NaN = not known.
    rate_hz : float

    Notes
    -----
    It takes 2 x 4/3 float32 per sampling interval. A window costs what it holds, however long the signal is.
    """

    def __init__(self, time_s: Float[ndarray, " T"], values: Float[ndarray, " T"], rate_hz: float) -> None:
        self.start_s = float(time_s[0])
        self.step_s = 1.0 / rate_hz
        cell = np.rint((time_s - self.start_s) * rate_hz).astype(np.int64)
        size = int(cell[-1]) + 1
        low, high = np.full(size, np.inf, np.float32), np.full(size, -np.inf, np.float32)
        known = np.isfinite(values)
        # Two samples may fall into one cell where the clock jitters.
        np.minimum.at(low, cell[known], values[known].astype(np.float32))
        np.maximum.at(high, cell[known], values[known].astype(np.float32))
        self.levels = _levels(low, high)

    @classmethod
    def from_cells(
        cls, start_s: float, step_s: float, low: Float[ndarray, " C"], high: Float[ndarray, " C"]
    ) -> "Pyramid":
        """The same pyramid from the cells of its lowest level, ``levels[0]``; an empty cell is inf, -inf."""
        pyramid = cls.__new__(cls)
        pyramid.start_s, pyramid.step_s = start_s, step_s
        pyramid.levels = _levels(low, high)
        return pyramid

    def window(self, from_s: float, to_s: float, *, cells: int) -> Window:
        """The signal from `from_s` to `to_s` in at most about `cells` cells, each one true to its samples.

        Examples
        --------
        >>> time_s = np.arange(8) / 2
        >>> window = Pyramid(time_s, np.arange(8.0), 2.0).window(1.0, 3.0, cells=4)
        >>> window.start_s, window.step_s, window.low.tolist()
        (1.0, 0.5, [2.0, 3.0, 4.0, 5.0])
        """
        wanted = max(1, cells)
        level = 0
        while level + 1 < len(self.levels) and (to_s - from_s) / (self.step_s * BRANCH**level) > wanted:
            level += 1
        step_s = self.step_s * BRANCH**level
        low, high = self.levels[level]
        # A boundary that lies on a cell's begin belongs to that cell, whatever the last bit of a quotient says.
        first = int(np.floor((from_s - self.start_s) / step_s + 1e-6))
        stop = int(np.ceil((to_s - self.start_s) / step_s - 1e-6))
        first, stop = min(max(first, 0), len(low)), min(max(stop, 0), len(low))
        shown = [np.where(np.isfinite(side[first:stop]), side[first:stop], np.nan) for side in (low, high)]
        return Window(self.start_s + first * step_s, step_s, *(side.astype(np.float32) for side in shown))

    @property
    def limits(self) -> tuple[float, float] | None:
        """Lowest and highest value of all; None if none is known."""
        low, high = float(self.levels[-1][0].min()), float(self.levels[-1][1].max())
        return (low, high) if np.isfinite(low) else None


def _levels(low: Float[ndarray, " C"], high: Float[ndarray, " C"]) -> list[tuple[ndarray, ndarray]]:
    levels = [(low, high)]
    while len(levels[-1][0]) > FEWEST:
        low, high = levels[-1]
        levels.append((_reduced(low, np.minimum), _reduced(high, np.maximum)))
    return levels


def _reduced(side: Float[ndarray, " C"], how: np.ufunc) -> Float[ndarray, " D"]:
    """The extremes of every ``BRANCH`` cells; the last ones may be fewer."""
    empty = np.inf if how is np.minimum else -np.inf
    padded = np.full(-(-len(side) // BRANCH) * BRANCH, empty, np.float32)
    padded[: len(side)] = side
    # Whole columns at a time: a reduction over so short an axis would be several times slower.
    reduced: Float[ndarray, " D"] = reduce(how, (padded[place::BRANCH] for place in range(BRANCH)))
    return reduced
