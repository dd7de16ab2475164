"""How much moves in a stimulus."""

from collections.abc import Iterable

import cv2
import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

__all__ = ["STEP_S", "measure_motion"]

STEP_S = 0.1
"""Time between the pictures that are compared: the same for films of any rate."""

WIDTH_PX = 160
"""Pictures are averaged down to this width, which removes noise of single pixels and makes sizes comparable."""


def measure_motion(frames: Iterable[tuple[float, UInt8[ndarray, "H W 3"]]]) -> float:
    """Mean absolute difference of pictures 0.1 s apart, as a share of the range from black to white, in [0, 1].

    Parameters
    ----------
    frames : iterable of (float, uint8 array (H, W, 3))
        Presentation time in s and picture. Pictures sooner than 0.1 s after the last one compared are passed over.

    Returns
    -------
    float
        NaN if there are not two pictures. Cuts, camera movement and flicker count as motion.

    Examples
    --------
    >>> black, white = (np.full((4, 8, 3), level, np.uint8) for level in (0, 255))
    >>> measure_motion([(0.0, black), (0.1, white), (0.2, white)])
    0.5
    """
    last_s, last = -np.inf, None
    differences = []
    for time_s, picture in frames:
        if time_s - last_s < STEP_S - 1e-6:
            continue
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        height = max(1, round(grey.shape[0] * WIDTH_PX / grey.shape[1]))
        small = cv2.resize(grey, (WIDTH_PX, height), interpolation=cv2.INTER_AREA).astype(np.float64)
        if last is not None:
            differences.append(float(np.abs(small - last).mean()) / 255)
        last_s, last = time_s, small
    return float(np.mean(differences)) if differences else float("nan")
