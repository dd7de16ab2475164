"""Following every face of a video from look to look.

A *look* is a run of the detector on one frame. Between two looks at faces they are followed by optical flow, and what
was followed stands only if both looks agree with it; otherwise each frame between is looked at by itself. While no
face is there every frame is looked at. So a face appears and leaves on the frame where the detector says so, and a
frame without a face has no box.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from emogap.errors import DataError, UsageError
from emogap.preprocessing.face.align import similarity
from emogap.preprocessing.face.detection import Detection, Detector
from emogap.preprocessing.face.detectors import DETECTORS

__all__ = ["FrameFaces", "TrackedFace", "follow_faces", "overlap"]

Picture = UInt8[ndarray, "H W 3"]

SCORE_FLOOR = 0.05
"""The detector is asked for candidates down to this score: the best of those that are no face says how sure the
absence of one is."""

FLOW_SIDE_PX = 320
"""Longest side of the grey picture in which faces are followed."""

POINTS_PER_SIDE = 7
"""A grid of 7 x 7 points is followed on each face."""

RETURN_PX = 1.0
"""A point counts if, followed forth and back, it returns to within this of where it was (Kalal et al. 2010)."""

LARGEST_SCALING = 1.25
"""From one frame to the next no face grows or shrinks by more."""

SAME_FACE_OVERLAP = 0.5
"""A followed box and a detected one show the same face from this overlap on."""

NEXT_LOOK_OVERLAP = 0.3
"""From one look to the next, when the head moves freely."""

AWAY_S = 1.0
"""A face that returns to its place within this time keeps its number."""

FLOW_WINDOW_PX, FLOW_LEVELS = (15, 15), 3


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFace:
    """One face in one frame of a video.

    Attributes
    ----------
    number : int
        From 1 in order of appearing. It follows the place in the picture and does not tell people apart: after a cut
        another person at the same place has the same number.
    face : Detection
        Of a followed face, box and landmarks as moved, and the last look's score times the share of points that were
        followed at each step since.
    is_detected : bool
        Whether the detector saw it in this very frame; otherwise it was followed here.
    """

    number: int
    face: Detection
    is_detected: bool


@dataclass(frozen=True, slots=True, eq=False)
class FrameFaces:
    """One frame of a video and all faces in it.

    Attributes
    ----------
    time_s : float
        Presentation time in seconds.
    frame : uint8 array, shape (H, W, 3)
        RGB.
    faces : tuple of TrackedFace
        The largest first; empty if there is no face.
    no_face_confidence : float
        One less the detector's best score, at most 0.95, where there is no face; NaN where there is one. Like all
        scores it does not compare between detectors, and it is no probability.
    """

    time_s: float
    frame: Picture
    faces: tuple[TrackedFace, ...]
    no_face_confidence: float


def follow_faces(
    frames: Iterable[tuple[float, Picture]], *, detector: str, weights: Path | None = None, every: int = 3
) -> Iterator[FrameFaces]:
    """Every frame with its faces, in order, none dropped.

    Parameters
    ----------
    frames : iterable of (float, uint8 array (H, W, 3))
        Time in seconds and RGB picture of *consecutive* frames, as ``recording.video.read_frames`` gives them. At
        most `every` of them are held at a time.
    detector : str
        Entry of the shelf ``DETECTORS``.
    weights : path, optional
        Its weights, if they are not in the folder of weights.
    every : int, default 3
        Frames from one look to the next while faces are there; 1 looks at every frame.

    Raises
    ------
    UnknownNameError
        If the shelf has no such detector.
    UsageError
        If its weights are missing, or `every` is below 1.
    DataError
        As raised by `frames`, after all frames before it were given.

    Notes
    -----
    Points on a grid over the face are followed by pyramidal Lucas-Kanade flow and kept if they return when followed
    back (Kalal, Mikolajczyk & Matas 2010). The similarity transform of those that do moves box and landmarks. Each
    step multiplies the score by their share; below the detector's own threshold the face is lost and the frame is
    looked at.

    References
    ----------
    Kalal, Mikolajczyk & Matas (2010), Forward-backward error: automatic detection of tracking failures,
    doi:10.1109/ICPR.2010.675, section 2.
    """
    if every < 1:
        raise UsageError(f"faces can be looked for every 1 frame or more, got {every}", fix="give 1 for every frame")
    entry = DETECTORS.open(detector)
    follower = _Follower(entry.open_detector(weights, min_score=SCORE_FLOOR), float(entry.MIN_SCORE))
    return follower.follow(iter(frames), every)


class _Follower:
    """The detector, and the faces seen last."""

    def __init__(self, detect: Detector, min_score: float) -> None:
        self._detect = detect
        self._min_score = min_score
        self._last_seen: dict[int, tuple[float, Detection]] = {}
        self._num_faces = 0

    def follow(self, frames: Iterator[tuple[float, Picture]], every: int) -> Iterator[FrameFaces]:
        last: FrameFaces | None = None
        waiting: list[tuple[float, Picture]] = []
        problem: DataError | None = None
        while True:
            try:
                waiting.append(next(frames))
            except StopIteration:
                break
            except DataError as error:
                problem = error
                break
            if last is None or not last.faces:
                last = self._look(*waiting.pop())
                yield last
            elif len(waiting) == every:
                for seen in self._between_looks(last, waiting):
                    last = seen
                    yield seen
                waiting = []
        for time_s, frame in waiting:
            yield self._look(time_s, frame)
        if problem is not None:
            raise problem

    def _between_looks(self, last: FrameFaces, waiting: Sequence[tuple[float, Picture]]) -> Iterator[FrameFaces]:
        """The frames since `last`; the last of them is looked at, the others only if following them fails."""
        candidates = self._detect(waiting[-1][1])
        followed = _followed(last, [frame for _, frame in waiting], self._min_score)
        agrees = followed is not None and _agree(followed[-1], self._faces_among(candidates))
        for place, (time_s, frame) in enumerate(waiting[:-1]):
            if followed is not None and agrees:
                yield FrameFaces(time_s, frame, followed[place], float("nan"))
                self._remember(time_s, followed[place])
            else:
                yield self._look(time_s, frame)
        if followed is not None and agrees:
            self._remember(waiting[-1][0], followed[-1])
        yield self._seen(*waiting[-1], candidates)

    def _look(self, time_s: float, frame: Picture) -> FrameFaces:
        return self._seen(time_s, frame, self._detect(frame))

    def _seen(self, time_s: float, frame: Picture, candidates: tuple[Detection, ...]) -> FrameFaces:
        """The frame with the faces among the candidates, each with its number."""
        faces = self._numbered(time_s, self._faces_among(candidates))
        self._remember(time_s, faces)
        if faces:
            return FrameFaces(time_s, frame, faces, float("nan"))
        best = max((face.confidence for face in candidates), default=0.0)
        return FrameFaces(time_s, frame, (), 1 - max(best, SCORE_FLOOR))

    def _faces_among(self, candidates: tuple[Detection, ...]) -> tuple[Detection, ...]:
        return tuple(face for face in candidates if face.confidence >= self._min_score)

    def _numbered(self, time_s: float, faces: tuple[Detection, ...]) -> tuple[TrackedFace, ...]:
        """Each face with the number of the face that was last where it is, or a new one."""
        known = {number: face for number, (seen_s, face) in self._last_seen.items() if time_s - seen_s <= AWAY_S}
        pairs = sorted(
            (
                (overlap(face, before), place, number)
                for place, face in enumerate(faces)
                for number, before in known.items()
            ),
            key=lambda pair: -pair[0],
        )
        number_of: dict[int, int] = {}
        for shared, place, number in pairs:
            if shared >= NEXT_LOOK_OVERLAP and place not in number_of and number not in number_of.values():
                number_of[place] = number
        for place in range(len(faces)):
            if place not in number_of:
                self._num_faces += 1
                number_of[place] = self._num_faces
        return tuple(TrackedFace(number_of[place], face, True) for place, face in enumerate(faces))

    def _remember(self, time_s: float, faces: tuple[TrackedFace, ...]) -> None:
        self._last_seen |= {tracked.number: (time_s, tracked.face) for tracked in faces}
        self._last_seen = {
            number: (seen_s, face) for number, (seen_s, face) in self._last_seen.items() if time_s - seen_s <= AWAY_S
        }


def overlap(first: Detection, second: Detection) -> float:
    """Area that two boxes share over the area that they cover together, in [0, 1].

    Examples
    --------
    >>> left, right = Detection((0, 0, 2, 2), None, 1.0), Detection((1, 0, 3, 2), None, 1.0)
    >>> round(overlap(left, right), 3)
    0.333
    """
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = first.box_px, second.box_px
    width, height = min(ax1, bx1) - max(ax0, bx0), min(ay1, by1) - max(ay0, by0)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (first.area_px2 + second.area_px2 - width * height)


def _agree(followed: tuple[TrackedFace, ...], seen: tuple[Detection, ...]) -> bool:
    """Whether the faces that were followed are those that were seen, one to one."""
    best = [
        max(range(len(seen)), key=lambda place: overlap(tracked.face, seen[place]), default=-1) for tracked in followed
    ]
    return (
        len(followed) == len(seen) == len(set(best))
        and -1 not in best
        and all(
            overlap(tracked.face, seen[place]) >= SAME_FACE_OVERLAP
            for tracked, place in zip(followed, best, strict=True)
        )
    )


def _followed(last: FrameFaces, frames: Sequence[Picture], min_score: float) -> list[tuple[TrackedFace, ...]] | None:
    """The faces of `last` in each of the frames after it; None as soon as one of them is lost."""
    before, reduction = _grey(last.frame)
    faces = last.faces
    path = []
    for frame in frames:
        after, _ = _grey(frame)
        if after.shape != before.shape:
            return None
        moved = [_moved(tracked, before, after, reduction) for tracked in faces]
        faces = tuple(tracked for tracked in moved if tracked is not None and tracked.face.confidence >= min_score)
        if len(faces) < len(moved):
            return None
        path.append(faces)
        before = after
    return path


def _grey(frame: Picture) -> tuple[UInt8[ndarray, "h w"], float]:
    reduction = min(1.0, FLOW_SIDE_PX / max(frame.shape[:2]))
    if reduction < 1:
        frame = cv2.resize(frame, None, fx=reduction, fy=reduction, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), reduction


def _moved(
    tracked: TrackedFace, before: UInt8[ndarray, "h w"], after: UInt8[ndarray, "h w"], reduction: float
) -> TrackedFace | None:
    """The face one frame later; None if fewer than half of its points return."""
    start = _grid(tracked.face, reduction)
    end, forth, _ = cv2.calcOpticalFlowPyrLK(before, after, start, None, winSize=FLOW_WINDOW_PX, maxLevel=FLOW_LEVELS)
    returned, back, _ = cv2.calcOpticalFlowPyrLK(after, before, end, None, winSize=FLOW_WINDOW_PX, maxLevel=FLOW_LEVELS)
    is_kept = (forth[:, 0] == 1) & (back[:, 0] == 1) & (np.linalg.norm(returned - start, axis=1) < RETURN_PX)
    if is_kept.mean() < 0.5:
        return None
    transform = similarity(start[is_kept].astype(np.float64) / reduction, end[is_kept].astype(np.float64) / reduction)
    scaling = float(np.hypot(transform[0, 0], transform[1, 0]))
    if not 1 / LARGEST_SCALING < scaling < LARGEST_SCALING:
        return None
    return replace(tracked, face=_carried(tracked.face, transform, scaling, float(is_kept.mean())), is_detected=False)


def _grid(face: Detection, reduction: float) -> Float[ndarray, "P 2"]:
    """Points inside the box, away from its border where the background shows, in pixels of the reduced picture."""
    x0, y0, x1, y1 = face.box_px
    share = np.linspace(0.2, 0.8, POINTS_PER_SIDE)
    x, y = np.meshgrid(x0 + share * (x1 - x0), y0 + share * (y1 - y0))
    grid: Float[ndarray, "P 2"] = (np.stack([x.ravel(), y.ravel()], axis=1) * reduction).astype(np.float32)
    return grid


def _carried(face: Detection, transform: Float[ndarray, "2 3"], scaling: float, share: float) -> Detection:
    """Box (its centre moved, its sides scaled, not turned) and landmarks after the transform."""
    x0, y0, x1, y1 = face.box_px
    x, y = (transform @ np.array([*face.centre_px, 1.0])).tolist()
    half_width, half_height = scaling * (x1 - x0) / 2, scaling * (y1 - y0) / 2
    landmarks = None
    if face.landmarks_px is not None:
        landmarks = face.landmarks_px @ transform[:, :2].T + transform[:, 2]
    box_px = (x - half_width, y - half_height, x + half_width, y + half_height)
    return Detection(box_px, landmarks, face.confidence * share)
