"""How a face is lit: brightness, and the share of pixels where the camera could not tell any more."""

from dataclasses import dataclass

import cv2
from jaxtyping import UInt8
from numpy import ndarray

__all__ = ["Exposure", "measure_exposure"]

OVEREXPOSED_FROM, UNDEREXPOSED_UP_TO = 250, 5
"""Grey values of 0 to 255 that count as burnt out and as black: the last six on either side."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Brightness of a part of a picture.

    Attributes
    ----------
    luminance : float
        Mean grey value, 0 (black) to 1 (white): Rec. 601 luma of the values as stored, not a photometer's.
    overexposed_share, underexposed_share : float
        Share of pixels with a grey value of at least 250, or at most 5, of 255.
    """

    luminance: float
    overexposed_share: float
    underexposed_share: float


def measure_exposure(
    picture: UInt8[ndarray, "H W 3"], box_px: tuple[float, float, float, float] | None = None
) -> Exposure:
    """Brightness of `picture` (RGB), or of the part of it in a box; NaN if the box lies outside.

    Examples
    --------
    >>> import numpy as np
    >>> half = np.zeros((4, 6, 3), np.uint8)
    >>> half[:, 3:] = 255
    >>> measure_exposure(half)
    Exposure(luminance=0.5, overexposed_share=0.5, underexposed_share=0.5)
    """
    if box_px is not None:
        x0, y0, x1, y1 = (max(round(edge), 0) for edge in box_px)
        picture = picture[y0:y1, x0:x1]
    if not picture.size:
        return Exposure(float("nan"), float("nan"), float("nan"))
    count = cv2.calcHist([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)], [0], None, [256], [0, 256]).ravel()
    share = (count / count.sum()).tolist()
    return Exposure(
        luminance=sum(value * part for value, part in enumerate(share)) / 255,
        overexposed_share=sum(share[OVEREXPOSED_FROM:]),
        underexposed_share=sum(share[: UNDEREXPOSED_UP_TO + 1]),
    )
