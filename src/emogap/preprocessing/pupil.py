"""The paper's pupil correction: how the pupil changes from one sample to the next."""

import dataclasses

import numpy as np

from emogap.errors import UsageError
from emogap.preprocessing.runs import is_joined
from emogap.types import GazeSeries, PupilUnit

__all__ = ["pupil_change"]


def pupil_change(gaze: GazeSeries) -> GazeSeries:
    """The series with the pupil's difference to the previous sample in place of the pupil.

    Parameters
    ----------
    gaze : GazeSeries
        Pupil diameter in mm or in the device's unit. Without a pupil it is returned as it is.

    Returns
    -------
    GazeSeries
        Pupil in ``mm_change`` or ``au_change``; NaN in the first sample, after a missing row, and where either
        of the two samples is missing. A difference is marked as altered where either of its samples was.

    Raises
    ------
    UsageError
        If the pupil is a difference already.

    Notes
    -----
    ``change_t = diameter_t - diameter_{t-1}``. The change is per sample, not per second, as in the paper, so its
    size depends on the sampling rate; at 300 Hz nearly all of it is noise (docs/preprocessing.md measures it).

    References
    ----------
    EMER: arXiv 2512.16485, section III.C and its footnote 3.
    """
    if gaze.pupil is None or gaze.pupil_altered is None:
        return gaze
    if gaze.pupil_unit not in ("mm", "au"):
        raise UsageError(
            f"the pupil is in {gaze.pupil_unit}: it is a difference already",
            fix="apply pupil_change once, to the pupil as measured",
        )
    joined = is_joined(gaze.time_s, gaze.rate_hz)[:, None]
    change = np.full(gaze.pupil.shape, np.nan)
    change[1:] = np.where(joined, np.diff(gaze.pupil, axis=0), np.nan)
    altered = gaze.pupil_altered.copy()
    altered[1:] |= gaze.pupil_altered[:-1] & joined
    unit: PupilUnit = "mm_change" if gaze.pupil_unit == "mm" else "au_change"
    return dataclasses.replace(gaze, pupil=change, pupil_unit=unit, pupil_altered=altered)
