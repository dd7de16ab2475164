"""How bright a stimulus is: of the whole picture, and of the part that is looked at.

Frames come in one at a time (``recording.video`` streams them), so that memory does not grow with length.
"""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from emogap.errors import UsageError
from emogap.preprocessing.merge import cyclopean
from emogap.types import GazeSeries, StimulusLuminance

__all__ = ["luminance_around_gaze", "measure_luminance", "relative_luminance"]

CODE = np.arange(256) / 255
LINEAR = np.where(CODE <= 0.04045, CODE / 12.92, ((CODE + 0.055) / 1.055) ** 2.4)
WEIGHTS = (0.2126, 0.7152, 0.0722)
RADIUS_DEG = 2.5
"""Central vision is 5 degrees wide: Strasburger, Rentschler and Juttner (2011), doi:10.1167/11.5.13, section 1.1."""


def relative_luminance(picture: UInt8[ndarray, "*N 3"]) -> Float[ndarray, "*N"]:
    """Luminance of each pixel as a share of white, float64, linear in light.

    Parameters
    ----------
    picture : uint8 array, shape (..., 3)
        RGB in sRGB.

    Notes
    -----
    ``Y = 0.2126 R + 0.7152 G + 0.0722 B`` of the linear channels; ``c / 12.92`` up to 0.04045, above it
    ``((c + 0.055) / 1.055) ** 2.4``. That is what a calibrated screen shows; a screen that was not measured differs.

    References
    ----------
    IEC 61966-2-1:1999, section 5.2; ITU-R BT.709-6, item 3.2.

    Examples
    --------
    >>> relative_luminance(np.array([[255, 255, 255], [188, 188, 188]], np.uint8)).round(2).tolist()
    [1.0, 0.5]
    """
    red, green, blue = (LINEAR[picture[..., channel]] for channel in range(3))
    luminance: Float[ndarray, "*N"] = WEIGHTS[0] * red + WEIGHTS[1] * green + WEIGHTS[2] * blue
    return luminance


def measure_luminance(frames: Iterable[tuple[float, UInt8[ndarray, "H W 3"]]]) -> StimulusLuminance:
    """The luminance of a stimulus video, frame by frame.

    Parameters
    ----------
    frames : iterable of (float, uint8 array (H, W, 3))
        Presentation time in s and picture, as ``recording.video.read_frames_at`` gives them; the first frame is the
        onset.

    Raises
    ------
    UsageError
        If there is no frame.
    """
    times_s, levels = [], []
    for time_s, picture in frames:
        times_s.append(time_s)
        levels.append(float(relative_luminance(picture).mean()))
    if not times_s:
        raise UsageError("a stimulus without a frame has no luminance", fix="give the frames of the whole video")
    time = np.array(times_s)
    return StimulusLuminance(time - time[0], np.clip(levels, 0.0, 1.0))


def luminance_around_gaze(
    frames: Iterable[tuple[float, UInt8[ndarray, "H W 3"]]],
    gaze: GazeSeries,
    *,
    extent_deg: tuple[float, float],
    onset_s: float = 0.0,
    radius_deg: float = RADIUS_DEG,
) -> Float[ndarray, " T"]:
    """Mean luminance of the stimulus within `radius_deg` of the point of gaze, at every sample of gaze.

    Parameters
    ----------
    frames : iterable of (float, uint8 array (H, W, 3))
        Presentation time in s and picture.
    gaze : GazeSeries
        In degrees from the centre of the screen.
    extent_deg : (float, float)
        Width and height of the picture on the screen in degrees; its centre is the centre of the screen
        (:func:`~emogap.preprocessing.screen_extent_deg` for a picture that fills it).
    onset_s : float
        When the first frame was shown, in s of `gaze`.
    radius_deg : float

    Returns
    -------
    float64 array, shape (T,)
        Share of white; NaN before the first frame, where gaze is missing, and where nothing of the picture lies
        within the radius. The last frame stays until the end of `gaze`.

    Raises
    ------
    UsageError
        If gaze is not in degrees.
    """
    if gaze.frame != "deg":
        raise UsageError(f"gaze is in {gaze.frame}, not in degrees", fix="apply to_degrees first")
    centre, _ = cyclopean(gaze)
    around = np.full(len(gaze.time_s), np.nan)
    first_s, shown, since = None, None, 0
    for time_s, picture in frames:
        first_s = time_s if first_s is None else first_s
        here = int(np.searchsorted(gaze.time_s, onset_s + time_s - first_s - 1e-9))
        if shown is not None:
            around[since:here] = _within(shown, centre[since:here], extent_deg, radius_deg)
        shown, since = picture, here
    if shown is not None:
        around[since:] = _within(shown, centre[since:], extent_deg, radius_deg)
    return around


def _within(
    picture: UInt8[ndarray, "H W 3"],
    centre_deg: Float[ndarray, "N 2"],
    extent_deg: tuple[float, float],
    radius_deg: float,
) -> Float[ndarray, " N"]:
    """Mean luminance of the pixels whose centres lie within the radius of each point."""
    height, width = picture.shape[:2]
    x_deg, y_deg = _pixel_deg(width, extent_deg[0]), -_pixel_deg(height, extent_deg[1])
    means = np.full(len(centre_deg), np.nan)
    for index in np.flatnonzero(np.isfinite(centre_deg).all(axis=1)):
        x, y = centre_deg[index]
        columns = slice(*np.searchsorted(x_deg, [x - radius_deg, x + radius_deg]))
        rows = slice(*np.searchsorted(-y_deg, [-y - radius_deg, -y + radius_deg]))
        inside = (x_deg[columns] - x) ** 2 + (y_deg[rows, None] - y) ** 2 <= radius_deg**2
        if inside.any():
            means[index] = relative_luminance(picture[rows, columns][inside]).mean()
    return means


def _pixel_deg(size_px: int, extent_deg: float) -> Float[ndarray, " N"]:
    """Visual angle of each pixel's centre from the middle of a flat picture."""
    share = (2 * np.arange(size_px) + 1) / size_px - 1
    angle_deg: Float[ndarray, " N"] = np.degrees(np.arctan(share * np.tan(np.radians(extent_deg / 2))))
    return angle_deg
