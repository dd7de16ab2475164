"""Where the fixations lay: maps per window or per stimulus frame, their low-resolution form, and centres over time."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from scipy.special import ndtr

from emogap.errors import UsageError
from emogap.preprocessing.events import event_at
from emogap.types import EyeEvents, FixationMap

__all__ = ["fixation_centres", "fixation_map", "frame_maps", "low_resolution"]

SIGMA_DEG = 1.0
"""About the radius of the fovea: Le Meur and Baccino (2013), doi:10.3758/s13428-012-0226-9."""

EXTENT_DEG = (42.0, 24.0)
"""A 24-inch 16:9 screen at 70 cm; the same angles in every data set, so that a cell means the same everywhere."""


def fixation_map(
    events: EyeEvents,
    *,
    from_s: float,
    to_s: float,
    extent_deg: tuple[float, float],
    shape: tuple[int, int],
    sigma_deg: float = SIGMA_DEG,
) -> FixationMap:
    """The density of fixations in one window, each weighted by its time in the window.

    Parameters
    ----------
    events : EyeEvents
        In degrees from the centre of the screen; only the fixations count.
    from_s, to_s : float
        The window in s, on the clock of `events`.
    extent_deg : (float, float)
        Width and height covered, in degrees, centred on the screen (:func:`~emogap.preprocessing.screen_extent_deg`).
    shape : (int, int)
        Rows and columns of the map.
    sigma_deg : float
        Standard deviation of the Gaussian, in degrees.

    Returns
    -------
    FixationMap
        All zero if no fixation lies within the extent in this window.

    Raises
    ------
    UsageError
        If the events are not in degrees.

    Notes
    -----
    ``D_rc = sum_n w_n [P((y_r + dy/2 - b_n)/s) - P((y_r - dy/2 - b_n)/s)] [P((x_c + dx/2 - a_n)/s) - P(...)]``, scaled
    to sum 1: the exact share of each Gaussian in each cell, so that coarse maps are sums of fine ones. w_n: seconds
    of fixation n in the window; (a_n, b_n): its centre; s: sigma; P: the normal distribution function. A fixation
    whose centre is off the extent is left out: it rests on something else.

    Examples
    --------
    >>> one = EyeEvents(np.array(["fixation"]), np.array([0.0]), np.array([0.5]), np.array([[5.0, 5.0]]),
    ...                 np.array([np.nan]), "example", "deg")
    >>> top_right = fixation_map(one, from_s=0, to_s=1, extent_deg=(20, 20), shape=(2, 2))
    >>> top_right.density.round(2).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """
    rows, weight = _weights(events, np.array([from_s]), np.array([to_s]))
    density = _densities(events.centre[rows], weight, extent_deg, shape, sigma_deg)[0]
    return FixationMap(density, (float(extent_deg[0]), float(extent_deg[1])), float(sigma_deg), from_s, to_s)


def frame_maps(
    events: EyeEvents,
    frame_times_s: Float[ndarray, " F"],
    *,
    last_frame_s: float,
    extent_deg: tuple[float, float],
    shape: tuple[int, int],
    sigma_deg: float = SIGMA_DEG,
) -> Float[ndarray, "F H W"]:
    """One map per stimulus frame, float32, each over the time that frame was on.

    Parameters
    ----------
    events : EyeEvents
    frame_times_s : float64 array, shape (F,)
        When each frame came on, in s; strictly increasing.
    last_frame_s : float
        How long the last frame was on, in s.
    extent_deg, shape, sigma_deg
        As in :func:`fixation_map`.
    """
    stops_s = np.append(frame_times_s[1:], frame_times_s[-1:] + last_frame_s)
    rows, weight = _weights(events, frame_times_s, stops_s)
    return _densities(events.centre[rows], weight, extent_deg, shape, sigma_deg)


def low_resolution(
    events: EyeEvents,
    times_s: Float[ndarray, " T"],
    *,
    window_s: float | None = None,
    extent_deg: tuple[float, float] = EXTENT_DEG,
    shape: tuple[int, int] = (8, 8),
    sigma_deg: float = SIGMA_DEG,
) -> Float[ndarray, "T M"]:
    """Coarse maps around each time, as the stream of a model (``map8``).

    Parameters
    ----------
    events : EyeEvents
    times_s : float64 array, shape (T,)
        Centres of the windows in s.
    window_s : float, optional
        Length of each window in s; the median step of `times_s` if not given, so that the windows tile the clip.
    extent_deg : (float, float)
        Width and height covered, in degrees; fixations further out are left out.
    shape, sigma_deg
        As in :func:`fixation_map`.

    Returns
    -------
    float32 array, shape (T, rows * columns)
        Row by row from the top left. A time without a fixation is all zero: it is to be masked.
    """
    if window_s is None:
        if len(times_s) < 2:
            raise UsageError("one time alone has no step to take a window from", fix="give window_s")
        window_s = float(np.median(np.diff(times_s)))
    rows, weight = _weights(events, times_s - window_s / 2, times_s + window_s / 2)
    return _densities(events.centre[rows], weight, extent_deg, shape, sigma_deg).reshape(len(times_s), -1)


def fixation_centres(events: EyeEvents, times_s: Float[ndarray, " T"]) -> Float[ndarray, "T 2"]:
    """Centre of the fixation at each time, in the frame of `events`; NaN where there is none."""
    row = event_at(events, times_s, kind="fixation")
    return np.where((row >= 0)[:, None], np.append(events.centre, [[np.nan, np.nan]], axis=0)[row], np.nan)


def _weights(
    events: EyeEvents, from_s: Float[ndarray, " F"], to_s: Float[ndarray, " F"]
) -> tuple[ndarray, Float[ndarray, "F N"]]:
    """Rows of the fixations, and the seconds of each in each window."""
    if events.frame != "deg":
        raise UsageError(
            f"a fixation map is drawn in degrees, but these events ({events.method}) are in {events.frame}",
            fix="use the events that preprocessing.clean adds, method 'ivt'",
        )
    rows = np.flatnonzero(events.kind == "fixation")
    start = np.maximum(events.onset_s[rows], from_s[:, None])
    stop = np.minimum(events.offset_s[rows], to_s[:, None])
    return rows, np.maximum(stop - start, 0.0)


def _densities(
    centre: Float[ndarray, "N 2"],
    weight: Float[ndarray, "F N"],
    extent_deg: tuple[float, float],
    shape: tuple[int, int],
    sigma_deg: float,
) -> Float[ndarray, "F H W"]:
    half = np.asarray(extent_deg, float) / 2
    on_map = (np.abs(centre) <= half).all(axis=1)
    across = _shares(centre[on_map, 0], np.linspace(-half[0], half[0], shape[1] + 1), sigma_deg)
    down = _shares(centre[on_map, 1], np.linspace(-half[1], half[1], shape[0] + 1), sigma_deg)[:, ::-1]
    density = np.einsum("fn,nh,nw->fhw", weight[:, on_map], down, across, optimize=True)
    total = density.sum(axis=(1, 2), keepdims=True)
    scaled = np.divide(density, total, out=np.zeros_like(density), where=total > 0)
    return np.asarray(scaled, np.float32)


def _shares(centre: Float[ndarray, " N"], edges: Float[ndarray, " M"], sigma_deg: float) -> Float[ndarray, "N M-1"]:
    """Share of a Gaussian around each centre between neighbouring edges."""
    shares: Float[ndarray, "N M-1"] = np.diff(ndtr((edges - centre[:, None]) / sigma_deg), axis=1)
    return shares
