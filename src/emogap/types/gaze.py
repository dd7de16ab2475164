"""A stretch of gaze samples of one person."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.types._check import freeze, require, require_shape

__all__ = ["Eye", "Frame", "GazeSeries", "PupilUnit"]

Eye = Literal["left", "right", "cyclopean"]

Frame = Literal["screen_px", "screen_mm", "screen_norm", "deg", "scene_px", "scene_norm", "camera_deg"]
"""Where a position lives.

``screen_px``: pixels, origin top left, y down. ``screen_mm``: mm, origin bottom left, y up.
``screen_norm``: share of the screen, origin top left, y down. ``deg``: degrees of visual angle from the
centre of the screen, x right, y up. ``scene_px`` and ``scene_norm``: the same as of the screen, but of the picture of
a scene camera that the head carries, so that a point says nothing about the screen. ``camera_deg``: direction of the
eye as degrees right and up of the axis of the camera that films the face, as seen by the person.
"""

PupilUnit = Literal["mm", "au", "mm_change", "au_change", "mm_from_baseline", "au_from_baseline", "share_of_baseline"]
"""``mm``: diameter. ``au``: the device's own unit. ``mm_change``, ``au_change``: minus that of the sample before.
``mm_from_baseline``, ``au_from_baseline``: minus that before the stimulus; ``share_of_baseline``: divided by it.
"""


@dataclass(frozen=True, slots=True, eq=False)
class GazeSeries:
    """Gaze samples over time. Arrays are read-only; missing is NaN *and* not `valid`, never 0 or -1.

    Attributes
    ----------
    time_s : float64 array, shape (T,)
        Seconds from the recording's own zero; strictly increasing.
    position : float64 array, shape (T, E, 2)
        Point of gaze of each eye in `frame`; NaN exactly where not `valid`.
    frame : Frame
        Unit and origin of `position`.
    valid : bool array, shape (T, E)
        Whether there is a point of gaze (measured or, if `altered`, interpolated).
    altered : bool array, shape (T, E)
        Whether pre-processing changed the position (interpolated, smoothed); False everywhere after reading.
    eyes : tuple of Eye
        The E eyes, in the order of the axis.
    rate_hz : float
        Sampling rate in Hz: nominal where stated, else 1 / mean step over the steps that are no gaps (timestamps
        are often rounded, which a median would turn into another rate). NaN where the clock of the file is not to
        be trusted: such a recording can be looked at, and is refused by everything that needs time.
    pupil : float64 array, shape (T, E), or None
        Pupil in `pupil_unit`; NaN where missing, independently of `valid`.
    pupil_unit : PupilUnit or None
        None exactly where `pupil` is None.
    pupil_altered : bool array, shape (T, E), or None
        Whether pre-processing changed the pupil; None exactly where `pupil` is None.
    direction : float64 array, shape (T, E, 3), or None
        Unit vectors from the eye to the point of gaze, axes of `origin_mm`; NaN where missing.
    origin_mm : float64 array, shape (T, E, 3), or None
        Position of the eye in mm: x right, y up from the bottom left of the screen, z from the screen to
        the viewer; NaN where missing.
    confidence : float64 array, shape (T, E), or None
        The device's own confidence in each sample, in [0, 1]; NaN where it gives none.
    openness : float64 array, shape (T, E), or None
        How far the lid is open, from 0 (closed) to 1; NaN where missing.
    """

    time_s: Float[ndarray, " T"]
    position: Float[ndarray, "T E 2"]
    frame: Frame
    valid: Bool[ndarray, "T E"]
    altered: Bool[ndarray, "T E"]
    eyes: tuple[Eye, ...]
    rate_hz: float
    pupil: Float[ndarray, "T E"] | None = None
    pupil_unit: PupilUnit | None = None
    pupil_altered: Bool[ndarray, "T E"] | None = None
    direction: Float[ndarray, "T E 3"] | None = None
    origin_mm: Float[ndarray, "T E 3"] | None = None
    confidence: Float[ndarray, "T E"] | None = None
    openness: Float[ndarray, "T E"] | None = None

    def __post_init__(self) -> None:
        require_shape("time_s", self.time_s, (None,))
        num_samples, num_eyes = len(self.time_s), len(self.eyes)
        require(num_eyes > 0, "a gaze series needs at least one eye")
        require(bool(np.isfinite(self.time_s).all()), "time_s holds values that are not finite")
        _require_increasing(self.time_s)
        require(not self.rate_hz <= 0, f"the sampling rate must be positive, got {self.rate_hz} Hz")
        require_shape("position", self.position, (num_samples, num_eyes, 2))
        require_shape("valid", self.valid, (num_samples, num_eyes))
        require_shape("altered", self.altered, (num_samples, num_eyes))
        _require_valid_where_finite(self.position, self.valid, self.time_s)
        present = (self.pupil is None, self.pupil_unit is None, self.pupil_altered is None)
        require(len(set(present)) == 1, "pupil, pupil_unit and pupil_altered come together or not at all")
        for name, array, last in (
            ("pupil", self.pupil, None),
            ("pupil_altered", self.pupil_altered, None),
            ("direction", self.direction, 3),
            ("origin_mm", self.origin_mm, 3),
            ("confidence", self.confidence, None),
            ("openness", self.openness, None),
        ):
            if array is not None:
                shape = (num_samples, num_eyes) if last is None else (num_samples, num_eyes, last)
                require_shape(name, array, shape)
                freeze(array)
        for name, share in (("confidence", self.confidence), ("openness", self.openness)):
            if share is not None and ((share < 0) | (share > 1)).any():
                require(False, f"{name} lies between 0 and 1, got {np.nanmin(share):g} to {np.nanmax(share):g}")
        for array in (self.time_s, self.position, self.valid, self.altered):
            freeze(array)


def _require_valid_where_finite(
    position: Float[ndarray, "T E 2"], valid: Bool[ndarray, "T E"], time_s: Float[ndarray, " T"]
) -> None:
    # Whole arrays first: reducing over an axis of two is slow, and series are made at every step.
    if (np.isnan(position) != valid[..., None]).all() and not np.isinf(position).any():
        return
    finite = np.isfinite(position).all(axis=2)
    missing = np.isnan(position).all(axis=2)
    wrong = np.where(valid, ~finite, ~missing).any(axis=1)
    require(
        False,
        f"valid and the NaNs of position disagree in {int(wrong.sum())} samples,"
        f" first at {time_s[wrong.argmax()]:.3f} s",
    )


def _require_increasing(time_s: Float[ndarray, " T"]) -> None:
    steps_back = time_s[1:] <= time_s[:-1]
    if steps_back.any():
        backwards = np.flatnonzero(steps_back)
        first = int(backwards[0])
        require(
            False,
            f"time {time_s[first + 1]:.6f} s follows {time_s[first]:.6f} s ({len(backwards)} such samples)",
            fix="sort or deduplicate the export by its device clock before reading it",
        )
