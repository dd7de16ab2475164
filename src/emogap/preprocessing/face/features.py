"""Features of the face in a few frames of one clip."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, UInt8
from numpy import ndarray

from emogap.counted_nouns import counted
from emogap.errors import UsageError
from emogap.preprocessing.face.align import TEMPLATE_SIDE_PX, align
from emogap.preprocessing.face.detection import Detection
from emogap.preprocessing.face.detectors import DETECTORS
from emogap.preprocessing.face.encoders import ENCODERS
from emogap.preprocessing.face.encoding import ALIGNED, Encoder, crop_face
from emogap.preprocessing.face.illumination import Illumination, normalise_illumination
from emogap.types import FaceTrack

__all__ = ["FaceFeatures", "face_features", "follow"]

Picture = UInt8[ndarray, "H W 3"]


@dataclass(frozen=True, slots=True, eq=False)
class FaceFeatures:
    """One face in F frames.

    Attributes
    ----------
    features : float32 array, shape (F, D)
        The encoder's values; NaN rows where no face was found.
    found : bool array, shape (F,)
    track : FaceTrack
        Times, boxes, landmarks and confidence; NaN rows where no face was found.
    aligned : uint8 array, shape (F, 112, 112, 3)
        Aligned faces, RGB; black where no face was found.
    doubts : tuple of str
        What a reader should know: frames without a face, other faces, a jump to another place.
    """

    features: Float32[ndarray, "F D"]
    found: Bool[ndarray, " F"]
    track: FaceTrack
    aligned: UInt8[ndarray, "F 112 112 3"]
    doubts: tuple[str, ...] = ()


def face_features(
    frames: Iterable[tuple[float, Picture]],
    *,
    video: str,
    detector: str = "haar",
    encoder: str = "hog",
    weights: Path | None = None,
    encoder_weights: Path | None = None,
    illumination: Illumination = "none",
) -> FaceFeatures:
    """The face in each of some frames: lit, found, followed, aligned and encoded. No frame is dropped.

    Parameters
    ----------
    frames : iterable of (float, uint8 array (H, W, 3))
        Time in seconds and RGB picture, in order, as ``recording.video.read_frames_at`` gives them; consumed one at a
        time, so that memory does not grow with the video.
    video : str
        Name of the video, for the track.
    detector, encoder : str
        Entries of the shelves ``DETECTORS`` and ``ENCODERS``.
    weights, encoder_weights : path, optional
        Weights of the detector and of the encoder; those in the folder of weights if not given.
    illumination : {"none", "clahe", "ying"}
        How the light of each frame is evened out before a face is looked for; EMER does so by ``ying``.

    Raises
    ------
    UnknownNameError
        If a shelf has no such entry.
    UsageError
        If weights are missing, or there are no frames.
    DataError
        If weights are damaged, or those of another network.
    """
    shelf_entry = DETECTORS.open(detector)
    detect = shelf_entry.open_detector(weights)
    encode: Encoder = ENCODERS.open(encoder).open_encoder(encoder_weights)
    times_s: list[float] = []
    faces: list[Detection | None] = []
    aligned: list[Picture] = []
    crops: list[Picture] = []
    num_faces: list[int] = []
    last: Detection | None = None
    for time_s, as_filmed in frames:
        frame = normalise_illumination(as_filmed, illumination)
        candidates = detect(frame)
        face = follow(candidates, last)
        times_s.append(time_s)
        faces.append(face)
        num_faces.append(len(candidates))
        aligned.append(_nothing() if face is None else align(frame, face))
        if face is not None:
            crops.append(aligned[-1] if encode.crop == ALIGNED else crop_face(frame, face, encode.crop))
        last = face or last
    if not times_s:
        raise UsageError("no frames to look for a face in", where=video, fix="ask for at least one time in the clip")
    found = np.array([face is not None for face in faces], bool)
    return FaceFeatures(
        features=_encode_found(encode, crops, found),
        found=found,
        track=_track(times_s, faces, num_landmarks=shelf_entry.NUM_LANDMARKS, video=video),
        aligned=np.stack(aligned),
        doubts=_doubts(times_s, faces, num_faces),
    )


def follow(candidates: tuple[Detection, ...], last: Detection | None) -> Detection | None:
    """The face to go on with: the largest whose centre lies within the last box, else the largest of all.

    None if there are no candidates, which are expected largest first.
    """
    if last is not None:
        for face in candidates:
            if _is_near(face, last):
                return face
    return candidates[0] if candidates else None


def _is_near(face: Detection, last: Detection) -> bool:
    x, y = face.centre_px
    x0, y0, x1, y1 = last.box_px
    return x0 <= x <= x1 and y0 <= y <= y1


def _nothing() -> UInt8[ndarray, "112 112 3"]:
    return np.zeros((TEMPLATE_SIDE_PX, TEMPLATE_SIDE_PX, 3), np.uint8)


def _encode_found(encoder: Encoder, crops: list[Picture], found: Bool[ndarray, " F"]) -> Float32[ndarray, "F D"]:
    features = np.full((len(found), encoder.dimension), np.nan, np.float32)
    if crops:
        features[found] = encoder.encode(np.stack(crops))
    return features


def _track(times_s: list[float], faces: list[Detection | None], *, num_landmarks: int, video: str) -> FaceTrack:
    box_px = np.full((len(faces), 4), np.nan)
    landmarks_px = np.full((len(faces), num_landmarks, 2), np.nan)
    confidence = np.full(len(faces), np.nan)
    for row, face in enumerate(faces):
        if face is None:
            continue
        box_px[row] = face.box_px
        confidence[row] = face.confidence
        if face.landmarks_px is not None:
            landmarks_px[row] = face.landmarks_px
    return FaceTrack(np.array(times_s, np.float64), box_px, landmarks_px, confidence, video)


def _doubts(times_s: list[float], faces: list[Detection | None], num_faces: list[int]) -> tuple[str, ...]:
    """Sentences on frames without a face, with several, and on a change of place between frames."""
    doubts = []
    lost = [time_s for time_s, face in zip(times_s, faces, strict=True) if face is None]
    if lost:
        doubts.append(f"no face in {len(lost)} of {counted(len(faces), 'frame')}, first at {lost[0]:.3f} s")
    crowded = [time_s for time_s, count in zip(times_s, num_faces, strict=True) if count > 1]
    if crowded:
        doubts.append(
            f"more than one face in {len(crowded)} of {counted(len(faces), 'frame')}, first at {crowded[0]:.3f} s: "
            "the largest near the last position was followed"
        )
    seen = [(time_s, face) for time_s, face in zip(times_s, faces, strict=True) if face is not None]
    jumps = [time_s for (_, last), (time_s, face) in pairwise(seen) if not _is_near(face, last)]
    if jumps:
        doubts.append(
            f"the face is suddenly elsewhere {len(jumps)} times, first at {jumps[0]:.3f} s: perhaps another person"
        )
    return tuple(doubts)
