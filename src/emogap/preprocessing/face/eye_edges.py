"""What a face video says frame by frame without any training: how bright it is, and how open the eyes look.

:func:`face_signals` takes frames one at a time, so that memory does not grow with the video.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import DataError
from emogap.preprocessing.face.align import TEMPLATE_PX, align
from emogap.preprocessing.face.detection import Detection, Detector

__all__ = ["FaceSignals", "face_signals"]

Picture = UInt8[ndarray, "H W 3"]

HALF_WIDTH_PX, HALF_HEIGHT_PX = 12, 8
"""Half the size of the picture of one eye on the template of 112 x 112, on which the eyes are 35 px apart."""
DETECT_EVERY_S = 0.08
"""The face is looked for so often; in between it stays where it was. At 0.2 s a quick turn of the head passed for a
blink."""
LEAST_SHARE_FOUND = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class FaceSignals:
    """Two signals of a face video.

    Attributes
    ----------
    time_s : float64 array, shape (F,)
        Presentation time of each frame on the video's clock.
    luminance : float64 array, shape (F,)
        Mean over the frame, 0 (black) to 1 (white).
    eye_edges : float64 array, shape (F,)
        Upright edges in the eyes, as a share of their brightness, mean of both eyes; NaN where no face was found.
    """

    time_s: Float[ndarray, " F"]
    luminance: Float[ndarray, " F"]
    eye_edges: Float[ndarray, " F"]


def face_signals(frames: Iterable[tuple[float, Picture]], detect: Detector, *, video: str) -> FaceSignals:
    """Luminance, and upright edges in the eyes, of every frame.

    Parameters
    ----------
    frames : iterable of (float, uint8 array (H, W, 3))
        All frames of the video in order, each with its presentation time in s; consumed one at a time.
    detect : Detector
    video : str
        Its name, for messages.

    Raises
    ------
    DataError
        If a face is found in less than half of the frames, or there are none.

    Notes
    -----
    The edges are ``mean |I(x + 1, y) - I(x, y)| / mean I`` over 25 x 17 px around each eye of the aligned face. In an
    open eye the iris stands upright between the whites, wherever it looks; in a shut one lid and lashes lie flat, and
    little is left. Likeness to a picture of the open eye, which is often used, falls with every glance aside as much as
    with a blink. The measure is ours: it was chosen on drawn faces, and looked at on two real clips.
    """
    times_s: list[float] = []
    luminance: list[float] = []
    edges: list[float] = []
    face: Detection | None = None
    looked_s = -np.inf
    for time_s, frame in frames:
        if time_s - looked_s >= DETECT_EVERY_S - 1e-6:
            looked_s = time_s
            faces = detect(frame)
            face = faces[0] if faces else None
        times_s.append(time_s)
        luminance.append(float(frame.mean()) / 255)
        edges.append(np.nan if face is None else _eye_edges(frame, face))
    signals = FaceSignals(np.array(times_s), np.array(luminance), np.array(edges))
    num_found = int(np.isfinite(signals.eye_edges).sum())
    if num_found < LEAST_SHARE_FOUND * len(times_s) or not num_found:
        raise DataError(
            f"a face was found in {num_found} of {counted(len(times_s), 'frame')}, too few to see blinks",
            where=video,
            fix="use markers, or a video in which the face is seen from the front",
        )
    return signals


def _eye_edges(frame: Picture, face: Detection) -> float:
    """Horizontal differences within both eyes as a share of their brightness."""
    grey = cv2.cvtColor(align(frame, face), cv2.COLOR_RGB2GRAY).astype(np.float64)
    shares = []
    for x, y in np.rint(TEMPLATE_PX[:2]).astype(int).tolist():
        eye = grey[y - HALF_HEIGHT_PX : y + HALF_HEIGHT_PX + 1, x - HALF_WIDTH_PX : x + HALF_WIDTH_PX + 1]
        shares.append(np.abs(np.diff(eye, axis=1)).mean() / max(eye.mean(), 1.0))
    return float(np.mean(shares))
