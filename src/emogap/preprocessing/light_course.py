"""A session on an even grid: the luminance of what was shown, and the course of a pupil that follows it.

``session_grid`` lays a session out, ``light_course`` lets a pupil follow it, ``Projection`` takes out of both what is
no light. Only ``pupil_light`` uses this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from emogap.preprocessing.light_response import follow_light, lagged, light_adapted_diameter_mm, pupil_response
from emogap.types import StimulusInterval, StimulusLuminance

__all__ = ["LightParameters", "Projection", "SessionGrid", "light_course", "mean_of_eyes", "session_grid"]

RESPONSE_S = 4.0
"""The response of Hoeks and Levelt (1993) is over by then."""


@dataclass(frozen=True, slots=True)
class LightParameters:
    """What is fitted of a reflex; see :class:`~emogap.preprocessing.pupil_light.LightReflex`."""

    latency_s: float
    constriction_s: float
    dilation_s: float
    lag_s: float
    surround: float
    pause_luminance: float
    gaze_weight: float


@dataclass(frozen=True, slots=True, eq=False)
class SessionGrid:
    """A session of N even steps.

    Attributes
    ----------
    time_s : float64 array, shape (N,)
    step_s : float
    whole : float64 array, shape (N,)
        Luminance of the stimulus, share of white; NaN between stimuli.
    around : float64 array, shape (N,), or None
        Luminance around the point of gaze; that of the whole picture where it is unknown.
    other : float64 array, shape (N, M)
        What else may move the pupil: a polynomial, and one response per stimulus.
    """

    time_s: Float[ndarray, " N"]
    step_s: float
    whole: Float[ndarray, " N"]
    around: Float[ndarray, " N"] | None
    other: Float[ndarray, "N M"]

    @property
    def has_pauses(self) -> bool:
        """Whether something other than the stimuli was on the screen."""
        return bool(np.isnan(self.whole).any())

    def averaged(self, values: Float[ndarray, " T"], time_s: Float[ndarray, " T"]) -> Float[ndarray, " N"]:
        """Mean of the known values in each step; NaN where there is none."""
        known = np.isfinite(values)
        step: Int[ndarray, " K"] = np.rint((time_s[known] - self.time_s[0]) / self.step_s).astype(int)
        count = np.bincount(step, minlength=len(self.time_s))
        total = np.bincount(step, weights=values[known], minlength=len(self.time_s))
        mean = np.full(len(self.time_s), np.nan)
        mean[count > 0] = total[count > 0] / count[count > 0]
        return mean


class Projection:
    """Takes out of a course what the columns of `other` can explain (ordinary least squares)."""

    def __init__(self, other: Float[ndarray, "K M"]) -> None:
        left, sizes, _ = np.linalg.svd(other, full_matrices=False)
        self._basis = left[:, sizes > 1e-9 * sizes[0]]

    def __call__(self, values: Float[ndarray, " K"]) -> Float[ndarray, " K"]:
        """What is left of `values`."""
        left: Float[ndarray, " K"] = values - self._basis @ (self._basis.T @ values)
        return left


def session_grid(
    time_s: Float[ndarray, " T"],
    stimuli: Sequence[StimulusInterval],
    luminance: Mapping[str, StimulusLuminance],
    *,
    around_gaze: Float[ndarray, " T"] | None,
    grid_hz: float,
    drift_degree: int,
) -> SessionGrid:
    """The session between the first and the last sample; see :class:`SessionGrid`."""
    step_s = 1 / grid_hz
    grid_s = time_s[0] + step_s * np.arange(int(np.rint((time_s[-1] - time_s[0]) / step_s)) + 1)
    whole = np.full(len(grid_s), np.nan)
    columns = [
        np.polynomial.legendre.Legendre.basis(degree)(np.linspace(-1, 1, len(grid_s)))
        for degree in range(drift_degree + 1)
    ]
    response = pupil_response(np.arange(0, RESPONSE_S, step_s))
    for stimulus in stimuli:
        on = (grid_s >= stimulus.onset_s) & (grid_s < stimulus.offset_s)
        curve = luminance[stimulus.stimulus_id]
        shown = np.searchsorted(curve.time_s, grid_s[on] - stimulus.onset_s + 1e-9, side="right") - 1
        whole[on] = curve.luminance[np.maximum(shown, 0)]
        columns.append(np.convolve(on, response / response.sum())[: len(grid_s)])
    grid = SessionGrid(grid_s, step_s, whole, None, np.stack(columns, axis=1))
    if around_gaze is None:
        return grid
    around = grid.averaged(around_gaze, time_s)
    return SessionGrid(grid_s, step_s, whole, np.where(np.isfinite(around), around, whole), grid.other)


def light_course(
    grid: SessionGrid, parameters: LightParameters, *, white_cd_m2: float, area_deg2: float
) -> Float[ndarray, " N"]:
    """Diameter in mm of the average observer's pupil that follows the luminance of a session."""
    level = grid.whole
    if grid.around is not None:
        level = (1 - parameters.gaze_weight) * level + parameters.gaze_weight * grid.around
    level = np.where(np.isfinite(level), level, parameters.pause_luminance)
    settled = light_adapted_diameter_mm(white_cd_m2 * (level + parameters.surround), area_deg2=area_deg2)
    delayed = np.interp(grid.time_s - parameters.latency_s, grid.time_s, settled)
    return follow_light(
        lagged(delayed, step_s=grid.step_s, lag_s=parameters.lag_s),
        step_s=grid.step_s,
        constriction_s=parameters.constriction_s,
        dilation_s=parameters.dilation_s,
    )


def mean_of_eyes(pupil: Float[ndarray, "N E"]) -> Float[ndarray, " N"]:
    """Mean over the eyes that are known, so that it does not jump where one of two unequal pupils is lost."""
    known = np.isfinite(pupil)
    both = known.all(axis=1)
    level = np.zeros(pupil.shape[1])
    if both.any():
        level = pupil[both].mean(axis=0) - pupil[both].mean()
    total = np.where(known, pupil - level, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    mean = np.full(len(pupil), np.nan)
    mean[count > 0] = total[count > 0] / count[count > 0]
    return mean
