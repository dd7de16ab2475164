"""What a correction of the pupil's level asks of a recording: a pupil, and not one that is a difference already."""

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.errors import UsageError
from emogap.types import GazeSeries, Recording

__all__ = ["require_pupil_level", "require_stimuli"]

LEVELS = ("mm", "au")
"""Units of a pupil as it was measured; all others say that something was taken from it."""


def require_pupil_level(
    recording: Recording, *, without_pupil: str, with_difference: str, all_missing_is_none: bool = False
) -> tuple[GazeSeries, Float[ndarray, "T E"], Bool[ndarray, "T E"]]:
    """The gaze of a recording, its pupil, and which samples of the pupil were altered.

    Parameters
    ----------
    recording : Recording
    without_pupil, with_difference : str
        What to do where there is no pupil, and where it is a difference; for the message.
    all_missing_is_none : bool
        Whether a pupil that is missing in every sample counts as none.

    Returns
    -------
    gaze : GazeSeries
    pupil : float64 array, shape (T, E)
        ``gaze.pupil``, in mm or in the device's unit; NaN = missing.
    altered : bool array, shape (T, E)
        ``gaze.pupil_altered``.

    Raises
    ------
    UsageError
        If the recording has no pupil, or one that is a difference.
    """
    gaze, where = recording.gaze, recording.recording_id
    if gaze is None or gaze.pupil is None or (all_missing_is_none and not np.isfinite(gaze.pupil).any()):
        raise UsageError("the recording holds no pupil", where=where, fix=without_pupil)
    assert gaze.pupil_altered is not None
    if gaze.pupil_unit not in LEVELS:
        raise UsageError(f"the pupil is in {gaze.pupil_unit}, a difference already", where=where, fix=with_difference)
    return gaze, gaze.pupil, gaze.pupil_altered


def require_stimuli(recording: Recording) -> None:
    """Raise unless the recording says what was shown when.

    Raises
    ------
    UsageError
        If it does not.
    """
    if not recording.stimuli:
        raise UsageError(
            "the recording does not say what was shown when",
            where=recording.recording_id,
            fix="set Recording.stimuli from trials.tsv (SessionFiles.trials, Trial.interval)",
        )
