"""Where the screen is: its size in mm from points given both in px and in mm, and gaze directions.

Pixels need not be square and the origin of the mm need not be that of the px, so nothing is assumed: a
straight line is fitted per axis, and its slope is the pixel pitch.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.errors import DataError

__all__ = ["ScreenFit", "fit_screen", "gaze_directions"]

MIN_POINTS = 10
MIN_SPREAD_PX = 20.0
MAX_RESIDUAL_PX = 1.0
WHOLE_MM = 0.2


@dataclass(frozen=True, slots=True)
class ScreenFit:
    """The screen as px and mm together describe it.

    Attributes
    ----------
    size_mm : (float, float)
        Width and height: whole mm where the fit is within 0.2 mm of them (screens are measured by hand when a
        tracker is set up, and a fit to whole pixels tells no more), else to 0.1 mm.
    y_up : bool
        Whether the file's mm grow upwards from the bottom of the screen (else downwards from its top).
    """

    size_mm: tuple[float, float]
    y_up: bool

    def from_bottom_left(self, points_mm: Float[ndarray, "*N A"]) -> Float[ndarray, "*N A"]:
        """Points in the file's mm with x right and y up from the bottom left of the screen; a copy."""
        turned = points_mm.copy()
        if not self.y_up:
            turned[..., 1] = self.size_mm[1] - turned[..., 1]
        return turned

    def px_to_mm(self, points_px: Float[ndarray, "N 2"], size_px: tuple[int, int]) -> Float[ndarray, "N 2"]:
        """Pixels from the top left (y down) as mm from the bottom left (y up)."""
        share = points_px / np.asarray(size_px, float)
        return np.stack([share[:, 0] * self.size_mm[0], (1 - share[:, 1]) * self.size_mm[1]], axis=1)


def fit_screen(
    points_px: Float[ndarray, "T E 2"], points_mm: Float[ndarray, "T E 2"], size_px: tuple[int, int], *, where: str
) -> ScreenFit | None:
    """The screen's size in mm and the direction of its y axis, from points given in both units.

    Parameters
    ----------
    points_px, points_mm : float64 array, shape (T, E, 2)
        The same points of gaze, x and y; NaN is left out.
    size_px : (int, int)
        Width and height of the screen in pixels.
    where : str
        File name for the message.

    Returns
    -------
    ScreenFit or None
        None if fewer than 10 points, or points within 20 px on one axis, leave the pitch open.

    Raises
    ------
    DataError
        If px and mm are no straight line of each other to within one pixel (rms), or the origins of the two
        disagree by more than ten pixels: then one of the columns is not what its name says.
    """
    axes = [_fit_axis(points_px[:, :, axis].ravel(), points_mm[:, :, axis].ravel()) for axis in (0, 1)]
    if axes[0] is None or axes[1] is None:
        return None
    x, y = axes[0], axes[1]
    width, height = _measured_mm(abs(x.pitch) * size_px[0]), _measured_mm(abs(y.pitch) * size_px[1])
    y_up = y.pitch < 0
    apart_px = max(abs(x.offset_mm / x.pitch), abs((y.offset_mm - (height if y_up else 0.0)) / y.pitch))
    residual_px = max(x.residual_px, y.residual_px)
    if x.pitch <= 0 or residual_px > MAX_RESIDUAL_PX or apart_px > 10 * MAX_RESIDUAL_PX:
        raise DataError(
            f"points of gaze in px and in mm contradict each other (residual {residual_px:.1f} px,"
            f" origins {apart_px:.1f} px apart)",
            where=where,
            fix="export both from the same display area, or leave the mm columns out",
        )
    return ScreenFit((width, height), y_up)


def _measured_mm(fitted_mm: float) -> float:
    return float(round(fitted_mm)) if abs(fitted_mm - round(fitted_mm)) <= WHOLE_MM else round(fitted_mm, 1)


class _Line(NamedTuple):
    """mm = offset_mm + pitch * px on one axis, and the rms distance of the points from it."""

    pitch: float
    offset_mm: float
    residual_px: float


def _fit_axis(px: Float[ndarray, " N"], mm: Float[ndarray, " N"]) -> _Line | None:
    both = np.isfinite(px) & np.isfinite(mm)
    px, mm = px[both], mm[both]
    if len(px) < MIN_POINTS or np.ptp(px) < MIN_SPREAD_PX:
        return None
    centre_px, centre_mm = px.mean(), mm.mean()
    from_centre_px, from_centre_mm = px - centre_px, mm - centre_mm
    # Sums, not dot products: starting BLAS threads costs more than the sums themselves.
    pitch = float((from_centre_px * from_centre_mm).sum() / np.square(from_centre_px).sum())
    if pitch == 0:
        return _Line(float("nan"), 0.0, float("inf"))
    residual_px = float(np.sqrt(np.square(from_centre_mm - pitch * from_centre_px).mean())) / abs(pitch)
    return _Line(pitch, float(centre_mm - pitch * centre_px), residual_px)


def gaze_directions(
    position_mm: Float[ndarray, "T E 2"], origin_mm: Float[ndarray, "T E 3"]
) -> Float[ndarray, "T E 3"]:
    """Unit vectors from the eye to the point of gaze on the screen plane (z = 0); NaN where either is missing.

    Examples
    --------
    >>> import numpy as np
    >>> gaze_directions(np.array([[[300.0, 200.0]]]), np.array([[[300.0, 200.0, 600.0]]])).tolist()
    [[[0.0, 0.0, -1.0]]]
    """
    direction = -origin_mm
    direction[..., :2] += position_mm
    length_mm = np.sqrt(direction[..., 0] ** 2 + direction[..., 1] ** 2 + direction[..., 2] ** 2)
    direction /= length_mm[..., None]
    return direction
