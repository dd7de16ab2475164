"""Savitzky-Golay smoothing within unbroken stretches of gaze."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy.signal import savgol_filter

from emogap.preprocessing.runs import unbroken_runs
from emogap.types import GazeSeries

__all__ = ["SmoothingConfig", "smooth"]


class SmoothingConfig(BaseModel):
    """Window and polynomial of the filter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window_s: float = Field(
        default=0.02, gt=0, description="Length of the window in s; about twice a short saccade's rise (Nystrom 2010)."
    )
    degree: int = Field(default=2, ge=0, description="Degree of the polynomial (Nystrom and Holmqvist 2010).")
    pupil: bool = Field(default=False, description="Whether the pupil is smoothed too.")

    @model_validator(mode="after")
    def _degree_is_small(self) -> "SmoothingConfig":
        if self.degree > 5:
            raise ValueError(f"degree must be at most 5, got {self.degree}")
        return self


def smooth(gaze: GazeSeries, config: SmoothingConfig | None = None) -> GazeSeries:
    """Gaze smoothed by local polynomials, never over a loss or a missing row; smoothed samples are marked.

    Parameters
    ----------
    gaze : GazeSeries
        In any frame, evenly sampled but for losses.
    config : SmoothingConfig, optional
        The window is rounded to an odd number of samples, at least ``degree + 2`` (rounded up to odd).

    Returns
    -------
    GazeSeries
        Stretches shorter than the window stay as they were and unmarked.

    References
    ----------
    Savitzky and Golay (1964), doi:10.1021/ac60214a047. Degree 2 and 20 ms: Nystrom and Holmqvist (2010),
    doi:10.3758/BRM.42.1.188, p. 192.
    """
    config = config or SmoothingConfig()
    window = _odd(config.window_s * gaze.rate_hz, at_least=config.degree + 2)
    position, altered = gaze.position.copy(), gaze.altered.copy()
    for eye in range(len(gaze.eyes)):
        position[:, eye], done = _smooth_runs(gaze.position[:, eye], gaze, window, config.degree)
        altered[:, eye] |= done
    smoothed = dataclasses.replace(gaze, position=position, altered=altered)
    if not config.pupil or gaze.pupil is None or gaze.pupil_altered is None:
        return smoothed
    pupil, pupil_altered = gaze.pupil.copy(), gaze.pupil_altered.copy()
    for eye in range(len(gaze.eyes)):
        pupil[:, [eye]], done = _smooth_runs(gaze.pupil[:, [eye]], gaze, window, config.degree)
        pupil_altered[:, eye] |= done
    return dataclasses.replace(smoothed, pupil=pupil, pupil_altered=pupil_altered)


def _odd(samples: float, *, at_least: int) -> int:
    return max(2 * round((samples - 1) / 2) + 1, at_least | 1)


def _smooth_runs(
    values: Float[ndarray, "T C"], gaze: GazeSeries, window: int, degree: int
) -> tuple[Float[ndarray, "T C"], Bool[ndarray, " T"]]:
    smoothed, done = values.copy(), np.zeros(len(values), bool)
    known = np.isfinite(values).all(axis=1)
    for start, stop in zip(*unbroken_runs(known, gaze.time_s, gaze.rate_hz), strict=True):
        if stop - start >= window:
            smoothed[start:stop] = savgol_filter(values[start:stop], window, degree, axis=0)
            done[start:stop] = True
    return smoothed, done
