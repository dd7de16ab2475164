"""What a frame encoder wants to see, and what it gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray

from emogap.preprocessing.face.align import TEMPLATE_SIDE_PX, align
from emogap.preprocessing.face.detection import Detection
from emogap.preprocessing.face.expressions import FaceExpressions

__all__ = ["ALIGNED", "Encoder", "FaceCrop", "crop_face"]

Pictures = UInt8[ndarray, "F S S 3"]


@dataclass(frozen=True, slots=True)
class FaceCrop:
    """The picture of a face that a network was trained on.

    Attributes
    ----------
    kind : {"aligned", "box"}
        ``aligned``: turned and scaled to the template of five landmarks. ``box``: a square about the detector's box,
        without a margin, not turned.
    size_px : int
        Side S of the picture.
    """

    kind: Literal["aligned", "box"]
    size_px: int


ALIGNED = FaceCrop("aligned", TEMPLATE_SIDE_PX)
"""The aligned face of 112 x 112 pixels, as it is stored in the stream ``frames``."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """A frame encoder with its weights.

    Attributes
    ----------
    channels : tuple of str
        Names of the D features, dimensionless.
    encode : function from uint8 (F, S, S, 3), RGB, to float32 (F, D)
        Features of the pictures that :func:`crop_face` cuts with `crop`, each frame for itself.
    crop : FaceCrop
    express : function from uint8 (F, S, S, 3), RGB, to FaceExpressions, or None
        Probabilities of expressions in the network's own classes; None if the encoder knows none.
    weights_sha256 : str
        Of the file of weights; empty if the encoder needs none.
    pull_back : function from uint8 (F, S, S, 3) and float32 (F, D) to float32 (F, S, S, 3), or None
        Gradient, with respect to the pixels in [0, 255], of the features summed with the given numbers; None if the
        encoder has none.
    """

    channels: tuple[str, ...]
    encode: Callable[[Pictures], Float32[ndarray, "F D"]]
    crop: FaceCrop = ALIGNED
    express: Callable[[Pictures], FaceExpressions] | None = None
    weights_sha256: str = ""
    pull_back: Callable[[Pictures, Float32[ndarray, "F D"]], Float32[ndarray, "F S S 3"]] | None = None

    @property
    def dimension(self) -> int:
        """Number D of features."""
        return len(self.channels)


def crop_face(
    frame: UInt8[ndarray, "H W 3"], detection: Detection, crop: FaceCrop = ALIGNED
) -> UInt8[ndarray, "S S 3"]:
    """The face of `detection` as `crop` says, uint8 (S, S, 3), RGB.

    Notes
    -----
    The square of a box has the box's centre and its longer side; beyond the frame the nearest pixels are repeated, as
    black bars are no part of a face. It is brought to size by area when it shrinks, else linearly.
    """
    if crop.kind == "aligned":
        return align(frame, detection, size=crop.size_px)
    x0, y0, x1, y1 = detection.box_px
    side = max(1, round(max(x1 - x0, y1 - y0)))
    left, top = (round(centre - side / 2) for centre in detection.centre_px)
    height, width = frame.shape[:2]
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    square = frame[np.ix_(rows, columns)]
    how = cv2.INTER_AREA if side > crop.size_px else cv2.INTER_LINEAR
    picture: UInt8[ndarray, "S S 3"] = cv2.resize(square, (crop.size_px, crop.size_px), interpolation=how)
    return picture
