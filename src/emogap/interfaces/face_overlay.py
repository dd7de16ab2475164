"""Pictures to check by eye what ``emogap faces`` found: a video, or a sheet of small pictures.

Green: the chosen face as detected; blue: the chosen face as followed; orange: other faces. Dots are landmarks. The
line below says time, number of the face and confidence.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from emogap.files import write_bytes
from emogap.interfaces.video_writing import writing_video
from emogap.preprocessing.face.tracking import FrameFaces, TrackedFace

__all__ = ["ContactSheet", "OverlayVideo", "draw_faces"]

Picture = UInt8[ndarray, "H W 3"]

DETECTED, FOLLOWED, OTHER = (0, 158, 115), (86, 180, 233), (230, 159, 0)
"""Okabe & Ito (2008): told apart with every kind of colour vision."""

CAPTION_PX, TEXT_SCALE = 26, 0.5
SMALL_WIDTH_PX, COLUMNS = 320, 4
EVENLY, CHANGES = 24, 12
"""Small pictures of a sheet: so many at equal distances, and at most so many where a face comes or goes."""


def draw_faces(seen: FrameFaces, chosen: TrackedFace | None, *, width_px: int | None = None) -> Picture:
    """The frame with boxes and landmarks, and a line of text below, uint8 (H + 26, W, 3) with even sides.

    Parameters
    ----------
    seen : FrameFaces
    chosen : TrackedFace or None
    width_px : int, optional
        Width of the result in pixels; that of the frame if not given.
    """
    height, width = seen.frame.shape[:2]
    scale = 1.0 if width_px is None else width_px / width
    size = (2 * round(width * scale / 2), 2 * round(height * scale / 2))
    picture = cv2.resize(seen.frame, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    for tracked in seen.faces:
        is_chosen = chosen is not None and tracked.number == chosen.number
        _draw(picture, tracked, _colour(tracked, is_chosen), scale)
    strip = np.full((CAPTION_PX, size[0], 3), 255, np.uint8)
    cv2.putText(strip, _caption(seen, chosen), (6, 18), cv2.FONT_HERSHEY_SIMPLEX, TEXT_SCALE, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([picture, strip])


def _colour(tracked: TrackedFace, is_chosen: bool) -> tuple[int, int, int]:
    if not is_chosen:
        return OTHER
    return DETECTED if tracked.is_detected else FOLLOWED


def _draw(picture: Picture, tracked: TrackedFace, colour: tuple[int, int, int], scale: float) -> None:
    """Draw one face into the picture."""
    x0, y0, x1, y1 = (round(edge * scale) for edge in tracked.face.box_px)
    cv2.rectangle(picture, (x0, y0), (x1, y1), colour, 2, cv2.LINE_AA)
    cv2.putText(picture, str(tracked.number), (x0 + 4, y0 + 18), cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, 2, cv2.LINE_AA)
    radius = max(round((x1 - x0) / 40), 2)
    for x, y in [] if tracked.face.landmarks_px is None else (tracked.face.landmarks_px * scale).tolist():
        cv2.circle(picture, (round(x), round(y)), radius + 1, (0, 0, 0), -1, cv2.LINE_AA)
        cv2.circle(picture, (round(x), round(y)), radius, colour, -1, cv2.LINE_AA)


def _caption(seen: FrameFaces, chosen: TrackedFace | None) -> str:
    if not seen.faces:
        return f"{seen.time_s:.3f} s  no face {seen.no_face_confidence:.2f}"
    more = f"  of {len(seen.faces)}" if len(seen.faces) > 1 else ""
    if chosen is None:
        return f"{seen.time_s:.3f} s  chosen face not here{more}"
    followed = "" if chosen.is_detected else " followed"
    return f"{seen.time_s:.3f} s  face {chosen.number} {chosen.face.confidence:.2f}{followed}{more}"


class ContactSheet:
    """A PNG of small pictures, from all of the video and from where faces come and go; a context manager.

    Parameters
    ----------
    path : Path
        Ends in ``.png``; replaced when the block ends well.
    num_frames : int
        Frames that will come.
    """

    def __init__(self, path: Path, num_frames: int) -> None:
        self._path = path
        self._even = set(np.linspace(0, num_frames - 1, min(EVENLY, num_frames)).round().astype(int).tolist())
        self._small: dict[int, Picture] = {}
        self._num_changes = 0
        self._last: tuple[int, FrameFaces, TrackedFace | None] | None = None

    def __enter__(self) -> Self:
        return self

    def add(self, place: int, seen: FrameFaces, chosen: TrackedFace | None) -> None:
        """Take note of the frame number `place`."""
        last, self._last = self._last, (place, seen, chosen)
        if last is not None and (last[2] is None) != (chosen is None) and self._num_changes < CHANGES:
            self._num_changes += 2
            self._keep(*last)
            self._keep(place, seen, chosen)
        if place in self._even:
            self._keep(place, seen, chosen)

    def _keep(self, place: int, seen: FrameFaces, chosen: TrackedFace | None) -> None:
        self._small[place] = draw_faces(seen, chosen, width_px=SMALL_WIDTH_PX)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._small:
            sheet = _tiled([self._small[place] for place in sorted(self._small)])
            write_bytes(self._path, cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))[1].tobytes())


def _tiled(pictures: Sequence[Picture]) -> Picture:
    """The pictures in rows of four, white where there are none; sizes may differ."""
    height = max(picture.shape[0] for picture in pictures)
    sheet = np.full((-(-len(pictures) // COLUMNS) * height, COLUMNS * SMALL_WIDTH_PX, 3), 255, np.uint8)
    for place, picture in enumerate(pictures):
        y, x = (place // COLUMNS) * height, (place % COLUMNS) * SMALL_WIDTH_PX
        sheet[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return sheet


class OverlayVideo:
    """The video again with what was found drawn in, each frame at its own time; a context manager.

    Parameters
    ----------
    path : Path
        Ends in ``.mp4``; H.264 without sound. Replaced when the block ends well.
    """

    def __init__(self, path: Path) -> None:
        self._video = writing_video(path, fix="choose --overlay sheet, or none")

    def __enter__(self) -> Self:
        self._write = self._video.__enter__()
        return self

    def add(self, place: int, seen: FrameFaces, chosen: TrackedFace | None) -> None:
        """Write one frame more; `place` is not needed, the frame has its time."""
        self._write(seen.time_s, draw_faces(seen, chosen))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._video.__exit__(kind, error, trace)
