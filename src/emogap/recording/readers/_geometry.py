"""Where the screen is: its size in mm from points given both in px and in mm, and gaze directions.

Pixels need not be square and the origin of the mm need not be that of the px, so nothing is assumed: a
straight line is fitted per axis, and its slope is the pixel pitch.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.errors import DataError

__all__ = ["ScreenFit", "fit_screen", "gaze_directions"]

MIN_POINTS = 10
MIN_SPREAD_PX = 20.0
MAX_RESIDUAL_PX = 1.0


@dataclass(frozen=True, slots=True)
class ScreenFit:
    """The screen as px and mm together describe it.

    Attributes
    ----------
    size_mm : (float, float)
        Width and height, rounded to 0.1 mm, which is finer than a fit to whole pixels can tell.
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
    points_px: Float[ndarray, "N 2"], points_mm: Float[ndarray, "N 2"], size_px: tuple[int, int], *, where: str
) -> ScreenFit | None:
    """The screen's size in mm and the direction of its y axis, from points given in both units.

    Parameters
    ----------
    points_px, points_mm : float64 array, shape (N, 2)
        The same points of gaze, x and y; rows with a NaN are left out.
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
    both = np.isfinite(points_px).all(axis=1) & np.isfinite(points_mm).all(axis=1)
    px, mm = points_px[both], points_mm[both]
    if len(px) < MIN_POINTS or (np.ptp(px, axis=0) < MIN_SPREAD_PX).any():
        return None
    centred = px - px.mean(axis=0)
    pitch = (centred * mm).sum(axis=0) / np.square(centred).sum(axis=0)
    offset = mm.mean(axis=0) - pitch * px.mean(axis=0)
    residual_px = np.sqrt(np.square(mm - offset - pitch * px).mean(axis=0)) / np.abs(pitch)
    width, height = (round(float(size), 1) for size in np.abs(pitch) * size_px)
    y_up = bool(pitch[1] < 0)
    origin_px = np.abs(offset - (0.0, height if y_up else 0.0)) / np.abs(pitch)
    if pitch[0] <= 0 or residual_px.max() > MAX_RESIDUAL_PX or origin_px.max() > 10 * MAX_RESIDUAL_PX:
        raise DataError(
            f"points of gaze in px and in mm contradict each other (residual {residual_px.max():.1f} px,"
            f" origins {origin_px.max():.1f} px apart)",
            where=where,
            fix="export both from the same display area, or leave the mm columns out",
        )
    return ScreenFit((width, height), y_up)


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
    direction /= np.sqrt(np.einsum("...i,...i->...", direction, direction))[..., None]
    return direction
