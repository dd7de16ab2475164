"""OpenCV's frontal-face Haar cascade: needs no weights beyond those that come with OpenCV, gives no landmarks.

References
----------
Viola & Jones (2004), Robust real-time face detection, doi:10.1023/B:VISI.0000013087.49260.fb. The cascade is
``haarcascade_frontalface_default`` of Lienhart & Maydt (2002), doi:10.1109/ICIP.2002.1038171.
"""

import math
from functools import cache
from pathlib import Path

import cv2
import cv2.data
import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from emogap.errors import UsageError
from emogap.preprocessing.face.detection import Detection, Detector

__all__ = ["MIN_SCORE", "NUM_LANDMARKS", "WEIGHTS", "open_detector"]

NUM_LANDMARKS = 0

WEIGHTS: tuple[str, ...] = ()

LONGEST_SIDE_PX = 320
"""Frames are reduced to this; on real clips 480 finds the same faces and costs a third more."""

SMALLEST_FACE_SHARE = 0.2
"""Smallest face, as a share of the frame's shorter side: a participant sits in front of the camera."""

SCALE_STEP, MIN_NEIGHBOURS = 1.1, 5

SCORE_SCALE = 4
"""A face that n neighbouring windows agree on has the score n / (n + 4)."""

MIN_SCORE = MIN_NEIGHBOURS / (MIN_NEIGHBOURS + SCORE_SCALE)


@cache
def open_detector(weights: Path | None = None, *, min_score: float = MIN_SCORE) -> Detector:
    """The detector; opened once per process.

    Parameters
    ----------
    weights : None
    min_score : float, default 5/9
        Smallest score of a face, in [0, 1); below 1/3 there are no faces more than at 1/3.

    Raises
    ------
    UsageError
        If `weights` is given: the cascade comes with OpenCV.
    """
    if weights is not None:
        raise UsageError(
            f"the face detector 'haar' takes no weights, got {weights}",
            fix="leave the weights out, or choose the detector 'yunet'",
        )
    # OpenCV keeps what more windows than this agree on; 0 would turn grouping off.
    more_than = max(math.ceil(SCORE_SCALE * min_score / (1 - min_score) - 1e-9) - 1, 1)
    cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"))

    def detect(frame: UInt8[ndarray, "H W 3"]) -> tuple[Detection, ...]:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        reduction = min(1.0, LONGEST_SIDE_PX / max(grey.shape))
        if reduction < 1:
            grey = cv2.resize(grey, None, fx=reduction, fy=reduction, interpolation=cv2.INTER_AREA)
        smallest = int(SMALLEST_FACE_SHARE * min(grey.shape))
        boxes, neighbours = cascade.detectMultiScale2(
            grey, scaleFactor=SCALE_STEP, minNeighbors=more_than, minSize=(smallest, smallest)
        )
        return _detections(np.asarray(boxes, np.float64).reshape(-1, 4) / reduction, np.asarray(neighbours).ravel())

    return detect


def _detections(boxes: ndarray, neighbours: ndarray) -> tuple[Detection, ...]:
    """The boxes, largest first."""
    faces = [
        Detection((x, y, x + width, y + height), None, float(n / (n + SCORE_SCALE)))
        for (x, y, width, height), n in zip(boxes.tolist(), neighbours, strict=True)
    ]
    return tuple(sorted(faces, key=lambda face: -face.area_px2))
