"""The fixation maps of one clip, one for each frame of its stimulus, and the fixations that they are drawn from."""

from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from emogap.datasets.cutting import own_events
from emogap.files import write_aside
from emogap.preprocessing.fixation_map import SIGMA_DEG, frame_maps
from emogap.preprocessing.pipeline import clean
from emogap.preprocessing.visual_angle import screen_extent_deg
from emogap.recording.video import frame_times
from emogap.types import Recording, Screen

__all__ = ["can_be_mapped", "stimulus_frame_times", "write_maps"]

SHAPE = (18, 32)
"""Rows and columns: square cells of about 1.5 deg on a 16:9 screen, the size of the Gaussian."""


def can_be_mapped(screen: Screen | None) -> bool:
    """Whether the screen is known well enough to place fixations in degrees."""
    return screen is not None and screen.size_mm is not None and screen.distance_mm is not None


def stimulus_frame_times(film: Path | None, duration_s: float, *, rate_hz: float) -> Float[ndarray, " F"]:
    """When each frame of a stimulus came on, in s from its onset: of the film if there is one, else evenly.

    Raises
    ------
    DataError
        If the film cannot be read.

    Examples
    --------
    >>> stimulus_frame_times(None, 0.1, rate_hz=25.0).tolist()
    [0.0, 0.04, 0.08]
    """
    times_s = np.arange(0, duration_s, 1 / rate_hz) if film is None else frame_times(film) - frame_times(film)[0]
    during_s: Float[ndarray, " F"] = times_s[times_s < duration_s]
    return during_s


def write_maps(path: Path, trimmed: Recording, frame_times_s: Float[ndarray, " F"], *, duration_s: float) -> int:
    """Write maps and fixations of one clip as NumPy archive; how many maps there are is returned.

    Parameters
    ----------
    path : Path
        Ends in ``.npz``.
    trimmed : Recording
        The clip as measured; it is cleaned by the preset ``emer``, so that fixations on lost gaze are left out.
    frame_times_s : float64 array, shape (F,)
    duration_s : float
        Of the clip; the last frame is on until then.

    Notes
    -----
    ``maps`` float32 (F, 18, 32), each summing to 1, or all zero where no fixation lies in the frame; rows from the top.
    ``frame_time_s`` (F,); ``extent_deg`` (2,) width and height covered, centred on the screen; ``sigma_deg``.
    ``fixation_onset_s``, ``fixation_offset_s`` (N,) and ``fixation_centre_deg`` (N, 2), x right and y up.
    """
    assert trimmed.screen is not None
    events = own_events(clean(trimmed, "emer"))
    extent_deg = screen_extent_deg(trimmed.screen)
    maps = frame_maps(
        events,
        frame_times_s,
        last_frame_s=duration_s - float(frame_times_s[-1]),
        extent_deg=extent_deg,
        shape=SHAPE,
    )
    rows = np.flatnonzero(events.kind == "fixation")
    with write_aside(path) as partial, partial.open("wb") as file:
        np.savez_compressed(
            file,
            maps=maps,
            frame_time_s=frame_times_s,
            extent_deg=np.array(extent_deg),
            sigma_deg=np.array(SIGMA_DEG),
            fixation_onset_s=events.onset_s[rows],
            fixation_offset_s=events.offset_s[rows],
            fixation_centre_deg=events.centre[rows],
        )
    return len(maps)
