"""Whether the camera sees the participant: the face in one picture, how large and how centred it is."""

from dataclasses import dataclass

import cv2
import numpy as np

from emogap.errors import DataError
from emogap.preprocessing.face.detectors import AUTO, DETECTORS, settle_detector

__all__ = ["FaceInPicture", "find_face"]

JPEG = b"\xff\xd8\xff"

SMALL_SHARE, LARGE_SHARE, OFF_CENTRE_SHARE = 0.25, 0.85, 0.2
"""Below a quarter of the picture's height a 480-line camera gives an encoder of 112 x 112 pixels less than it takes."""


@dataclass(frozen=True, slots=True)
class FaceInPicture:
    """What a detector sees.

    Attributes
    ----------
    num_faces : int
    height_share : float
        Height of the largest face over that of the picture; 0 without a face.
    across_share, down_share : float
        How far its centre lies right of and below the middle, over width and height of the picture.
    advice : str
        ``good``, ``none``, ``several``, ``small``, ``large`` or ``off_centre``.
    """

    num_faces: int
    height_share: float
    across_share: float
    down_share: float
    advice: str


def find_face(jpeg: bytes) -> FaceInPicture:
    """The faces in a picture.

    Raises
    ------
    DataError
        If it is no JPEG.
    """
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB) if jpeg.startswith(JPEG) else None
    if picture is None:
        raise DataError("this is no JPEG picture", fix="send one frame of the camera")
    detect = DETECTORS.open(settle_detector(AUTO)).open_detector(None)
    faces = detect(picture)
    if not faces:
        return FaceInPicture(0, 0.0, 0.0, 0.0, "none")
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = faces[0].box_px
    tall, across, down = (y1 - y0) / height, (x0 + x1) / 2 / width - 0.5, (y0 + y1) / 2 / height - 0.5
    return FaceInPicture(len(faces), tall, across, down, _advice(len(faces), tall, across, down))


def _advice(num_faces: int, tall: float, across: float, down: float) -> str:
    if num_faces > 1:
        return "several"
    if tall < SMALL_SHARE:
        return "small"
    if tall > LARGE_SHARE:
        return "large"
    return "off_centre" if max(abs(across), abs(down)) > OFF_CENTRE_SHARE else "good"
