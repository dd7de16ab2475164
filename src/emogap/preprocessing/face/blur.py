"""Faces in a frame made unknowable, for video that leaves the lab."""

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from emogap.preprocessing.face.detection import Detection
from emogap.preprocessing.face.tracking import FrameFaces

__all__ = ["blur_faces", "blur_found"]

Picture = UInt8[ndarray, "H W 3"]

MARGIN = 0.35
"""Of the box's side, added on each side: hair, ears and chin lie outside a detector's box."""

CELLS = 6
"""Mean colours across and down that are left of a box; nothing finer is in the picture afterwards."""


def blur_faces(seen: FrameFaces) -> Picture:
    """The frame with every face that was found blurred; black as a whole where none was found.

    A frame without a found face may still show one: it is not let through.

    Parameters
    ----------
    seen : FrameFaces
        A frame and its faces, as :func:`emogap.preprocessing.face.tracking.follow_faces` gives them.

    Returns
    -------
    uint8 array, shape (H, W, 3)
        RGB. Outside the boxes, each enlarged by 0.35 of its side on every side, the frame as it was.

    Notes
    -----
    Each box is reduced to 6 x 6 mean colours, between which is interpolated. Networks have learnt to recognise people
    behind blurs and mosaics that no person can read (McPherson et al.): this hides a face from people, it is no
    anonymity. Clothes, posture and gaze tell people apart too, and somebody beside the participant whom the detector
    did not find stays visible.

    References
    ----------
    McPherson, Shokri & Shmatikov (2016), Defeating image obfuscation with deep learning, arXiv:1609.00408.
    """
    return blur_found(seen.frame, [tracked.face for tracked in seen.faces])


def blur_found(frame: Picture, found: Sequence[Detection]) -> Picture:
    """The same for one frame and what a detector found in it.

    Parameters
    ----------
    frame : uint8 array, shape (H, W, 3)
    found : sequence of Detection

    Returns
    -------
    uint8 array, shape (H, W, 3)
        As :func:`blur_faces`.
    """
    if not found:
        return np.zeros_like(frame)
    blurred = frame.copy()
    height, width = frame.shape[:2]
    for face in found:
        x0, y0, x1, y1 = face.box_px
        across, down = MARGIN * (x1 - x0), MARGIN * (y1 - y0)
        left, right = max(0, int(np.floor(x0 - across))), min(width, int(np.ceil(x1 + across)))
        top, bottom = max(0, int(np.floor(y0 - down))), min(height, int(np.ceil(y1 + down)))
        if left >= right or top >= bottom:
            continue
        means = cv2.resize(frame[top:bottom, left:right], (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        blurred[top:bottom, left:right] = cv2.resize(
            means, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR
        )
    return blurred
