"""A face followed through a video, and the action units read from it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from emogap.types._check import freeze, require, require_shape

__all__ = ["LANDMARKS", "ActionUnits", "FaceTrack"]

LANDMARKS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
"""The five landmarks of a face in their order everywhere: the person's own right."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """The face found in F frames of one video; NaN rows where none was found.

    Attributes
    ----------
    time_s : float64 array, shape (F,)
        Presentation time of each frame on the video's clock, in seconds.
    box_px : float64 array, shape (F, 4)
        x0, y0, x1, y1 in pixels, origin top left.
    landmarks_px : float64 array, shape (F, L, 2)
        L = 5: right eye, left eye, nose tip, right and left corner of the mouth (the person's own right);
        L = 0 if the detector gives none.
    confidence : float64 array, shape (F,)
        The detector's score in [0, 1]; NaN where no face was found.
    video : str
        File name of the video.
    """

    time_s: Float[ndarray, " F"]
    box_px: Float[ndarray, "F 4"]
    landmarks_px: Float[ndarray, "F L 2"]
    confidence: Float[ndarray, " F"]
    video: str

    def __post_init__(self) -> None:
        num_frames = len(self.time_s)
        require_shape("box_px", self.box_px, (num_frames, 4))
        require_shape("landmarks_px", self.landmarks_px, (num_frames, None, 2))
        require_shape("confidence", self.confidence, (num_frames,))
        flat = (self.box_px[:, 2] <= self.box_px[:, 0]) | (self.box_px[:, 3] <= self.box_px[:, 1])
        first = int(np.flatnonzero(flat)[0]) if flat.any() else None
        require(first is None, f"{int(flat.sum())} face boxes have no area, first in frame {first}")
        for array in (self.time_s, self.box_px, self.landmarks_px, self.confidence):
            freeze(array)


@dataclass(frozen=True, slots=True, eq=False)
class ActionUnits:
    """Facial action units (FACS) as a face analysis program rated them, in F frames.

    Attributes
    ----------
    time_s : float64 array, shape (F,)
        Seconds from the recording's own zero; strictly increasing.
    names : tuple of str
        The A units, ``"AU01"`` ...
    intensity : float64 array, shape (F, A)
        From 0 (absent) to 5 (maximal), as in FACS; NaN where not rated.
    presence : float64 array, shape (F, A)
        1 present, 0 absent, NaN where not rated.
    confidence : float64 array, shape (F,)
        The program's confidence that it followed the face, in [0, 1]; NaN where it gives none.
    success : bool array, shape (F,)
        Whether the program says that it followed the face.
    """

    time_s: Float[ndarray, " F"]
    names: tuple[str, ...]
    intensity: Float[ndarray, "F A"]
    presence: Float[ndarray, "F A"]
    confidence: Float[ndarray, " F"]
    success: Bool[ndarray, " F"]

    def __post_init__(self) -> None:
        shape = (len(self.time_s), len(self.names))
        require_shape("intensity", self.intensity, shape)
        require_shape("presence", self.presence, shape)
        require_shape("confidence", self.confidence, shape[:1])
        require_shape("success", self.success, shape[:1])
        require(bool((np.diff(self.time_s) > 0).all()), "the times of action units must increase")
        for array in (self.time_s, self.intensity, self.presence, self.confidence, self.success):
            freeze(array)
