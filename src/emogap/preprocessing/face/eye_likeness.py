"""What a face video says frame by frame without any training: how bright it is, and how open the eyes look.

Two passes: :func:`open_eyes` makes a picture of the open eyes from some frames, :func:`face_signals` compares every
frame with it. Both take frames one at a time, so that memory does not grow with the video.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from emogap.errors import DataError
from emogap.preprocessing.face.align import TEMPLATE_PX, align
from emogap.preprocessing.face.detection import Detection, Detector

__all__ = ["FaceSignals", "face_signals", "open_eyes"]

Picture = UInt8[ndarray, "H W 3"]
EyePair = UInt8[ndarray, "2 h w"]

HALF_WIDTH_PX, HALF_HEIGHT_PX = 13, 8
"""Half the size of the picture of one eye on the template of 112 x 112, on which the eyes are 35 px apart."""
MARGIN_PX = 5
"""How far from its place on the template an eye is looked for: boxes jump by a few pixels."""
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
    likeness : float64 array, shape (F,)
        Correlation of the eyes with the open ones, mean of both, -1 to 1; NaN where no face was found.
    """

    time_s: Float[ndarray, " F"]
    luminance: Float[ndarray, " F"]
    likeness: Float[ndarray, " F"]


def open_eyes(frames: Iterable[tuple[float, Picture]], detect: Detector, *, video: str) -> EyePair:
    """A picture of each open eye: the median over `frames`, uint8 (2, 17, 27), right eye first.

    Parameters
    ----------
    frames : iterable of (float, uint8 array (H, W, 3))
        Some tens of frames from all over the video: in most of them the eyes are open.
    detect : Detector
    video : str
        Its name, for messages.

    Raises
    ------
    DataError
        If no face is found in half of the frames.
    """
    pairs, num_frames = [], 0
    for _, frame in frames:
        num_frames += 1
        faces = detect(frame)
        if faces:
            pairs.append(_eye_pair(frame, faces[0], margin_px=0))
    if len(pairs) < max(LEAST_SHARE_FOUND * num_frames, 3):
        raise DataError(
            f"a face was found in {len(pairs)} of {num_frames} frames, too few to know what the open eyes look like",
            where=video,
            fix="use markers or flashes, or a video in which the face is seen from the front",
        )
    median: EyePair = np.rint(np.median(pairs, axis=0)).astype(np.uint8)
    return median


def face_signals(frames: Iterable[tuple[float, Picture]], detect: Detector, template: EyePair) -> FaceSignals:
    """Luminance and eye likeness of every frame.

    Parameters
    ----------
    frames : iterable of (float, uint8 array (H, W, 3))
        All frames of the video in order, each with its presentation time in s; consumed one at a time.
    detect : Detector
    template : uint8 array, shape (2, 17, 27)
        From :func:`open_eyes`.

    Notes
    -----
    The likeness is the largest normalised correlation of the template with the eye within 5 px of its place on the
    aligned face. A blink takes it down because the iris disappears; so do, less deeply, a glance aside and a reflection
    in glasses.

    References
    ----------
    Correlation with a template of the person's own open eye: Grauman, Betke, Gips & Bradski (2001),
    doi:10.1109/CVPR.2001.990641, section 3. Theirs is taken once; ours is the median over the video.
    """
    times_s: list[float] = []
    luminance: list[float] = []
    likeness: list[float] = []
    face: Detection | None = None
    looked_s = -np.inf
    for time_s, frame in frames:
        if time_s - looked_s >= DETECT_EVERY_S - 1e-6:
            looked_s = time_s
            faces = detect(frame)
            face = faces[0] if faces else None
        times_s.append(time_s)
        luminance.append(float(frame.mean()) / 255)
        likeness.append(np.nan if face is None else _likeness(frame, face, template))
    return FaceSignals(np.array(times_s), np.array(luminance), np.array(likeness))


def _likeness(frame: Picture, face: Detection, template: EyePair) -> float:
    pair = _eye_pair(frame, face, margin_px=MARGIN_PX)
    scores = [cv2.matchTemplate(pair[eye], template[eye], cv2.TM_CCOEFF_NORMED).max() for eye in (0, 1)]
    return float(np.mean(scores))


def _eye_pair(frame: Picture, face: Detection, *, margin_px: int) -> EyePair:
    """Both eyes of the aligned face, in grey, the margin included."""
    grey = cv2.cvtColor(align(frame, face), cv2.COLOR_RGB2GRAY)
    half_x, half_y = HALF_WIDTH_PX + margin_px, HALF_HEIGHT_PX + margin_px
    eyes = []
    for x, y in np.rint(TEMPLATE_PX[:2]).astype(int).tolist():
        eyes.append(grey[y - half_y : y + half_y + 1, x - half_x : x + half_x + 1])
    return np.ascontiguousarray(np.stack(eyes))
