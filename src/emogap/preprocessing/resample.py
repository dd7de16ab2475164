"""Gaze at another rate, never across a loss."""

import dataclasses
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from emogap.errors import UsageError
from emogap.preprocessing.runs import LONGEST_STEP
from emogap.types import GazeSeries

__all__ = ["resample"]

SAME_TIME_S = 1e-6
"""Times closer than this are the same: trackers give microseconds at best."""


def resample(gaze: GazeSeries, *, rate_hz: float, method: Literal["linear", "mean"] = "linear") -> GazeSeries:
    """The series on an even grid of `rate_hz` from its first sample to its last.

    Parameters
    ----------
    gaze : GazeSeries
        In any frame; the steps between its rows need not be even.
    rate_hz : float
        Any positive rate: 30, 60, 120 Hz or between; higher than before is allowed.
    method : {"linear", "mean"}
        ``linear``: on the line between the two rows around each new sample. ``mean``: the mean of the rows within
        half a new interval, which keeps noise above the new rate from folding back (Shannon 1949); the line
        where no row lies so close.

    Returns
    -------
    GazeSeries
        A new sample between two rows is valid if both were, and if no row is missing between them; there
        gaze and pupil are NaN otherwise. A sample that was not measured at its very time (within 1 us) is marked
        as altered.

    Raises
    ------
    UsageError
        If the rate is not positive.

    Notes
    -----
    Resampling to the grid it is on gives the same series.
    """
    if not rate_hz > 0:
        raise UsageError(f"the sampling rate must be positive, got {rate_hz} Hz", fix="give rate_hz=60, for example")
    if len(gaze.time_s) == 0:
        return dataclasses.replace(gaze, rate_hz=float(rate_hz))
    num_samples = int(np.floor((gaze.time_s[-1] - gaze.time_s[0]) * rate_hz + SAME_TIME_S)) + 1
    time_s = gaze.time_s[0] + np.arange(num_samples) / rate_hz
    grid = _Grid(gaze.time_s, time_s, gaze.rate_hz)
    position, valid, altered = _resampled(gaze.position, gaze.valid, gaze.altered, grid, method)
    changes: dict[str, ndarray | float] = {
        "time_s": time_s,
        "position": position,
        "valid": valid,
        "altered": altered,
        "rate_hz": float(rate_hz),
    }
    if gaze.pupil is not None and gaze.pupil_altered is not None:
        known = np.isfinite(gaze.pupil)
        pupil, _, changes["pupil_altered"] = _resampled(gaze.pupil[..., None], known, gaze.pupil_altered, grid, method)
        changes["pupil"] = pupil[..., 0]
    for name in ("confidence", "openness"):
        share: Float[ndarray, "T E"] | None = getattr(gaze, name)
        if share is not None:
            resampled, _, _ = _resampled(share[..., None], np.isfinite(share), gaze.altered, grid, method)
            changes[name] = resampled[..., 0]
    for name in ("direction", "origin_mm"):
        vectors: Float[ndarray, "T E 3"] | None = getattr(gaze, name)
        if vectors is not None:
            known = np.isfinite(vectors).all(axis=2)
            changes[name], _, _ = _resampled(vectors, known, gaze.altered, grid, method)
    if "direction" in changes:
        changes["direction"] = changes["direction"] / np.linalg.norm(changes["direction"], axis=2, keepdims=True)
    return dataclasses.replace(gaze, **changes)  # type: ignore[arg-type]


class _Grid:
    """Where each new time lies among the old ones."""

    def __init__(self, old_s: Float[ndarray, " T"], new_s: Float[ndarray, " U"], rate_hz: float) -> None:
        nearest = np.clip(np.searchsorted(old_s, new_s - SAME_TIME_S), 0, len(old_s) - 1)
        self.is_same: Bool[ndarray, " U"] = np.abs(old_s[nearest] - new_s) <= SAME_TIME_S
        above = np.clip(np.searchsorted(old_s, new_s, side="right"), 1, max(len(old_s) - 1, 1))
        self.high: Int[ndarray, " U"] = np.where(self.is_same, nearest, np.minimum(above, len(old_s) - 1))
        self.low: Int[ndarray, " U"] = np.where(self.is_same, nearest, above - 1)
        step_s = old_s[self.high] - old_s[self.low]
        self.is_joined: Bool[ndarray, " U"] = step_s <= LONGEST_STEP / rate_hz
        self.share: Float[ndarray, " U"] = np.where(
            self.is_same, 0.0, (new_s - old_s[self.low]) / np.where(step_s > 0, step_s, 1.0)
        )
        half_s = 0.5 * (new_s[1] - new_s[0]) if len(new_s) > 1 else 0.0
        self.first = np.searchsorted(old_s, new_s - half_s - SAME_TIME_S)
        self.stop = np.searchsorted(old_s, new_s + half_s - SAME_TIME_S)


def _resampled(
    values: Float[ndarray, "T E C"],
    known: Bool[ndarray, "T E"],
    altered: Bool[ndarray, "T E"],
    grid: _Grid,
    method: str,
) -> tuple[Float[ndarray, "U E C"], Bool[ndarray, "U E"], Bool[ndarray, "U E"]]:
    share = grid.share[:, None, None]
    line = values[grid.low] * (1 - share) + values[grid.high] * share
    line[grid.is_same] = values[grid.low[grid.is_same]]
    valid = known[grid.low] & known[grid.high] & grid.is_joined[:, None]
    changed = np.where(grid.is_same[:, None], altered[grid.low], valid)
    if method == "mean":
        line, changed = _averaged(values, known, grid, line, changed)
    return np.where(valid[..., None], line, np.nan), valid, changed


def _averaged(
    values: Float[ndarray, "T E C"],
    known: Bool[ndarray, "T E"],
    grid: _Grid,
    line: Float[ndarray, "U E C"],
    changed: Bool[ndarray, "U E"],
) -> tuple[Float[ndarray, "U E C"], Bool[ndarray, "U E"]]:
    """Means over the rows around each new time, where there is more than one known row."""
    total = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(np.where(known[..., None], values, 0.0), axis=0, out=total[1:])
    count = np.zeros((len(known) + 1, known.shape[1]))
    np.cumsum(known, axis=0, out=count[1:])
    rows = count[grid.stop] - count[grid.first]
    several = rows > 1
    mean = (total[grid.stop] - total[grid.first]) / np.where(several, rows, 1.0)[..., None]
    return np.where(several[..., None], mean, line), changed | several
