"""MTCNN, the detector of the EMER paper: three networks in a row, each looking closer; five landmarks.

References
----------
Zhang, Zhang, Li & Qiao (2016), Joint face detection and alignment using multitask cascaded convolutional networks,
doi:10.1109/LSP.2016.2603342, figure 1 (pyramid, proposal, refinement, output) and section II. The thresholds, the
step of the pyramid and the rules for overlaps are those of the authors' released code; the weights are the authors'
own, converted to torch (``pnet.pt``, ``rnet.pt``, ``onet.pt``; MIT licence).
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from jaxtyping import Float, Float32, Int64, UInt8
from numpy import ndarray

from emogap.errors import UsageError
from emogap.preprocessing.face.detection import Detection, Detector
from emogap.preprocessing.face.weights import require_weights

if TYPE_CHECKING:
    from emogap.preprocessing.face.torch_networks import MtcnnNetworks

__all__ = ["MIN_SCORE", "NUM_LANDMARKS", "WEIGHTS", "open_detector"]

NUM_LANDMARKS = 5

WEIGHTS: tuple[str, ...] = ("mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet")

PROPOSAL_SCORE, REFINEMENT_SCORE, MIN_SCORE = 0.6, 0.7, 0.7
"""Face probabilities from which a window goes on to the next network, and from which it is a face."""

PROPOSAL_PX, REFINEMENT_PX, OUTPUT_PX = 12, 24, 48
"""Sides of the windows of the three networks."""

PROPOSAL_STRIDE_PX = 2

PYRAMID_STEP = 0.709
"""Each picture of the pyramid is so much smaller than the one before: half its area."""

LONGEST_SIDE_PX = 640
"""Frames are reduced to this, as for YuNet."""

SMALLEST_FACE_SHARE, SMALLEST_FACE_PX = 0.1, 20
"""Smallest face that is looked for: this share of the reduced frame's shorter side, but at least 20 px as in the
authors' code. Faces of a tenth are far behind any participant, and looking for 20 px at 640 x 360 takes three times
as long."""

OVERLAP_IN_SCALE, OVERLAP = 0.5, 0.7
"""Of windows that overlap more than this the best is kept: within one picture of the pyramid, and afterwards."""


def open_detector(weights: Path | None = None, *, min_score: float = MIN_SCORE) -> Detector:
    """The detector with its weights; opened once per process and folder. Loads torch.

    Parameters
    ----------
    weights : path, optional
        Folder with ``pnet.pt``, ``rnet.pt`` and ``onet.pt``; the folder of weights if not given.
    min_score : float, default 0.7
        Smallest face probability of the last network, in [0, 1].

    Raises
    ------
    UsageError
        If the weights are not there, or torch is not installed.
    DataError
        If a file holds something else than the weights of its network.
    """
    return _detector_of(_weights_in(weights), min_score)


@cache
def _detector_of(files: tuple[Path, Path, Path], min_score: float) -> Detector:
    try:
        from emogap.preprocessing.face.torch_networks import open_networks
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the face detector 'mtcnn' needs {error.name}, which is not installed",
            fix="pip install 'emogap[faces]', or choose the detector 'yunet'",
        ) from error
    networks = open_networks(*files)

    def detect(frame: UInt8[ndarray, "H W 3"]) -> tuple[Detection, ...]:
        reduction = min(1.0, LONGEST_SIDE_PX / max(frame.shape[:2]))
        picture = _normalised(_resized(frame, reduction) if reduction < 1 else frame)
        boxes = _refined(networks, picture, _proposed(networks, picture))
        boxes, landmarks, scores = _finished(networks, picture, boxes, min_score=min_score)
        faces = (
            Detection((float(x0), float(y0), float(x1), float(y1)), points, float(score))
            for (x0, y0, x1, y1), points, score in zip(boxes / reduction, landmarks / reduction, scores, strict=True)
            if x1 > x0 and y1 > y0
        )
        return tuple(sorted(faces, key=lambda face: -face.area_px2))

    return detect


def _weights_in(weights: Path | None) -> tuple[Path, Path, Path]:
    """The three files, of the folder of weights or of the one that was given."""
    if weights is None:
        return require_weights("mtcnn-pnet"), require_weights("mtcnn-rnet"), require_weights("mtcnn-onet")
    files = weights / "pnet.pt", weights / "rnet.pt", weights / "onet.pt"
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise UsageError(
            f"the face detector 'mtcnn' needs a folder with pnet.pt, rnet.pt and onet.pt; no {', '.join(missing)} here",
            where=str(weights),
            fix="give that folder, or choose the detector 'haar'",
        )
    return files


def _proposed(networks: "MtcnnNetworks", picture: Float32[ndarray, "H W 3"]) -> Float[ndarray, "N 4"]:
    """Square windows in which the first network sees a face, at any size; x0, y0, x1, y1 in pixels."""
    found, found_scores = [np.empty((0, 4))], [np.empty(0)]
    for scale in _pyramid(min(picture.shape[:2])):
        score, offset = networks.propose(_resized(picture, scale))
        row, column = np.nonzero(score >= PROPOSAL_SCORE)
        corner = PROPOSAL_STRIDE_PX * np.stack([column, row], axis=1).astype(np.float64)
        boxes = np.concatenate([corner, corner + PROPOSAL_PX], axis=1) / scale
        kept = _suppressed(boxes, score[row, column], overlap=OVERLAP_IN_SCALE)
        found.append(_moved(boxes, offset[row, column])[kept])
        found_scores.append(score[row, column][kept])
    boxes = np.concatenate(found)
    return _squared(boxes[_suppressed(boxes, np.concatenate(found_scores), overlap=OVERLAP)])


def _pyramid(shorter_side_px: int) -> Iterator[float]:
    """Scales at which the smallest face, and then ever larger ones, fill a window of the first network."""
    scale = PROPOSAL_PX / max(SMALLEST_FACE_PX, SMALLEST_FACE_SHARE * shorter_side_px)
    while round(shorter_side_px * scale) >= PROPOSAL_PX:
        yield scale
        scale *= PYRAMID_STEP


def _refined(
    networks: "MtcnnNetworks", picture: Float32[ndarray, "H W 3"], boxes: Float[ndarray, "N 4"]
) -> Float[ndarray, "M 4"]:
    """The windows that the second network keeps, moved and squared."""
    if not len(boxes):
        return boxes
    score, offset = networks.refine(_windows(picture, boxes, REFINEMENT_PX))
    passed = score >= REFINEMENT_SCORE
    boxes, score, offset = boxes[passed], score[passed], offset[passed]
    kept = _suppressed(boxes, score, overlap=OVERLAP)
    return _squared(_moved(boxes[kept], offset[kept]))


def _finished(
    networks: "MtcnnNetworks", picture: Float32[ndarray, "H W 3"], boxes: Float[ndarray, "N 4"], *, min_score: float
) -> tuple[Float[ndarray, "M 4"], Float[ndarray, "M 5 2"], Float[ndarray, " M"]]:
    """Boxes, landmarks and scores of the windows that the third network keeps, in pixels."""
    if not len(boxes):
        return boxes, np.empty((0, 5, 2)), np.empty(0)
    score, offset, share = networks.finish(_windows(picture, boxes, OUTPUT_PX))
    passed = score >= min_score
    boxes, score = boxes[passed], score[passed].astype(np.float64)
    landmarks = boxes[:, None, :2] + share[passed] * (boxes[:, None, 2:] - boxes[:, None, :2])
    moved = _moved(boxes, offset[passed])
    kept = _suppressed(moved, score, overlap=OVERLAP, of_smaller=True)
    return moved[kept], landmarks[kept], score[kept]


def _moved(boxes: Float[ndarray, "N 4"], offset: Float32[ndarray, "N 4"]) -> Float[ndarray, "N 4"]:
    """Boxes after regression: each corner moved by a share of the box's sides."""
    moved: Float[ndarray, "N 4"] = boxes + offset * np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    return moved


def _squared(boxes: Float[ndarray, "N 4"]) -> Float[ndarray, "N 4"]:
    """Squares about the centres of the boxes, as wide as their longer sides."""
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _windows(
    picture: Float32[ndarray, "H W 3"], boxes: Float[ndarray, "N 4"], side_px: int
) -> Float32[ndarray, "N S S 3"]:
    """What each box shows, resized to `side_px`; black where it reaches out of the picture."""
    return np.stack([_window(picture, box, side_px) for box in np.rint(boxes).astype(np.int64)])


def _window(picture: Float32[ndarray, "H W 3"], box: Int64[ndarray, "4"], side_px: int) -> Float32[ndarray, "S S 3"]:
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = box.tolist()
    x1, y1 = max(x1, x0 + 1), max(y1, y0 + 1)
    window = np.full((y1 - y0, x1 - x0, 3), -1.0, np.float32)
    left, top, right, bottom = (max(x0, 0), max(y0, 0), min(x1, width), min(y1, height))
    if right > left and bottom > top:
        window[top - y0 : bottom - y0, left - x0 : right - x0] = picture[top:bottom, left:right]
    rule = cv2.INTER_AREA if window.shape[0] > side_px else cv2.INTER_LINEAR
    resized: Float32[ndarray, "S S 3"] = cv2.resize(window, (side_px, side_px), interpolation=rule)
    return resized


def _suppressed(
    boxes: Float[ndarray, "N 4"], scores: ndarray, *, overlap: float, of_smaller: bool = False
) -> Int64[ndarray, " M"]:
    """Indices of the boxes that no better one overlaps, best first.

    Overlap is the common area over the area of both together, or `of_smaller` over the smaller one's.
    """
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left = np.argsort(-scores, kind="stable")
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(int(best))
        corner = np.maximum(boxes[best, :2], boxes[left, :2])
        sides = np.clip(np.minimum(boxes[best, 2:], boxes[left, 2:]) - corner, 0, None)
        common = sides[:, 0] * sides[:, 1]
        whole = np.minimum(area[best], area[left]) if of_smaller else area[best] + area[left] - common
        left = left[common <= overlap * whole]
    return np.array(kept, np.int64)


def _resized(picture: ndarray, scale: float) -> ndarray:
    size = tuple(max(round(side * scale), 1) for side in picture.shape[1::-1])
    resized: ndarray = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return resized


def _normalised(picture: UInt8[ndarray, "H W 3"]) -> Float32[ndarray, "H W 3"]:
    """Values from 0..255 to -1..1, as the networks were trained: (value - 127.5) / 128."""
    normalised: Float32[ndarray, "H W 3"] = (picture.astype(np.float32) - 127.5) / 128
    return normalised
