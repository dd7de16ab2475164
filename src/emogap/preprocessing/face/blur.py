"""Faces in a frame made unknowable, for video that leaves the lab."""

import cv2
import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from emogap.preprocessing.face.tracking import FrameFaces

__all__ = ["blur_faces"]

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
    if not seen.faces:
        return np.zeros_like(seen.frame)
    blurred = seen.frame.copy()
    height, width = seen.frame.shape[:2]
    for tracked in seen.faces:
        x0, y0, x1, y1 = tracked.face.box_px
        across, down = MARGIN * (x1 - x0), MARGIN * (y1 - y0)
        left, right = max(0, int(np.floor(x0 - across))), min(width, int(np.ceil(x1 + across)))
        top, bottom = max(0, int(np.floor(y0 - down))), min(height, int(np.ceil(y1 + down)))
        if left >= right or top >= bottom:
            continue
        means = cv2.resize(seen.frame[top:bottom, left:right], (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        blurred[top:bottom, left:right] = cv2.resize(
            means, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR
        )
    return blurred
