"""What a face detector gives."""

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float, UInt8
from numpy import ndarray

__all__ = ["Detection", "Detector"]


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """One face in one frame.

    Attributes
    ----------
    box_px : tuple of 4 floats
        x0, y0, x1, y1 in pixels, origin top left.
    landmarks_px : float64 array (5, 2) or None
        Right eye, left eye, nose tip, right and left corner of the mouth (the person's own right), x and y in pixels;
        None if the detector gives no landmarks.
    confidence : float
        The detector's score in [0, 1]; scores of different detectors do not compare.
    """

    box_px: tuple[float, float, float, float]
    landmarks_px: Float[ndarray, "5 2"] | None
    confidence: float

    @property
    def area_px2(self) -> float:
        """Area of the box in square pixels."""
        x0, y0, x1, y1 = self.box_px
        return (x1 - x0) * (y1 - y0)

    @property
    def centre_px(self) -> tuple[float, float]:
        """Centre of the box in pixels."""
        x0, y0, x1, y1 = self.box_px
        return (x0 + x1) / 2, (y0 + y1) / 2


Detector = Callable[[UInt8[ndarray, "H W 3"]], tuple[Detection, ...]]
"""All faces in one RGB frame, the largest first; an empty tuple if there is none."""
