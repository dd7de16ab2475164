"""YuNet: a small convolutional detector with five landmarks; its weights are one file.

References
----------
Wu, Peng & Yu (2023), YuNet: a tiny millisecond-level face detector, doi:10.1007/s11633-023-1423-y; weights
``face_detection_yunet_2023mar.onnx`` of opencv_zoo (MIT licence). The score threshold is below OpenCV's 0.9 because
a turned or half covered face scores lower, and a wrong face is rare with one person before the camera.
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from emogap.errors import DataError, UsageError
from emogap.preprocessing.face.detection import Detection, Detector
from emogap.preprocessing.face.weights import require_weights

__all__ = ["MIN_SCORE", "NUM_LANDMARKS", "WEIGHTS", "open_detector"]

NUM_LANDMARKS = 5

WEIGHTS: tuple[str, ...] = ("yunet",)

LONGEST_SIDE_PX = 640
"""Frames are reduced to this: the size the weights were trained at."""

MIN_SCORE = 0.7

TRIAL_SIDE_PX = 64


def open_detector(weights: Path | None = None, *, min_score: float = MIN_SCORE) -> Detector:
    """The detector with its weights; opened once per process and file.

    Parameters
    ----------
    weights : path, optional
        The ONNX file; the one in the folder of weights if not given.
    min_score : float, default 0.7
        Smallest score of a face, in [0, 1].

    Raises
    ------
    UsageError
        If the weights are not there.
    DataError
        If the file is not what OpenCV can read, or another network.
    """
    if weights is None:
        weights = require_weights("yunet")
    if not weights.is_file():
        raise UsageError(
            "the face detector 'yunet' needs its weights, and there is no such file",
            where=str(weights),
            fix="give the path of face_detection_yunet_2023mar.onnx (opencv_zoo), or choose the detector 'haar'",
        )
    return _detector_of(weights, min_score)


@cache
def _detector_of(weights: Path, min_score: float) -> Detector:
    network = _open_network(weights, min_score)

    def detect(frame: UInt8[ndarray, "H W 3"]) -> tuple[Detection, ...]:
        reduction = min(1.0, LONGEST_SIDE_PX / max(frame.shape[:2]))
        bgr = cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)
        if reduction < 1:
            bgr = cv2.resize(bgr, None, fx=reduction, fy=reduction, interpolation=cv2.INTER_AREA)
        network.setInputSize((bgr.shape[1], bgr.shape[0]))
        _, rows = network.detect(bgr)
        return () if rows is None else _detections(np.asarray(rows, np.float64), reduction)

    return detect


def _open_network(weights: Path, min_score: float) -> cv2.FaceDetectorYN:
    """The network, tried once on an empty picture: OpenCV reads other networks too, and fails on the first frame."""
    try:
        network = cv2.FaceDetectorYN.create(str(weights), "", (LONGEST_SIDE_PX, LONGEST_SIDE_PX), min_score)
        network.setInputSize((TRIAL_SIDE_PX, TRIAL_SIDE_PX))
        network.detect(np.zeros((TRIAL_SIDE_PX, TRIAL_SIDE_PX, 3), np.uint8))
    except cv2.error as error:
        raise DataError(
            f"not the weights of YuNet ({error.err})",
            where=str(weights),
            fix="get face_detection_yunet_2023mar.onnx of opencv_zoo (232,589 bytes): emogap weights fetch yunet",
        ) from error
    return network


def _detections(rows: ndarray, reduction: float) -> tuple[Detection, ...]:
    """Rows of x, y, width, height, five landmarks and score as detections, largest first."""
    faces = []
    for row in rows:
        x, y, width, height = (row[:4] / reduction).tolist()
        landmarks = (row[4:14] / reduction).reshape(5, 2)
        faces.append(Detection((x, y, x + width, y + height), landmarks, float(np.clip(row[14], 0, 1))))
    return tuple(sorted(faces, key=lambda face: -face.area_px2))
